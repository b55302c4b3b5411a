"""Under the names `code` and `key` stand secrets (OAuth's code, an API's key), and codes of errors and names of fields.

What is not surely one of the latter is a secret.
"""

from __future__ import annotations

import re
from collections.abc import Container

from leadproof.cases.redaction.fields import is_term, kind_of, words, words_of
from leadproof.findings.catalogue import FAMILIES

_OURS = re.compile(rf"(?:{'|'.join(FAMILIES)})\d{{3}}|-?\d{{1,5}}|0x[0-9A-Fa-f]{{8}}")
_UPPER = re.compile(r"[A-Z]+(?:_(?:[A-Z]+\d?|\d{1,3}))*")
_OWN_FIELD = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)*__[cr]")
_SPOKEN = words(
    "abort aborted already argument conflict consent denied deleted detected disabled duplicate duplicates empty err "
    "error exceeded exception exists expired fail failed failure forbidden gone halted illegal inactive incompatible "
    "insufficient integrity invalid limit lockout locked malformed mismatch missing must not null ok outside "
    "overloaded pending refused rejected request required restricted rolled simulated success throttled timeout unable "
    "unauthorized unavailable undelete unexpected unknown unprocessable unsupported violation warning wrong"
)
"""Words that say of a code what went wrong."""
_RFC_6749 = words(
    "access_denied authorization_pending consent_required expired_token insufficient_scope interaction_required "
    "invalid_client invalid_grant invalid_request invalid_scope invalid_token login_required server_error slow_down "
    "temporarily_unavailable unauthorized_client unsupported_grant_type unsupported_response_type "
    "unsupported_token_type"
)
"""Those of RFC 6749, RFC 6750, RFC 7009 and RFC 8628."""


def asked_as(name: str) -> str:
    """The name of a parameter of a query or a form, where `code` is that of OAuth (RFC 6749, 4.1.3) and no error's."""
    return "authorization_code" if name.casefold() == "code" else name


def says_no_secret(name: str, text: str, fields: Container[str]) -> bool:
    """Whether a text under this name is the code of an error or, for `key`, the name of a field. `fields`: those that
    are known, casefolded."""
    folded = name.casefold()
    if folded not in ("code", "key"):
        return False
    if is_term(text) or text.casefold() in fields:
        return True
    return _names_error(text) if folded == "code" else _names_field(text)


def _names_error(text: str) -> bool:
    if _OURS.fullmatch(text) or text in _RFC_6749:
        return True
    parts = words_of(text)
    if _UPPER.fullmatch(text):
        return any(part in _SPOKEN for part in parts)
    return text.isidentifier() and any(one in _SPOKEN for one in parts) and all(map(_known, parts))


def _known(part: str) -> bool:
    return part in _SPOKEN or is_term(part)


def _names_field(text: str) -> bool:
    """One of an own field's form, or made of words that fields' names are made of alone."""
    if _OWN_FIELD.fullmatch(text):
        return True
    return text.isidentifier() and all(is_term(part) or kind_of(part) is not None for part in words_of(text))
