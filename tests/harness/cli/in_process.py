"""Shared: the program run in this process, where a process of its own is not what is tested."""

from __future__ import annotations

import os
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

from leadproof.cli import main


def leadproof(*arguments: str, cwd: Path, **environment: str) -> CompletedProcess[str]:
    """Run the program in a folder. It ends as the process does that test_cli.py starts, without the second that such a
    process takes to begin."""
    out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code: object = None
    with chdir(cwd), patch.dict(os.environ, environment), redirect_stdout(out), redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as ending:
            code = ending.code
    assert isinstance(code, int)
    said = [one.buffer.getvalue().decode("utf-8") for one in (out, err)]  # type: ignore[attr-defined]
    return CompletedProcess(list(arguments), code, *said)
