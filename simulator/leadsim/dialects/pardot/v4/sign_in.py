"""The sign-in that versions 3 and 4 had before Salesforce's: an API key for an address, a password and a user key.

The vendor refuses it since 2021; clients that ask for a key before they try their session live on with the refusal.
"""

from __future__ import annotations

from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.session import Session
from leadsim.gateway.messages import Answer


def login(session: Session) -> Answer:
    """/api/login/version/{version}"""
    raise PardotRefused(15)
