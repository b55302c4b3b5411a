"""A Salesforce org's standard objects in the engine's form: its own labels, lengths and picklists, the engine's ids.

What the engine itself fills or relies on stays as standard/crm.py has it; the rest follows from the tables here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leadsim.dialects.salesforce.catalog import NUMBERS, TYPES
from leadsim.dialects.salesforce.ids import numbers_of, prefix_of
from leadsim.dialects.salesforce.standard import OBJECTS, StandardObject
from leadsim.dialects.salesforce.standard.rows import Row
from leadsim.engine.schema import Standard
from leadsim.engine.standard import crm

# Stage, probability in percent, closed, won: the pipeline of a new org.
STAGES: tuple[tuple[str, int, bool, bool], ...] = (
    ("Prospecting", 10, False, False),
    ("Qualification", 10, False, False),
    ("Needs Analysis", 20, False, False),
    ("Value Proposition", 50, False, False),
    ("Id. Decision Makers", 60, False, False),
    ("Perception Analysis", 70, False, False),
    ("Proposal/Price Quote", 75, False, False),
    ("Negotiation/Review", 90, False, False),
    ("Closed Won", 100, True, True),
    ("Closed Lost", 0, True, False),
)
LEAD_TO_CONTACT = {
    **crm.LEAD_TO_CONTACT,
    "Salutation": "Salutation",
    "Fax": "Fax",
    "HasOptedOutOfFax": "HasOptedOutOfFax",
}
LEAD_TO_ACCOUNT = {**crm.LEAD_TO_ACCOUNT, "Fax": "Fax", "Rating": "Rating", "LeadSource": "AccountSource"}

# An engine object's own name where Salesforce has another.
_PREFIX_NAMES = {"Queue": "Group"}


def ids_of(org: str) -> Callable[[str, int], str]:
    """What makes an org's record ids: of the object's prefix, and the record's number in the org."""
    numbers = numbers_of(org)

    def new_id(object: str, seq: int) -> str:
        return numbers.make(prefix_of(_PREFIX_NAMES.get(object, object)), seq)

    return new_id


def engine_standard() -> Standard:
    """What a Salesforce org has from the start, for the engine."""
    objects: dict[str, tuple[str, str, tuple[crm.FieldRow, ...]]] = dict(crm.OBJECTS)
    for table in OBJECTS:
        if table.engine is not None:
            known = {row[0]: row for row in crm.OBJECTS[table.engine][2]} if table.engine in crm.OBJECTS else {}
            fields = {row[0]: row for row in (_field(one, table, known) for one in table.rows) if row is not None}
            rest = tuple(row for id, row in known.items() if id not in fields)
            prefix = prefix_of(_PREFIX_NAMES.get(table.engine, table.engine))
            objects[table.engine] = (table.label, prefix, (*fields.values(), *rest))
    return Standard(
        objects, ids_of=ids_of, stages=STAGES, lead_to_contact=LEAD_TO_CONTACT, lead_to_account=LEAD_TO_ACCOUNT
    )


def _field(row: Row, table: StandardObject, known: dict[str, crm.FieldRow]) -> crm.FieldRow | None:
    """The engine's row of a field that a record stores; None for what is a column, computed, or never filled."""
    name, label, type, size, flags, more = row
    if "column" in more or "computed" in more or "never" in more:
        return None
    id = more.get("engine", name)
    own = known.get(id)
    kept = {key: value for key, value in (own[3] if own else {}).items() if key in _KEPT}
    if type == "boolean" and own is not None and "default" in own[3]:
        kept["default"] = own[3]["default"]
    if more.get("member_status"):
        return (id, label, "single_line", {"length": int(size), **kept})
    return (
        id,
        label,
        _engine_type(type, more),
        {**_extent(type, size), **_choice(more, type), **_rights(flags), **kept, **_target(more)},
    )


_KEPT = ("required", "unique", "read_only", "system")


def _engine_type(type: str, more: dict[str, Any]) -> str:
    if type == "reference" and "User" in more.get("to", ()):
        return "user"
    return TYPES[type][1]


def _extent(type: str, size: str) -> dict[str, Any]:
    if type == "int":
        return {"scale": 0}
    if type in NUMBERS:
        return {"scale": int(size.partition(".")[2] or 0)}
    return {"length": int(size)} if size and type not in ("boolean", "date", "datetime") else {}


def _choice(more: dict[str, Any], type: str) -> dict[str, Any]:
    """Standard picklists take any value over the API; only restricted ones don't."""
    if type not in ("picklist", "multipicklist"):
        return {}
    extra = {"default": more["default"]} if "default" in more else {}
    return {"choices": more.get("choices", ()), "restricted": more.get("restricted", False), **extra}


def _rights(flags: str) -> dict[str, Any]:
    # What may be given once only (a member's lead) is refused by the dialect, not by the engine.
    return {"required": True} if "r" in flags else {}


def _target(more: dict[str, Any]) -> dict[str, Any]:
    targets = more.get("to", ())
    return {"refers_to": targets[0]} if targets and "User" not in targets else {}
