"""A finding as text: the lines of the file that it points at."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.findings import find
from leadproof.findings.telling import tell
from leadterms.refusals import Place


def told(line: int = 1) -> str:
    return tell([find("MAP301", "Nothing is called so.", places=[Place("leadproof.yaml", line, 1)])])


def test_the_line_is_the_files_own_as_it_stands_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same name in another folder is another file, and an edited file is read again: a run that goes on for long,
    or many in one process, must not show a line of before."""
    for folder, text in (("one", "first: 1"), ("two", "second: 2")):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        assert " | " not in told()
        Path("leadproof.yaml").write_text(text, "utf-8")
        assert f"1 | {text}" in told()
    Path("leadproof.yaml").write_text("third: 3\nfourth: 4", "utf-8")
    assert "2 | fourth: 4" in told(2)
