"""The SQL that the store runs is what SQLAlchemy compiles from the declared tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from leadsim.engine import statements, tables


def test_the_written_statements_are_the_compiled_ones() -> None:
    """statements.py is what tables.py writes: whoever changes a table runs `python -m leadsim.engine.tables`."""
    assert Path(statements.__file__).read_text(encoding="utf-8") == tables.module()


def test_a_sandbox_starts_without_sqlalchemy_and_fastapi() -> None:
    """They take longer to import than a sandbox takes to start (performance.md P10)."""
    text = "import sys, leadsim.app; print(sorted({'fastapi', 'sqlalchemy', 'sqlmodel'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", text], check=True, capture_output=True, text=True).stdout
    assert told == "[]\n"
