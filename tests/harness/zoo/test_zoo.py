"""The zoo: every planted connector bug fails a named scenario by exactly the oracle's checks listed beside it.

A bug must be *caught by the oracle*, not by a crash and not by a check that happens to look at the right field; the
right connector passes every one of these scenarios. quality.md R7.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leadproof.connector.defects import DEFECTS, planted
from leadproof.oracle import Judged, Violation
from leadproof.scenario.checks import quiet
from leadproof.scenario.document import load_scenario
from leadproof.scenario.runner import Options, run_scenario

CHECKLIST = Path(__file__).resolve().parents[3] / "scenarios" / "checklist"

# (defect, the scenario that catches it, the oracle's checks that fail there, and no others)
CAUGHT: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("do_nothing", "first-lead", ("oracle.delivered",)),
    ("one_way_to_crm", "first-lead", ("oracle.link", "oracle.owner")),
    ("one_way_to_marketing", "first-lead", ("oracle.delivered",)),
    ("doubles_on_retry", "answer-lost", ("oracle.link", "oracle.single", "oracle.value")),
    ("swaps_owners", "first-lead", ("oracle.owner",)),
    ("misses_pages", "many-records", ("oracle.delivered",)),
    ("case_sensitive_email", "duplicate-letter-case", ("oracle.single",)),
    ("echoes", "first-lead", ("oracle.silent",)),
    ("echoes_late", "first-lead", ("oracle.silent",)),
    ("skips_member_status", "member-status", ("oracle.member",)),
    # The value table: each row removed, each row's result turned round.
    ("row_1_removed", "same-value-two-spellings", ("oracle.value",)),
    ("row_1_swapped", "same-value-two-spellings", ("oracle.value",)),
    ("row_2_removed", "settled-difference", ("oracle.value",)),
    ("row_2_swapped", "settled-difference", ("oracle.value",)),
    ("row_3_removed", "existing-records", ("oracle.value",)),
    ("row_3_swapped", "existing-records", ("oracle.value",)),
    ("row_4_removed", "existing-records", ("oracle.value",)),
    ("row_4_swapped", "existing-records-never", ("oracle.value",)),
    ("row_5_removed", "master-crm", ("oracle.value",)),
    ("row_5_swapped", "master-crm", ("oracle.value",)),
    ("row_6_removed", "clears-propagate", ("oracle.value",)),
    ("row_6_swapped", "clears-propagate", ("oracle.value",)),
    ("row_7_removed", "clears-keep", ("oracle.value",)),
    ("row_7_swapped", "clears-keep-never", ("oracle.value",)),
    ("row_8_removed", "overwrite-always", ("oracle.changed_back",)),
    ("row_8_swapped", "overwrite-always", ("oracle.changed_back",)),
    ("row_9_removed", "false-phone", ("oracle.changed_back",)),
    ("row_9_swapped", "overwrite-if-blank", ("oracle.changed_back",)),
    # Each value of each setting ignored.
    ("overwrite_ignored_always", "overwrite-if-blank", ("oracle.changed_back",)),
    ("overwrite_ignored_if_blank", "overwrite-always", ("oracle.changed_back",)),
    ("overwrite_ignored_never", "existing-records", ("oracle.value",)),
    ("clears_ignored_keep", "clears-propagate", ("oracle.value",)),
    ("clears_ignored_propagate", "clears-keep", ("oracle.value",)),
    ("direction_ignored", "direction", ("oracle.value",)),
    ("direction_ignored_to_crm", "lead-from-crm", ("oracle.delivered",)),
    ("direction_ignored_to_marketing", "existing-records", ("oracle.value",)),
    ("ambiguous_ignored", "duplicate-refuse", ("oracle.link",)),
    ("ambiguous_ignored", "duplicate-oldest", ("oracle.link",)),
    ("ambiguous_ignored", "duplicate-newest", ("oracle.link",)),
    ("deletes_ignored", "delete-survivor-stays", ("oracle.deletes",)),
    ("deletes_ignored", "delete-propagate", ("oracle.deletes",)),
    ("deletes_ignored", "delete-recycle", ("oracle.deletes",)),
    # Bugs that were reported in public of real connectors.
    ("both_sides_lost", "master-crm", ("oracle.value",)),
    ("owner_not_pushed", "first-lead", ("oracle.owner",)),
    ("exclusive_watermark", "name-stays", ("oracle.changed_back", "oracle.value")),
    ("last_answer_only", "several-answers", ("oracle.answers",)),
    ("repeats_answers", "several-answers", ("oracle.answers",)),
    ("assigns_again", "owner-stays", ("oracle.owner",)),
    ("opt_out_like_any_box", "consent", ("oracle.consent",)),
    ("knows_few_fields", "first-lead", ("oracle.answers", "oracle.source", "oracle.value")),
    ("trims_zeros", "every-field-both-ways", ("oracle.changed_back",)),
    ("local_time", "first-lead", ("oracle.value",)),
    ("cuts_texts", "lead-from-crm", ("oracle.value",)),
    ("loses_ticks", "consent", ("oracle.consent",)),
    # Caught by the scenario's own checks: a later edit heals the one before the oracle looks; the other has no oracle.
    ("wrong_modified_stamp", "master-latest", ()),
    ("never_retries", "rows-locked", ()),
)
USED = sorted({scenario for _, scenario, _ in CAUGHT})


@pytest.fixture
def violations(monkeypatch: pytest.MonkeyPatch) -> list[Violation]:
    """All that the oracle says while a scenario runs; a check's finding tells only of the first three."""
    said: list[Violation] = []
    judge: Callable[..., tuple[list[Violation], Judged]] = quiet.judge

    def listening(*args: Any) -> tuple[list[Violation], Judged]:
        found, judged = judge(*args)
        said.extend(found)
        return found, judged

    monkeypatch.setattr(quiet, "judge", listening)
    return said


def test_every_planted_bug_is_listed() -> None:
    """A defect that somebody adds must name the scenario and the checks that catch it."""
    assert sorted({defect for defect, _, _ in CAUGHT}) == sorted(DEFECTS)


@pytest.mark.parametrize("scenario", USED)
def test_the_right_connector_passes(scenario: str, violations: list[Violation]) -> None:
    """Otherwise a red scenario would prove nothing about a bug."""
    outcome = run_scenario(load_scenario(CHECKLIST / f"{scenario}.yaml"), Options(seed="7"))
    assert (outcome.verdict, violations) == ("passed", []), outcome.reason


@pytest.mark.parametrize(("defect", "scenario", "checks"), CAUGHT, ids=lambda one: one if isinstance(one, str) else "")
def test_a_planted_bug_is_caught(
    defect: str, scenario: str, checks: tuple[str, ...], violations: list[Violation]
) -> None:
    """The named scenario fails, by a check and not by a crash, and the oracle names exactly these checks."""
    broken = Options(seed="7", connector=planted(defect))
    outcome = run_scenario(load_scenario(CHECKLIST / f"{scenario}.yaml"), broken)
    assert outcome.verdict == "failed", outcome.reason
    assert sorted({violation.check for violation in violations}) == list(checks), [str(one) for one in violations]
