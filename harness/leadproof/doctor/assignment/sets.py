"""The cells of a multi-select field: each set of the mentioned choices, with and without another one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leadproof.doctor.assignment.axes import Axis, Condition, enumerated
from leadterms.fields import FieldSpec
from leadterms.values import Value

MOST_CHOICES = 10
"""Mentioned choices up to which every set of them is looked at."""


def set_axis(spec: FieldSpec, conditions: Sequence[Condition]) -> Axis:
    """The axis of a multi-select field. Choices compare casefolded, as everywhere."""
    mentioned = {one.casefold(): one for one in _choices(conditions)}
    known = {one.casefold(): one for one in reversed(spec.choices)}
    if spec.restricted:
        mentioned = {key: known[key] for key in mentioned if key in known}
    others = [one for one in spec.choices if one.casefold() not in mentioned]
    if not others and not spec.restricted:
        others = [next(one for one in _invented() if one.casefold() not in mentioned)]
    choices = [mentioned[key] for key in sorted(mentioned)]
    wild = len(choices) > MOST_CHOICES
    sets = _few(choices) if wild else _all(choices)
    values = list(dict.fromkeys([*sets, *(one | {others[0]} for one in sets if others)]))
    filled: list[Value] = [one for one in values if one]
    return enumerated(spec, conditions, filled if spec.required else [None, *filled], wild)


def _choices(conditions: Iterable[Condition]) -> list[str]:
    found: list[str] = []
    for _, value in conditions:
        for one in value if isinstance(value, tuple) else (value,):
            found += sorted(one) if isinstance(one, frozenset) else [one] if isinstance(one, str) else []
    return list(dict.fromkeys(found))


def _all(choices: Sequence[str]) -> list[frozenset[str]]:
    return [
        frozenset(one for place, one in enumerate(choices) if number >> place & 1)
        for number in range(1 << len(choices))
    ]


def _few(choices: Sequence[str]) -> list[frozenset[str]]:
    return [frozenset(), frozenset(choices), *(frozenset((one,)) for one in choices)]


def _invented() -> Iterable[str]:
    yield "Other"
    number = 0
    while True:
        number += 1
        yield f"Other {number}"
