"""The commands that reach a running sandbox: sync, install, import, doctor, reset, as a person types them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadproof.cli import main

ROWS = """Email,First Name,Last Name,Company,Favourite colour
ada@lead.example,Ada,Test,Acme,blue
no address,Bo,Test,Acme,red
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which `leadproof init .` was run and `leadproof up --json` serves."""
    folder = tmp_path_factory.mktemp("running")
    subprocess.run([sys.executable, "-m", "leadproof", "init", "."], cwd=folder, check=True, capture_output=True)
    served = subprocess.Popen(
        [sys.executable, "-m", "leadproof", "up", "--json"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    assert served.stdout is not None
    assert set(json.loads(served.stdout.readline())) >= {"crm", "marketing", "connector", "control", "seed"}
    yield folder
    served.send_signal(signal.SIGINT)
    assert served.wait(timeout=60) == 130
    served.stdout.close()


@pytest.fixture
def typed(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> object:
    """Types a command in the folder; answers its exit code and all it printed."""
    monkeypatch.chdir(folder)

    def type_(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(words)
        told = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, told.out + told.err

    return type_


def test_a_file_goes_all_the_way(typed, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """install, import, sync, sync again: every row and every write is accounted for."""
    (folder / "rows.csv").write_text(ROWS)
    assert typed("install")[0] == 0
    assert typed("install") == (0, "nothing to add: the CRM has every field that it needs\n")
    code, told = typed("import", "rows.csv", "--to", "marketing", "--dry-run")
    assert (code, "Favourite colour" in told) == (1, True), told
    code, told = typed("import", "rows.csv", "--to", "marketing")
    assert (code, "DQ4" in told or "no address" in told) == (1, True), told
    assert "no address" in (folder / "leadproof-rejects.csv").read_text()
    code, told = typed("sync", "--until-quiet")
    assert (code, told.startswith("cycle 1: 1 written to the CRM")) == (0, True), told
    assert typed("sync", "--cycles", "1")[1].endswith("0 written to the CRM, 0 to marketing\n")


def test_the_doctor_looks_at_the_running_sandbox(typed) -> None:  # type: ignore[no-untyped-def]
    """After install there is nothing to find; reset takes the fields away again and the doctor says so."""
    typed("install")
    code, told = typed("doctor")
    assert (code, told.startswith("Nothing found: all looks well.")) == (0, True), told
    assert typed("reset")[0] == 0
    code, told = typed("doctor")
    assert (code, "MAP327" in told) == (0, True), told


def test_a_bare_sandbox_of_vendors_is_looked_at_with_its_own_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`up --crm salesforce --marketing pardot` in an empty folder: doctor, install and sync take the files that it was
    started with, not the checklist's."""
    words = [sys.executable, "-m", "leadproof", "up", "--crm", "salesforce", "--marketing", "pardot", "--json"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        assert "integration" not in json.loads(served.stdout.readline())
        kept = json.loads((tmp_path / ".leadproof" / "up.json").read_text())
        assert Path(kept["integration"]).parent.name == "salesforce-pardot"
        monkeypatch.chdir(tmp_path)
        printed = {}
        for command in ("install", "sync", "doctor"):
            with pytest.raises(SystemExit) as ended:
                main([command])
            shown = capsys.readouterr()
            printed[command] = (ended.value.code, shown.out + shown.err)
        served.send_signal(signal.SIGINT)
    assert {command: code for command, (code, _) in printed.items()} == {"install": 0, "sync": 0, "doctor": 0}, printed
    assert "REF7" not in str(printed)


REFUSED = {
    "import into nothing known": (["import", "rows.csv", "--to", "nowhere"], 2, "RUN805"),
    "an import of no file": (["import", "missing.csv"], 2, "CFG801"),
    "what to do with existing ones": (["import", "rows.csv", "--existing", "burn"], 2, "RUN805"),
    "a cadence of no time": (["up", "--sync-every", "often"], 2, "RUN805"),
    "a schema of nothing": (["schema", "nothing"], 2, "nothing"),
    "a code of no family": (["explain", "ZZZ999"], 2, "RUN805"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_cannot_be_done_is_said(name: str, typed, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Each mistake ends with its exit code, and says what was meant."""
    (folder / "rows.csv").write_text(ROWS)
    words, code, text = REFUSED[name]
    ended, told = typed(*words)
    assert (ended, text in told) == (code, True), told


@pytest.mark.parametrize("name", ["integration", "recipe", "scenario"])
def test_schemas_are_json_schemas(name: str, typed) -> None:  # type: ignore[no-untyped-def]
    """`leadproof schema NAME` prints a draft-07 schema that names the file's keys."""
    code, told = typed("schema", name)
    assert code == 0
    assert "draft-07" in json.loads(told)["$schema"]


def test_all_codes_are_listed(typed) -> None:  # type: ignore[no-untyped-def]
    """`leadproof explain` without a code lists every one."""
    code, told = typed("explain")
    assert (code, "NET110" in told, "USR101" in told) == (0, True, True)
