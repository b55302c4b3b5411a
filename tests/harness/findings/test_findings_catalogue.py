"""The catalogue: every code that any room raises is explained, fully and offline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadproof.findings import FAMILIES, At, Evidence, UnknownCode, codes, entry, explain, find
from leadproof.findings.patches import pair_of
from leadterms.refusals import Place
from leadterms.yamltree import read_tree

ROOT = Path(__file__).resolve().parents[3]
CODE = re.compile(r'["\'](' + "|".join(FAMILIES) + r')(\d{3})["\']')


@pytest.mark.parametrize("code", codes())
def test_every_code_is_explained_in_full(code: str) -> None:
    """What, why, fix, an example that fires and a near miss that does not: none may be blank, or equal another."""
    told = entry(code)
    texts = [told.title, told.what, told.why, told.fix, told.example, told.near_miss]
    assert all(texts)
    assert told.example != told.near_miss
    assert all(text in explain(code.lower()) for text in texts)


def test_every_code_that_the_source_raises_has_an_entry() -> None:
    """A code in a string of either program that the catalogue lacks would end in "unknown code" for a person."""
    used: dict[str, str] = {}
    for root in ("harness", "simulator"):
        for path in sorted((ROOT / root).rglob("*.py")):
            for family, digits in CODE.findall(path.read_text(encoding="utf-8")):
                used.setdefault(family + digits, path.name)
    missing = {code: file for code, file in used.items() if code not in codes()}
    assert missing == {}


def test_an_unknown_code_names_the_nearest() -> None:
    """A typing error in `leadproof explain` is answered with what probably was meant."""
    with pytest.raises(UnknownCode) as caught:
        entry("USR109")
    assert "USR106" in caught.value.near
    with pytest.raises(UnknownCode):
        find("XYZ1", "no such family")


def test_a_fingerprint_survives_a_moved_line() -> None:
    """It is the code and the first place without its line; another file or record is another finding."""
    first = find("MAP301", "x", places=[Place("leadproof.yaml", 3, 1)])
    assert first.fingerprint == find("MAP301", "y", places=[Place("leadproof.yaml", 90, 7)]).fingerprint
    assert first.fingerprint != find("MAP301", "x", places=[Place("other.yaml", 3, 1)]).fingerprint
    assert first.fingerprint != find("MAP301", "x", places=[At("crm", "acme", "Lead", "", "Phone")]).fingerprint


def test_a_finding_has_the_keys_of_the_format() -> None:
    """formats.md "Findings"; a place that is not known is left out."""
    told = find("USR101", "c", places=[None, At("crm", "acme")], evidence=[Evidence("e", "acme", 7)]).to_json()
    assert list(told) == [
        "code", "level", "title", "cause", "places", "evidence", "fix", "patch", "breaks", "rank", "fingerprint",
    ]  # fmt: skip
    assert told["places"] == [{"system": "crm", "org": "acme", "object": "", "record": "", "field": ""}]
    assert told["evidence"] == [{"org": "acme", "seq": 7, "text": "e"}]


NAMES = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=12)


@given(NAMES | st.sampled_from(["Berg, Kari", "a: b", "x #1", "~", "<<", "- a", "O'Brien", '"', "{", "null"]), NAMES)
def test_a_pair_that_is_proposed_is_read_as_it_was_meant(key: str, value: str) -> None:
    """In a mapping of one line and in one of many, whatever the names are."""
    pair = pair_of(key, value)
    for text in (f"map: {{the-first-one: b, {pair}}}\n", f"map:\n  the-first-one: b\n  {pair}\n"):
        assert read_tree(text, "<pair>")[0]["map"] == {"the-first-one": "b", key: value}


def test_keys_that_a_reader_may_not_know_are_explained() -> None:
    """Where an example is a piece that is run, what its keys mean stands below; where it is words, nothing does."""
    assert "`connector` plants this bug" in explain("CYC603")
    assert "How to read them" not in explain("CYC640")
