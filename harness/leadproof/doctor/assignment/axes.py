"""One field's values, cut into cells by the values that the rules mention.

Within a cell every condition on the field is either true or false, so that a condition is a set of cells, and a set is
the bits of one number. The cells of a field are complete: each value that a lead can hold lies in one of them.

Where that is too much to enumerate there is one `wild` cell for the values that no other cell holds; nothing is known
of it, so it is in every condition and in every condition's opposite. Cells that perhaps no lead can hold (a computed
field, a reference to a record that may not exist) are not `sure`: nothing is witnessed by them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from operator import itemgetter
from typing import TypeAlias

from leadproof.doctor.assignment.samples import BETWEEN, OTHER, accepted
from leadproof.doctor.kinds import kind_of
from leadterms.criteria import Criteria, Ref, Row, evaluate
from leadterms.fields import FieldSpec
from leadterms.typetable import FIELD_TYPES, length_limit
from leadterms.values import Value, order_key

Cells: TypeAlias = int
"""A set of cells: bit n is cell n."""
Condition: TypeAlias = tuple[str, Value | tuple[Value, ...]]
"""Operator and value: a row without its field."""
Reading: TypeAlias = tuple[bool, int]
"""How well a value reads in a witness, the smallest first: whether it is blank, then its length."""

UNWRITABLE = "\0"
"""A character that no field takes: a text with it is nobody's value."""
_LOOKED_AT = 2
_MADE_TO_FIT = frozenset({"number", "date", "date_time"})
"""Kinds whose samples the field always takes, so that they need not be made before one is shown."""
_POINTING = frozenset({"reference", "user"})
_ORDER = frozenset({"<", "<=", ">", ">="})
INSIDE = frozenset({"contains", "not_contains", "starts_with", "ends_with"})


class Axis:
    """The cells of one field. `possible`: those that some lead may hold; `wild`: the wild one, or none (0)."""

    def __init__(
        self,
        spec: FieldSpec,
        possible: Cells,
        masks: Mapping[Condition, Cells],
        sample: Callable[[int], Value],
        wild: Cells = 0,
    ) -> None:
        self.spec = spec
        self.possible = possible
        self.wild = wild
        self._masks = masks
        self._sample = sample
        self._samples: dict[int, tuple[Reading, Value]] = {}

    def masks(self, condition: Condition) -> tuple[Cells, Cells]:
        """The cells in which the condition may be true, and those in which it may be false."""
        mask = self._masks[condition]
        return (mask & self.possible) | self.wild, (self.possible & ~mask) | self.wild

    def sample(self, cell: int) -> Value:
        """A value of the cell with this number."""
        return self._read(cell)[1]

    def _read(self, cell: int) -> tuple[Reading, Value]:
        """The value of a cell behind how well it reads: asked for in every witness, so kept."""
        if cell not in self._samples:
            value = self._sample(cell)
            self._samples[cell] = _reading(value), value
        return self._samples[cell]

    @cached_property
    def sure(self) -> Cells:
        """The cells of which a lead can certainly hold the sample."""
        if self.spec.read_only or FIELD_TYPES[self.spec.type].computed:
            return 0
        if kind_of(self.spec) in _MADE_TO_FIT:
            return self.possible
        found = 0
        for cell in bits(self.possible & ~self.wild):
            value = self.sample(cell)
            if value is None:
                found |= 0 if self.spec.required else 1 << cell
            elif self.spec.type not in _POINTING and accepted(self.spec, value) == value:
                found |= 1 << cell
        return found

    @cached_property
    def never_blank(self) -> bool:
        """Whether every lead has a value in this field."""
        return self.spec.required or kind_of(self.spec) == "checkbox"

    def choose(self, cells: Cells) -> Value:
        """A value that reads well, of a set of cells that is not empty: a filled one before the blank."""
        if cells & self._other:
            cells &= self._other
        return min((self._read(cell) for cell in islice(bits(cells), _LOOKED_AT)), key=itemgetter(0))[1]

    @cached_property
    def _other(self) -> Cells:
        """The cell of the text that no rule would name."""
        if kind_of(self.spec) in _MADE_TO_FIT:
            return 0
        return sum(1 << cell for cell in bits(self.sure) if self.sample(cell) == OTHER)


def _reading(value: Value) -> Reading:
    return value is None, len(str(value))


def bits(cells: Cells) -> Iterable[int]:
    """The numbers of the cells of a set, rising."""
    while cells:
        lowest = cells & -cells
        yield lowest.bit_length() - 1
        cells ^= lowest


def axis_of(spec: FieldSpec, rows: Sequence[Row]) -> Axis:
    """The cells of a field under the rows (all of this field, bound to it)."""
    conditions = list(dict.fromkeys((row.operator, row.value) for row in rows))
    kind = kind_of(spec)
    if kind == "checkbox":
        return enumerated(spec, conditions, [False, True])
    if kind == "set":
        from leadproof.doctor.assignment.sets import set_axis

        return set_axis(spec, conditions)
    if FIELD_TYPES[spec.type].chosen and spec.restricted:
        by_key = {order_key(one): one for one in reversed(spec.choices)}
        blank: list[Value] = [] if spec.required else [None]
        return enumerated(spec, conditions, [*sorted(by_key.values(), key=spec.choices.index), *blank])
    if any(operator in INSIDE for operator, _ in conditions):
        from leadproof.doctor.assignment.words import word_axis

        return word_axis(spec, conditions)
    return _ordered(spec, conditions, kind)


def enumerated(spec: FieldSpec, conditions: Iterable[Condition], values: Sequence[Value], wild: bool = False) -> Axis:
    """An axis with one cell for each of the values, and the wild one behind them if asked for."""
    at: dict[str | None, Cells] = {}
    for cell, value in enumerate(values):
        key = order_key(value)
        at[key] = at.get(key, 0) | 1 << cell
    masks = {one: _enumerated_mask(one, values, at) for one in conditions}
    full = (1 << len(values)) - 1
    beyond = 1 << len(values) if wild else 0
    return Axis(spec, full | beyond, masks, lambda cell: values[cell], beyond)


def _enumerated_mask(condition: Condition, values: Sequence[Value], at: Mapping[str | None, Cells]) -> Cells:
    operator, wanted = condition
    full = (1 << len(values)) - 1
    if operator in ("=", "!="):
        equal = at.get(order_key(wanted), 0)  # type: ignore[arg-type]
        return equal if operator == "=" else full & ~equal
    if operator in ("in", "not_in") and isinstance(wanted, tuple):
        listed = 0
        for one in wanted:
            listed |= at.get(order_key(one), 0)
        return listed if operator == "in" else full & ~listed
    return sum(1 << cell for cell, value in enumerate(values) if holds(condition, value))


def holds(condition: Condition, value: Value) -> bool:
    """Whether a value fulfils a condition, as the engine would say."""
    operator, wanted = condition
    return evaluate(Criteria((Row("it", operator, wanted),), Ref(1)), {"it": value})


def mentioned(conditions: Iterable[Condition]) -> dict[str, Value]:
    """The single values that conditions of equality and order name, by their keys, in the keys' order."""
    found: dict[str, Value] = {}
    for operator, value in conditions:
        if operator in INSIDE:
            continue
        for one in value if operator in ("in", "not_in") and isinstance(value, tuple) else (value,):
            key = order_key(one)  # type: ignore[arg-type]
            if key is not None:
                found.setdefault(key, one)  # type: ignore[arg-type]
    return dict(sorted(found.items()))


def ordered_mask(condition: Condition, keys: Sequence[str]) -> Cells:
    """The cells of an ordered axis that a condition takes. With n keys the cells are: before the first key, the first
    key, between it and the second ... behind the last (2n), blank (2n + 1)."""
    operator, value = condition
    blank = 1 << (2 * len(keys) + 1)
    filled = blank - 1
    if operator in ("in", "not_in"):
        assert isinstance(value, tuple)
        listed = sum({1 << (2 * bisect_left(keys, str(order_key(one))) + 1) for one in value})
        return listed if operator == "in" else (filled | blank) & ~listed
    if operator in ("is_blank", "not_blank"):
        return blank if operator == "is_blank" else filled
    key = order_key(value)  # type: ignore[arg-type]
    point = blank if key is None else 1 << (2 * bisect_left(keys, key) + 1)
    if operator in ("=", "!="):
        return point if operator == "=" else (filled | blank) & ~point
    below, through = point - 1, (point << 1) - 1
    return {"<": below, "<=": through, ">": filled & ~through, ">=": filled & ~below}[operator]


def _ordered(spec: FieldSpec, conditions: Sequence[Condition], kind: str) -> Axis:
    named = mentioned(conditions)
    keys, values = list(named), list(named.values())
    bounds: list[Value] = list(keys) if kind == "text" else values  # texts are compared by their casefolded form
    between = BETWEEN[kind]

    def sample(cell: int) -> Value:
        if cell > 2 * len(keys):
            return None
        place, is_point = divmod(cell, 2)
        if is_point:
            return held_as(spec, values[place], keys[place])
        low = bounds[place - 1] if place else None
        found = between(spec, low, bounds[place] if place < len(keys) else None)
        # No text was found that the field takes, which proves nothing: one that it never takes stands in.
        return f"{low or ''}{UNWRITABLE}" if found is None else found

    possible = (1 << (2 * len(keys) + 2)) - 1
    if spec.required:
        possible &= ~(1 << (2 * len(keys) + 1))
    for place, key in enumerate(keys):
        if kind == "text" and never_held(spec, values[place], key):
            possible &= ~(1 << (2 * place + 1))
    for gap in range(len(keys) + 1) if kind != "text" else ():
        low = bounds[gap - 1] if gap else None
        if between(spec, low, bounds[gap] if gap < len(keys) else None) is None:
            possible &= ~(1 << (2 * gap))
    masks = {one: ordered_mask(one, keys) for one in conditions}
    return Axis(spec, possible, masks, sample)


def never_held(spec: FieldSpec, value: Value, key: str) -> bool:
    """Whether the field refuses the text however its letters are written (casefolding makes at most three of one)."""
    if accepted(spec, value) is not None or accepted(spec, key) is not None:
        return False
    limit = length_limit(spec)
    return len(key) <= limit or len(key) > 3 * limit


def held_as(spec: FieldSpec, value: Value, key: str) -> Value:
    """How the field holds a value that a rule names: as it is written, else casefolded."""
    if isinstance(value, str) and accepted(spec, value) is None and accepted(spec, key) is not None:
        return accepted(spec, key)
    return value
