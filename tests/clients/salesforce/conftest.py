"""One Salesforce sandbox for the clients' tests; each test finds it as its recipe says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.clients.salesforce.wire import Wire, serving
from tests.dialects.salesforce.signing import signer

APP = "3MVG9clients"

RECIPE = """
recipe: 1
actors: {connector: {address: 10.20.0.7}}
orgs:
  acme-crm:
    dialect: salesforce
    time_zone: Europe/Oslo
    allowlist: [10.20.0.0/24]
    logins: [{actor: connector, user: sync, may: [api, read, write]}]
    fields:
      - {object: Lead, id: Score__c, label: Score, type: number, scale: 0}
      - {object: Lead, id: Key__c, label: Key, type: single_line, external_id: true, unique: true}
    users: [{id: sync, email: sync@acme.example}, {id: kari.c, name: Kari Nord}, {id: ola.c, active: false}]
    connected_apps:
      - client_id: 3MVG9clients
        certificate: CERTIFICATE
    queues: [{id: nordic, name: Nordic}]
    default_owner: sync
    assignment_rules:
      - {name: Nordic, criteria: {rows: [[Country, in, [NO, DK]]], logic: "1"}, assign: {user: kari.c}}
    duplicate_rules: [{name: Same e-mail, object: Lead, match: [Email]}]
    records:
      - {object: Campaign, as: spring, values: {Name: Spring test}}
"""


def recipe() -> str:
    """The recipe with the certificate that the tests' assertions are signed for."""
    return RECIPE.replace("CERTIFICATE", json.dumps(signer().certificate))


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with serving(recipe(), tmp_path_factory.mktemp("tls")) as wire:
        yield wire


@pytest.fixture
def wire(_served: Wire) -> Wire:
    """The sandbox, reset to its recipe."""
    _served.sandbox.world.reset()
    return _served
