"""What `--help` shows: every command, no text cut off, and nothing imported for it that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from leadproof.cli import main
from leadproof.cli.app import app
from leadproof.cli.contents import PLACES, SHORT, help_text
from tests import reference

WIDTH = 80


def shown(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What the program prints; it ends with 0."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ["", *reference.commands()])
def test_no_help_is_cut_off(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns every text of every `--help` is whole and fits."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    lines = shown([*name.split(), "--help"], capsys).splitlines()
    assert f"leadproof {name}".rstrip() in lines[0]
    # [ARGS]... is the usage line's way to say "several"
    assert [line for line in lines[1:] if line.endswith(("...", "…"))] == []
    assert [line for line in lines if len(line) > WIDTH] == []


def test_the_contents_name_every_command_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Each has a short text of its own, the same in the contents as in a shell's completion."""
    program = typer.main.get_command(app)
    told = shown(["--help"], capsys)
    assert told == help_text()
    for name, short in SHORT.items():
        assert len(short) < 45
        assert told.count(f"\n  {name} ") == 1
        assert program.commands[name].get_short_help_str(WIDTH) == short  # type: ignore[attr-defined]
    assert list(program.commands) == list(PLACES)  # type: ignore[attr-defined]


def test_without_a_command_the_contents_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """They are the same text, and it is a usage error."""
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert capsys.readouterr().err == help_text()


LOADED = {
    "--help": {"contents"},
    "explain NET110": {"app", "configuring", "contents", "endings", "texts"},
    "import-schema none.json": {"app", "configuring", "contents", "endings", "schemas"},
}


@pytest.mark.parametrize("command", LOADED)
def test_a_command_imports_its_own_module_only(command: str, tmp_path: Path) -> None:
    """The contents need no command line library; a command needs the modules of no other (but `init`, which
    writes the schema of all options)."""
    program = (
        "import sys\nfrom leadproof.cli import main\n"
        f"try: main({command.split()!r})\nexcept SystemExit: pass\n"
        "print(sorted(name[14:] for name in sys.modules if name.startswith('leadproof.cli.')), 'typer' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == f"{sorted(LOADED[command])} {command != '--help'}"
