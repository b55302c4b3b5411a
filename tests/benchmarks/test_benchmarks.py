"""The benchmarks run, at sizes that measure nothing; what they measure stands in docs/benchmarks.md."""

from __future__ import annotations

import math

import pytest

from tests.benchmarks.__main__ import BENCHMARKS, Benchmark
from tests.benchmarks.figures import TINY, Figure, table

STARTING_ANEW = {"P10", "P11", "P15"}
"""They start whole commands, several times; the tests of those commands show that they run."""


FUNCTIONS = [
    pytest.param(benchmark, marks=pytest.mark.slow if benchmark is BENCHMARKS["P20"] else (), id=benchmark.__name__)
    for benchmark in dict.fromkeys(BENCHMARKS[number] for number in BENCHMARKS if number not in STARTING_ANEW)
]


@pytest.mark.parametrize("benchmark", FUNCTIONS)
def test_a_benchmark_runs_and_gives_its_figures(benchmark: Benchmark) -> None:
    """Each figure has a ratio that is a number, or says why it was not measured."""
    figures = list(benchmark(TINY))
    assert figures
    for figure in figures:
        assert BENCHMARKS[figure.number] is benchmark
        assert figure.detail
        assert figure.value is None or math.isfinite(figure.value)
        assert (figure.met == "not measured") == (figure.value is None)


@pytest.mark.parametrize(
    ("value", "better", "met"),
    [
        (0.9, "higher", "ambitious"),
        (0.5, "higher", "must"),
        (0.49, "higher", "missed"),
        (0.4, "lower", "must"),
        (0.51, "lower", "missed"),
        (None, "lower", "not measured"),
    ],
)
def test_a_goal_is_met_in_its_own_direction(value: float | None, better: str, met: str) -> None:
    """More is better for some figures, less for others; the table says which."""
    ambitious = 0.9 if better == "higher" else 0.1
    figure = Figure("P0", "this", value, 0.5, ambitious, "higher" if better == "higher" else "lower", "that")
    assert figure.met == met
    assert met in table([figure])
