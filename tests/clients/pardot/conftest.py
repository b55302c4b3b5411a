"""A Salesforce org and the business unit that belongs to it, for the clients' tests; each test finds them anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.clients.salesforce.wire import Wire, serving

from leadsim.dialects.pardot.ids import business_unit_id
from leadsim.dialects.salesforce.apps import connected_app, first_refresh_token

CRM, UNIT, USER = "acme-crm", "acme-marketing", "sync"
RECIPE = """
recipe: 1
actors: {connector: {address: 10.20.0.7}}
orgs:
  acme-crm:
    dialect: salesforce
    refresh_token_rotation: false      # neither client keeps a new refresh token
    users: [{id: sync, email: sync@acme.example}]
    logins: [{actor: connector, user: sync}]
  acme-marketing:
    dialect: pardot
    time_zone: Europe/Oslo
    users: [{id: sync, email: sync@acme.example}, {id: kari.m, name: Kari Nord, email: kari@acme.example}]
    logins: [{actor: connector, user: sync, may: [api, read, write]}]
    fields: [{object: prospect, id: Tier__c, label: Tier, type: dropdown, choices: [Gold, Silver]}]
    campaigns: [{as: spring, values: {name: Spring}}]
    lists: [{id: news, name: News}]
    forms: [{id: contact, name: Contact, fields: [email, last_name]}]
"""


@dataclass(frozen=True)
class Login:
    """What a user of the sandbox is told, beside the proxy and the certificate authority."""

    client_id: str
    client_secret: str
    refresh_token: str
    business_unit_id: str


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with serving(RECIPE, tmp_path_factory.mktemp("tls")) as wire:
        yield wire


@pytest.fixture
def wire(_served: Wire) -> Wire:
    """The sandbox, reset to its recipe."""
    _served.sandbox.world.reset()
    return _served


@pytest.fixture
def login(wire: Wire) -> Login:
    """The connected app of the connector's user, and what an authorization in a browser would have given it."""
    known = wire.sandbox.gateway.sites[CRM].login_of(USER)
    assert known is not None
    app = connected_app(CRM, known)
    return Login(app.client_id, app.client_secret, first_refresh_token(CRM, known), business_unit_id(UNIT))
