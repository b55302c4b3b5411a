"""The pair of dialects that scenarios are run on, where it is chosen for the run (`--crm`, `--marketing`).

A folder of scenarios is written for one pair (the shipped checklist for native and native). For another pair its
recipe and integration stand beside it, as `pairs/CRM-MARKETING/`, with what differs there: a vendor's picklists, say.
A file that is not there is the folder's own, with its orgs speaking the other dialects. A scenario that is about what
differs (a vendor's lead statuses) may stand there too, by the same file name, and is played in place of the folder's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from leadproof.integration import Systems
from leadproof.names import Names
from leadproof.sandbox import Sandbox
from leadproof.scenario.document import Loaded, load_scenario
from leadproof.scenario.integrations import Spoken
from leadterms.documents import load
from leadterms.refusals import DocumentRefused, Problem

FOLDER = "pairs"
EXCEPTIONS = "exceptions.yaml"
NATIVE = "native"
STALE = "CFG839"


class SkippedStep(BaseModel):
    """One step that the pair cannot express, by its place in the scenario and what it is, or (without them) all steps
    of the scenario; and why."""

    model_config = ConfigDict(extra="forbid")
    scenario: str
    step: int | None = Field(default=None, ge=1)
    is_: str = Field(default="", alias="is")
    because: str


class Exceptions(BaseModel):
    """What of a folder's scenarios a pair cannot express."""

    model_config = ConfigDict(extra="forbid")
    exceptions: Literal["1"] = "1"
    steps: list[SkippedStep] = []


@dataclass(frozen=True, slots=True)
class Pair:
    """Two dialects by name."""

    crm: str = NATIVE
    marketing: str = NATIVE

    def __str__(self) -> str:
        return f"{self.crm}-{self.marketing}"

    def file(self, folder: Path, name: str) -> Path:
        """The pair's own file of this name for the scenarios of a folder, else the folder's."""
        own = folder.parent / FOLDER / str(self) / name
        return own if own.is_file() else folder / name

    def others(self, folder: Path) -> list[Pair]:
        """The pairs for which the scenarios of a folder have files, where this one is not among them; none where it
        is, where no pair has any, and for the pair that the folder is written for."""
        beside = folder.parent / FOLDER
        if self == Pair() or not beside.is_dir() or (beside / str(self)).is_dir():
            return []
        names = (one.name.partition("-") for one in sorted(beside.iterdir()) if one.is_dir())
        return [Pair(crm, marketing) for crm, _, marketing in names]

    def own(self, loaded: Loaded) -> Loaded:
        """The pair's own telling of a scenario, where it has one, under the id by which the scenario is known: it
        seeds the world and stands in every report. Raises DocumentRefused."""
        path = self.file(loaded.path.parent, loaded.path.name)
        if path == loaded.path:
            return loaded
        return replace(load_scenario(path), id=loaded.id)

    def skipped(self, loaded: Loaded) -> dict[int, str]:
        """The steps of a scenario, by number from 1, that this pair cannot express, and why. Raises DocumentRefused
        for one that is not there any more: then the exception must be looked at again."""
        path = loaded.path.parent.parent / FOLDER / str(self) / EXCEPTIONS
        if not path.is_file():
            return {}
        document = load(path, Exceptions)
        steps = {number: step.step for number, step in enumerate(loaded.steps, 1)}
        found: dict[int, str] = {}
        for place, one in enumerate(document.model.steps):
            if one.scenario != loaded.id:
                continue
            if one.step is None:
                found.update(dict.fromkeys(steps, one.because))
                continue
            if steps.get(one.step) != one.is_:
                there = steps.get(one.step, "no step")
                text = f"Step {one.step} of {loaded.id} is {there}, not {one.is_}."
                raise DocumentRefused(
                    [Problem(document.place("steps", place), STALE, text, "Name the step it is now.")]
                )
            found[one.step] = one.because
        return found

    def speak(self, recipe: Any) -> None:
        """Let every org of a recipe speak its side's dialect."""
        for name, org in recipe.orgs.items():
            org.dialect = self.crm if (org.kind or name.rpartition("-")[2]) == "crm" else self.marketing


def spoken(sandbox: Sandbox, systems: Systems, pair: Pair | None) -> Spoken:
    """What the two orgs of an integration call things."""
    chosen = None if pair is None else (pair.crm, pair.marketing)
    return Spoken(_names(sandbox, systems.crm.org), _names(sandbox, systems.marketing.org), chosen)


def _names(sandbox: Sandbox, org: str) -> Names:
    known = {one.name: one.dialect for one in sandbox.orgs()}
    return sandbox.lab.names(org) if known.get(org, NATIVE) != NATIVE else Names()
