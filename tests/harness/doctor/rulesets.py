"""Random assignment rules over fields of every kind, and what brute force over their values says of them.

The brute force knows nothing of cells: it tries values that lie densely around everything the rules can name, and asks
`evaluate`, as the engine does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import product

from leadproof.doctor.assignment import Rule
from leadterms.criteria import And, Criteria, Logic, Not, Or, Ref, Row, bind
from leadterms.evaluation import predicate
from leadterms.fields import FieldSpec
from leadterms.logic import every_row
from leadterms.values import Value


def field(id: str, type: str, **more: object) -> FieldSpec:
    """A field of Lead."""
    return FieldSpec("Lead", id, id, type, **more)  # type: ignore[arg-type]


FIELDS: dict[str, FieldSpec] = {
    spec.id: spec
    for spec in (
        field("Country__c", "dropdown", choices=("NO", "DK", "SE")),
        field("Grade__c", "radio", choices=("A", "B"), required=True),
        field("Size__c", "number", scale=0),
        field("Rate__c", "percent", scale=1),
        field("Since__c", "date"),
        field("Seen__c", "date_time"),
        field("Wants__c", "checkbox"),
        field("City__c", "single_line", length=40),
        field("Title__c", "single_line", length=40),
        field("Company__c", "single_line", length=40, required=True),
        field("Topics__c", "multi_select", choices=("X", "Y", "Z")),
        field("Tags__c", "multi_select", choices=("P",), restricted=False),
    )
}
_DAY = date(2026, 3, 2)
_MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
_EQUAL = ("=", "!=", "in", "not_in", "is_blank", "not_blank")
_ORDERED = ("<", "<=", ">", ">=")
_SETS = ("=", "!=", "in", "contains", "not_contains", "is_blank", "not_blank")
_PARTS = ("contains", "not_contains", "starts_with", "ends_with", "=", "!=", "in", "is_blank")
MENTIONED: dict[str, tuple[tuple[str, ...], tuple[object, ...]]] = {
    "Country__c": (_EQUAL, ("NO", "dk", "SE", "FI")),
    "Grade__c": (_EQUAL, ("A", "B")),
    "Size__c": (_EQUAL + _ORDERED, ("1", "2", "4")),
    "Rate__c": (_EQUAL + _ORDERED, ("1", "1.1", "1.3")),
    "Since__c": (_EQUAL + _ORDERED, ("2026-03-02", "2026-03-03", "2026-03-05")),
    "Seen__c": (_EQUAL + _ORDERED, ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00+01:00", "2026-03-02T09:00:01Z")),
    "Wants__c": (("=", "!="), ("yes", "no")),
    "City__c": (_EQUAL + _ORDERED, ("a", "ab", "B")),
    "Title__c": (_PARTS, ("a", "ab", "BA", "b")),
    "Company__c": (_PARTS, ("a", "aa", "ab")),
    "Topics__c": (_SETS, (("X",), ("X", "Y"), ("y",), ("W",))),
    "Tags__c": (_SETS, (("P",), ("Q",), ("P", "Q"))),
}


def _words(letters: str, longest: int) -> list[Value]:
    return ["".join(word) for length in range(1, longest + 1) for word in product(letters, repeat=length)]


def _subsets(choices: str) -> list[Value]:
    numbers = range(1, 1 << len(choices))
    return [frozenset(one for place, one in enumerate(choices) if number >> place & 1) for number in numbers]


DENSE: dict[str, list[Value]] = {
    "Country__c": [None, "NO", "DK", "SE"],
    "Grade__c": ["A", "B"],
    "Size__c": [None, *(Decimal(one) for one in range(-1, 7))],
    "Rate__c": [None, *(Decimal(one) / 10 for one in range(5, 20))],
    "Since__c": [None, *(_DAY + timedelta(days) for days in range(-2, 6))],
    "Seen__c": [None, *(_MOMENT + timedelta(milliseconds=one * 250) for one in range(-5, 9))],
    "Wants__c": [False, True],
    "City__c": [None, *_words("ab!", 3), "c"],
    "Title__c": [None, *_words("abx", 5)],
    "Company__c": _words("abx", 5),
    "Topics__c": [None, *_subsets("XYZ")],
    "Tags__c": [None, *_subsets("PQR")],
}


def random_rules(seed: int) -> list[Rule]:
    """One to five rules of one to five conditions over two or three fields, most of them joined by AND."""
    draw = random.Random(seed)
    fields = draw.sample(sorted(FIELDS), draw.choice((1, 2, 2, 3)))
    rules = []
    for number in range(draw.choice((1, 2, 3, 3, 4, 5))):
        rows = [_row(draw, draw.choice(fields)) for _ in range(draw.choice((0, 1, 1, 2, 2, 3, 3, 4, 5)))]
        logic = every_row(len(rows)) if len(rows) < 2 or draw.random() < 0.5 else _logic(draw, list(range(len(rows))))
        criteria = bind(Criteria(tuple(rows), logic), FIELDS)
        rules.append(Rule(f"R{number + 1}", criteria, (draw.choice(("kari", "ola")),)))
    return rules


def _row(draw: random.Random, name: str) -> Row:
    operators, values = MENTIONED[name]
    operator = draw.choice(operators)
    if operator in ("is_blank", "not_blank"):
        return Row(name, operator)
    if operator in ("in", "not_in"):
        chosen = tuple(draw.sample(values, draw.randint(1, 2)))
        return Row(name, operator, tuple(";".join(one) if isinstance(one, tuple) else one for one in chosen))  # type: ignore[misc]
    return Row(name, operator, draw.choice(values))  # type: ignore[arg-type]


def _logic(draw: random.Random, rows: list[int]) -> Logic:
    if len(rows) == 1:
        return Not(Ref(rows[0] + 1)) if draw.random() < 0.3 else Ref(rows[0] + 1)
    cut = draw.randint(1, len(rows) - 1)
    parts = (_logic(draw, rows[:cut]), _logic(draw, rows[cut:]))
    joined: Logic = draw.choice((And, Or))(parts)
    return Not(joined) if draw.random() < 0.2 else joined


@dataclass(frozen=True, slots=True)
class Truth:
    """What brute force finds. `leads`: for each kind of lead the numbers of the rules that match it, rising."""

    leads: tuple[frozenset[int], ...]

    def matches(self, rule: int) -> bool:
        return any(rule in lead for lead in self.leads)

    def reached(self, rule: int) -> bool:
        return any(lead and min(lead) == rule for lead in self.leads)

    def gap(self) -> bool:
        return any(not lead for lead in self.leads)

    def covered(self, rule: int, by: Sequence[int]) -> bool:
        return all(lead & set(by) for lead in self.leads if rule in lead)

    def contested(self, first: int, rules: Sequence[Rule]) -> list[int]:
        """The later rules that want a lead which the first takes, with other assignees, none within the other."""
        return [
            other
            for other in range(first + 1, len(rules))
            if rules[other].to != rules[first].to
            and self.reached(other)
            and not self.covered(first, [other])
            and any(lead and min(lead) == first and other in lead for lead in self.leads)
        ]


def brute_force(rules: Sequence[Rule]) -> Truth:
    """Every kind of lead that the rules can tell apart."""
    asked = [(number, predicate(rule.criteria)) for number, rule in enumerate(rules)]
    leads = {frozenset(number for number, matches in asked if matches(lead)) for lead in kinds_of_leads(rules)}
    return Truth(tuple(sorted(leads, key=sorted)))


def kinds_of_leads(rules: Sequence[Rule]) -> Iterator[Mapping[str, Value]]:
    """A lead for each way to fulfil and not to fulfil the rules' conditions."""
    by_field: dict[str, list[Row]] = {}
    for rule in rules:
        for row in rule.criteria.rows:
            by_field.setdefault(row.field, []).append(row)
    kinds = []
    for name, rows in by_field.items():
        told_apart: dict[tuple[bool, ...], Value] = {}
        for value, answers in zip(DENSE[name], zip(*map(_answers, rows), strict=True), strict=True):
            told_apart.setdefault(answers, value)
        kinds.append(list(told_apart.values()))
    for values in product(*kinds):
        yield dict(zip(by_field, values, strict=True))


@cache  # random rules are made of a few hundred conditions
def _answers(row: Row) -> tuple[bool, ...]:
    """Of each dense value of the row's field whether it fulfils the row."""
    fulfilled = predicate(Criteria((row,), Ref(1)))
    return tuple(fulfilled({row.field: value}) for value in DENSE[row.field])


def fulfils(row: Row, value: Value) -> bool:
    """Whether a value fulfils one condition."""
    return predicate(Criteria((row,), Ref(1)))({row.field: value})


def contradictory(rule: Rule, rows: Sequence[int]) -> bool:
    """Whether these rows alone, the others being free, keep the rule from matching anything."""
    return not any(_may(rule.criteria.logic, rule.criteria.rows, set(rows), lead)[0] for lead in kinds_of_leads([rule]))


def _may(logic: Logic, rows: Sequence[Row], kept: set[int], lead: Mapping[str, Value]) -> tuple[bool, bool]:
    """Whether the logic may be true, and false, when each row that is not kept may be either wherever it stands."""
    if isinstance(logic, Ref):
        row = rows[logic.n - 1]
        true = fulfils(row, lead.get(row.field))
        return (true, not true) if logic.n - 1 in kept else (True, True)
    if isinstance(logic, Not):
        true, false = _may(logic.part, rows, kept, lead)
        return false, true
    parts = [_may(part, rows, kept, lead) for part in logic.parts]
    if isinstance(logic, And):
        return all(one[0] for one in parts), any(one[1] for one in parts)
    return any(one[0] for one in parts), all(one[1] for one in parts)
