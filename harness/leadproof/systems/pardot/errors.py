"""The vendor's error codes as the ports' refusals and failures: literal tables first.

v5 answers `{"code", "message"}`; v4 `{"@attributes": {"stat": "fail", "err_code"}, "err"}`. One registry of numbers
serves both, and the HTTP status is coarse: 400, 401, 404, 405. Source: guide "Error Codes and Messages".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from leadproof.systems.failures import (
    AddressRefused,
    BadAnswer,
    CallFailed,
    Forbidden,
    LoginRefused,
    NotSimulated,
    QuotaSpent,
    Refused,
    ServerFailed,
)
from leadproof.systems.ports import Refusal
from leadproof.systems.records import RefusalKind
from leadproof.systems.salesforce.errors import beginning
from leadproof.transports.protocol import Response

KINDS: Mapping[int, RefusalKind] = {
    3: "gone",  # invalid prospect id
    9: "duplicate",  # a prospect with this e-mail address exists (where only one may)
    54: "duplicate",  # the e-mail address is in use
    58: "duplicate",  # already a member of that list
    62: "locked",  # another update at the same time
    46: "permission",
    85: "fault",  # unable to save, without a reason
    92: "gone",
    96: "permission",
    109: "gone",
    132: "gone",  # in the recycle bin
    192: "gone",
    219: "gone",  # deleted records can't be updated
}
"""What a code says about one record; a code that is not here refuses its values."""
EXPIRED = frozenset({1, 184})
"""The token is not, or no longer, known: worth one new login."""
LOGIN = frozenset({*EXPIRED, 15, 126, 131, 199, 181, 182, 201})
"""The last three: the business unit is not named, not well, or not this token's."""
FORBIDDEN = frozenset({46, 49, 76})
ADDRESS = 53
DAY_SPENT = frozenset({122, 164})
TOO_MANY_AT_ONCE = frozenset({66, 202})
"""Five requests at a time and a minute's rate: turned away at the door, so nothing was done."""
UNCERTAIN = frozenset({183, 214})
"""An internal error, a time-out: nobody knows whether it applied."""
PAGE_TOKEN = frozenset({210, 211})
NOT_SIMULATED = 501
CALLS: Mapping[str, str] = {
    **dict.fromkeys(("2", "88", "89", "94", "198"), "REF742"),
    "60": "REF743",
    "151": "REF744",
    **dict.fromkeys(("70", "71", "90", "150", "152", "153", "154", "163", "166", "206", "207", "208"), "REF745"),
    **dict.fromkeys(("5", "7", "13", "16", "19", "20", "21", "22", "23", "36", "51", "52", "130"), "REF746"),
    **dict.fromkeys(("133", "134", "135", "180", "209", "224"), "REF746"),
    **dict.fromkeys(("210", "211"), "REF747"),
    **dict.fromkeys(("155", "156", "161", "179"), "REF749"),
    "245": "DUP402",
}
"""What a code says about a call as such: its path, method, body, parameters, page token, or the state of a job."""
_WAIT_SECONDS = {66: 1, 202: 60}
_FIELD = re.compile(r"(?:fields? are invalid|field|property|parameter)[^:]*: ?['\"]?([A-Za-z][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class VendorError:
    """One error as the vendor words it, of either version."""

    code: int
    text: str

    def refusal(self) -> Refusal:
        """As the ports say it of one record."""
        found = _FIELD.search(self.text)
        return Refusal(
            code=str(self.code),
            text=self.text,
            field=found[1] if found else None,
            kind=KINDS.get(self.code, "invalid"),
            definite=self.code not in UNCERTAIN,
        )


def error_of(response: Response) -> VendorError | None:
    """The error that a body tells, of either version; None where it is none of the vendor's."""
    try:
        body = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, dict):
        return None
    told = body.get("@attributes")
    if isinstance(told, dict) and told.get("stat") == "fail" and "err_code" in told:
        return _error(told["err_code"], body.get("err"))
    if "code" in body:
        return _error(body["code"], body.get("message"))
    return None


def _error(code: object, text: object) -> VendorError | None:
    number = str(code)
    return VendorError(int(number), str(text or f"error {number}")) if number.isdigit() else None


def refused_rows(body: object) -> tuple[str, ...]:
    """The rows of a v4 batch that were refused in an answer of status 200; they count from 0 there."""
    errors = body.get("errors") if isinstance(body, Mapping) else None
    rows = errors if isinstance(errors, Mapping) else {}
    return tuple(f"row {int(row) + 1}: {text}" for row, text in rows.items() if str(row).isdigit())


def failure(system: str, operation: str, response: Response, error: VendorError | None) -> CallFailed:
    """The failure that a refused call is."""
    if response.status == NOT_SIMULATED:
        return NotSimulated(system, operation, error.text if error else "not simulated")
    if error is None:
        return _unnamed(system, operation, response)
    told = f"{error.text} [{error.code}]"
    if error.code in DAY_SPENT:
        # The counter starts anew with the day of the account's time zone; when that is, is not said.
        return QuotaSpent(system, operation, told, retry_at=None)
    if error.code == ADDRESS:
        return AddressRefused(system, operation, told)
    if error.code in TOO_MANY_AT_ONCE:
        after = _WAIT_SECONDS[error.code]
        return ServerFailed(system, operation, told, status=response.status, definite=True, retry_after_seconds=after)
    if error.code in LOGIN or response.status == 401:
        return LoginRefused(system, operation, told)
    if error.code in FORBIDDEN or response.status == 403:
        return Forbidden(system, operation, told)
    if error.code in UNCERTAIN or response.status >= 500:
        return ServerFailed(system, operation, told, status=response.status, definite=False, retry_after_seconds=None)
    return Refused(system, operation, error.refusal())


def _unnamed(system: str, operation: str, response: Response) -> CallFailed:
    told = f"status {response.status}: {beginning(response.body)}"
    if response.status >= 500:
        return ServerFailed(system, operation, told, status=response.status, definite=False, retry_after_seconds=None)
    return BadAnswer(system, operation, told)
