"""What a client logs in with. Comes from the environment or a file, never from a flag (quality.md "Ease")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Credentials:
    """Any of the three ways: a user's password, a client's secret, or a token somebody else got.

    Secrets stay out of the `repr`, so that no traceback or log shows them. From `security_token` on they are
    Salesforce's: what is put behind the password, the address after the login (scheme and host) and the API's version,
    such as "64.0"; then Account Engagement's: which business unit, and where to log in if that is another host.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    security_token: str = field(default="", repr=False)
    instance_url: str = ""
    api_version: str = ""
    business_unit_id: str = ""
    login_url: str = ""

    def to_json(self) -> dict[str, Any]:
        """What a program of the user's logs in with, under the vendor's own names; secrets are in it."""
        told = {
            "username": self.username,
            "password": self.password,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            **({"business_unit_id": self.business_unit_id} if self.business_unit_id else {}),
        }
        if not self.instance_url:
            return {**told, "token": self.token}
        return {
            **told,
            "security_token": self.security_token,
            "instance_url": self.instance_url,
            "api_version": self.api_version,
        }

    def login_form(self) -> dict[str, str] | None:
        """The form of the token request (RFC 6749, 4.3 and 4.4); None where there is only a token."""
        if self.client_id:
            return {
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "client_secret": self.client_secret,
            }
        if self.username:
            return {"grant_type": "password", "username": self.username, "password": self.password}
        return None
