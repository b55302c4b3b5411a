"""The scenario file: its model, reading it, and finding the files of a folder (formats.md "Scenario")."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from leadproof.scenario.faults import Fault
from leadproof.scenario.registry import Check, Step, load_all
from leadterms.documents import Document, load
from leadterms.refusals import DocumentRefused, Place, Problem

SAME_ID = "CFG831"
OTHER_KIND = "CFG806"
OTHER_KINDS = {"recipe": "a recipe", "leadproof": "an integration"}
"""By the first key of the file."""
NOT_ONE_STEP = "CFG832"
NO_CHECK = "CFG834"
NOT_READABLE = "CFG801"


class StepItemBase(BaseModel):
    """One item of `steps`: exactly one step's name, with its keys under it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1, "maxProperties": 1})

    @model_validator(mode="after")
    def _exactly_one(self) -> StepItemBase:
        if len(self.model_fields_set) != 1 or self.step is None:
            names = ", ".join(sorted(self.model_fields_set)) or "none"
            raise PydanticCustomError(
                NOT_ONE_STEP,
                "An item of `steps` holds exactly one step with its keys; this one holds: {names}.",
                {"names": names, "fix": "Begin each step with its own dash; write `- sync: {}` for no keys."},
            )
        return self

    @property
    def step(self) -> Step | None:
        """The one step that the item holds."""
        for name in self.model_fields_set:
            held: Step | None = getattr(self, name)
            return held
        return None


class ScenarioBase(BaseModel):
    """A scenario: what it proves in plain words, its files, its steps in their order.

    `covers` names rows of product.md. `order` is its place among the scenarios of its folder: those that have one
    run first, the lowest first; the others follow by name. `integration_changes` is laid over the integration:
    mappings are merged key by key, a field mapping replaces the one of the same pair, any other list the list.
    """

    model_config = ConfigDict(extra="forbid")
    scenario: str = Field(min_length=1)
    id: str = Field(default="", pattern=r"^[a-z0-9][a-z0-9-]*$|^$")
    about: str = ""
    covers: list[str] = Field(default_factory=list)
    order: int | None = Field(default=None, ge=1)
    integration: str = "leadproof.yaml"
    integrations: list[str] = Field(default_factory=list)
    integration_changes: dict[str, Any] = Field(default_factory=dict)
    recipe: str = "recipe.yaml"
    faults: list[Fault] = Field(default_factory=list)
    clean_up: Literal["on_live", "always", "never"] = "on_live"

    @model_validator(mode="after")
    def _proves_something(self) -> ScenarioBase:
        items: list[StepItemBase] = getattr(self, "steps", [])
        if items and not any(isinstance(item.step, Check) for item in items):
            raise PydanticCustomError(
                NO_CHECK,
                "The scenario has no check, so it would pass whatever happens.",
                {"fix": "Say what must be true at the end, for instance `- check_oracle: {}`."},
            )
        return self

    @property
    def integration_files(self) -> list[str]:
        """The connections of this scenario, usually one."""
        return self.integrations or [self.integration]


@cache
def scenario_model() -> type[ScenarioBase]:
    """The whole model, with every registered step as a key of a step item."""
    fields: dict[str, Any] = {
        name: (kind | None, Field(default=None, description=kind.__doc__)) for name, kind in load_all().items()
    }
    item = create_model("StepItem", __base__=StepItemBase, __doc__=StepItemBase.__doc__, **fields)
    return create_model(
        "Scenario",
        __base__=ScenarioBase,
        __doc__=ScenarioBase.__doc__,
        steps=(list[item], Field(min_length=1)),  # type: ignore[valid-type]
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario that was read: `id` seeds its world and names it in every report."""

    id: str
    path: Path
    document: Document[ScenarioBase]

    @property
    def scenario(self) -> ScenarioBase:
        return self.document.model

    @property
    def title(self) -> str:
        return self.document.model.scenario

    @property
    def steps(self) -> list[Step]:
        items: list[StepItemBase] = self.document.model.steps  # type: ignore[attr-defined]
        return [item.step for item in items if item.step is not None]

    @property
    def file(self) -> str:
        """The path as people see it: relative to the current folder where it is inside."""
        return shown_path(self.path)

    def place(self, number: int) -> Place:
        """Where step `number` (from 0) stands."""
        items: list[StepItemBase] = self.document.model.steps  # type: ignore[attr-defined]
        name = next(iter(items[number].model_fields_set))
        at = self.document.marks.at(("steps", number)).keys.get(name)
        line, column = at or (self.document.place("steps", number).line, 1)
        return Place(self.file, line, column)

    @property
    def words(self) -> str:
        """What `-k` looks at."""
        return " ".join([self.id, self.title, *self.scenario.covers])


def shown_path(path: Path) -> str:
    """A path for people: relative to the current folder where it is inside it."""
    return _shown(path, Path.cwd())


@lru_cache(maxsize=256)
def _shown(path: Path, here: Path) -> str:
    try:
        return path.resolve().relative_to(here).as_posix()
    except ValueError:
        return path.as_posix()


def load_scenario(path: Path) -> Loaded:
    """Read one file. Raises DocumentRefused with every problem and its place; of a file of another kind, which."""
    try:
        document: Document[ScenarioBase] = load(path, scenario_model())
    except DocumentRefused:
        other = next((kind for key, kind in OTHER_KINDS.items() if _begins(path, key)), "")
        if not other or _is_scenario(path):
            raise
        text = f"This is {other}, and no scenario."
        fix = "Name a scenario, or the folder that holds it."
        raise DocumentRefused([Problem(Place(str(path), 1, 1), OTHER_KIND, text, fix)]) from None
    return Loaded(document.model.id or path.stem, path, document)


def scenario_files(paths: Iterable[Path]) -> list[Path]:
    """The files named, and those in the folders named that are scenarios, each once, sorted within a folder."""
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*.yaml") if _is_scenario(one))
            found.update((one.resolve(), one) for one in inside if one.resolve() not in found)
        else:
            found.setdefault(path.resolve(), path)
    return list(found.values())


def _is_scenario(path: Path) -> bool:
    """A scenario's first key is `scenario`: recipes and integrations in the same folder begin otherwise."""
    return _begins(path, "scenario")


def _begins(path: Path, key: str) -> bool:
    """Whether the file holds this key at its top."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    return any(line.startswith(f"{key}:") for line in text.splitlines())


def load_scenarios(paths: Sequence[Path]) -> list[Loaded]:
    """All scenarios of these files and folders. Raises DocumentRefused with the problems of all files at once."""
    problems: list[Problem] = []
    loaded: dict[str, Loaded] = {}
    for path in scenario_files(paths):
        try:
            one = load_scenario(path)
        except DocumentRefused as refused:
            problems.extend(refused.problems)
            continue
        if one.id in loaded:
            text = f"The scenario's id {one.id!r} is also that of {loaded[one.id].file}."
            problems.append(Problem(Place(one.file, 1, 1), SAME_ID, text, "Give one of them another `id`."))
        loaded[one.id] = one
    if problems:
        raise DocumentRefused(problems)
    return _ordered(paths, list(loaded.values()))


def _ordered(paths: Sequence[Path], loaded: list[Loaded]) -> list[Loaded]:
    """Files stay where they were named; within a folder those that say their `order` come first."""
    folders = [path.resolve() for path in paths if path.is_dir()]

    def rank(number: int) -> tuple[int, float, int]:
        one = loaded[number]
        inside = [at for at, folder in enumerate(folders) if folder in one.path.resolve().parents]
        if not inside:
            return (number, 0, number)
        first = next(n for n, other in enumerate(loaded) if folders[inside[0]] in other.path.resolve().parents)
        return (first, one.scenario.order or math.inf, number)

    return [loaded[number] for number in sorted(range(len(loaded)), key=rank)]
