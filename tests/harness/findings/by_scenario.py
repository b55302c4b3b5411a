"""A piece that is a small scenario, or one of the shipped checklist, run with its changes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from leadproof.connector.defects import planted
from leadproof.findings import Finding
from leadproof.library import checklist, scenarios_folder
from leadproof.scenario.document import load_scenario
from leadproof.scenario.runner import Options, Outcome, run_scenario
from leadterms.refusals import DocumentRefused
from leadterms.yamltree import read_tree
from tests.harness.doctor.planted import write_files
from tests.harness.findings.told import refused_file

KEYS = frozenset({"integration", "crm", "marketing", "scenario", "steps", "connector", "files", "pair"})


def play(piece: Mapping[str, Any], code: str, folder: Path) -> list[Finding]:
    """Every finding of the run: causes of what failed, and what a cycle or the doctor told besides, which a last step
    asks for. `pair`: the vendors' files of the shipped pair instead of the checklist's."""
    if "pair" in piece:
        for name in ("leadproof.yaml", "recipe.yaml"):
            shutil.copy(scenarios_folder() / "pairs" / piece["pair"] / name, folder / name)
    else:
        write_files(piece, folder)
    for name, text in piece.get("files", {}).items():
        (folder / name).write_text(text, "utf-8", newline="")
    shutil.copytree(checklist() / "data", folder / "data", dirs_exist_ok=True)
    path = folder / "story.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(_scenario(piece, code), file)
    try:
        loaded = load_scenario(path)
    except DocumentRefused as refused:
        return refused_file(refused)
    connector = planted(piece["connector"]) if "connector" in piece else None
    return findings_of(run_scenario(loaded, Options("1", connector=connector)))


def _scenario(piece: Mapping[str, Any], code: str) -> dict[str, Any]:
    if "scenario" in piece:
        tree, _ = read_tree((checklist() / f"{piece['scenario']}.yaml").read_text("utf-8"), "<scenario>")
        return {**tree, "clean_up": "never"}
    asked = {"check_finding": {"code": code, "absent": "yes"}}
    head: dict[str, Any] = {"scenario": "A piece of the catalogue", "id": "piece"}
    if "pair" in piece:
        head["integration_changes"] = piece.get("integration", {})
    return {**head, "steps": [*piece["steps"], asked]}


def findings_of(outcome: Outcome) -> list[Finding]:
    """The findings of a run, in the order in which they were told."""
    return [Finding.from_json(event.data["finding"]) for event in outcome.events if event.kind == "finding"]
