"""The HTML report as people open it: without script, at three widths, in light and dark, for everybody."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from leadproof.library import scenarios_folder
from leadproof.reports.collected import Gathered
from leadproof.reports.html import write_html
from leadproof.scenario.document import load_scenario
from leadproof.scenario.run import run_all
from leadproof.scenario.runner import Options
from tests.browser.chromium import AXE, look
from tests.harness.scenario.stage_hands import Idle, write

STORY = """
create_lead: {as: lead, in: marketing, campaign: spring, fill: basics}
submit_form: {lead: $lead, form: contact, values: {comments: "<script>alert(1)</script> a long word %s"}}
sync: {until: quiet}
check_delivered: {lead: $lead, count: 1, linked: both}
check_owner: {lead: $lead, is: by_rules}
check_every_field: {lead: $lead, from: marketing}
check_report: {report: lead_source, in: crm}
""" % ("x" * 90)
APART = """
create_lead: {as: lead, in: marketing, campaign: spring, fill: basics}
sync: {until: quiet}
edit: {lead: $lead, in: crm, values: {FirstName: A name that nobody could know}}
check_field: {lead: $lead, in: marketing, field: first_name, is: A name that nobody could know}
"""
WITH_A_PATCH = scenarios_folder() / "troubleshooting" / "paths" / "c3-rule-matches-nobody.yaml"
KINDS = {"passed": None, "failed": Idle}
ALWAYS = {(320, False, "failed"), (1400, True, "failed")}
LOOKS = [
    pytest.param(*look, marks=() if look in ALWAYS else pytest.mark.slow)
    for look in itertools.product((320, 768, 1400), (False, True), sorted(KINDS))
]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of a run that passed and of one that failed in every way, with faults and refused calls."""
    found = {}
    for kind, connector in KINDS.items():
        folder = tmp_path_factory.mktemp(kind)
        told = Gathered()
        bad = "sync: {cycles: 1}\ncheck_field: {lead: $lead, in: marketing, field: city, is: Bergen}\n"
        stories = [
            load_scenario(write(folder, "install: {}" + STORY, name="all")),
            load_scenario(
                write(
                    folder,
                    "install: {}\nfault: {at: crm, operation: batch, kind: status, status: 503, times: 2}\n"
                    "create_lead: {as: lead, in: marketing, fill: basics}\n"
                    + (bad if kind == "failed" else "sync: {until: quiet}\ncheck_delivered: {lead: $lead, count: 1}\n"),
                    name="faults",
                )
            ),
        ]
        options = Options(pictures=True, again="leadproof run all.yaml --seed 1")
        run_all(stories[:1], Options(pictures=True, again=options.again, connector=connector), [told])
        if kind == "failed":
            stories += [load_scenario(write(folder, "install: {}" + APART, name="apart")), load_scenario(WITH_A_PATCH)]
        run_all(stories[1:], options, [told])
        found[kind] = folder / "report.html"
        write_html(told, found[kind])
    return found


@pytest.fixture(scope="module")
def looked(reports: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """What a report is like at a width, in light or dark, folded or unfolded: looked at once, whoever asks."""

    @cache
    def looked(kind: str, width: int, dark: bool, unfolded: bool = False) -> dict[str, Any]:
        return look(reports[kind], tmp_path_factory.mktemp("look"), width=width, dark=dark, open=unfolded)

    return looked


@pytest.mark.parametrize(("width", "dark", "kind"), LOOKS)
def test_it_fits_and_is_for_everybody(width: int, dark: bool, kind: str, looked: Callable[..., dict[str, Any]]) -> None:
    """No axe violation (WCAG 2.2 AA, best practice), nothing sticks out, folded and unfolded."""
    for unfolded in (False, True):
        found = looked(kind, width, dark, unfolded)
        assert found["violations"] == []
        assert found["rules"] > 20
        assert found["wide"] == []
        assert found["scroll"] <= found["width"] == width
        assert found["dark"] == dark


def test_light_and_dark_are_two(looked: Callable[..., dict[str, Any]]) -> None:
    """The paper is light by day and dark by night."""
    papers = [looked(kind, width, dark, False)["background"] for width, dark, kind in sorted(ALWAYS)]
    light, dark = (sum(map(int, re.findall(r"\d+", paper)[:3])) for paper in papers)
    assert light > 600 > 150 > dark


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_it_needs_nothing_but_itself(kind: str, reports: dict[str, Path]) -> None:
    """No script, no other file, no other origin; what a lead typed is text."""
    text = reports[kind].read_text(encoding="utf-8")
    assert "<script" not in text
    assert re.search(r"\b(src|href)=\"(?!#)", text) is None
    assert "url(" not in text
    assert "default-src 'none'" in text
    assert len(text.encode()) < 400_000


def test_a_failure_is_shown_where_it_happened(reports: dict[str, Path]) -> None:
    """First causes at the top, the command to repeat it, the journey with its cross, the calls with their fault."""
    failed, passed = (reports[kind].read_text(encoding="utf-8") for kind in ("failed", "passed"))
    assert 'class="first-causes"' in failed
    assert 'class="first-causes"' not in passed
    assert "leadproof run all.yaml --seed 1" in failed
    assert 'class="stop bad"' in failed
    assert 'class="stop bad"' not in passed
    assert 'class="journey" open' in failed
    assert 'class="journey">' in passed
    assert "fault: status" in failed
    assert "last" not in re.findall(r"The connector's (\w+)", passed)


def test_the_looks_see_every_part(reports: dict[str, Path]) -> None:
    """What is looked at in Chromium holds a patch, evidence, fields that differ, both tables and the program chart."""
    failed = reports["failed"].read_text(encoding="utf-8")
    parts = ("patch scroll", "flow", "calls", "master crm", "fields agreed", "fields definitions", "program")
    assert [part for part in parts if f'class="{part}"' not in failed] == []
    assert "the two sides differ in 1 field" in failed
    assert "<summary>Evidence</summary>" in failed


def test_axe_is_the_one_that_was_published() -> None:
    """The hash beside it is its own."""
    told = (AXE.parent / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in told
