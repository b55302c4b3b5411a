"""A client whose address the org doesn't trust, at the host that it has built in: each way in says it in its words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from simple_salesforce import Salesforce, SalesforceAuthenticationFailed
from tests.clients.salesforce.conftest import APP
from tests.clients.salesforce.wire import Wire
from tests.dialects.salesforce.signing import signer

from leadsim.dialects.salesforce.apps import security_token
from leadsim.gateway.allowlist import Allowlist


@pytest.fixture
def session(wire: Wire) -> Iterator[requests.Session]:
    """From an address that is not on the org's list."""
    wire.sandbox.gateway.sites["acme-crm"].allowlist = Allowlist(["192.0.2.0/24"])
    with requests.Session() as session:
        session.proxies, session.verify, session.trust_env = wire.proxies, wire.ca, False
        yield session


def _code(**login: object) -> str:
    with pytest.raises(SalesforceAuthenticationFailed) as failed:
        Salesforce(**login)  # type: ignore[arg-type]
    return f"{failed.value.code}: {failed.value.auth_message}"


@pytest.mark.parametrize("user", ["sync", "sync@acme-crm.leadproof.example"])
def test_soap_asks_for_the_security_token_first(session: requests.Session, user: str) -> None:
    """Without a token it is asked for; with it, the address alone is in the way. Whatever name one logs in by."""
    login = {"username": user, "password": "leadproof-sync", "session": session}
    assert _code(**login, security_token="").startswith("LOGIN_MUST_USE_SECURITY_TOKEN: ")
    assert _code(**login, security_token="A" * 24).startswith("LOGIN_MUST_USE_SECURITY_TOKEN: ")
    told = _code(**login, security_token=security_token("acme-crm", "sync"))
    assert told.startswith("LOGIN_DURING_RESTRICTED_DOMAIN: ")


def test_oauth_says_the_address_is_restricted(session: requests.Session) -> None:
    """All grants alike, before anything else is looked at."""
    expected = "invalid_grant: ip restricted or invalid login hours"
    keys = {"consumer_key": "sync", "consumer_secret": "leadproof-sync", "session": session}
    assert _code(username="sync", password="leadproof-sync", **keys) == expected
    assert _code(domain="acme-crm.my", **keys) == expected
    assert _code(username="sync", consumer_key=APP, privatekey=signer().private_key, session=session) == expected
