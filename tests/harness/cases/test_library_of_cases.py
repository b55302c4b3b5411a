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
"""One of each troubleshooting path of product.md C: these run always, and one call of a program's own in each pair."""
CALLS = ("calls-crm-of-the-sandbox-wrong-path", "calls-crm-with-bad-soql", "calls-with-an-old-page-token")


def marked() -> Iterator[object]:
    for one in ALL:
        always = one.name.rpartition(".")[0] in (*PATHS_OF_C, *CALLS)
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


def leaves(tree: Any, way: tuple[object, ...] = ()) -> Iterator[tuple[tuple[object, ...], Any]]:
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(value, (*way, key))
    else:
        yield way, tree


ANOTHER_CALL = "calls-the-old-login.pardot"
"""The whole call is what is wrong: nobody logs in there any more."""


@pytest.mark.parametrize("one", [one for one in ALL if one.definition.mend], ids=lambda one: one.name)
def test_a_mended_step_differs_in_one_thing(one: Defined) -> None:
    """Where a step is wrong, the right one is the same but for one value, or for one that was renamed or left out."""
    wrong, right = one.definition.defect.steps, one.definition.mend
    assert [list(step) for step in wrong] == [list(step) for step in right]
    was, now = dict(leaves(wrong)), dict(leaves(right))
    changed = [way for way in {*was, *now} if was.get(way) != now.get(way)]
    assert 1 <= len(changed) <= 2 or one.name == ANOTHER_CALL


FOLDED = (
    (re.compile(r"['\"][^'\"]*['\"]"), "NAME"),
    (re.compile(r"\[[^]]*\]|\([^)]*\)"), "NAME"),
    (re.compile(r"\b(?=\w*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\b"), "ID"),
    (re.compile(r"\b\w+__c\b|\b(?:Lead|Contact|Account|Opportunity|prospect)\.\w+|\bacme-\w+\b"), "NAME"),
    (re.compile(r"\b[A-Z]?[a-z]+(?:[A-Z][a-z]+)+\b"), "NAME"),
    (re.compile(r": [a-z]\w*$|^(?:Product of interest|Annual Revenue|Nickname|Email)(?=:)"), "NAME"),
    (re.compile(r"\d+"), "#"),
    (re.compile(r"(?<=; its choices: )[\w, ]+"), "NAME"),
    (re.compile(r":? ?(?:NAME|#(?:-#)*)$"), ""),
)
"""What makes two messages differ without another cause: quoted and bracketed names, ids, field names, digits."""


def folded(message: str) -> str:
    """A vendor's message without names, ids and numbers: what is the same then was said by the same refusal."""
    for pattern, word in FOLDED:
        message = pattern.sub(word, message)
    return message.strip()


def test_messages_are_folded_as_strictly_as_said() -> None:
    """Another field, id, number or quoted name makes no other message; another refusal does."""
    for one, other in (
        ("Required fields are missing: [Tax__c]", "Required fields are missing: [LastName]"),
        ("Invalid boolean: optedOut", "Invalid boolean: starred"),
        ("Lead has no field 'Nick'.", "Lead has no field 'Tax'."),
        ("duplicate of 00QIn00cwh00006MAA", "duplicate of 00QIn00cwh00007MAA"),
        ("Lead.Nick__c holds 40 characters; this value has 60.", "Lead.Tax__c holds 20 characters; this value has 9."),
    ):
        assert folded(one) == folded(other)
    assert folded("Invalid user ID") != folded("Invalid user email address")


def test_the_library_is_as_large_as_it_says() -> None:
    """At least 60 pairs of a finding and a vendor's message, strictly counted, a good part of them of each vendor; and
    every troubleshooting path of product.md C."""
    told = [(one.pair, one.expected.finding, folded(one.expected.message)) for one in ALL if one.expected.message]
    assert len({(finding, message) for _, finding, message in told}) >= 100
    for pair, least in (("native", 30), ("salesforce", 20), ("pardot", 60)):
        assert len({(finding, message) for one, finding, message in told if one == pair}) >= least, pair
    covered = {row for one in ALL for row in one.definition.catalogue}
    assert {"C1", "C2", "C3", "C4", "C5"} <= covered
    assert len({one.expected.finding for one in ALL}) >= 30
