"""The condition language: its logic, its operators, blanks, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterms.criteria import (
    OPERATORS,
    And,
    Criteria,
    Logic,
    Not,
    Or,
    Ref,
    Row,
    bind,
    evaluate,
    parse_criteria,
)
from leadterms.refusals import CriteriaRefused
from leadterms.values import Value
from tests.terms.term_strategies import field, line_text, values_of

FIELDS = {
    "Country": field("single_line", id="Country", label="Land"),
    "score": field("number", id="score"),
    "born": field("date", id="born"),
    "opted_out": field("checkbox", id="opted_out"),
    "interests": field("multi_select", id="interests"),
    "rating": field("dropdown", id="rating"),
    "email": field("email", id="email"),
}


def matches(rows: list[list[Any]], values: Mapping[str, Value], logic: str | None = None) -> bool:
    return evaluate(bind(parse_criteria({"rows": rows, "logic": logic}), FIELDS), values)


def trees(count: int) -> st.SearchStrategy[Logic]:
    """Logic over `count` rows."""
    return st.recursive(
        st.integers(1, count).map(Ref),
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        ),
        max_leaves=8,
    )


def truth(logic: Logic, row: tuple[bool, ...]) -> bool:
    """The meaning of logic, said in another way than the module does."""
    if isinstance(logic, Ref):
        return row[logic.n - 1]
    if isinstance(logic, Not):
        return not truth(logic.part, row)
    held = [truth(part, row) for part in logic.parts]
    return min(held) if isinstance(logic, And) else max(held)


@given(trees(3), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_written_logic_reads_back(logic: Logic, facts: tuple[bool, ...]) -> None:
    """str(logic) read again means the same, for every truth of the rows; and evaluate gives that meaning."""
    used = str(And((logic, Ref(1), Ref(2), Ref(3))))
    rows = [["score", "=", str(number)] for number in (1, 2, 3)]
    read = parse_criteria({"rows": rows, "logic": used}).logic
    assert truth(read, facts) == (truth(logic, facts) and all(facts))
    bound = Criteria(tuple(Row(f"f{n}", "=", True) for n in (1, 2, 3)), logic)
    assert evaluate(bound, {f"f{n}": fact for n, fact in enumerate(facts, 1)}) == truth(logic, facts)


@given(st.lists(st.sampled_from(["1", "2", "3", "AND", "OR", "not", "(", ")", "x", " "]), max_size=9).map(" ".join))
def test_any_text_is_logic_or_refused(text: str) -> None:
    """Nothing but a CriteriaRefused comes out of bad logic, and it quotes the text."""
    try:
        parse_criteria({"rows": [["a", "is_blank"]] * 3, "logic": text})
    except CriteriaRefused as refused:
        code, why = refused.code, refused.text
        assert code == "CFG822"
        assert repr(text) in why


@pytest.mark.parametrize(
    ("logic", "tree"),
    [
        ("1 OR 2 AND 3", Or((Ref(1), And((Ref(2), Ref(3)))))),
        ("NOT 1 AND 2 OR 3", Or((And((Not(Ref(1)), Ref(2))), Ref(3)))),
        ("(1 OR 2) AND 3", And((Or((Ref(1), Ref(2))), Ref(3)))),
        ("not(1 or not 2)and(3)", And((Not(Or((Ref(1), Not(Ref(2))))), Ref(3)))),
        ("1 AND 2 AND 3", And((Ref(1), Ref(2), Ref(3)))),
        (None, And((Ref(1), Ref(2), Ref(3)))),
        ("  ", And((Ref(1), Ref(2), Ref(3)))),
    ],
)
def test_not_binds_tighter_than_and_than_or(logic: str | None, tree: Logic) -> None:
    """NOT > AND > OR, parentheses first; without logic all rows must hold."""
    assert parse_criteria({"rows": [["a", "is_blank"]] * 3, "logic": logic}).logic == tree


@pytest.mark.parametrize(
    "logic", ["1 AND", "1 2 3", "(1 AND 2 OR 3", "1 AND 2", "1 AND 2 AND 4", "0 AND 1 AND 2 AND 3",
              "1 XOR 2 OR 3",
              "1AND2AND3", "NOT", "()", "1 AND 2) OR 3", "(" * 60 + "1" + ")" * 60 + " AND 2 AND 3"],
)  # fmt: skip
def test_bad_logic_is_refused(logic: str) -> None:
    """Missing and unused rows, unknown words and unbalanced parentheses are refused with the reason."""
    with pytest.raises(CriteriaRefused) as refused:
        parse_criteria({"rows": [["a", "is_blank"]] * 3, "logic": logic})
    assert refused.value.code == "CFG822"


@pytest.mark.parametrize(
    ("row", "values", "expected"),
    [
        (["Country", "=", "no"], {"Country": "NO"}, True),
        (["Country", "!=", "NO"], {"Country": "no"}, False),
        (["Country", "in", ["NO", "DK"]], {"Country": "dk"}, True),
        (["Country", "not_in", ["NO", "DK"]], {"Country": "SE"}, True),
        (["Country", "contains", "ORW"], {"Country": "Norway"}, True),
        (["Country", "not_contains", "x"], {"Country": "Norway"}, True),
        (["Country", "starts_with", "nor"], {"Country": "Norway"}, True),
        (["Country", "ends_with", "WAY"], {"Country": "Norway"}, True),
        (["Country", "<", "n"], {"Country": "Mali"}, True),
        (["score", ">=", "100"], {"score": Decimal("100.0")}, True),
        (["score", "<", "9"], {"score": Decimal(10)}, False),
        (["score", "in", ["1", "10.0"]], {"score": Decimal(10)}, True),
        (["born", ">", "2026-01-31"], {"born": date(2026, 2, 1)}, True),
        (["opted_out", "=", "yes"], {"opted_out": True}, True),
        (["opted_out", "is_blank"], {"opted_out": False}, False),
        (["score", "not_blank"], {"score": Decimal(0)}, True),
        (["interests", "contains", "hot"], {"interests": frozenset({"Hot", "Cold"})}, True),
        (["interests", "not_contains", "NO"], {"interests": frozenset({"Hot"})}, True),
        (["interests", "=", ["Cold", "Hot"]], {"interests": frozenset({"Hot", "Cold"})}, True),
        (["interests", "=", "Hot;Cold"], {"interests": frozenset({"Hot"})}, False),
        (["email", "ends_with", "@acme.example"], {"email": "Kari@ACME.example"}, True),
        (["rating", "=", "a choice that was removed"], {"rating": "Hot"}, False),
    ],
)
def test_operators(row: list[Any], values: Mapping[str, Value], expected: bool) -> None:
    """Each operator, by the type of its field; text is compared casefolded."""
    assert matches([row], values) is expected


BLANK_MATCHES = {"is_blank", "!=", "not_in", "not_contains"}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("name", ["Country", "score", "born", "interests"])
@settings(max_examples=12)
@given(data=st.data())
def test_what_a_blank_matches(operator: str, name: str, data: st.DataObject) -> None:
    """A blank matches only is_blank, !=, not_in and not_contains (and = blank); absent and None are the
    same."""
    value = data.draw(values_of(FIELDS[name].type))
    wanted: list[Any] = [] if operator in ("is_blank", "not_blank") else [[value] if operator.endswith("in") else value]
    try:
        held = matches([[name, operator, *wanted]], {name: None})
    except CriteriaRefused as refused:
        code = refused.code
        assert code == "CFG821"  # the operator does not suit the type
        return
    assert held == (operator in BLANK_MATCHES)
    assert held == matches([[name, operator, *wanted]], {})


@pytest.mark.parametrize("name", ["Country", "score", "interests"])
def test_equal_to_blank(name: str) -> None:
    """`= blank` is is_blank, `!= blank` is not_blank."""
    value: Value = {"Country": "NO", "score": Decimal(0), "interests": frozenset({"Hot"})}[name]
    assert matches([[name, "=", ""]], {})
    assert not matches([[name, "=", None]], {name: value})
    assert not matches([[name, "!=", ""]], {})
    assert matches([[name, "!=", " "]], {name: value})


@given(line_text, line_text)
def test_opposite_operators_never_agree(held: str, wanted: str) -> None:
    """=/!=, in/not_in, contains/not_contains are each other's opposite for every value, blank or not."""
    for values in ({"Country": held}, {}):
        for one, other, value in (
            ("=", "!=", wanted),
            ("in", "not_in", [wanted]),
            ("contains", "not_contains", wanted),
        ):
            assert matches([["Country", one, value]], values) != matches([["Country", other, value]], values)


def test_no_rows_match_everything() -> None:
    """Criteria without rows hold for every record."""
    assert matches([], {})
    assert parse_criteria({}).to_json() == {"rows": []}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["Country"]], "CFG820"),
        (["Country = NO"], "CFG820"),
        ([["Country", "=", "a", "b"]], "CFG820"),
        ([["", "=", "a"]], "CFG820"),
        ([["Country", "in", "NO"]], "CFG820"),
        ([["Country", "in", []]], "CFG820"),
        ([["Country", "is_blank", "x"]], "CFG820"),
        ([["Country", "="]], "CFG820"),
        ([["Country", "=", {"a": 1}]], "CFG820"),
        ("Country", "CFG820"),
        ([["Country", "==", "NO"]], "CFG821"),
        ([["score", "contains", "1"]], "CFG821"),
        ([["opted_out", "<", "true"]], "CFG821"),
        ([["interests", "starts_with", "H"]], "CFG821"),
        ([["Contry", "=", "NO"]], "CFG823"),
        ([["score", ">", "many"]], "CFG824"),
        ([["score", ">", ""]], "CFG824"),
        ([["Country", "in", ["NO", ""]]], "CFG824"),
        ([["born", "=", "02.03.2026"]], "CFG824"),
    ],
)
def test_bad_rows_are_refused(rows: Any, code: str) -> None:
    """A row that cannot mean what it says is refused at once, with a code and its number."""
    with pytest.raises(CriteriaRefused) as refused:
        matches(rows, {})
    assert refused.value.code == code


def test_a_label_used_as_an_id_is_recognised() -> None:
    """The refusal says that the name is a label, or which id is near."""
    with pytest.raises(CriteriaRefused) as refused:
        matches([["Land", "=", "NO"]], {})
    assert refused.value.fix == "'Land' is a label; the id is 'Country'."
    with pytest.raises(CriteriaRefused) as refused:
        matches([["Contry", "=", "NO"]], {})
    assert refused.value.fix == "Did you mean 'Country'?"


def test_unknown_keys_are_refused() -> None:
    """Criteria have rows and logic and nothing else."""
    with pytest.raises(CriteriaRefused):
        parse_criteria({"rows": [], "logics": "1"})
    with pytest.raises(CriteriaRefused):
        parse_criteria([])  # type: ignore[arg-type]


@given(
    st.lists(
        st.sampled_from([["Country", "in", ["NO", "DK"]], ["score", ">=", "5"], ["born", "is_blank"]]),
        max_size=4,
    )
)
def test_criteria_survive_their_written_form(rows: list[list[Any]]) -> None:
    """parse(to_json(criteria)) is the same criteria, bound or not."""
    criteria = parse_criteria({"rows": rows})
    assert parse_criteria(criteria.to_json()) == criteria
    bound = bind(criteria, FIELDS)
    assert bind(parse_criteria(bound.to_json()), FIELDS) == bound
