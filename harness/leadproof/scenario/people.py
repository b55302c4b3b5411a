"""The people of a scenario: which records stand for one person, found without asking the connector.

A record stands for a person if the scenario made it, if it holds the other side's id, is named by it, or has the
person's key (product.md A2: once in the CRM, linked both ways).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadproof.systems.ports import Capability, Record, System
from leadterms.criteria import parse_criteria
from leadterms.fieldtypes import blank
from leadterms.values import Value

if TYPE_CHECKING:
    from leadproof.scenario.connected import Connected


@dataclass(slots=True)
class Person:
    """One dummy person. `ids` holds the records that the scenario itself made or saw, by org; `keys` every e-mail
    address that it entered; `entered` the last value that it entered, by (org, field id)."""

    name: str
    made_in: str
    ids: dict[str, tuple[str, str]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    entered: dict[tuple[str, str], Value] = field(default_factory=dict)

    def remember_key(self, value: Value) -> None:
        """Another e-mail address of this person."""
        if isinstance(value, str) and not blank(value) and value not in self.keys:
            self.keys.append(value)


Group = list[Person]


_Tier = tuple[str, list[str]]
"""A field and the values that it is searched for."""


def _search(system: System, object: str, tiers: Iterable[_Tier], fields: list[str]) -> list[Record]:
    """The live records that hold a value of any tier, those of the first tier first: one query where the system
    answers such a one, else one for each value."""
    asked = [(field, values) for field, values in tiers if values]
    if not asked:
        return []
    if Capability.ANY_OF in system.can:
        rows = [[field, "in", values] for field, values in asked]
        logic = " OR ".join(str(number) for number in range(1, len(rows) + 1))
        held = system.find(object, parse_criteria({"rows": rows, "logic": logic}), fields)
        return sorted(held, key=lambda record: _rank(record, asked))
    found: list[Record] = []
    for name, values in asked:
        for value in values:
            found += system.find(object, parse_criteria({"rows": [[name, "=", value]]}), fields)
    return found


def _named(system: System, object: str, own: list[str], others: list[str], fields: list[str]) -> list[Record]:
    """The live records with these ids, the scenario's `own` first. They are read, not searched for: a search may not
    show yet what was made just now (`reads_lag_seconds`)."""
    further = [one for one in dict.fromkeys(others) if one not in own]
    return [record for ids in (own, further) if ids for record in system.read(object, ids, fields)]


def _rank(record: Record, tiers: list[_Tier]) -> int:
    held = (number for number, (field, values) in enumerate(tiers) if record.values.get(field) in values)
    return next(held, len(tiers))


def _add(found: dict[tuple[str, str], Record], records: Iterable[Record]) -> None:
    for record in records:
        if not record.deleted and record.merged_into is None and record.converted_to is None:
            found.setdefault((record.object, record.id), record)


def known_record(connected: Connected, side: str, person: Person) -> Record | None:
    """The record that the scenario itself made for this person on this side, while it lives: one read."""
    system = connected.system(side)
    known = person.ids.get(system.name)
    if known is None:
        return None
    found: dict[tuple[str, str], Record] = {}
    _add(found, system.read(known[0], [known[1]], connected.field_ids(side, known[0])))
    return found.get(known)


def prospects(connected: Connected, person: Person) -> list[Record]:
    """The live marketing records that stand for this person, those that the scenario knows first."""
    marketing, object = connected.marketing, connected.prospect
    known, crm_known = person.ids.get(marketing.name), person.ids.get(connected.crm.name)
    own = [known[1]] if known is not None else []
    tiers: list[_Tier] = []
    if connected.crm_id_field:
        tiers.append((connected.crm_id_field, [crm_known[1]] if crm_known is not None else []))
    match_field = connected.match_field("marketing", object)
    if match_field:
        tiers.append((match_field, person.keys))
    fields = connected.field_ids("marketing", object)
    found: dict[tuple[str, str], Record] = {}
    _add(found, _named(marketing, object, own, [], fields))
    _add(found, _search(marketing, object, tiers, fields))
    return list(found.values())


def crm_records(connected: Connected, person: Person) -> list[Record]:
    """The live CRM records, contacts and leads, that stand for this person; a converted lead's contact counts."""
    crm = connected.crm
    found: dict[tuple[str, str], Record] = {}
    partners = prospects(connected, person) if connected.crm_id_field else []
    ids = [str(one.values[connected.crm_id_field]) for one in partners if one.values.get(connected.crm_id_field)]
    known = person.ids.get(crm.name)
    for object in connected.people_objects:
        fields = connected.field_ids("crm", object)
        own = [known[1]] if known is not None and known[0] == object else []
        tiers: list[_Tier] = []
        if connected.marketing_id_field and connected.marketing_id_field in fields:
            tiers.append((connected.marketing_id_field, [one.id for one in partners]))
        match_field = connected.match_field("crm", object)
        if match_field:
            tiers.append((match_field, person.keys))
        _add(found, _named(crm, object, own, ids, fields))
        _add(found, _search(crm, object, tiers, fields))
    return list(found.values())
