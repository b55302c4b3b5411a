"""Every case of the library shows its finding on the defective set-up, and is fixed on the mended one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leadproof.cases.definitions import Defined, build, defined, said
from leadproof.cases.judging import Replay, replay

LIBRARY = Path(__file__).parents[3] / "fixtures" / "cases"
ALL = list(defined(LIBRARY))
PATHS_OF_C = ("address-not-allowed", "user-not-mapped", "rule-impossible", "required-later", "bug-row-9-swapped")
"""One of each troubleshooting path of product.md C: these run always."""


def marked() -> Iterator[object]:
    for one in ALL:
        always = one.name.rpartition(".")[0] in PATHS_OF_C
        yield pytest.param(one, id=one.name, marks=[] if always else pytest.mark.slow)


@pytest.mark.parametrize("one", list(marked()))
def test_a_case_of_the_library(one: Defined) -> None:
    """FAILED with the right finding, and the vendor's own words, as recorded; FIXED when it is mended."""
    case = build(one)
    told = replay(case, Replay(connector="recorded"))
    assert (told.judgement, told.same_digest) == ("FAILED", True), told.reason
    assert one.expected.finding in {finding.code for finding in told.findings}
    assert not one.expected.message or said(case, one.expected.message)
    right = replay(case, Replay(connector="recorded", mended=True))
    assert right.judgement == "FIXED", right.reason


def differences(was: Any, now: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(was, dict) and isinstance(now, dict):
        for key in {*was, *now}:
            yield from differences(was.get(key), now.get(key), (*way, str(key)))
    elif was != now:
        yield way


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_the_mended_set_up_differs_in_the_defect_alone(one: Defined) -> None:
    """Only the keys that the definition's defect names are others, in the org, the file or the steps that it names."""
    wrong, right = one.files(defective=True), one.files(defective=False)
    defect = one.definition.defect
    allowed = {("orgs", "acme-crm", key) for key in defect.crm} | {
        ("orgs", "acme-marketing", key) for key in defect.marketing
    }
    allowed |= {(key,) for key in defect.integration} | {(key,) for key in defect.scenario}
    allowed |= {("steps",)} if defect.steps else set()
    found = {way for name in wrong for way in differences(wrong[name], right[name])}
    assert all(any(way[: len(one)] == one for one in allowed) for way in found)
    assert bool(found) != bool(defect.connector)


def test_the_library_is_as_large_as_it_says() -> None:
    """At least 60 pairs of a finding and a vendor's message, and every troubleshooting path of product.md C."""
    messages = {
        (one.expected.finding, re.sub(r"\d+", "#", one.expected.message)) for one in ALL if one.expected.message
    }
    assert len(messages) >= 60
    covered = {row for one in ALL for row in one.definition.catalogue}
    assert {"C1", "C2", "C3", "C4", "C5"} <= covered
    assert len({one.expected.finding for one in ALL}) >= 30
