"""P10, P11, P15: how long a command makes people wait, as CPU of its process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from leadproof.cli.contents import SHORT
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import best, command_cpu, python, wall
from tests.benchmarks.servers import ours, peer, theirs

ARGPARSE = f"""
import argparse
parser = argparse.ArgumentParser(prog="leadproof", description="Proves that leads flow.")
commands = parser.add_subparsers()
for name, short in {SHORT!r}.items():
    commands.add_parser(name, help=short).add_argument("--option", help="What it changes.")
parser.parse_args(["--help"])
"""
LEADPROOF = ("-c", "import sys; from leadproof.cli import main; sys.argv[0] = 'leadproof'; sys.exit(main())")


def ready(sizes: Sizes) -> Iterator[Figure]:
    """P10: from the start of the process until the server answers; the wall's time."""
    if peer("moto") is None:
        why = "not measured: moto is not installed (LEADPROOF_MOTO=program names it)"
        yield Figure("P10", "server ready / moto_server ready", None, 1, 0.6, "lower", why)
        return

    def start(kind: Callable[[], object]) -> float:
        return wall(kind)

    def mine() -> None:
        with ours("leadproof"):
            return

    def others() -> None:
        with theirs("moto"):
            return

    own, other = best(sizes.rounds, mine, others, by=start)
    yield Figure(
        "P10",
        "server ready / moto_server ready",
        own / other,
        1,
        0.6,
        "lower",
        f"{own:.2f} s / {other:.2f} s, stopping included",
    )


def help_text(sizes: Sizes) -> Iterator[Figure]:
    """P11: `leadproof --help` against argparse with as many commands."""
    own, other = best(
        sizes.rounds,
        python(*LEADPROOF, "--help").copy,
        python("-c", ARGPARSE).copy,
        by=lambda made: command_cpu(made()),
    )
    yield Figure(
        "P11",
        "`leadproof --help` / argparse with the same commands",
        own / other,
        4,
        2.5,
        "lower",
        f"CPU {own * 1e3:.0f} ms / {other * 1e3:.0f} ms",
    )


def checklist(sizes: Sizes) -> Iterator[Figure]:
    """P15: the shipped checklist in process, reports and start included."""
    what = "the shipped checklist / importing fastapi and sqlmodel"
    with tempfile.TemporaryDirectory() as folder:
        try:
            own = min(command_cpu(python(*LEADPROOF, "run"), cwd=Path(folder)) for _ in range(sizes.rounds))
        except subprocess.CalledProcessError as failed:
            # a checklist that stops early would look fast
            why = f"not measured: `leadproof run` ended with {failed.returncode}"
            yield Figure("P15", what, None, 10, 3, "lower", why)
            return
    other = min(command_cpu([sys.executable, "-c", "import fastapi, sqlmodel"]) for _ in range(sizes.rounds))
    yield Figure(
        "P15",
        what,
        own / other,
        10,
        3,
        "lower",
        f"CPU {own:.2f} s / {other:.2f} s",
    )
