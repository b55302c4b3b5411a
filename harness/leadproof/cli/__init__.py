"""The command line. Nothing heavy is imported before a command needs it (performance.md "What follows", 8)."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit with its code. Asked for its contents only, it imports nothing else."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given in (["--help"], ["-h"]):
        from leadproof.cli.contents import help_text

        sys.stdout.write(help_text())
        sys.exit(0)
    from leadproof.cli.app import run_program

    run_program(given)
