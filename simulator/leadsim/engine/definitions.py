"""Is this field possible? What a custom field's definition says, held against its type and its object.

A definition that contradicts itself, or names what isn't there, would make a field that silently does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from leadsim.engine.refusals import Refused
from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.fieldtypes import FIELD_TYPES, FieldType

FORMULAS = ("concat", "sum", "days_since")
STATISTICS = ("latest", "count")
MOST_CHARACTERS = 131_072
MOST_DECIMALS = 18
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
# A checkbox has two values and a set has many: neither tells records apart, nor does what the system computes.
_NEVER_UNIQUE = frozenset({"checkbox", "multi_select", "multi_line", "formula", "statistics"})


def check_definition(
    spec: FieldSpec, owner: ObjectSpec, objects: Collection[str], system_columns: Collection[str]
) -> None:
    """Raises Refused("invalid"), code REF729, with everything that is wrong with the definition."""
    name = f"{spec.object}.{spec.id}"
    kind = FIELD_TYPES.get(spec.type)
    if kind is None:
        raise _refused(f"{name}: there is no field type {spec.type!r}. Types: {', '.join(FIELD_TYPES)}.")
    wrong = [*_sizes(spec, kind), *_choices(spec, kind), *_uses(spec, kind)]
    if spec.type in ("formula", "statistics"):
        wrong += _formula(spec, owner, system_columns)
    elif spec.formula is not None:
        wrong.append(f"a {spec.type} field has no `formula`")
    if spec.type == "reference" and (spec.refers_to is None or spec.refers_to not in objects):
        wrong.append(f"a reference needs `refers_to`, one of: {', '.join(objects)}")
    elif spec.type != "reference" and spec.refers_to is not None:
        wrong.append(f"a {spec.type} field has no `refers_to`")
    if wrong:
        raise _refused(f"{name}: {'; '.join(wrong)}.")


def _refused(text: str) -> Refused:
    return Refused("invalid", text, code="REF729")


def _sizes(spec: FieldSpec, kind: FieldType) -> Iterator[str]:
    """A length is a text's, in characters; a scale a number's, in digits after the point."""
    if spec.length is not None:
        if not kind.longest:
            yield f"a {spec.type} field has no `length`"
        elif not 1 <= spec.length <= MOST_CHARACTERS:
            yield f"`length` is 1 to {MOST_CHARACTERS} characters, not {spec.length}"
    if spec.scale is not None:
        if kind.kind != "number" and not kind.computed:
            yield f"a {spec.type} field has no `scale`"
        elif spec.scale > MOST_DECIMALS:
            yield f"`scale` is at most {MOST_DECIMALS} digits, not {spec.scale}"


def _choices(spec: FieldSpec, kind: FieldType) -> Iterator[str]:
    if not kind.chosen:
        if spec.choices:
            yield f"a {spec.type} field has no `choices`"
        return
    if spec.restricted and not spec.choices:
        yield f"a {spec.type} field needs `choices`, or `restricted: false`"
    twice = sorted({choice for choice in spec.choices if spec.choices.count(choice) > 1})
    if twice:
        yield f"the choice {twice[0]!r} stands twice"
    if any(not choice.strip() for choice in spec.choices):
        yield "a choice is blank"


def _uses(spec: FieldSpec, kind: FieldType) -> Iterator[str]:
    if (spec.unique or spec.external_id) and spec.type in _NEVER_UNIQUE:
        yield f"a {spec.type} field can't be `unique` or an `external_id`"
    if spec.required and (kind.computed or spec.read_only):
        yield "nobody can fill it, so it can't be `required`"
    if kind.computed and spec.default is not None:
        yield f"a {spec.type} field is filled by the system and has no `default`"


def _formula(spec: FieldSpec, owner: ObjectSpec, system_columns: Collection[str]) -> Iterator[str]:
    known = FORMULAS if spec.type == "formula" else STATISTICS
    if spec.formula is None or len(spec.formula) != 1 or next(iter(spec.formula)) not in known:
        yield f"a {spec.type} field needs one of {', '.join(known)} under `formula`"
        return
    if spec.type == "statistics":
        return
    kind, argument = next(iter(spec.formula.items()))
    names = _names(argument)
    if not names or (kind == "days_since" and len(names) != 1):
        yield f"`{kind}` needs {'one field' if kind == 'days_since' else 'a list of fields'}, not {argument!r}"
        return
    fields = {**owner.fields, **({} if kind != "days_since" else dict.fromkeys(system_columns))}
    # In a concat, what is no word stands for itself: a space, a comma.
    missing = [part for part in names if part not in fields and (kind != "concat" or _NAME.match(part))]
    if spec.id in names:
        yield "its formula names itself"
        missing = [part for part in missing if part != spec.id]
    if missing:
        yield f"its formula names {', '.join(map(repr, missing))}, not a field of {owner.id}"
    yield from _unfit(kind, [part for part in names if part != spec.id], owner.fields)


def _unfit(kind: str, names: Sequence[str], fields: Mapping[str, FieldSpec]) -> Iterator[str]:
    """Fields that the formula can't count with."""
    fitting = {"sum": ("number",), "days_since": ("date", "date_time")}.get(kind)
    for name in names:
        part = fields.get(name)
        if fitting is None or part is None or part.type in ("formula", "statistics"):
            continue
        if FIELD_TYPES[part.type].kind not in fitting:
            yield f"`{kind}` can't count with {name}, a {part.type}"


def _names(argument: Any) -> list[str]:
    """The parts of a formula's argument; none where it is no text and no list of texts."""
    parts = [argument] if isinstance(argument, str) else argument
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        return []
    return list(parts)
