"""A lead's mapped fields at the end of a scenario: what each side holds, and what both last held alike.

Read from the journal alone, so that it says the same of every connector.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from leadproof.integration import Mapping
from leadproof.oracle.rules import Exchange
from leadproof.oracle.standing import Standing
from leadproof.oracle.timelines import typed
from leadproof.scenario.connected import Connected
from leadproof.scenario.journey import Fact, changes, first_person, records_of
from leadproof.scenario.stage import Stage
from leadproof.scenario.wording import shown
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import blank
from leadterms.values import Plain, Value

GONE = frozenset({"delete", "merge"})
UNTOLD = frozenset({"", "no"})
"""A row with nothing else, such as a checkbox that nobody ever ticked, tells nothing."""
_Mapped: TypeAlias = tuple[Mapping, Exchange, str, str]
"""A mapping with its fields, and what the engine calls them, the CRM's first."""


@dataclass(slots=True)
class _Side:
    """The records of one person in one org, and which of them stands for the person now. `objects`: the engine's name
    -> the org's own; `mapped`: by the CRM's object, its mappings."""

    objects: dict[str, str]
    held: dict[str, tuple[str, dict[str, Plain]]] = field(default_factory=dict)
    now: str = ""
    mapped: dict[str, list[_Mapped]] = field(default_factory=dict)

    def take(self, fact: Fact) -> None:
        """The next change of one of the records."""
        object, id = str(fact["object"]), str(fact["id"])
        if object not in self.objects:
            return
        _, values = self.held.setdefault(id, (object, {}))
        values.update({name: pair[1] for name, pair in fact["fields"].items()})
        contact = str((fact.get("converted_to") or {}).get("Contact") or "")
        if fact["op"] in GONE or fact.get("merged_into"):
            self.now = str(fact.get("merged_into") or "") if self.now == id else self.now
        elif contact:
            self.held.setdefault(contact, ("Contact", {}))
            self.now = contact
        elif self.now != id and not self._converted(id):
            self.now = id

    def _converted(self, id: str) -> bool:
        return bool(self.now) and self.held[id][0] != self.held[self.now][0] and len(self.held) > 1


def lead_fields(stage: Stage) -> dict[str, Any] | None:
    """`{"person", "rows": [{"marketing", "crm", "agreed", "agreed_at", "master", "direction", "alike"}]}` of the
    scenario's first person; None where nobody was made, the target has no journal, or a side has no record."""
    person = first_person(stage)
    if person is None or stage.lab is None:
        return None
    connected = stage.main
    sides = {
        connected.crm.name: _Side({_engine(connected, "crm", one): one for one in connected.people_objects}),
        connected.marketing.name: _Side({_engine(connected, "marketing", connected.prospect): connected.prospect}),
    }
    crm, marketing = sides[connected.crm.name], sides[connected.marketing.name]
    facts = changes(stage)
    hers = records_of(person, facts)
    agreed: dict[str, tuple[str, str]] = {}
    for fact in facts:
        side = sides.get(str(fact["org"]))
        if side is None or (str(fact["org"]), str(fact["id"])) not in hers:
            continue
        side.take(fact)
        names = None if fact["op"] not in ("update", "upsert") else fact["fields"].keys()
        for row in _rows(connected, crm, marketing, names):
            if row.alike:
                agreed[row.mapping.id] = (shown(row.crm), str(fact["at"]))
    rows = [row.to_json(agreed.get(row.mapping.id)) for row in _rows(connected, crm, marketing)]
    told = [one for one in rows if not {one["agreed"], one["crm"]["text"], one["marketing"]["text"]} <= UNTOLD]
    return {"person": person.name, "rows": told} if told else None


def _engine(connected: Connected, side: str, object: str) -> str:
    return connected.names[side].to_engine.object(object)


@dataclass(frozen=True, slots=True)
class _Row:
    mapping: Mapping
    exchange: Exchange
    crm: Value
    marketing: Value

    @property
    def alike(self) -> bool:
        """Whether both sides hold the same; two blanks are nothing that was agreed on."""
        if blank(self.crm) and blank(self.marketing):
            return False
        return self.exchange.alike(Standing(self.crm, self.marketing))

    def to_json(self, agreed: tuple[str, str] | None) -> dict[str, Any]:
        """The row as the report shows it; a blank is an empty text."""
        return {
            "crm": _cell(self.exchange.crm, self.crm),
            "marketing": _cell(self.exchange.marketing, self.marketing),
            "agreed": agreed[0] if agreed else "",
            "agreed_at": agreed[1] if agreed else "",
            "master": self.mapping.master,
            "direction": self.mapping.direction,
            "alike": self.alike or (blank(self.crm) and blank(self.marketing)),
        }


def _cell(spec: FieldSpec, value: Value) -> dict[str, str]:
    return {"field": spec.id, "label": spec.label, "text": "" if blank(value) else shown(value)}


def _rows(connected: Connected, crm: _Side, marketing: _Side, changed: Collection[str] | None = None) -> Iterator[_Row]:
    """Every mapping of the CRM object that the person is now, or those of the fields that changed (by the engine's
    names); none before both sides have a record."""
    if crm.now not in crm.held or marketing.now not in marketing.held:
        return
    engine_object, values = crm.held[crm.now]
    object, (_, theirs) = crm.objects[engine_object], marketing.held[marketing.now]
    if object not in crm.mapped:
        crm.mapped[object] = list(_mapped(connected, object))
    for mapping, exchange, mine, other in crm.mapped[object]:
        if changed is None or mine in changed or other in changed:
            held = typed(exchange.crm, values.get(mine)), typed(exchange.marketing, theirs.get(other))
            yield _Row(mapping, exchange, *held)


def _mapped(connected: Connected, object: str) -> Iterator[_Mapped]:
    specs, marketing_specs = connected.schema("crm")[object].fields, connected.schema("marketing")[connected.prospect]
    for mapping in connected.mappings(object):
        here, there = specs.get(mapping.crm_field), marketing_specs.fields.get(str(mapping.marketing_field))
        if here is None or there is None or mapping.direction == "none" or mapping.answers == "append":
            continue  # of several answers each one is kept: there is nothing to agree on
        mine = connected.engine_field("crm", object, here.id)
        exchange = Exchange(here, there, mapping.values_to_crm, mapping.values_to_marketing)
        if (here.type == "date") != (there.type == "date"):
            exchange = replace(exchange, zones=(connected.time_zone("crm"), connected.time_zone("marketing")))
        yield mapping, exchange, mine, connected.engine_field("marketing", connected.prospect, there.id)
