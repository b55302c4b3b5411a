"""How a vendor refuses a call, in a journalled answer: its own words, and the finding that they are.

The vendors' clients know their errors (leadproof.systems); here the same tables read what the journal holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from leadproof.systems.failures import CallFailed
from leadproof.systems.pardot import errors as pardot
from leadproof.systems.salesforce import errors as salesforce
from leadproof.transports import Response

_FAULT = re.compile(r"exceptionCode>([A-Z_]+)<")
_FAULT_TEXT = re.compile(r"faultstring>(?:[A-Z_]+: )?([^<]*)<")
OURS = ("NET", "CON", "SIM")


def vendors_words(status: int, body: object, raw: object) -> tuple[str, str]:
    """The finding's code and the vendor's sentence with its own code; ("", "") for an answer without words that are
    known. `body`: the answer decoded, `raw`: as it was journalled."""
    failure = _failure(status, body, raw)
    if failure is None or not failure.code.startswith(OURS):
        return "", "" if failure is None else failure.text
    return failure.code, failure.text


def _failure(status: int, body: object, raw: object) -> CallFailed | None:
    answer = Response(status, {}, b"")
    if isinstance(body, Mapping) and isinstance(body.get("code"), int):
        return pardot.failure("", "", answer, pardot.VendorError(body["code"], str(body.get("message", ""))))
    errors = salesforce.read_errors(body) if isinstance(body, list | Mapping) else _fault(raw)
    return salesforce.failure("", "", answer, errors) if errors else None


def _fault(raw: Any) -> list[salesforce.VendorError]:
    code, text = (pattern.search(raw) if isinstance(raw, str) else None for pattern in (_FAULT, _FAULT_TEXT))
    return [salesforce.VendorError(code[1], text[1] if text else code[1])] if code else []
