"""What the gateway refuses, before a dialect is asked; the tree:

GatewayRefusal
├── TooLarge         the body is larger than the edge buffers      REF740
├── CodingRefused    its content coding is not read here           REF744
│   └── Undecodable  it is not in the coding that it claims        REF745
├── UnknownOrg       no org here has this name                     REF741
├── AddressRefused   the caller's address is not on the allowlist  NET110
├── LoginRefused     no login, a wrong one, or an unknown token    CON110
├── TokenExpired     the token was good once                       CON104
├── NotPermitted     logged in, but may not do this                CON111
├── QuotaSpent       the day's calls are used up                   CON112
└── FaultFired       the sandbox was told to fail here             REF790

A dialect turns each into its vendor's own status and words; `code` is the finding that `leadproof explain` knows.
"""

from __future__ import annotations


class GatewayRefusal(Exception):
    """Something the gateway refuses. `kind` is the word of the native error body, `fix` how to mend it;
    `definite`: the request certainly did not apply."""

    kind = "invalid"
    code = "REF700"
    status = 400

    def __init__(self, text: str, *, fix: str = "", definite: bool = True) -> None:
        super().__init__(text)
        self.text = text
        self.fix = fix
        self.definite = definite

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to this refusal in any dialect."""
        return {}


class TooLarge(GatewayRefusal):
    """The body is larger than the edge buffers."""

    code = "REF740"
    status = 413


class CodingRefused(GatewayRefusal):
    """The body is in a content coding that is not read here (RFC 9110, 15.5.16)."""

    code = "REF744"
    status = 415


class Undecodable(CodingRefused):
    """The body is not in the content coding that it claims."""

    code = "REF745"
    status = 400


class UnknownOrg(GatewayRefusal):
    """No org here has this name."""

    kind = "gone"
    code = "REF741"
    status = 404


class AddressRefused(GatewayRefusal):
    """The caller's address is not on the org's allowlist (product.md C1)."""

    kind = "address"
    code = "NET110"
    status = 403


class LoginRefused(GatewayRefusal):
    """No login, a wrong one, or a token that was never issued. `reason` is OAuth's error word (RFC 6749, 5.2)."""

    kind = "login"
    code = "CON110"
    status = 401

    def __init__(self, text: str, *, fix: str = "", reason: str = "invalid_grant") -> None:
        super().__init__(text, fix=fix)
        self.reason = reason

    @property
    def headers(self) -> dict[str, str]:
        """RFC 9110, 11.6.1: a 401 names the schemes that would do."""
        return {"www-authenticate": 'Bearer realm="leadsim", Basic realm="leadsim"'}


class TokenExpired(LoginRefused):
    """The token was good once: its hour is over, or it was revoked."""

    kind = "expired"
    code = "CON104"

    @property
    def headers(self) -> dict[str, str]:
        """RFC 6750, 3.1."""
        return {"www-authenticate": 'Bearer realm="leadsim", error="invalid_token"'}


class NotPermitted(GatewayRefusal):
    """Logged in, but this user may not do this."""

    kind = "permission"
    code = "CON111"
    status = 403


class QuotaSpent(GatewayRefusal):
    """The org's calls of the day are used up until `retry_after` seconds have passed."""

    kind = "quota"
    code = "CON112"
    status = 429

    def __init__(self, text: str, *, retry_after: int, fix: str = "") -> None:
        super().__init__(text, fix=fix)
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """RFC 9110, 10.2.3."""
        return {"retry-after": str(self.retry_after)}


class FaultFired(GatewayRefusal):
    """The sandbox was told to fail here (`/_lab/faults`)."""

    kind = "fault"
    code = "REF790"
    status = 503

    def __init__(self, text: str, *, status: int = 503, retry_after: int | None = None, definite: bool = True) -> None:
        super().__init__(text, definite=definite)
        self.status = status
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """When to come again, if the fault says so."""
        return {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
