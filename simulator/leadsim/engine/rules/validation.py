"""Is this record allowed? All its problems at once, each with object, field id, value and rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from leadsim.engine.refusals import Problem
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import blank
from leadterms.refusals import ValueRefused
from leadterms.values import Value, order_key

if TYPE_CHECKING:
    from leadsim.engine.records import Org
    from leadsim.engine.stored import Codec

Given = dict[str, Value]
Reader = Callable[[object], Value]


def read_values(
    codec: Codec, object: str, id: str | None, raw: Mapping[str, object], *, system: bool
) -> tuple[Given, list[Problem]]:
    """The given values, typed, and what is wrong with them. `system` writes may fill read-only fields."""
    readers = codec.inputs if system else codec.writable
    try:
        return {field: readers[field](value) for field, value in raw.items()}, []
    except (KeyError, ValueRefused):
        return _read_one_by_one(codec, object, id, raw, readers)


def _read_one_by_one(
    codec: Codec, object: str, id: str | None, raw: Mapping[str, object], readers: Mapping[str, Reader]
) -> tuple[Given, list[Problem]]:
    """All that is wrong with values of which at least one is."""
    fields = codec.spec.fields
    given: Given = {}
    problems: list[Problem] = []
    for field, value in raw.items():
        read = readers.get(field)
        if read is None:
            if field not in fields:
                rule, text = "unknown_field", _unknown(object, field, fields)
            else:
                rule, text = "read_only", f"{object}.{field} is filled by the system and can't be written."
            problems.append(Problem(object, id, field, value, rule, text))
            continue
        try:
            given[field] = read(value)
        except ValueRefused as refused:
            problems.append(Problem(object, id, field, value, refused.rule, f"{refused.text} {refused.fix}".strip()))
    return given, problems


def _unknown(object: str, field: str, fields: Mapping[str, FieldSpec]) -> str:
    for spec in fields.values():
        if spec.label == field:
            return f"{object} has no field {field!r}: that is a label. The field's id is {spec.id!r}."
    folded = field.casefold()
    near = [id for id in fields if id.casefold() == folded]
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{object} has no field {field!r}.{hint}"


def check_required(required: Iterable[FieldSpec], id: str | None, values: Mapping[str, Value]) -> list[Problem]:
    """A problem for each required field that is blank."""
    return [
        Problem(
            spec.object,
            id,
            spec.id,
            None,
            "required",
            f"{spec.object}.{spec.id} ({spec.label}) is required and is blank.",
        )
        for spec in required
        if blank(values.get(spec.id))
    ]


def check_references(org: Org, codec: Codec, id: str | None, given: Mapping[str, Value]) -> list[Problem]:
    """A problem for each reference, or user, that points at no live record."""
    problems: list[Problem] = []
    if codec.pointing.isdisjoint(given):
        return problems
    object = codec.spec.id
    for field, value in given.items():
        if field not in codec.pointing or not isinstance(value, str):
            continue
        spec = codec.spec.fields[field]
        if spec.type == "user":
            problem = _user_problem(org, value)
        else:
            target = org.row(value)
            found = target is not None and target.object == spec.refers_to and not target.deleted
            problem = None if found else ("reference", f"there is no {spec.refers_to} {value!r}")
        if problem is not None:
            rule, text = problem
            problems.append(Problem(object, id, field, value, rule, f"{object}.{field}: {text}."))
    return problems


def _user_problem(org: Org, id: str) -> tuple[str, str] | None:
    user = org.users.get(id)
    if user is None:
        return "user", f"there is no user{' or queue' if org.kind == 'crm' else ''} {id!r}"
    return None if user.active else ("inactive", f"the user {id!r} is inactive and can't own records")


def check_unique(
    org: Org, codec: Codec, seq: int | None, id: str | None, given: Mapping[str, Value]
) -> tuple[list[Problem], list[str]]:
    """A problem for each unique field whose value another live record has; and the ids of those records."""
    unique, object = codec.unique, codec.spec.id
    problems: list[Problem] = []
    matches: list[str] = []
    if unique.isdisjoint(given):
        return problems, matches
    for field, value in given.items():
        if field not in unique or value is None:
            continue
        others = [other for other in org.lookup(object, field, value) if other.seq != seq]
        if others:
            text = f"{object}.{field} must be unique, and {others[0].id} has the value {value!r} already."
            problems.append(Problem(object, id, field, value, "unique", text))
            matches.extend(other.id for other in others)
    return problems, matches


def check_rules(org: Org, object: str, id: str | None, values: Mapping[str, Value]) -> list[Problem]:
    """A problem for each of the org's own validation rules that the record matches."""
    return [
        Problem(
            object,
            id,
            rule.field,
            None if rule.field is None else values.get(rule.field),
            f"rule:{rule.name}",
            rule.message,
        )
        for rule, fits in org.bound.validation(object)
        if fits(values)
    ]


def same_key(a: Value, b: Value) -> bool:
    """Whether two values are the same for a look-up: compared as criteria compare, blanks never."""
    key = order_key(a)
    return key is not None and key == order_key(b)
