"""The client of the native dialect: one REST API for the CRM, one of the same shapes for marketing."""

from leadproof.systems.credentials import Credentials
from leadproof.systems.native.crm import NativeCrm
from leadproof.systems.native.marketing import NativeMarketing
from leadproof.transports.protocol import Transport

__all__ = ["NativeCrm", "NativeMarketing", "open_crm", "open_marketing"]


def open_crm(transport: Transport, org: str, credentials: Credentials) -> NativeCrm:
    """A client of the CRM org; nothing is sent yet."""
    return NativeCrm(transport, org, credentials)


def open_marketing(transport: Transport, org: str, credentials: Credentials) -> NativeMarketing:
    """A client of the marketing org; nothing is sent yet."""
    return NativeMarketing(transport, org, credentials)
