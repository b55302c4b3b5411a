"""check_import accounts for every row of an import, and says which it misses (product.md B7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leadproof.importer import ImportReport, import_file
from leadproof.scenario.steps import imports
from tests.harness.scenario.stage_hands import check, checks, play

ROWS = (
    "Email,First Name,Last Name\nann@acme.example,Ann,Test\nbo@acme.example,Bo,Test\nbo@acme.example,Bo,Test\nbad,C,D\n"
)
IMPORTED = "import_csv: {file: leads.csv, to: marketing, as: people}"
CHECKED = "check_import: {total: 4, accepted: 2, merged: 1, rejected: 1}"


def _imported(folder: Path, *steps: str) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leads.csv").write_text(ROWS)
    return play(folder, "\n".join(steps))


def _found(outcome: Any) -> tuple[str, str, str]:
    """Expected, found and the finding's code of the failed check."""
    data = check(outcome, "check_import").data
    assert data["verdict"] == "failed"
    return data["expected"], data["found"], data["finding"]


def test_rows_that_are_all_accounted_for_pass(tmp_path: Path) -> None:
    """Two records, one row that joined another, one refused: four rows."""
    assert checks(_imported(tmp_path, IMPORTED, CHECKED)) == {"check_import": "passed"}


@pytest.mark.parametrize("name", ["total", "accepted", "merged", "rejected"])
def test_another_count_than_expected_fails_by_its_name(name: str, tmp_path: Path) -> None:
    """Each of the four figures is compared."""
    expected, found, code = _found(_imported(tmp_path, IMPORTED, f"check_import: {{{name}: 9}}"))
    assert (expected, code) == (f"{name} 9", "DQ404")
    assert found.startswith(f"{name} ")


def test_a_record_that_is_gone_is_missed(tmp_path: Path) -> None:
    """An accepted row whose record was deleted since is not accounted for."""
    outcome = _imported(tmp_path, IMPORTED, "delete: {lead: $people, in: marketing}", CHECKED)
    expected, found, _ = _found(outcome)
    assert expected.startswith("line 2 a record; line 3 a record")
    assert found.startswith("line 2 none")


def _without_reason(report: ImportReport) -> ImportReport:
    return replace(report, rows=tuple(replace(row, reason="") if row.code else row for row in report.rows))


def _joined_nobody(report: ImportReport) -> ImportReport:
    return replace(
        report,
        rows=tuple(replace(row, into=99, id="") if row.outcome == "merged" else row for row in report.rows),
    )


def _forgotten(report: ImportReport) -> ImportReport:
    rows = tuple(replace(row, outcome="lost") if row.line == 3 else row for row in report.rows)  # type: ignore[arg-type]
    return replace(report, rows=rows)


LIES: list[tuple[Callable[[ImportReport], ImportReport], str]] = [
    (_without_reason, "line 5 a reason"),
    (_joined_nobody, "line 4 the row it joined"),
    (_forgotten, "accepted 2"),
]


@pytest.mark.parametrize(("lie", "expected"), LIES)
def test_an_importer_that_gives_no_account_is_caught(
    lie: Callable[[ImportReport], ImportReport], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused row without a reason, a merged one without a partner, a row of no outcome: each fails the check."""
    monkeypatch.setattr(imports, "import_file", lambda *given, **options: lie(import_file(*given, **options)))
    assert _found(_imported(tmp_path, IMPORTED, CHECKED))[0].startswith(expected)


def test_check_import_needs_an_import(tmp_path: Path) -> None:
    """Without an import there is nothing to account for: an error that names the step, no verdict."""
    outcome = play(tmp_path, "check_import: {total: 4}")
    assert outcome.verdict == "error"
    assert any(event.data.get("finding") == "CFG830" or "CFG830" in str(event.data) for event in outcome.events)
