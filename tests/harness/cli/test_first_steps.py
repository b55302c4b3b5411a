"""What a newcomer types first and gets wrong: the message says what it was taken for, and what to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.cli import main
from leadproof.cli.app import app
from leadproof.reports.outputs import ReportRefused, parse_reports


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What init wrote, seen from the folder above it."""
    monkeypatch.chdir(tmp_path)
    assert app(args=["init", "demo"], standalone_mode=False) == 0
    return tmp_path / "demo"


def ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """A command's exit code and what it said."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    said = capsys.readouterr()
    return int(str(end.value.code)), said.out + said.err


def test_the_doctor_takes_the_folder_that_run_takes(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`doctor demo` as `run demo`; a folder without the files, and one that there is not, are told as that."""
    code, said = ended(capsys, "doctor", "demo")
    assert (code, "demo/leadproof.yaml:" in said) == (0, True), said
    (demo.parent / "empty").mkdir()
    for folder, words in (("empty", "empty holds no leadproof.yaml."), ("none", "none is no folder.")):
        code, said = ended(capsys, "doctor", folder)
        assert (code, words in said) == (2, True), said


@pytest.mark.parametrize(("file", "kind"), [("recipe.yaml", "a recipe"), ("leadproof.yaml", "an integration")])
def test_a_file_of_another_kind_is_told_as_what_it_is(
    file: str, kind: str, demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, not each of its keys as a mistyped one."""
    code, said = ended(capsys, "run", f"demo/{file}")
    assert code == 2
    assert f"This is {kind}, and no scenario." in said
    assert "Unknown key" not in said
    assert demo.is_dir()


def test_a_report_is_asked_for_by_its_kind() -> None:
    """The kind alone has a file of its own; a dash is no file."""
    asked = parse_reports(["json", "html", "junit", "ndjson", "github", "json=mine.json"])
    assert [str(path) for _, path in asked] == [
        "leadproof-report.json", "leadproof-report.html", "leadproof-report.xml", "leadproof-report.ndjson", "None",
        "mine.json",
    ]  # fmt: skip
    for wrong in ("pdf", "json=", "ndjson=-"):
        with pytest.raises(ReportRefused):
            parse_reports([wrong])
