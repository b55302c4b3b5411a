"""Records a run of a scenario as a case."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from leadproof.cases.before import state_before
from leadproof.cases.case import (
    BUILTIN,
    CONNECTOR,
    EXPECTED,
    TRAFFIC,
    Case,
    Files,
    Mend,
    Redaction,
    Sheet,
    Vendors,
    Wanted,
    scenario_files,
)
from leadproof.cases.connectors import connector_named
from leadproof.cases.har import write_har
from leadproof.cases.links import memory_json
from leadproof.cases.story import Story, story_of, traffic_of
from leadproof.sandbox import load_recipe
from leadproof.scenario.document import Loaded, load_scenario
from leadproof.scenario.runner import Options, Outcome, run_scenario
from leadproof.version import VERSION
from leadterms.documents import Document
from leadterms.refusals import DocumentRefused


@dataclass(frozen=True, slots=True)
class About:
    """What a person says about the case; what is left out is taken from the scenario."""

    title: str = ""
    symptom: str = ""
    catalogue: tuple[str, ...] = ()
    message: str = ""
    mend: Mend | None = None


def record_scenario(
    path: Path,
    *,
    seed: str = "1",
    over: Literal["process", "http"] = "process",
    connector: str = BUILTIN,
    about: About | None = None,
) -> Case:
    """Run the scenario and keep what is needed to run it again. People stay as they are: see `redaction`.

    Raises DocumentRefused for a scenario file that cannot be read; a recipe or an integration that is refused is part
    of the case.
    """
    loaded = load_scenario(path)
    outcome = run_scenario(loaded, Options(seed=seed, over=over, facts=True, connector=connector_named(connector)))
    return case_of(loaded, outcome, seed=seed, connector=connector, about=about or About())


def case_of(loaded: Loaded, outcome: Outcome, *, seed: str, connector: str, about: About) -> Case:
    """The case of a run that has just been done; it must have told its facts."""
    story = story_of(outcome)
    names, sources = files_of(loaded)
    files = {name: sources[outside].read_bytes() for name, outside in scenario_files(names).items()}
    files |= _before(loaded, seed)
    files[CONNECTOR] = memory_json()
    files[TRAFFIC] = write_har(traffic_of(story.facts), VERSION)
    files[EXPECTED] = expectation(story)
    recipe = _recipe(loaded)
    sheet = Sheet(
        case=1,
        title=about.title or loaded.title,
        symptom=about.symptom or loaded.scenario.about,
        catalogue=list(about.catalogue),
        message=about.message,
        vendors=_vendors(loaded, recipe),
        expected=Wanted(verdict=outcome.verdict, findings=story.codes),
        seed=seed,
        clock=recipe.model.clock.isoformat() if recipe is not None and recipe.model.clock else "",
        connector=connector,
        files=names,
        mend=about.mend,
        redacted=Redaction(),
    )
    return Case(sheet, files)


def expectation(story: Story) -> bytes:
    """expected.json."""
    return orjson.dumps(story.to_json(), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def files_of(loaded: Loaded) -> tuple[Files, dict[str, Path]]:
    """The names of the scenario's files below their common folder, and where each stands."""
    folder = loaded.path.resolve().parent
    scenario = loaded.scenario
    steps: list[Any] = loaded.steps
    data = [str(step.file) for step in steps if step.step == "import_csv"]
    referred = [scenario.recipe, *scenario.integration_files, *dict.fromkeys(data)]
    places = [(folder / name).resolve() for name in referred]
    root = Path(os.path.commonpath([folder, *(place.parent for place in places)]))
    names = [place.relative_to(root).as_posix() for place in places]
    count = len(scenario.integration_files)
    own = loaded.path.resolve().relative_to(root).as_posix()
    files = Files(scenario=own, recipe=names[0], integrations=names[1 : 1 + count], data=names[1 + count :])
    return files, {own: loaded.path, **dict(zip(names, places, strict=True))}


def _before(loaded: Loaded, seed: str) -> dict[str, bytes]:
    recipe = _recipe(loaded)
    try:
        return state_before(recipe, seed, loaded.id) if recipe is not None else {}
    except DocumentRefused:
        return {}  # there is no such world, and that is what the case is about


def _recipe(loaded: Loaded) -> Document[Any] | None:
    try:
        return load_recipe(loaded.path.parent / loaded.scenario.recipe)
    except DocumentRefused:
        return None


def _vendors(loaded: Loaded, recipe: Document[Any] | None) -> Vendors:
    from leadproof.scenario.integrations import load_integration

    if recipe is not None:
        try:
            first = load_integration(loaded.path.parent / loaded.scenario.integration_files[0], {})
            orgs = recipe.model.orgs
            crm, marketing = (orgs[one.org].dialect for one in (first.systems.crm, first.systems.marketing))
            return Vendors(crm=crm, marketing=marketing)
        except (DocumentRefused, KeyError):
            pass
    return Vendors(crm="unknown", marketing="unknown")
