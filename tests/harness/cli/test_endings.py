"""How a command ends: the exit code that CI reads and the text that a person reads (quality.md "Ease")."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.cli.endings import (
    EXIT_ENVIRONMENT,
    EXIT_FAILED,
    EXIT_NOTHING,
    EXIT_OURS,
    EXIT_USAGE,
    CommandRefused,
    end_of,
)
from leadproof.importer import ImportRefused
from leadproof.scenario.document import load_scenario
from leadproof.serving.refusals import ServingRefused
from leadproof.systems.failures import AddressRefused
from leadproof.systems.registry import UnknownDialect
from leadterms.refusals import DocumentRefused


class _Coded(Exception):
    """A failure of no family that ends a command by its own rule."""

    code, text = "ASG205", "The rule names nobody."


FAILURES = [
    pytest.param(CommandRefused("RUN805", "--over 'tcp' is not known.", "Use http."), EXIT_USAGE, id="usage"),
    pytest.param(CommandRefused("RUN801", "None.", exit_code=EXIT_NOTHING), EXIT_NOTHING, id="nothing-found"),
    pytest.param(ServingRefused("RUN810", "Port 80 is taken.", "Name another."), EXIT_ENVIRONMENT, id="busy-port"),
    pytest.param(AddressRefused("acme-crm", "NET110", "10.20.0.7 is refused."), EXIT_ENVIRONMENT, id="address"),
    pytest.param(UnknownDialect("crm", "zork", ["native"]), EXIT_USAGE, id="unknown-dialect"),
    pytest.param(ImportRefused("DQ480", "No header.", "Add one."), EXIT_USAGE, id="unreadable-file"),
    pytest.param(_Coded(), EXIT_FAILED, id="a-finding"),
]


@pytest.mark.parametrize(("failure", "code"), FAILURES)
def test_a_coded_failure_is_told_with_its_fix(
    failure: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Code, text and fix on stderr, where to read more, nothing on stdout; the exit code is the family's."""
    assert end_of(failure) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"{failure.code}: ")  # type: ignore[attr-defined]
    assert f"leadproof explain {failure.code}" in told.err  # type: ignore[attr-defined]
    assert ("fix: " in told.err) == bool(getattr(failure, "fix", ""))


def test_a_document_tells_each_of_its_problems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every problem of a file, each with file:line:column, in one go; exit 2."""
    file = tmp_path / "story.yaml"
    file.write_text("scenario: A story\nsteps:\n  - sink: {}\n  - check_quiet: {}\nzork: 1\n")
    with pytest.raises(DocumentRefused) as refused:
        load_scenario(file)
    assert end_of(refused.value) == EXIT_USAGE
    told = capsys.readouterr().err
    assert f"{file}:3:" in told
    assert f"{file}:5:" in told


def test_a_file_that_cannot_be_opened_is_the_environments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The system's own words and the file's name; exit 3."""
    with pytest.raises(IsADirectoryError) as refused:
        tmp_path.read_text()
    assert end_of(refused.value) == EXIT_ENVIRONMENT
    assert f"RUN804: {tmp_path}: Is a directory" in capsys.readouterr().err


def test_a_defect_of_ours_says_so_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    """One line with what happened, the last frames by file and line, no traceback; exit 4."""
    with pytest.raises(ZeroDivisionError) as raised:
        _ = 1 / 0
    assert end_of(raised.value) == EXIT_OURS
    told = capsys.readouterr().err
    assert "SIM902: a defect in Leadproof: ZeroDivisionError: division by zero" in told
    assert "test_endings.py:" in told
    assert "Traceback" not in told
