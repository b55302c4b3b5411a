"""The client of Pardot (Account Engagement): API v5, and v4 where v5 has no batch and no reading without a cache.

Source: the vendor's "Account Engagement API" guide (Version 5 Overview, the object pages, Versions 3 and 4, Error Codes
and Messages, Authentication).
"""

from leadproof.systems.credentials import Credentials
from leadproof.systems.pardot.client import PardotMarketing
from leadproof.transports.protocol import Transport

__all__ = ["PardotMarketing", "open_marketing"]


def open_marketing(transport: Transport, org: str, credentials: Credentials) -> PardotMarketing:
    """A client of one business unit; nothing is sent yet."""
    return PardotMarketing(transport, org, credentials)
