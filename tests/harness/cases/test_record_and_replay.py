"""Recorded, replayed: the same verdict, findings and digest; a fixed connector is told as FIXED."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from leadproof.cases.case import Case, read_case
from leadproof.cases.judging import Replay, Replayed, replay_all, replay_file
from leadproof.cases.recording import record_scenario
from leadproof.cli import main
from leadproof.library import checklist

DEFECT = "planted:row_9_swapped"


@pytest.fixture(scope="module")
def false_phone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of a connector that lets a form's false phone number stand."""
    path = tmp_path_factory.mktemp("cases") / "false-phone.case"
    record_scenario(checklist() / "false-phone.yaml", connector=DEFECT, seed="7").write(path)
    return path


def test_a_recording_holds_all_that_the_format_says(false_phone: Path) -> None:
    """formats.md "Case bundle": sheet, files, schemas, state before, traffic as HAR, expectation."""
    case = read_case(false_phone)
    assert set(case.files) == {
        "scenario.yaml", "recipe.yaml", "integration.yaml", "schema/acme-crm.json", "schema/acme-marketing.json",
        "before/acme-crm.jsonl", "before/acme-marketing.jsonl", "before/connector.json", "traffic.har", "expected.json",
    }  # fmt: skip
    assert case.sheet.expected.verdict == "failed"
    assert "OWN302" in case.sheet.expected.findings
    assert case.sheet.connector == DEFECT
    first, *records = [json.loads(line) for line in case.files["before/acme-crm.jsonl"].splitlines()]
    assert "10.20.0.0/24" in first["settings"]["allowlist"]
    assert {"object": "User", "id": "kari.c"}.items() <= next(one for one in records if one["id"] == "kari.c").items()
    har = json.loads(case.files["traffic.har"])
    assert har["log"]["version"] == "1.2"
    assert {"startedDateTime", "request", "response", "cache", "timings"} <= set(har["log"]["entries"][0])
    assert len(case.traffic) == len(har["log"]["entries"]) > 100
    assert "Score__c" in case.files["schema/acme-crm.json"].decode()


def test_the_same_recording_is_the_same_file(false_phone: Path, tmp_path: Path) -> None:
    """Deterministic bytes, in process and over HTTP."""
    again = record_scenario(checklist() / "false-phone.yaml", connector=DEFECT, seed="7", over="http")
    assert again.to_bytes() == false_phone.read_bytes()


@pytest.mark.parametrize("over", ["process", "http"])
def test_the_recorded_defect_reproduces_to_the_byte(false_phone: Path, over: str) -> None:
    """Verdict, findings and the journal's digest are those of the recording."""
    told = replay_file(false_phone, Replay(connector="recorded", over="http" if over == "http" else "process"))
    case = read_case(false_phone)
    assert (told.judgement, told.same_digest, told.divergence) == ("FAILED", True, "")
    assert list(dict.fromkeys(one.code for one in told.findings)) == case.sheet.expected.findings
    assert told.digest == case.expected["digest"]
    assert told.exit_code == 1


def test_a_right_connector_is_fixed(false_phone: Path) -> None:
    """The built-in connector changes the number back, and it is told that it replaced the one that was recorded."""
    told = replay_file(false_phone, Replay())
    assert (told.judgement, told.exit_code) == ("FIXED", 0)
    assert told.reason == f"every check holds with builtin; recorded with {DEFECT}"
    assert (told.to_json()["connector"], told.to_json()["recorded_with"]) == ("builtin", DEFECT)


def test_another_defect_fails_in_another_way(false_phone: Path) -> None:
    """The reason says so, and the first divergence names an exchange."""
    told = replay_file(false_phone, Replay(connector="planted:one_way_to_marketing"))
    assert told.judgement == "FAILED"
    assert told.divergence.startswith("exchange ")
    assert " instead of " in told.divergence


def without(case: Case, name: str) -> Case:
    return Case(case.sheet, {one: data for one, data in case.files.items() if one != name})


def test_what_cannot_be_judged_is_an_error(false_phone: Path, tmp_path: Path) -> None:
    """A connector that does not exist, a part that lacks, a recipe that builds no world: ERROR, with its reason."""
    told = replay_file(false_phone, Replay(connector="planted:none"))
    assert (told.judgement, told.exit_code) == ("ERROR", 2)
    assert "RUN840" in told.reason
    case = read_case(false_phone)
    without(case, "recipe.yaml").write(tmp_path / "a.case")
    assert "CFG884" in replay_file(tmp_path / "a.case", Replay()).reason
    case.with_files({"recipe.yaml": b"recipe: 1\norgs: {}\n"}).write(tmp_path / "b.case")
    told = replay_file(tmp_path / "b.case", Replay())
    assert (told.judgement, told.exit_code) == ("ERROR", 2)
    assert "cannot be judged" in told.reason
    tmp_path.joinpath("c.case").write_bytes(b"no zip")
    assert replay_file(tmp_path / "c.case", Replay()).judgement == "ERROR"


def test_a_strangers_case_reads_and_runs_nothing_of_ours(false_phone: Path, tmp_path: Path) -> None:
    """A scenario that refers to files beyond the case, a connector that is a command: ERROR, and neither happens."""
    case = read_case(false_phone)
    outside = tmp_path / "outside.csv"
    outside.write_text("Email\nsomebody@acme.example\n", encoding="utf-8")
    text = case.files["scenario.yaml"].decode()
    for step in (f"  - import_csv: {{file: {outside}}}\n", "  - import_csv: {file: ../../../../etc/passwd}\n"):
        case.with_files({"scenario.yaml": (text + step).encode()}).write(tmp_path / "x.case")
        told = replay_file(tmp_path / "x.case", Replay())
        assert (told.judgement, told.exit_code) == ("ERROR", 2)
        assert "no part of the case" in told.reason
    mark = tmp_path / "ran"
    case.with_sheet(connector=f"touch {mark}").write(tmp_path / "y.case")
    told = replay_file(tmp_path / "y.case", Replay(connector="recorded"))
    assert (told.judgement, told.exit_code) == ("ERROR", 2)
    assert not mark.exists()


def test_a_connector_by_its_module_and_name(
    false_phone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One out of this folder is tried. One that is not there, that breaks down while it is read, that cannot be
    called, or a command that cannot be read: ERROR, exit code 2, and whose fault it is; none is a defect of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one])  # as where the program was installed
    (tmp_path / "my_sync.py").write_text(
        "from leadproof.connector import Connector\ndef made(*told, **named):\n    return Connector(*told, **named)\n"
    )
    (tmp_path / "my_broken_sync.py").write_text("1 / 0\n")
    told = replay_file(false_phone, Replay(connector="my_sync:made"))
    assert (told.judgement, told.connector) == ("FIXED", "my_sync:made")
    for name, code, reason in (
        ("my_lost_sync:made", "RUN840", "No module named 'my_lost_sync'"),
        ("my_sync:other", "RUN840", "has no attribute 'other'"),
        ("my_broken_sync:made", "RUN840", "ZeroDivisionError: division by zero"),
        ("my_sync:__name__", "RUN840", "cannot be called: it is str"),
        ("'unclosed", "RUN805", "No closing quotation"),
    ):
        with pytest.raises(SystemExit) as ending:
            main(["replay", str(false_phone), "--connector", name])
        said = "".join(capsys.readouterr())
        assert ending.value.code == 2, said
        assert said.startswith("ERROR")
        assert code in said
        assert reason in said


@pytest.mark.slow
def test_jobs_change_nothing(false_phone: Path, tmp_path: Path) -> None:
    """Two processes tell the same, in the same order, with progress for each."""
    other = tmp_path / "other.case"
    record_scenario(checklist() / "direction.yaml").write(other)
    paths = [false_phone, other, false_phone]
    seen: list[tuple[int, int, str]] = []

    def note(done: int, total: int, one: Replayed) -> None:
        seen.append((done, total, one.path))

    together = replay_all(paths, Replay(), jobs=2, progress=note)
    assert together == replay_all(paths, Replay())
    assert seen == [(n, 3, str(path)) for n, path in enumerate(paths, 1)]


FEW = """
scenario: A few rows are imported and synced
steps:
  - import_csv: {file: few.csv, to: marketing, as: people}
  - check_import: {total: 4, accepted: 4}
  - sync: {until: quiet}
  - check_count: {in: crm, object: Lead, is: 4}
"""


def test_several_connections_and_data_files_travel_along(tmp_path: Path) -> None:
    """Two CRM orgs are two integration files; an import brings its CSV file, here a few rows of the checklist's."""
    for name in ("recipe.yaml", "leadproof.yaml"):
        tmp_path.joinpath(name).write_bytes((checklist() / name).read_bytes())
    rows = (checklist() / "data" / "leads.csv").read_text("utf-8").splitlines(keepends=True)
    tmp_path.joinpath("few.csv").write_text("".join(rows[:5]), encoding="utf-8")
    tmp_path.joinpath("few.yaml").write_text(FEW, encoding="utf-8")
    for scenario, file in ((checklist() / "two-crm-orgs.yaml", ""), (tmp_path / "few.yaml", "few.csv")):
        case = record_scenario(scenario)
        assert not file or any(name.endswith(file) for name in case.files)
        case.write(tmp_path / "x.case")
        told = replay_file(tmp_path / "x.case", Replay())
        assert (told.judgement, told.same_digest, told.exit_code) == ("PASSED", True, 0), told.reason


def test_what_never_failed_is_passed_and_not_fixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case that was recorded passing: PASSED with exit code 0; with a defect it FAILED, and not "still"."""
    path = tmp_path / "direction.case"
    record_scenario(checklist() / "direction.yaml").write(path)
    assert ended(["replay", str(path), str(path)]) == 0
    said = capsys.readouterr().out
    assert said.count("PASSED ") == 3
    assert "every check holds, as when recorded" in said
    assert "0 FIXED, 0 FAILED, 0 ERROR, 2 PASSED of 2" in said
    told = replay_file(path, Replay(connector="planted:one_way_to_marketing"))
    assert (told.judgement, told.exit_code) == ("FAILED", 1)
    assert told.reason.startswith("fails now, and passed when recorded")


def ended(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert isinstance(ending.value.code, int)
    return ending.value.code


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """record, replay, inspect and verify, with the exit codes of run."""
    case = str(tmp_path / "x.case")
    scenario = str(checklist() / "false-phone.yaml")
    assert ended(["record", scenario, "-o", case, "--connector", DEFECT, "--symptom", "a false number stays"]) == 0
    assert "recorded failed: OWN3" in capsys.readouterr().out
    assert ended(["replay", case]) == 0
    assert "FIXED" in capsys.readouterr().out
    assert ended(["replay", case, case, "--connector", "recorded"]) == 1
    told = capsys.readouterr().out
    assert "0 FIXED, 2 FAILED, 0 ERROR of 2" in told
    assert "still reproduces" in told
    assert "fix: " in told
    assert ended(["replay", case, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "FIXED"
    assert ended(["case", "inspect", case]) == 0
    assert "a false number stays" in capsys.readouterr().out
    assert ended(["case", "verify", case]) == 0
    assert "sound" in capsys.readouterr().out
    assert ended(["replay", str(tmp_path / "none.case")]) == 2
    tmp_path.joinpath("empty").mkdir()
    assert ended(["replay", str(tmp_path / "empty")]) == 5
