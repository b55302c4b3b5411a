"""One field's values, cut into cells by the values that the rules mention.

Within a cell every condition on the field is either true or false, so that a condition is a set of cells, and a set is
the bits of one number. The cells of a field are complete: each value that a lead can hold lies in one of them.

Where that is too much to enumerate there is one `wild` cell for the values that no other cell holds; nothing is known
of it, so it is in every condition and in every condition's opposite. Cells that perhaps no lead can hold (a computed
field, a reference to a record that may not exist) are not `sure`: nothing is witnessed by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

from leadproof.doctor.assignment.samples import OTHER, acceptor, values_between
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
_MADE_TO_FIT = frozenset({"number", "date", "date_time"})
"""Kinds whose samples the field always takes, so that it need not be asked."""
_POINTING = frozenset({"reference", "user"})
_ORDER = frozenset({"<", "<=", ">", ">="})
INSIDE = frozenset({"contains", "not_contains", "starts_with", "ends_with"})


class Axis:
    """The cells of one field. `possible`: those that some lead may hold; `samples`: a value of each; `wild`: the wild
    one, which has no sample, or none (0); `masks`: for each condition the cells in which it may be true, and those in
    which it may be false."""

    def __init__(
        self,
        spec: FieldSpec,
        possible: Cells,
        taken: Mapping[Condition, Cells],
        samples: Sequence[Value],
        wild: Cells = 0,
    ) -> None:
        self.spec = spec
        self.possible = possible
        self.wild = wild
        self._samples = samples
        self._readings: dict[int, Reading] = {}
        self.masks = {one: (cells & possible | wild, possible & ~cells | wild) for one, cells in taken.items()}

    def sample(self, cell: int) -> Value:
        """A value of the cell with this number."""
        return self._samples[cell]

    @cached_property
    def sure(self) -> Cells:
        """The cells of which a lead can certainly hold the sample."""
        if self.spec.read_only or FIELD_TYPES[self.spec.type].computed:
            return 0
        if kind_of(self.spec) in _MADE_TO_FIT:
            return self.possible
        accept, pointing = acceptor(self.spec), self.spec.type in _POINTING
        found = 0
        for cell in bits(self.possible & ~self.wild):
            value = self._samples[cell]
            held = not self.spec.required if value is None else not pointing and accept(value) == value
            found |= held << cell
        return found

    @cached_property
    def never_blank(self) -> bool:
        """Whether every lead has a value in this field."""
        return self.spec.required or kind_of(self.spec) == "checkbox"

    def choose(self, cells: Cells) -> Value:
        """Of the first two samples of a set that is not empty the one that reads better: a filled one before the
        blank."""
        cells = cells & self._other or cells
        lowest = cells & -cells
        first, others = lowest.bit_length() - 1, cells ^ lowest
        if others:
            second = (others & -others).bit_length() - 1
            if self._reading(second) < self._reading(first):
                first = second
        return self._samples[first]

    def _reading(self, cell: int) -> Reading:
        """How well a cell's sample reads: asked for in every witness, so kept."""
        found = self._readings.get(cell)
        if found is None:
            value = self._samples[cell]
            found = self._readings[cell] = value is None, len(str(value))
        return found

    @cached_property
    def _other(self) -> Cells:
        """The cell of the text that no rule would name."""
        if kind_of(self.spec) in _MADE_TO_FIT:
            return 0
        return sum(1 << cell for cell in bits(self.sure) if self._samples[cell] == OTHER)


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
    return Axis(spec, full | beyond, masks, values, beyond)


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


def ordered_mask(condition: Condition, places: Mapping[str, int]) -> Cells:
    """The cells of an ordered axis that a condition takes. With n keys the cells are: before the first key, the first
    key, between it and the second ... behind the last (2n), blank (2n + 1). `places`: the number of each key."""
    operator, value = condition
    blank = 1 << (2 * len(places) + 1)
    filled = blank - 1
    if operator in ("in", "not_in"):
        assert isinstance(value, tuple)
        listed = sum({1 << (2 * places[str(order_key(one))] + 1) for one in value})
        return listed if operator == "in" else (filled | blank) & ~listed
    if operator in ("is_blank", "not_blank"):
        return blank if operator == "is_blank" else filled
    key = order_key(value)  # type: ignore[arg-type]
    point = blank if key is None else 1 << (2 * places[key] + 1)
    if operator == "=":
        return point
    if operator == "!=":
        return (filled | blank) & ~point
    below = (point - 1) if operator in ("<", ">=") else (point << 1) - 1
    return below if operator in ("<", "<=") else filled & ~below


def _ordered(spec: FieldSpec, conditions: Sequence[Condition], kind: str) -> Axis:
    named = mentioned(conditions)
    places = {key: place for place, key in enumerate(named)}
    points, possible = list(named.values()), (1 << (2 * len(named) + 2)) - 1
    if spec.required:
        possible &= ~(1 << (2 * len(named) + 1))
    if kind == "text":
        held = texts_held(spec, named)
        points = [value for value, _ in held]
        possible &= ~sum(1 << (2 * place + 1) for place, (_, perhaps) in enumerate(held) if not perhaps)
        # Where no text was found that the field takes, nothing is proven: one that it never takes stands in.
        found = values_between(spec, kind, list(named))  # texts are compared by their casefolded form
        between: list[Value] = [
            f"{low}{UNWRITABLE}" if one is None else one for low, one in zip(["", *named], found, strict=True)
        ]
    else:
        between = values_between(spec, kind, points)
        possible &= ~sum(1 << (2 * gap) for gap, one in enumerate(between) if one is None)
    samples = [one for pair in zip(between, [*points, None], strict=True) for one in pair]
    return Axis(spec, possible, {one: ordered_mask(one, places) for one in conditions}, samples)


def texts_held(spec: FieldSpec, named: Mapping[str, Value]) -> list[tuple[Value, bool]]:
    """How a field holds each text that rules name: as it is written, else casefolded. Behind it, whether the field
    perhaps holds it: not if it refuses the text however its letters are written (casefolding makes at most three
    of one)."""
    accept, limit = acceptor(spec), length_limit(spec)
    found: list[tuple[Value, bool]] = []
    for key, value in named.items():
        held = value if accept(value) is not None else accept(key)
        found.append((value, limit < len(key) <= 3 * limit) if held is None else (held, True))
    return found
