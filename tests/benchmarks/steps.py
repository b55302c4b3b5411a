"""P12: a scenario's step in process against the bare call that it makes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from leadproof.library import scenarios_folder
from leadproof.scenario.document import Loaded, load_scenario
from leadproof.scenario.runner import Options, run_scenario
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import best
from tests.benchmarks.orgs import Caller, lead, sandbox

HEAD = """
scenario: Many edits of one lead
covers: [A3]
clean_up: never
steps:
  - create_lead: {as: lead, in: crm, fill: basics, values: {Company: Acme}}
"""
TAIL = "  - check_field: {lead: $lead, in: crm, field: Company, is: Acme}\n"


def step(sizes: Sizes) -> Iterator[Figure]:
    """CPU of an `edit` step, its events included, against one PATCH by the bare client."""
    edits = max(5, sizes.requests // 10)
    with tempfile.TemporaryDirectory() as folder, sandbox() as box:
        empty, full = (_scenario(Path(folder) / name, count) for name, count in (("empty", 0), ("full", edits)))
        caller = Caller.of(box)
        (id,) = caller.create("Lead", [lead(1)])
        asked = [
            caller.request("PATCH", f"records/Lead/{id}", {"values": {"Phone": f"+47 22 12 {n % 90 + 10} 56"}})
            for n in range(edits)
        ]
        none, many, bare = best(
            sizes.rounds,
            lambda: _run(empty),
            lambda: _run(full),
            lambda: [caller.send(request) for request in asked],
        )
    own, other = max(many - none, 0.0) / edits, bare / edits
    yield Figure(
        "P12",
        "in-process scenario step / a bare ASGI call",
        own / other,
        8,
        3,
        "lower",
        f"{own * 1e6:.0f} us / {other * 1e6:.0f} us",
    )


def _scenario(folder: Path, edits: int) -> Loaded:
    shutil.copytree(scenarios_folder() / "checklist", folder)
    rows = [
        f'  - edit: {{lead: $lead, in: crm, values: {{Phone: "+47 22 12 {n % 90 + 10} 56"}}}}\n' for n in range(edits)
    ]
    path = folder / "many-edits.yaml"
    path.write_text(HEAD.lstrip() + "".join(rows) + TAIL, encoding="utf-8")
    return load_scenario(path)


def _run(scenario: Loaded) -> None:
    outcome = run_scenario(scenario, Options(seed="1"))
    if outcome.verdict != "passed":
        raise RuntimeError(f"the scenario did not pass: {outcome.reason}")
