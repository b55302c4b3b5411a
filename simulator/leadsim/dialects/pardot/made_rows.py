"""Rows of objects that are no records of the engine's: custom fields, the fields of form handlers, the account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leadsim.dialects.pardot.catalog import KINDS, OTHER_KIND
from leadsim.dialects.pardot.ids import FIRST
from leadsim.dialects.pardot.jobs import rows
from leadsim.dialects.pardot.state import field_facts
from leadsim.engine.engagement import form_setting
from leadsim.engine.stored import Stored

if TYPE_CHECKING:
    from leadsim.dialects.pardot.view import View

FIELDS_OF_A_FORM = 1000
"""A form handler's fields are numbered from its own number times this."""
UNLIMITED_CALLS = 25_000
EDITION = "Advanced"


def _beginning(view: View) -> datetime | None:
    """When the org got its first record: what was there from the start has no date of its own."""
    first = view.org.store.at(1)
    return None if first is None else Stored(first, view.org.codec(first[1])).created_at


def _custom_fields(view: View) -> Iterable[dict[str, Any]]:
    for field in view.catalog.custom_fields:
        kind, number, _ = KINDS.get(field.spec.type, OTHER_KIND)
        facts = field_facts(view.org, field.spec.id)
        yield {
            "id": field.number,
            "name": field.spec.label,
            "field_id": field.field_id,
            "type": kind,
            "type_id": number,
            "multiple": facts.get("multiple", False),
            "required": field.spec.required,
            "use_values": bool(field.spec.choices),
            "crm_id": facts.get("crm_id"),
            "at": datetime.fromisoformat(facts["at"]) if "at" in facts else _beginning(view),
            "by": view.number(facts.get("by")),
        }


def _handler_fields(view: View) -> Iterable[dict[str, Any]]:
    names = view.catalog.by_engine["prospect"].by_engine
    for stored in view.org.reading.all_of("form"):
        setting = form_setting(view.org, stored)
        handler = view.number(stored.id) or 0
        for place, engine in enumerate(setting.fields, 1):
            name = names[engine].v5 if engine in names else engine
            yield {
                "id": (handler - FIRST) * FIELDS_OF_A_FORM + place,
                "handler": handler,
                "name": name,
                "field": name,
                "format": "email" if engine == "email" else "text",
                "required": engine == "email" or engine in setting.required,
                "no": False,
                "at": stored.created_at,
                "by": view.number(stored.created_by),
            }


def _account(view: View) -> Iterable[dict[str, Any]]:
    users = list(view.org.users)
    quota = None if view.site is None else view.site.quota
    yield {
        "id": 1,
        "company": view.org.name,
        "level": EDITION,
        "admin": view.number(users[0].id) if users else None,
        "most": UNLIMITED_CALLS if quota is None or quota.limit is None else quota.limit,
        "used": 0 if quota is None else quota.used,
        "at": _beginning(view),
    }


MADE_ROWS: Mapping[str, Callable[[View], Iterable[dict[str, Any]]]] = {
    "custom-fields": _custom_fields,
    "form-handler-fields": _handler_fields,
    "account": _account,
    "imports": lambda view: rows(view, "imports"),
    "exports": lambda view: rows(view, "exports"),
}
