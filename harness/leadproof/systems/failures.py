"""What a whole call can fail with; the tree:

CallFailed
├── Unreachable       nobody answered, or the connection broke        NET101-NET107
├── BadAnswer         an answer that is not the API's                  NET108
├── ServerFailed      the server said that it failed (5xx)             NET109
├── AddressRefused    our address is not on the org's allowlist        NET110
├── LoginRefused      user, password, client or token refused          CON110
├── Forbidden         logged in, but not permitted to do this          CON111
├── QuotaSpent        the org's calls are used up                      CON112
├── NotSimulated      a known operation that the sandbox has not       SIM901
└── Refused           a call about one record was refused              the system's own code

Every failure says whether the call *definitely* did not apply (formats.md "Ports").
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadproof.systems.ports import Refusal
    from leadproof.transports.protocol import WireKind

WIRE_CODES: dict[WireKind, str] = {
    "refused": "NET101",
    "dns": "NET102",
    "tls": "NET103",
    "connect_timeout": "NET104",
    "timeout": "NET105",
    "reset": "NET106",
    "truncated": "NET107",
}


class CallFailed(Exception):
    """A call to a system failed as a whole.

    `system` is the org's name, `operation` what was tried ("GET /acme-crm/crm/v1/users"), `text` a sentence
    for people, `fix` what the system says to do about it ("" where it says nothing), `code` a finding's code
    that `leadproof explain` knows.
    """

    code: str = ""
    definite: bool = True
    fix: str = ""

    def __init__(self, system: str, operation: str, text: str) -> None:
        super().__init__(system, operation, text)
        self.system = system
        self.operation = operation
        self.text = text

    def __str__(self) -> str:
        fix = f" {self.fix}" if self.fix else ""
        return f"{self.system}: {self.operation}: {self.text}{'.' * bool(fix)}{fix} [{self.code}]"


class Unreachable(CallFailed):
    """The wire failed. Not definite once the request may have been read by the other side."""

    def __init__(self, system: str, operation: str, text: str, *, kind: WireKind, definite: bool) -> None:
        super().__init__(system, operation, text)
        self.kind = kind
        self.definite = definite
        self.code = WIRE_CODES[kind]


class BadAnswer(CallFailed):
    """An answer came, but not one of this API (a proxy's HTML page, cut-off JSON): nothing is known."""

    code = "NET108"
    definite = False


class ServerFailed(CallFailed):
    """The server answered 5xx. Definite only where it says so."""

    code = "NET109"

    def __init__(
        self,
        system: str,
        operation: str,
        text: str,
        *,
        status: int,
        definite: bool,
        retry_after_seconds: int | None,
    ) -> None:
        super().__init__(system, operation, text)
        self.status = status
        self.definite = definite
        self.retry_after_seconds = retry_after_seconds


class AddressRefused(CallFailed):
    """The org's allowlist does not hold the address we come from (product.md C1)."""

    code = "NET110"


class LoginRefused(CallFailed):
    """Wrong or expired credentials, also after logging in once again."""

    code = "CON110"


class Forbidden(CallFailed):
    """The user is known but lacks the permission."""

    code = "CON111"


class QuotaSpent(CallFailed):
    """The org's API calls are used up until `retry_at` (None where the system does not say)."""

    code = "CON112"

    def __init__(
        self,
        system: str,
        operation: str,
        text: str,
        *,
        retry_at: datetime | None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(system, operation, text)
        self.retry_at = retry_at
        self.retry_after_seconds = retry_after_seconds


class NotSimulated(CallFailed):
    """The vendor has this operation, the sandbox does not: never passed over in silence (product.md H5)."""

    code = "SIM901"


class Refused(CallFailed):
    """The system refused a call about one record (convert, undelete, merge, install, a bad query)."""

    def __init__(self, system: str, operation: str, refusal: Refusal) -> None:
        super().__init__(system, operation, refusal.text)
        self.refusal = refusal
        self.code = refusal.code
        self.definite = refusal.definite
