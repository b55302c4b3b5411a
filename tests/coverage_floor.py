"""The floor under each module's coverage: `python -m tests.coverage_floor`, after a measurement that was combined.

Prints the total and the lowest modules, each with its share of lines and branches together (the figure that
`coverage report` prints), and of branches alone. Exit code 1 where a module stands under the floor, 2 where nothing
was measured. CONTRIBUTING.md, "Coverage", says how to measure; the floor under the whole is `fail_under` in
pyproject.toml.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
from coverage.exceptions import CoverageException

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("simulator", "harness")
FLOOR_PERCENT = 75.0
SHOWN = 15


@dataclass(frozen=True, order=True)
class Measured:
    """One module, or the whole; compared by how much of its lines and branches was run."""

    percent: float
    name: str
    branches: int
    branches_run: int

    def __str__(self) -> str:
        return f"{self.percent:6.1f} %  {self.branches_run:4} of {self.branches:4} branches  {self.name}"


def measured(data: Path, settings: Path) -> tuple[Measured, list[Measured]]:
    """The whole and each module, the lowest first, out of a combined data file. A module that no process ever met
    stands at 0 %. Raises CoverageException where the file holds no measurement."""
    session = coverage.Coverage(data_file=str(data), config_file=str(settings))
    session.load()
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        session.json_report(outfile=str(told))
        report = json.loads(told.read_text("utf-8"))
    root = settings.resolve().parent
    met = {str(Path(name).resolve()): one["summary"] for name, one in report["files"].items()}
    written = [path for room in ROOMS for path in (root / room).rglob("*.py") if path.stat().st_size]
    modules = [_read(path.relative_to(root).as_posix(), met.get(str(path))) for path in written]
    return _read("the whole", report["totals"]), sorted(modules)


def _read(name: str, told: dict[str, Any] | None) -> Measured:
    if told is None:
        return Measured(0.0, name, 0, 0)
    return Measured(told["percent_covered"], name, told["num_branches"], told["covered_branches"])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.coverage_floor", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT / ".coverage", help="the combined data file")
    parser.add_argument("--settings", type=Path, default=ROOT / "pyproject.toml", help="where [tool.coverage] stands")
    told = parser.parse_args(arguments)
    try:
        whole, modules = measured(told.data, told.settings)
    except CoverageException as wrong:
        print(f'{wrong}\nCONTRIBUTING.md, "Coverage", says how to measure.', file=sys.stderr)
        return 2
    for one in (whole, *modules[:SHOWN]):
        print(one)
    low = [one.name for one in modules if one.percent < FLOOR_PERCENT]
    print(f"{len(low)} of {len(modules)} modules are under {FLOOR_PERCENT:g} %{': ' if low else '.'}{', '.join(low)}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
