"""Run the benchmarks and print the table: `python -m tests.benchmarks [--only P4,P6] [--quick] [--json] [--write]`."""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from tests.benchmarks import bulk, cases, memory, playing, reading, requests, resetting, rules, starting, steps, syncing
from tests.benchmarks.figures import FULL, QUICK, TINY, Figure, Sizes, table

Benchmark: TypeAlias = Callable[[Sizes], Iterator[Figure]]

BENCHMARKS: dict[str, Benchmark] = {
    "P1": requests.single_requests,
    "P2": requests.single_requests,
    "P3": requests.single_requests,
    "P4": reading.single_reads,
    "P5": bulk.bulk,
    "P6": reading.changes,
    "P7": syncing.few_changes,
    "P8": syncing.per_record,
    "P9": resetting.reset,
    "P10": starting.ready,
    "P11": starting.help_text,
    "P12": steps.step,
    "P13": memory.records,
    "P14": memory.orgs,
    "P15": starting.checklist,
    "P16": rules.analysis,
    "P17": rules.analysis,
    "P18": cases.replays,
    "P19": playing.scenarios,
    "P20": playing.fixtures,
}
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
TEXT = """# Benchmarks

Every figure is a ratio of two things measured in the same run on the same machine, so that it says something on
yours too. Where one thread works, CPU time is compared, which a busy machine disturbs little. The goals are those
that the design set before the code was written; a missed one is listed as missed. Measure yourself:

```
python -m tests.benchmarks            # all, some minutes
python -m tests.benchmarks --quick    # smaller sizes
python -m tests.benchmarks --only P4,P6 --json
```

moto and dynalite (P1, P2, P10) are compared where their programs are installed, or named by `LEADPROOF_MOTO` and
`LEADPROOF_DYNALITE`; each speaks DynamoDB, and GetItem and PutItem carry the same values as our reads and creates.

Measured with the {sizes} sizes on {machine}, Python {python}:

{table}
"""


def run(numbers: Iterable[str], sizes: Sizes, say: Callable[[str], object] = lambda text: None) -> list[Figure]:
    """The figures of these numbers; benchmarks that give several are run once."""
    wanted = list(numbers)
    figures: list[Figure] = []
    for benchmark in dict.fromkeys(BENCHMARKS[number] for number in wanted):
        say(f"{benchmark.__module__.rpartition('.')[2]}.{benchmark.__name__} ...")
        for figure in benchmark(sizes):
            if figure.number in wanted:
                figures.append(figure)
                say(f"  {figure.number} {figure.what}: {figure.met} ({figure.detail})")
    return sorted(figures, key=lambda figure: int(figure.number[1:]))


def main() -> int:
    """Answers 0 when every measured figure reaches its `must`, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", default=",".join(BENCHMARKS), help="numbers such as P4,P6")
    sizes_of = parser.add_mutually_exclusive_group()
    sizes_of.add_argument("--quick", action="store_true", help="smaller sizes; the goals are meant for the full ones")
    sizes_of.add_argument("--tiny", action="store_true", help="only to see that everything runs")
    parser.add_argument("--json", action="store_true", help="JSON to stdout instead of the table")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.name} with the table")
    asked = parser.parse_args()
    numbers = [number.strip().upper() for number in asked.only.split(",")]
    unknown = [number for number in numbers if number not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    # As pip does when it installs a package: P10, P11 and P15 start programs, and their peers come compiled.
    for root in ("simulator", "harness"):
        compileall.compile_dir(DOCUMENT.parents[1] / root, quiet=2)
    sizes = QUICK if asked.quick else TINY if asked.tiny else FULL
    figures = run(numbers, sizes, lambda text: print(text, file=sys.stderr, flush=True))
    if asked.json:
        print(json.dumps([figure.to_json() for figure in figures], indent=1))
    else:
        print(table(figures))
    if asked.write:
        machine = f"{os.cpu_count()} CPUs ({platform.system()}, {platform.machine()})"
        told = TEXT.format(sizes=sizes.name, machine=machine, python=platform.python_version(), table=table(figures))
        DOCUMENT.write_text(told, encoding="utf-8")
    return int(any(figure.met == "missed" for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
