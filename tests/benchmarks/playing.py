"""P19, P20: what a project's own suite waits for: whole scenarios, and the set-up of the pytest fixtures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from leadproof.library import checklist
from leadproof.scenario.document import Loaded, load_scenario
from leadproof.scenario.runner import Options, run_scenario
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import best, command_cpu, python
from tests.benchmarks.orgs import Caller, lead, sandbox

NAMES = (
    "false-phone",
    "assignment-rules",
    "lead-from-crm",
    "edits-both-ways",
    "answer-lost",
    "merge",
    "consent",
    "import-rows",
)
"""Of the checklist: forms, owners, both directions, a fault, a merge, an import."""
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header")
FIXTURES = ("leadproof_crm", "leadproof_marketing", "leadproof_connector")
TESTS = """
import pytest
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel, create_engine
from leadsim.engine import tables

@pytest.fixture
def databases():
    made = [create_engine("sqlite://", poolclass=StaticPool) for _ in range(2)]
    for one in made:
        SQLModel.metadata.create_all(one)
    yield made
    for one in made:
        one.dispose()

@pytest.mark.parametrize("number", range({count}))
def test_it({fixtures}number):
    pass
"""


def scenarios(sizes: Sizes) -> Iterator[Figure]:
    """P19: CPU of scenarios from reading nothing but their steps to their verdict, worlds built and all, against the
    bare calls that were made in them."""
    chosen = [
        load_scenario(checklist() / f"{name}.yaml") for name in NAMES[: max(1, min(len(NAMES), sizes.requests // 20))]
    ]
    calls = sum(_calls(one) for one in chosen)
    with sandbox() as box:
        caller = Caller.of(box)
        (id,) = caller.create("Lead", [lead(1)])
        asked = [
            caller.request("PATCH", f"records/Lead/{id}", {"values": {"Phone": f"+47 22 12 {n % 90 + 10} 56"}})
            for n in range(max(20, sizes.requests // 10))
        ]
        played, bare = best(
            sizes.rounds,
            lambda: [run_scenario(one, Options()) for one in chosen],
            lambda: [caller.send(request) for request in asked],
        )
    called = bare / len(asked) * calls
    yield Figure(
        "P19",
        "a scenario of the checklist / the bare calls in it",
        played / called,
        8,
        3,
        "lower",
        f"{len(chosen) / played:.1f} scenarios a second on one core, {calls / len(chosen):.0f} calls each",
    )


def _calls(one: Loaded) -> int:
    """How many requests a scenario makes, the connector's and its own; it must pass."""
    outcome = run_scenario(one, Options(facts=True))
    if outcome.verdict != "passed":
        raise RuntimeError(f"{one.id} did not pass: {outcome.reason}")
    return sum(event.kind == "exchange" for event in outcome.events)


def fixtures(sizes: Sizes) -> Iterator[Figure]:
    """P20: CPU of setting up and tearing down both orgs, their clients and the connector for one test, against two
    empty SQLite databases with the same tables, which is the least that a project of its own would make."""
    count = max(3, sizes.requests // 20)
    asked = (FIXTURES, ("databases",), ())
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        # One test of each kind beside many: what is imported for the first is taken off.
        commands = [_tests(folder, number, names, many) for number, names in enumerate(asked) for many in (1, count)]
        times = best(
            min(sizes.rounds, 3),
            *(command.copy for command in commands),
            by=lambda made: command_cpu(made(), cwd=folder, env=_environment()),
        )
    own, other, none = ((many - one) / (count - 1) for one, many in zip(times[::2], times[1::2], strict=True))
    mine, theirs = max(own - none, 0.0), max(other - none, 1e-9)
    yield Figure(
        "P20",
        "set-up of the pytest fixtures / of two empty databases",
        mine / theirs,
        8,
        2,
        "lower",
        f"CPU {mine * 1e3:.1f} ms / {theirs * 1e3:.1f} ms a test",
    )


def _tests(folder: Path, number: int, asked: tuple[str, ...], count: int) -> list[str]:
    file = folder / f"test_{number}_{count}.py"
    text = TESTS.format(count=count, fixtures="".join(f"{one}, " for one in asked))
    file.write_text(text, encoding="utf-8")
    plugin = ("-p", "leadproof.pytest_plugin") if asked == FIXTURES else ()
    return python(*PYTEST, *plugin, file.name)


def _environment() -> dict[str, str]:
    """Not the settings of a suite that runs this, and no plugin that happens to be installed."""
    told = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**told, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
