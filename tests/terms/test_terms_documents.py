"""Files: strings first, strict, and every part has a place (formats.md, quality.md "Security")."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError
from ruamel.yaml import YAML

from leadterms.documents import Document, DocumentRefused, Place, Problem, load, parse_text
from leadterms.yamltree import DEEPEST, libyaml, read_in_python, read_tree


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Mapped(Part):
    crm: str | dict[str, str] | None = None
    master: Literal["crm", "marketing", "latest"] = "crm"
    scale: int | None = None
    switched_on: bool = True
    price: Decimal | None = None

    @model_validator(mode="after")
    def _no_negative_scale(self) -> Mapped:
        if self.scale is not None and self.scale < 0:
            raise PydanticCustomError("CFG899", "A scale is {scale}.", {"scale": self.scale, "fix": "Count from 0."})
        return self


class Example(Part):
    fields: list[Mapped] = []
    values: dict[str, Any] = {}
    by_object: dict[str, Mapped] = {}
    clock: datetime | None = None


class Named(Part):
    name: str


def read(text: str) -> Document[Example]:
    return parse_text(text, Example, file="a.yaml")


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(DocumentRefused) as refused:
        read(text)
    return refused.value.problems


def test_scalars_stay_text() -> None:
    """NO, 0123, 12:30, 1e3, true, dates and a quoted null stay text; an empty value, ~ and null are None."""
    text = (
        "values: {country: NO, zip: 0123, time: 12:30, big: 1e3, yes: true, day: 2026-03-02, quoted: 'null', "
        "empty: , tilde: ~, none: null, hex: 0x1F, octal: 0o7, star: '*'}"
    )
    assert read(text).model.values == {
        "country": "NO",
        "zip": "0123",
        "time": "12:30",
        "big": "1e3",
        "yes": "true",
        "day": "2026-03-02",
        "quoted": "null",
        "empty": None,
        "tilde": None,
        "none": None,
        "hex": "0x1F",
        "octal": "0o7",
        "star": "*",
    }


def test_typed_fields_parse_the_text_themselves() -> None:
    """A model's int, bool, Decimal and datetime read the text."""
    model = read("clock: 2026-03-02T09:00:00Z\nfields: [{scale: 2, switched_on: false, price: 12.50}]").model
    assert model.clock == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (model.fields[0].scale, model.fields[0].switched_on) == (2, False)
    assert str(model.fields[0].price) == "12.50"


def test_every_part_has_its_place() -> None:
    """Keys of blocks, scalars and list items have file, line and column; what is absent has its nearest
    ancestor."""
    document = read(
        "# a comment\nfields:\n  - crm: Email\n  - crm:\n      Lead: Phone\n    master: latest\nvalues:\n  a: b\n"
    )
    assert document.place("fields") == Place("a.yaml", 2, 1)
    assert document.place("fields", 0, "crm") == Place("a.yaml", 3, 10)
    assert document.place("fields", 1) == Place("a.yaml", 4, 5)
    assert document.place("fields", 1, "crm", "Lead") == Place("a.yaml", 5, 13)
    assert document.place("fields", 1, "crm", "Contact") == Place("a.yaml", 4, 5)
    assert document.place("fields", 7) == Place("a.yaml", 2, 1)
    assert document.place("nothing", "here") == Place("a.yaml", 2, 1)
    assert str(document.place("values", "a")) == "a.yaml:8:6"


tree_strategy = st.recursive(
    st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), tree_strategy, max_size=4), st.booleans())
def test_what_another_writer_wrote_is_read(data: dict[str, Any], flow: bool) -> None:
    """Any tree of texts, written by a general YAML writer with quotes, reads back the same; each part's place
    is inside the text."""
    from io import StringIO

    writer = YAML(typ="safe", pure=True)
    writer.default_style = '"'  # type: ignore[assignment]
    writer.default_flow_style = flow
    stream = StringIO()
    writer.dump(_without_nulls(data), stream)
    text = stream.getvalue().replace('!!null "null"', "null")
    tree, marks = read_tree(text, "x.yaml")
    assert tree == _without_nulls(data)
    lines = text.count("\n") + 1

    def inside(mark: Any) -> None:
        assert 1 <= mark.line <= lines
        assert mark.column >= 1
        for part in mark.parts.values():
            inside(part)

    inside(marks)


def _without_nulls(data: Any) -> Any:
    """A quoting writer tags its nulls, and tags are refused: the other cases cover null."""
    if isinstance(data, dict):
        return {key: _without_nulls(one) for key, one in data.items() if one is not None}
    if isinstance(data, list):
        return [_without_nulls(one) for one in data if one is not None]
    return data


@given(st.text(st.sampled_from("ab:-[]{},&*!|>'\"#%@` \n\t0~?\x00"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but a DocumentRefused comes out of bad YAML, and it has a place inside the file."""
    try:
        read_tree(text, "x.yaml")
    except DocumentRefused as refused:
        found = refused.problems
    else:
        found = ()
    assert all(1 <= one.place.line <= text.count("\n") + 2 and one.code.startswith("CFG80") for one in found)


def test_unknown_key_with_suggestion() -> None:
    """An unknown key is refused at its own place, with the key that is near; inside lists, mappings,
    unions."""
    (first, second, third) = problems("fields:\n  - crm: a\n    mster: crm\nby_object:\n  Lead: {zzzz: 1}\nfeilds: []")
    assert str(first.place) == "a.yaml:3:5"
    assert (first.code, first.suggestion) == ("CFG805", "Did you mean 'master'?")
    assert str(second.place) == "a.yaml:5:10"
    assert second.suggestion == "Known keys: crm, master, scale, switched_on, price."
    assert (str(third.place), third.suggestion) == ("a.yaml:6:1", "Did you mean 'fields'?")


def test_duplicate_key() -> None:
    """A key that stands twice in one mapping is refused, naming the first line; the same key elsewhere is
    fine."""
    (problem,) = problems("values:\n  a: 1\n  b: 2\n  a: 3\n")
    assert str(problem.place) == "a.yaml:4:3"
    assert problem.code == "CFG803"
    assert "line 2" in problem.text
    assert read("values: {a: {a: 1}, b: {a: 2}}").model.values["b"] == {"a": "2"}


def test_wrong_and_missing_values() -> None:
    """All wrong values of a file are told at once, each with what is allowed."""
    found = problems("fields:\n  - {master: crn}\n  - {scale: many}\n  - {scale: -1}\nclock: noon")
    assert [(p.code, p.place.line) for p in found] == [
        ("CFG807", 2),
        ("CFG807", 3),
        ("CFG899", 4),
        ("CFG807", 5),
    ]
    assert "allowed: crm, marketing, latest" in found[0].text
    assert found[0].suggestion == "Did you mean 'crm'?"
    assert found[2].suggestion == "Count from 0."
    with pytest.raises(DocumentRefused) as refused:
        parse_text("", Named, file="b.yaml")
    assert str(refused.value) == "b.yaml:1:1: The key 'name' is missing. Add it. [CFG806]"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("fields: [1", "CFG802", 1),
        ("a:\n\tb: 1", "CFG802", 2),
        ("--- {}\n--- {}", "CFG802", 2),
        ("values: !!python/object:os.system {}", "CFG802", 1),
        ("values: {a: !!int 3}", "CFG802", 1),
        ("values: {a: *b}", "CFG802", 1),
        ("? [a]\n: 1", "CFG802", 1),
        ("values: {a: \x00}", "CFG802", 1),
        ("values: {a: &x 1, *x : 2}", "CFG802", 1),
        ("a: " + "[" * 200, "CFG804", 1),
        (
            "values:\n" + "".join(f"  k{n}: *a\n" for n in range(1200)).replace("*a", "&a 1", 1),
            "CFG804",
            1003,
        ),
    ],
)
def test_what_is_no_file_of_ours(text: str, code: str, line: int) -> None:
    """Bad YAML, tags, several documents, lists as keys and alias floods are refused with their place."""
    (problem,) = problems(text)
    assert (problem.code, problem.place.line) == (code, line)
    assert problem.suggestion or problem.text


def test_a_growing_file_is_refused() -> None:
    """Nine levels of ten aliases would be 10**9 values: refused before memory is spent. A few aliases are
    fine."""
    bomb = "values:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
    )
    (problem,) = problems(bomb)
    assert problem.code == "CFG804"
    assert read("values: {a: &a [1, 2], b: *a}").model.values == {"a": ["1", "2"], "b": ["1", "2"]}


def test_too_large_and_too_deep() -> None:
    """Size and depth are capped."""
    (problem,) = problems("values: {a: '" + "x" * 8_000_000 + "'}")
    assert problem.code == "CFG804"
    deep = "values: " + "".join(f"{{k{n}: " for n in range(DEEPEST + 5)) + "1" + "}" * (DEEPEST + 5)
    assert problems(deep)[0].code == "CFG804"


def test_files(tmp_path: Path) -> None:
    """A file is read as UTF-8, with or without a mark; what cannot be read says so with its path."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfvalues: {by: Troms\xc3\xb8}\n")
    document = load(path, Example)
    assert document.path == path
    assert document.model.values == {"by": "Tromsø"}
    assert document.place("values").file == str(path)
    path.write_bytes(b"values:\n  by: Troms\xf8\n")
    with pytest.raises(DocumentRefused) as refused:
        load(path, Example)
    assert (refused.value.code, refused.value.problems[0].place.line) == ("CFG801", 2)
    with pytest.raises(DocumentRefused) as refused:
        load(tmp_path / "absent.yaml", Example)
    assert refused.value.code == "CFG801"
    assert "absent.yaml" in str(refused.value)


def test_an_empty_file_is_an_empty_mapping() -> None:
    """An empty file and one of comments only have nothing but defaults."""
    assert read("").model == read("# nothing\n").model == Example()


SHIPPED = Path(__file__).parents[2] / "scenarios" / "checklist"
SPOILT = st.sampled_from(
    [
        *"{}[]:,-#|>'\"?~ \n\\",
        ": ",
        "- ",
        "\n  ",
        "é",
        "\r",
        "---\n",
        "...",
        "\\x41",
        "\\/",
        " # c",
        "#",
        "? ",
        "|\n",
        ">-\n",
        "\ufeff",
    ]
)


@settings(max_examples=40)
@given(
    file=st.sampled_from(sorted(one for one in SHIPPED.glob("*.yaml") if one.stat().st_size < 1500)),
    changes=st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 9), SPOILT), max_size=5),
)
@example(file=SHIPPED / "healthy.yaml", changes=[(0, 1500, "\ufeffa:\r\n\ufeff")])
@example(file=SHIPPED / "healthy.yaml", changes=[(0, 0, "\ufeff")])
def test_both_parsers_read_a_file_alike(file: Path, changes: list[tuple[int, int, str]]) -> None:
    """What libyaml reads is what the parser in Python reads, to the last place; what it refuses is told in the other's
    words. A shipped file spoilt in a few places is read alike or refused by both."""
    text = file.read_text(encoding="utf-8")
    for at, gone, put in changes:
        place = at % (len(text) + 1)
        text = text[:place] + put + text[place + gone :]
    told: list[object] = []
    for reader in (read_tree, read_in_python):
        try:
            told.append(reader(text, "a.yaml"))
        except DocumentRefused as refused:
            told.append(refused.problems)
    if '":' in text or "':" in text:  # JSON's way, without a space behind a quoted key, is read by libyaml alone
        assert told[0] == told[1] or not isinstance(told[1], tuple) or isinstance(told[1][0], Problem)
    else:
        assert told[0] == told[1]


def test_libyaml_is_at_hand() -> None:
    """Without it everything is read all the same, and takes its time."""
    assert libyaml() is not None
