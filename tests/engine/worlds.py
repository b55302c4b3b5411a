"""Small worlds for the tests of the engine."""

from __future__ import annotations

from typing import Any

from leadsim.engine.change import Caller, Change, Saved
from leadsim.engine.records import Org
from leadsim.engine.stored import Stored
from leadsim.recipe import Recipe
from leadsim.world import World

SYNC = Caller("sync", "connector")
KARI = Caller("kari", "sales")
VISITOR = Caller("visitor", "visitor")
USERS = [{"id": "sync"}, {"id": "kari"}, {"id": "ola"}, {"id": "gone", "active": False}]


def world(crm: dict[str, Any] | None = None, marketing: dict[str, Any] | None = None, **more: Any) -> World:
    """A world of a CRM org `crm` and a marketing org `marketing`, with users and a connector login."""
    logins = [{"actor": "connector", "user": "sync"}, {"actor": "sales", "user": "kari"}]
    orgs = {
        "crm": {"kind": "crm", "users": USERS, "default_owner": "sync", "logins": logins, **(crm or {})},
        "marketing": {"kind": "marketing", "users": USERS, "logins": logins, **(marketing or {})},
    }
    seed = more.pop("seed", 7)
    return World.build(Recipe.model_validate({"orgs": orgs, **more}), seed, scenario="test")


def crm_org(**recipe: Any) -> Org:
    """The CRM org of a world."""
    return world(crm=recipe).orgs["crm"]


def marketing_org(**recipe: Any) -> Org:
    """The marketing org of a world."""
    return world(marketing=recipe).orgs["marketing"]


def create(org: Org, object: str, by: Caller = SYNC, /, **values: Any) -> Stored:
    """A new record, with the fields that are required filled where they aren't given."""
    filled = {**REQUIRED.get(object, {}), **values}
    return org.save(Change("create", object, values=filled), by).record


def update(org: Org, record: Stored, by: Caller = SYNC, /, **values: Any) -> Saved:
    """Change a record."""
    return org.save(Change("update", record.object, id=record.id, values=values, assign=False), by)


def delete(org: Org, record: Stored) -> Saved:
    """Put a record into the bin."""
    return org.save(Change("delete", record.object, id=record.id), SYNC)


def convert(org: Org, lead: Stored, **options: Any) -> Stored:
    """Convert a lead; the lead after it."""
    return org.save(Change("convert", "Lead", id=lead.id, values=options), KARI).record


REQUIRED: dict[str, dict[str, Any]] = {
    "Lead": {"LastName": "test", "Company": "test"},
    "Contact": {"LastName": "test"},
    "Account": {"Name": "test"},
    "Campaign": {"Name": "test"},
    "Opportunity": {"Name": "test", "Stage": "Prospecting", "CloseDate": "2026-06-30"},
    "prospect": {"email": "test@lead.example"},
    "campaign": {"name": "test"},
    "list": {"name": "test"},
}
