"""P18: replaying a case, from its file to its verdict, against the bare run of the scenario in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from leadproof.cases.definitions import build, defined
from leadproof.cases.judging import Replay, replay_file
from leadproof.scenario.document import load_scenario
from leadproof.scenario.runner import Options, run_scenario
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import best

LIBRARY = Path(__file__).parents[2] / "fixtures" / "cases"
NAMES = ("last-name-blank.native", "validation-rule.salesforce", "rule-impossible.native")


def replays(sizes: Sizes) -> Iterator[Figure]:
    """Three cases of the library, reading and judging included; on one core, so many a second of CPU."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        files, scenarios = [], []
        for one in defined(LIBRARY):
            if one.name in NAMES:
                case = build(one)
                case.write(folder / f"{one.name}.case")
                files.append(folder / f"{one.name}.case")
                scenarios.append(load_scenario(case.lay_out(folder / one.name)))
        replayed, ran = best(
            max(2, sizes.rounds),
            lambda: [replay_file(path, Replay()) for path in files],
            lambda: [run_scenario(loaded, Options()) for loaded in scenarios],
        )
    yield Figure(
        "P18",
        "a replayed case / the bare run of its scenario",
        replayed / ran,
        2,
        1.3,
        "lower",
        f"{len(files) / replayed:.1f} cases a second on one core",
    )
