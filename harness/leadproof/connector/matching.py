"""Whose record is it: the partner of a record that has no link yet.

sync-semantics.md "Whose record is it": the CRM id held by the marketing record, then the match key; contacts
before leads; what is converted, merged or deleted is skipped; several are decided by `ambiguous`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from leadproof.connector.cycle import Cycle, Marks, Visit
from leadproof.connector.kinds import Kind
from leadproof.connector.links import Link
from leadproof.connector.value_table import OTHER, Side
from leadproof.systems.ports import Record
from leadterms.criteria import Criteria, Ref, Row
from leadterms.fieldtypes import blank
from leadterms.values import Value


def key_of(value: Value) -> str:
    """A match key, trimmed and casefolded; "" matches nothing."""
    return "" if blank(value) else str(value).strip().casefold()


@dataclass(slots=True)
class Candidates:
    """Unlinked records that could be the partner; those with the key that are linked elsewhere; and (`rivals`) those
    of this record's own side that the chosen one could as well be the partner of."""

    records: list[Record] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    rivals: list[str] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return sorted([record.id for record in self.records] + self.elsewhere)


def find_partners(cycle: Cycle, kind: Kind, side: Side, visits: Sequence[Visit], marks: Marks) -> list[Visit]:
    """Give each visit its partner and a new link, or leave it without (it may be created), or set it aside.

    Answers the visits that must wait for the next chunk: an earlier one of this chunk has the same key.
    """
    held = _by_held_id(cycle, kind, side, visits)
    rest = [visit for visit in visits if visit.asking.id not in held]
    by_key = _by_key(cycle, kind, side, rest)
    mutual = _by_key(cycle, kind, OTHER[side], _as_visits(OTHER[side], by_key.values()))
    taken: set[tuple[str, str]] = set()
    claimed: set[str] = set()
    deferred: list[Visit] = []
    for visit in visits:
        keys = [key for key in keys_of(cycle, kind, side, visit.asking) if key]
        if any(key in claimed for key in keys):
            deferred.append(visit)
            continue
        claimed.update(keys)
        candidates = held.get(visit.asking.id) or by_key.get(visit.asking.id) or Candidates()
        stolen = [one for one in candidates.records if (one.object, one.id) in taken]
        candidates.elsewhere += [one.id for one in stolen]
        candidates.records = [one for one in candidates.records if one not in stolen]
        chosen = _choose(cycle, candidates)
        if chosen is not None and visit.asking.id not in held:
            chosen = _choose_mutually(cycle, visit, chosen, candidates, mutual)
        if chosen is None and candidates.ids:
            _refuse(cycle, kind, side, visit, candidates, marks)
        elif chosen is not None:
            taken.add((chosen.object, chosen.id))
            join(cycle, kind, visit, side, chosen, marks)
    return deferred


def join(cycle: Cycle, kind: Kind, visit: Visit, side: Side, partner: Record, marks: Marks) -> None:
    """Make the link of a visit's record and its partner on the other side."""
    visit.put(OTHER[side], partner)
    assert visit.crm is not None
    assert visit.marketing is not None
    visit.link = Link(kind.name, visit.crm.object, visit.crm.id, visit.marketing.id)
    marks.save(visit.link)
    cycle.decided(kind, visit, "matched", None)


def keys_of(cycle: Cycle, kind: Kind, side: Side, record: Record) -> list[str]:
    """The record's match keys in the order of `match`, prefixed by the key's name so that two never meet."""
    keys = []
    for key, by_object in kind.keys.items():
        field = key if side == "marketing" else by_object.get(record.object)
        value = cycle.fold(record.values.get(field)) if field else ""
        keys.append(f"{key}:{value}" if value else "")
    return keys


def _by_held_id(cycle: Cycle, kind: Kind, side: Side, visits: Sequence[Visit]) -> dict[str, Candidates]:
    """By the CRM id that the marketing record holds."""
    if side == "marketing":
        wanted = {
            visit.asking.id: str(visit.asking.values[kind.marketing_link])
            for visit in visits
            if not blank(visit.asking.values.get(kind.marketing_link))
        }
        known: dict[str, Record] = {}
        for object in kind.crm_objects:
            missing = sorted({id for id in wanted.values() if id not in known})
            for record in cycle.crm.read(object, missing, kind.fields("crm", object)):
                known[record.id] = record
        for record in [one for one in known.values() if one.converted_to]:
            known.pop(record.id)
            if "Contact" in kind.crm_objects:
                for contact in cycle.crm.read("Contact", [str(record.converted_to)], kind.fields("crm", "Contact")):
                    known[record.id] = contact
        return _linked_apart(cycle, kind, "crm", {mine: [known[id]] for mine, id in wanted.items() if id in known})
    ids = sorted(visit.asking.id for visit in visits)
    found: dict[str, list[Record]] = {}
    for record in _find(cycle, kind, "marketing", kind.marketing_object, kind.marketing_link, ids):
        found.setdefault(str(record.values[kind.marketing_link]), []).append(record)
    return _linked_apart(cycle, kind, "marketing", found)


def _by_key(cycle: Cycle, kind: Kind, side: Side, visits: Sequence[Visit]) -> dict[str, Candidates]:
    """By the match keys, one after the other; within one, contacts before leads."""
    found: dict[str, Candidates] = {}
    other = OTHER[side]
    for position, (key, by_object) in enumerate(kind.keys.items()):
        for object in kind.objects(other):
            field = by_object.get(object) if other == "crm" else key
            open_visits = [one for one in visits if not _decided(cycle, found.get(one.asking.id))]
            wanted = {
                one.asking.id: keys_of(cycle, kind, side, one.asking)[position].partition(":")[2] for one in open_visits
            }
            values = sorted({value for value in wanted.values() if value})
            if field is None or not values:
                continue
            tier: dict[str, list[Record]] = {}
            for record in _find(cycle, kind, other, object, field, values):
                if record.converted_to is None:
                    tier.setdefault(cycle.fold(record.values.get(field)), []).append(record)
            mine = {id: tier[value] for id, value in wanted.items() if value in tier}
            for id, candidates in _linked_apart(cycle, kind, other, mine).items():
                before = found.setdefault(id, Candidates())
                before.records += candidates.records
                before.elsewhere += candidates.elsewhere
    return found


def _decided(cycle: Cycle, candidates: Candidates | None) -> bool:
    """Whether the tiers looked at so far suffice. Linked elsewhere alone decides only where that is refused."""
    if candidates is None:
        return False
    return bool(candidates.records) or (bool(candidates.elsewhere) and cycle.ambiguous == "refuse")


def _find(cycle: Cycle, kind: Kind, side: Side, object: str, field: str, values: Iterable[str]) -> list[Record]:
    wanted = list(values)
    found: list[Record] = []
    for start in range(0, len(wanted), 200):
        criteria = Criteria((Row(field, "in", tuple(wanted[start : start + 200])),), Ref(1))
        found += cycle.system(side).find(object, criteria, kind.fields(side, object))
    return found


def _linked_apart(cycle: Cycle, kind: Kind, side: Side, found: dict[str, list[Record]]) -> dict[str, Candidates]:
    """A candidate that is already linked elsewhere is no candidate, but makes the match ambiguous."""
    links = cycle.links_of(kind, side, [record for records in found.values() for record in records])
    apart: dict[str, Candidates] = {}
    for mine, records in found.items():
        candidates = apart.setdefault(mine, Candidates())
        for record in records:
            link = links.get((record.object, record.id))
            if link is not None and not link.gone:
                candidates.elsewhere.append(record.id)
            else:
                candidates.records.append(record)
    return apart


def _as_visits(side: Side, found: Iterable[Candidates]) -> list[Visit]:
    visits: dict[str, Visit] = {}
    for candidates in found:
        for record in candidates.records:
            visits[record.id] = Visit(side)
            visits[record.id].put(side, record)
    return list(visits.values())


def _choose(cycle: Cycle, candidates: Candidates) -> Record | None:
    if len(candidates.records) == 1 and not candidates.elsewhere:
        return candidates.records[0]
    if cycle.ambiguous == "refuse" or not candidates.records:
        return None
    ordered = sorted(candidates.records, key=lambda record: (record.created, record.id))
    return ordered[0] if cycle.ambiguous == "oldest" else ordered[-1]


def _choose_mutually(
    cycle: Cycle, visit: Visit, chosen: Record, candidates: Candidates, mutual: dict[str, Candidates]
) -> Record | None:
    """The chosen record only if it would choose this one too: else who is asked first would decide."""
    rivals = mutual.get(chosen.id, Candidates())
    theirs = _choose(cycle, rivals)
    if theirs is not None and theirs.id == visit.asking.id:
        return chosen
    candidates.rivals = [id for id in rivals.ids if id != visit.asking.id]
    return None


def _refuse(cycle: Cycle, kind: Kind, side: Side, visit: Visit, candidates: Candidates, marks: Marks) -> None:
    record = visit.asking
    linked = f" ({', '.join(sorted(candidates.elsewhere))} linked elsewhere)" if candidates.elsewhere else ""
    rivals = f", and so does {', '.join(candidates.rivals)}" if candidates.rivals else ""
    text = f"{record.object} {record.id} matches {', '.join(candidates.ids)}{linked}{rivals}"
    cycle.find("DUP401", f"{text}; it is linked to none of them.", cycle.at(side, record))
    marks.set_aside(kind, side, record, "DUP401", text, "each_cycle")
    visit.troubled = True
