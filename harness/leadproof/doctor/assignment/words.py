"""The cells of a text field that is asked what it contains, begins or ends with.

A text that none of the equalities names is told apart by three things alone: the longest mentioned beginning it has,
the longest mentioned ending, and which mentioned parts it contains. Each such combination is a cell, and a text made of
the beginning, the parts and the ending, with a character between them that no condition mentions, lies in it. So the
cells are complete, and each has a sample unless it is too long for the field. Only where the order of the texts is
asked as well, or where there are too many combinations, is something left to the wild cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from leadproof.doctor.assignment.axes import (
    INSIDE,
    UNWRITABLE,
    Axis,
    Condition,
    enumerated,
    holds,
    mentioned,
    texts_held,
)
from leadproof.doctor.assignment.samples import accepted, dressed
from leadterms.fields import FieldSpec
from leadterms.values import Value, order_key

MOST_CELLS = 2048
_BETWEEN = "xqzjkvwy0123456789-_abcdefghilmnoprstu"


def word_axis(spec: FieldSpec, conditions: Sequence[Condition]) -> Axis:
    """The axis of a text field with conditions on parts of its text."""
    starts, ends, parts = (
        _texts(conditions, "starts_with"),
        _texts(conditions, "ends_with"),
        _texts(conditions, "contains", "not_contains"),
    )
    named = mentioned(conditions)
    values: list[Value] = [] if spec.required else [None]
    values += [value for value, perhaps in texts_held(spec, named) if perhaps]
    between = _unmentioned([*starts, *ends, *parts, *named])
    combined = _combinations(starts, ends, parts)
    if between is None or combined is None:
        return enumerated(spec, conditions, [*values, *_simple(spec, [*starts, *ends, *parts])], wild=True)
    inside = [one for one in conditions if one[0] in INSIDE]
    for start, end, held in combined:
        values.append(_text_of(spec, inside, start, end, held, between))
    ordered = any(operator in ("<", "<=", ">", ">=") for operator, _ in conditions)
    return enumerated(spec, conditions, values, wild=ordered)


def _texts(conditions: Sequence[Condition], *operators: str) -> list[str]:
    """The casefolded texts that the operators name, shortest first."""
    keys = {order_key(value) for operator, value in conditions if operator in operators}  # type: ignore[arg-type]
    return sorted((key for key in keys if key is not None), key=lambda key: (len(key), key))


def _unmentioned(texts: Sequence[str]) -> str | None:
    """A character that none of the texts has."""
    used = set("".join(texts))
    return next((one for one in _BETWEEN if one not in used), None)


def _combinations(
    starts: Sequence[str], ends: Sequence[str], parts: Sequence[str]
) -> list[tuple[str, str, tuple[str, ...]]] | None:
    """Every (longest beginning, longest ending, further parts) that a text can have; None = too many."""
    found = []
    for start in ("", *starts):
        for end in ("", *ends):
            free = [one for one in parts if one not in start and one not in end]
            if len(free) > 11:
                return None
            for held in _closed(free):
                found.append((start, end, held))
                if len(found) > MOST_CELLS:
                    return None
    return found


def _closed(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The sets of parts that a text can contain: with a part come those within it."""
    within = {one: [other for other in parts if other != one and other in one] for one in parts}
    for size in range(len(parts) + 1):
        for chosen in combinations(parts, size):
            if all(inner in chosen for one in chosen for inner in within[one]):
                yield chosen


def _text_of(
    spec: FieldSpec, inside: Sequence[Condition], start: str, end: str, held: Sequence[str], between: str
) -> Value:
    """A text with this beginning, ending and these parts, and no more; one that the field takes if that is found."""
    middle = "".join(f"{between}{one}" for one in held)
    plain = f"{start}{middle}{between}{end}"
    forms = [*dressed(spec, plain)]
    if spec.type == "email":
        forms.append(f"{start}{middle}{between}@{between}{end}")
    wanted = [holds(one, plain) for one in inside]
    for text in forms:
        value = accepted(spec, text)
        if value is not None and [holds(one, value) for one in inside] == wanted:
            return value
    return plain if accepted(spec, plain) is None else plain + UNWRITABLE


def _simple(spec: FieldSpec, texts: Sequence[str]) -> list[Value]:
    """Some texts that the field takes, where not all combinations can be had."""
    found = (accepted(spec, form) for text in ("Other", *texts) for form in dressed(spec, text))
    return list(dict.fromkeys(one for one in found if one is not None))
