"""What a failed check looked at: which people, which fields with which expectation, which owner, which campaign."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leadproof.diagnosis.case import Case
from leadproof.oracle.timelines import Life
from leadproof.scenario.checks.fields import CheckEveryField, CheckField, CheckFields
from leadproof.scenario.people import Person, crm_records, prospects
from leadproof.scenario.registry import StepRefused
from leadproof.scenario.wording import shown
from leadproof.systems.ports import Record
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import convert, parse, same
from leadterms.refusals import ConversionRefused, ValueRefused
from leadterms.values import Value


@dataclass(frozen=True)
class Wanted:
    """One value that a check wants and does not find: `field` of `life`, on `side`, in the journal's names. `said`: the
    scenario says the value itself, it is not worked out from the mapping."""

    side: str
    life: Life
    field: str
    held: Value
    text: str
    fits: Callable[[Value], bool]
    said: bool = True


def people_of(case: Case) -> list[Person]:
    """The people that the step names; [] where it names none."""
    name = getattr(case.step, "lead", "")
    if not name:
        return []
    try:
        return case.stage.people(name)
    except StepRefused:
        return []


def side_of(case: Case) -> str:
    """The side that the step looked at; "" where it says none."""
    where = getattr(case.step, "in_", "") or getattr(case.step, "to", "")
    if not where and isinstance(case.step, CheckEveryField):
        return "marketing" if case.stage.located(case.step.from_)[1] == "crm" else "crm"
    return case.stage.located(where)[1] if where else ""


def records(case: Case, side: str, person: Person) -> list[Record]:
    """The live records that stand for a person on one side."""
    return crm_records(case.connected, person) if side == "crm" else prospects(case.connected, person)


def lives(case: Case, side: str, person: Person) -> list[Life]:
    """The histories of a person's records on one side: those that stand, and the one that the scenario made."""
    known = person.ids.get(case.org(side))
    ids = [(one.object, one.id) for one in records(case, side, person)]
    ids += [known] if known is not None and known not in ids else []
    names = case.connected.names[side].to_engine
    found = (case.life(side, names.object(object), id) for object, id in ids)
    return [one for one in found if one is not None]


def wanted(case: Case) -> list[Wanted]:
    """The values that the check wants and does not find; [] for a check of something else."""
    step = case.step
    if isinstance(step, CheckEveryField):
        return list(_every_field(case, step))
    if isinstance(step, CheckField):
        return list(_of_person(case, step.field, lambda spec: _fits(case, step, spec), case.result.expected))
    if isinstance(step, CheckFields):
        return [
            one
            for field, value in step.values.items()
            for one in _of_person(case, field, _equals(value), f"{field} = {value}")
        ]
    return []


def _equals(raw: Any) -> Callable[[FieldSpec], Callable[[Value], bool]]:
    """Whether a value is the one that the scenario says; what it says may not even be of the field's type."""

    def judge(spec: FieldSpec) -> Callable[[Value], bool]:
        try:
            said = parse(spec, raw)
        except ValueRefused:
            return lambda value: False
        return lambda value: same(spec, value, said)

    return judge


def _fits(case: Case, step: CheckField, spec: Any) -> Callable[[Value], bool]:
    connected, side = case.stage.located(step.in_)

    def fits(value: Value) -> bool:
        people = people_of(case)
        found = [one for person in people for one in records(case, side, person)]
        return bool(found) and step._judge(case.stage, connected, side, found[0], spec, value)[0]

    return fits


def _of_person(case: Case, field: str, judge: Callable[[Any], Callable[[Value], bool]], text: str) -> Iterator[Wanted]:
    side = side_of(case)
    for person in people_of(case):
        for record in records(case, side, person):
            own_field = case.connected.field_id(side, record.object, field)
            spec = case.connected.specs(side, record.object).get(own_field)
            names = case.connected.names[side].to_engine
            life = case.life(side, names.object(record.object), record.id)
            if spec is None or life is None:
                continue
            fits, held = judge(spec), record.values.get(own_field)
            if not fits(held):
                name = case.connected.engine_field(side, record.object, own_field)
                exact = not isinstance(case.step, CheckField) or "is_" in case.step.model_fields_set
                yield Wanted(side, life, name, held, text, fits, exact)


def _every_field(case: Case, step: CheckEveryField) -> Iterator[Wanted]:
    side, other = case.stage.located(step.from_)[1], side_of(case)
    connected = case.connected
    for person in people_of(case):
        sources, targets = records(case, side, person), records(case, other, person)
        if not sources or not targets:
            continue
        source, target = sources[0], targets[0]
        crm_object = source.object if side == "crm" else target.object
        for mapping in connected.mappings(crm_object):
            if not (mapping.writes_crm if other == "crm" else mapping.writes_marketing):
                continue  # not synced this way: the check does not ask for it
            here = mapping.crm_field if side == "crm" else str(mapping.marketing_field)
            there = str(mapping.marketing_field) if side == "crm" else mapping.crm_field
            entered = person.entered.get((case.org(side), here))
            specs = connected.specs(side, source.object).get(here), connected.specs(other, target.object).get(there)
            life = case.life(other, connected.names[other].to_engine.object(target.object), target.id)
            if entered is None or specs[0] is None or specs[1] is None or life is None:
                continue
            values = mapping.values_to_crm if other == "crm" else mapping.values_to_marketing
            held = target.values.get(there)
            try:
                expected = convert(entered, specs[0], specs[1], values=values)
            except ConversionRefused:
                expected = entered
            fits = _as(specs[1], expected, mapping.answers == "append")
            if not fits(held):
                field = connected.engine_field(other, target.object, there)
                yield Wanted(other, life, field, held, shown(expected), fits, False)


def _as(spec: Any, expected: Value, appended: bool) -> Callable[[Value], bool]:
    if appended:
        return lambda value: str(expected) in str(value or "")
    return lambda value: (type(value) is type(expected) and same(spec, value, expected)) or value == expected


def names_of(people: Sequence[Person]) -> str:
    """People as a sentence says them."""
    return ", ".join(one.name for one in people[:3]) or "nobody"
