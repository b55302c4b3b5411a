"""What both records of a link must hold: every mapping decided, and the writes that follow.

sync-semantics.md "Whose value is it". Nothing here writes; `updates` carries a `Plan` out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from leadproof.connector.answers import add_answers, mark_of, read_answers, target_of
from leadproof.connector.change_times import later_side
from leadproof.connector.consent import opt_out_target
from leadproof.connector.cycle import Cycle, Marks, Visit
from leadproof.connector.kinds import Kind, Twin, Waiting
from leadproof.connector.lead_source import source_target
from leadproof.connector.links import Link, Pair
from leadproof.connector.owners import OWNER, owner_to_write
from leadproof.connector.value_table import OTHER, Reading, Side, judge
from leadproof.systems.ports import Record
from leadterms.fieldtypes import blank
from leadterms.refusals import ConversionRefused, ValueRefused
from leadterms.values import Plain, Value, plain

HALF: dict[Side, int] = {"crm": 0, "marketing": 1}


@dataclass(slots=True)
class SidePlan:
    """What one side must be told. `halves`: per mapping, what the *other* side held when it was decided."""

    values: dict[str, Value] = field(default_factory=dict)
    halves: dict[str, Plain] = field(default_factory=dict)
    answers: list[tuple[str, str]] = field(default_factory=list)
    because: dict[str, str] = field(default_factory=dict)
    owner: str | None = None

    def __bool__(self) -> bool:
        return bool(self.values) or self.owner is not None


@dataclass(slots=True)
class Plan:
    """`settled`: pairs of mappings for which nothing has to be written."""

    crm: SidePlan = field(default_factory=SidePlan)
    marketing: SidePlan = field(default_factory=SidePlan)
    settled: dict[str, Pair] = field(default_factory=dict)

    def side(self, side: Side) -> SidePlan:
        return self.crm if side == "crm" else self.marketing


def value_on(twin: Twin, side: Side, record: Record) -> Value:
    """A record's value of a mapping; a checkbox has no blank."""
    spec = twin.crm if side == "crm" else twin.marketing
    value = record.values.get(spec.id)
    return False if value is None and spec.type == "checkbox" else value


def is_settled(kind: Kind, side: Side, record: Record, link: Link) -> bool:
    """Whether a record holds what its half of every pair says: nothing changed, or only we wrote it."""
    half = HALF[side]
    for twin in kind.twins.get(link.crm_object, ()):
        pair = link.pairs.get(twin.id)
        if pair is None:
            return False
        if twin.manner == "append":
            if target_of(twin) != side and pair[half] != mark_of(record):
                return False
        else:
            value = value_on(twin, side, record)
            if plain(value) != pair[half] and _moved(twin, side, pair[half], value):
                return False
    if kind.owned and link.pairs.get(OWNER, [None, None])[half] != (record.owner or ""):
        return False
    name = kind.link_field(side)
    return name is None or record.values.get(name) == link.id_on(OTHER[side])


def plan(cycle: Cycle, kind: Kind, visit: Visit, delivered: set[tuple[int, str, str]], marks: Marks) -> Plan:
    """Decide every mapping, the owner and the link fields of a visit that has both its records."""
    crm, marketing, link = visit.crm, visit.marketing, visit.link
    assert crm is not None
    assert marketing is not None
    assert link is not None
    decided = Plan()
    for twin in kind.twins.get(crm.object, ()):
        if twin.id in visit.barred:
            continue
        if twin.manner == "append":
            ids = {answer for number, mapping, answer in delivered if number == link.id and mapping == twin.id}
            _plan_answers(cycle, kind, visit, twin, ids, decided, marks)
            continue
        ours, theirs = value_on(twin, "crm", crm), value_on(twin, "marketing", marketing)
        now: Pair = [plain(ours), plain(theirs)]
        if link.pairs.get(twin.id) == now:
            continue
        because, target = _decide(cycle, visit, twin, ours, theirs, link)
        if target is None:
            decided.settled[twin.id] = now
        else:
            _write(cycle, kind, visit, twin, target, because, decided, marks)
    for side in HALF:
        _link_field(kind, side, visit, decided)
    decided.marketing.owner = owner_to_write(cycle, kind, visit, marks)
    if kind.owned and decided.marketing.owner is None:
        decided.settled[OWNER] = [crm.owner or "", marketing.owner or ""]
    return decided


def _moved(twin: Twin, side: Side, half: Plain, value: Value) -> bool:
    try:
        return twin.moved(side, half, value)
    except ValueRefused:  # what was settled is no value of the field any more
        return True


def _decide(
    cycle: Cycle, visit: Visit, twin: Twin, crm: Value, marketing: Value, link: Link
) -> tuple[str, Side | None]:
    pair = link.pairs.get(twin.id)
    if twin.manner == "sticky":
        return opt_out_target(twin.rights, crm is True, marketing is True, pair)
    crm_blank, marketing_blank = blank(crm), blank(marketing)
    same = (crm_blank and marketing_blank) or twin.agree(crm, marketing)
    if twin.manner == "create_only":
        because, target = source_target(twin.rights, same=same, crm_blank=crm_blank, marketing_blank=marketing_blank)
        if because == "sources_differ":
            assert visit.crm is not None
            cycle.find(
                "OWN307",
                f"{twin.crm.object} {visit.crm.id} says {crm!s}, marketing says {marketing!s}; both stay.",
                cycle.at("crm", visit.crm, twin.crm.id),
            )
        return because, target
    reading = Reading(
        same=same,
        crm_blank=crm_blank,
        marketing_blank=marketing_blank,
        crm_changed=pair is not None and _moved(twin, "crm", pair[0], crm),
        marketing_changed=pair is not None and _moved(twin, "marketing", pair[1], marketing),
        first=pair is None,
        created=link.fresh,
    )
    verdict = judge(twin.rights, reading, lambda: later_side(cycle, visit, twin), cycle.rows)
    return verdict.row, verdict.target


def _write(
    cycle: Cycle,
    kind: Kind,
    visit: Visit,
    twin: Twin,
    target: Side,
    because: str,
    decided: Plan,
    marks: Marks,
) -> None:
    source = visit.record(OTHER[target])
    assert source is not None
    value = value_on(twin, OTHER[target], source)
    carried = carry(cycle, kind, visit, twin, value, target, marks)
    if carried is None:
        return
    side = decided.side(target)
    side.values[twin.spec(target).id] = carried[0]
    side.halves[twin.id] = plain(value)
    side.because[twin.id] = because
    if because == "changed_back":
        record = visit.record(target)
        assert record is not None
        cycle.find(
            "OWN303",
            f"{record.object} {record.id}: {twin.spec(target).id} was {plain(value_on(twin, target, record))!r} and "
            f"is again the master's {plain(value)!r}.",
            cycle.at(target, record, twin.spec(target).id),
        )


def carry(
    cycle: Cycle, kind: Kind, visit: Visit, twin: Twin, value: Value, target: Side, marks: Marks
) -> tuple[Value] | None:
    """The value as the target holds it, in a tuple; None where it is refused (a finding) or must wait."""
    record = visit.record(OTHER[target])
    assert record is not None
    try:
        return (twin.carry(value, target),)
    except Waiting as waiting:
        marks.set_aside(kind, visit.source, visit.asking, "CYC604", str(waiting), "each_cycle")
    except ConversionRefused as refused:
        field = twin.spec(OTHER[target]).id
        places = [twin.place] if twin.place else []
        cycle.find(
            refused.code,
            f"{record.object} {record.id}: {refused.text} {refused.fix}".strip(),
            *places,
            cycle.at(OTHER[target], record, field),
        )
        marks.set_aside(kind, visit.source, visit.asking, refused.code, refused.text, "on_change")
    visit.troubled = True
    return None


def _plan_answers(
    cycle: Cycle, kind: Kind, visit: Visit, twin: Twin, ids: set[str], decided: Plan, marks: Marks
) -> None:
    target = target_of(twin)
    source, goal = visit.record(OTHER[target]), visit.record(target)
    assert source is not None
    assert goal is not None
    assert visit.link is not None
    mark = mark_of(source)
    pair = visit.link.pairs.get(twin.id)
    if pair is not None and pair[HALF[OTHER[target]]] == mark:
        return
    addition = add_answers(twin, value_on(twin, target, goal), read_answers(cycle, twin, source), ids)
    if addition.refused:
        refuse_answers(cycle, kind, visit, twin, addition.refused, marks)
    elif addition.text is None:
        decided.settled[twin.id] = answer_pair(twin, mark)
    else:
        side = decided.side(target)
        side.values[twin.spec(target).id] = addition.text
        side.halves[twin.id] = mark
        side.answers += [(twin.id, answer) for answer in addition.answers]
        side.because[twin.id] = "answers_appended"


def answer_pair(twin: Twin, mark: Plain) -> Pair:
    """What is kept of an `append` mapping: the source's mark. The target's text is nobody's memory."""
    return [None, mark] if target_of(twin) == "crm" else [mark, None]


def refuse_answers(cycle: Cycle, kind: Kind, visit: Visit, twin: Twin, why: str, marks: Marks) -> None:
    """An answer that does not fit is not cut: it waits, with its finding."""
    places = [twin.place] if twin.place else []
    cycle.find("MAP305", f"{visit.asking.id}: {why}", *places, cycle.at(visit.source, visit.asking))
    marks.set_aside(kind, visit.source, visit.asking, "MAP305", why, "on_change")
    visit.troubled = True


def _link_field(kind: Kind, side: Side, visit: Visit, decided: Plan) -> None:
    """Each record holds the other's id."""
    name, record = kind.link_field(side), visit.record(side)
    assert record is not None
    assert visit.link is not None
    wanted = visit.link.id_on(OTHER[side])
    if name is not None and record.values.get(name) != wanted:
        decided.side(side).values[name] = wanted
        decided.side(side).because[name] = "link"
