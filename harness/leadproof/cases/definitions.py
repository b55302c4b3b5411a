"""The library of cases: each is made from a small definition, which says what is wrong and nothing else.

A definition changes the sound set-up (`recipe.yaml` and `leadproof.yaml` beside the folder of definitions) at one
point. The defective set-up is recorded; the sound one is in the case too, as the mend.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from leadproof.cases.case import BUILTIN, Case, Mend, Wanted
from leadproof.cases.recording import About, record_scenario
from leadproof.cases.refusals import CaseRefused
from leadproof.cases.yamltext import yaml_text
from leadproof.scenario.integrations import laid_over
from leadterms.documents import load
from leadterms.yamltree import read_tree

RECIPE, INTEGRATION = "recipe.yaml", "leadproof.yaml"
CRM, MARKETING = "acme-crm", "acme-marketing"
PAIRS: Mapping[str, Mapping[str, str]] = {
    "native": {},
    "salesforce": {CRM: "salesforce"},
    "pardot": {},
}
"""The vendor pairs that a definition can be told in: org -> dialect, where it is not what the sound set-up says. A
pair has a sound set-up of its own where the library has a folder of its name."""
HERE = "defect"
STEPS: list[dict[str, Any] | str] = [
    {"create_lead": {"as": "lead", "in": "marketing", "fill": "basics", "values": {"country": "NO"}}},
    HERE,
    {"sync": {"cycles": "2"}},
    {"clear_faults": {}},
    {"check_no_findings": {}},
    {"check_delivered": {"lead": "$lead"}},
]
"""What most cases do: a lead from marketing should arrive in the CRM, and nobody should have anything to say."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Defect(_Strict):
    """What is wrong: keys of an org, of the integration, of the scenario, a bug of the connector, or what happens:
    `steps` stand where the definition's own say `defect`."""

    crm: dict[str, Any] = Field(default_factory=dict)
    marketing: dict[str, Any] = Field(default_factory=dict)
    integration: dict[str, Any] = Field(default_factory=dict)
    scenario: dict[str, Any] = Field(default_factory=dict)
    steps: list[dict[str, Any]] = Field(default_factory=list)
    connector: str = ""


class Expected(_Strict):
    """The first finding, and what the vendor itself said, exactly; "" where the vendor refuses nothing."""

    finding: str
    message: str = ""


class Definition(_Strict):
    """One cause. `setting`: what the sound set-up needs too; `mend`: the steps that stand in place of the defect's,
    where it is a step that is wrong; `pairs`: what each vendor pair makes of it."""

    title: str
    symptom: str
    catalogue: list[str] = Field(min_length=1)
    setting: Defect = Field(default_factory=Defect)
    defect: Defect
    mend: list[dict[str, Any]] = Field(default_factory=list)
    steps: list[dict[str, Any] | str] = Field(default_factory=list)
    pairs: dict[str, Expected] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Defined:
    """A definition in one vendor pair."""

    name: str
    pair: str
    definition: Definition
    folder: Path

    @property
    def expected(self) -> Expected:
        """What must come of it."""
        return self.definition.pairs[self.pair]

    def files(self, *, defective: bool) -> dict[str, dict[str, Any]]:
        """The scenario, the recipe and the integration as trees, with the defect or without."""
        told = self.definition
        own = self.folder / self.pair
        base = own if own.is_dir() else self.folder
        recipe, integration = _tree(base / RECIPE), _tree(base / INTEGRATION)
        scenario: dict[str, Any] = {"scenario": told.title, "about": told.symptom, "faults": []}
        layers = [told.setting, *([told.defect] if defective else [])]
        for org, dialect in PAIRS[self.pair].items():
            recipe = {**recipe, "orgs": {**recipe["orgs"], org: {**recipe["orgs"][org], "dialect": dialect}}}
            side = "crm" if org == CRM else "marketing"
            integration = laid_over(integration, {"systems": {side: {"dialect": dialect}}})
        for layer in layers:
            for org, changes in ((CRM, layer.crm), (MARKETING, layer.marketing)):
                recipe = {**recipe, "orgs": {**recipe["orgs"], org: _org_over(recipe["orgs"][org], changes)}}
            integration = laid_over(integration, layer.integration)
            scenario = laid_over(scenario, layer.scenario)
        happens = told.defect.steps if defective else told.mend
        whole = told.steps or STEPS
        scenario["steps"] = [step for one in whole for step in (happens if one == HERE else [one])]
        return {f"{self.name}.yaml": scenario, RECIPE: recipe, INTEGRATION: integration}


def defined(folder: Path) -> Iterator[Defined]:
    """Every definition of a library's folder in every pair it names, sorted. Raises DocumentRefused."""
    for path in sorted((folder / "definitions").glob("*.yaml")):
        definition = load(path, Definition).model
        for pair in sorted(definition.pairs):
            if pair not in PAIRS:
                raise CaseRefused("RUN840", f"{path} names the pair {pair!r}.", f"Use one of {', '.join(PAIRS)}.")
            yield Defined(f"{path.stem}.{pair}", pair, definition, folder)


def build(one: Defined) -> Case:
    """Record the defective set-up; the case says how it is mended. Raises CaseRefused where it does not show the
    finding and the vendor's words that the definition promises."""
    wrong, right = one.files(defective=True), one.files(defective=False)
    mended = {name: yaml_text(tree).encode() for name, tree in right.items() if tree != wrong[name]}
    definition = one.definition
    connector = definition.defect.connector
    with tempfile.TemporaryDirectory(prefix="leadproof-case-") as folder:
        for name, tree in wrong.items():
            Path(folder, name).write_text(yaml_text(tree), encoding="utf-8", newline="\n")
        about = About(
            definition.title,
            definition.symptom,
            tuple(definition.catalogue),
            one.expected.message,
            Mend(files=sorted(mended), connector=BUILTIN if connector else ""),
        )
        case = record_scenario(
            Path(folder, f"{one.name}.yaml"),
            connector=f"planted:{connector}" if connector else BUILTIN,
            about=about,
        )
    case = case.with_files({f"mended/{name}": data for name, data in mended.items()})
    _prove(one, case)
    others = [code for code in case.sheet.expected.findings if code != one.expected.finding]
    expected = Wanted(verdict=case.sheet.expected.verdict, findings=[one.expected.finding, *others])
    return case.with_sheet(expected=expected)


def _prove(one: Defined, case: Case) -> None:
    found, wanted = case.sheet.expected, one.expected
    if found.verdict == "passed" or wanted.finding not in found.findings:
        told = ", ".join(found.findings) or "no finding"
        text = f"{one.name} ends {found.verdict} with {told}; its definition promises {wanted.finding}."
        raise CaseRefused("CFG887", text, "Correct the definition, or what should have been found.")
    if wanted.message and not said(case, wanted.message):
        text = f"{one.name}: no system ever said {wanted.message!r}."
        raise CaseRefused("CFG887", text, "Correct the definition, or what the system should have said.")


def said(case: Case, message: str) -> bool:
    """Whether a system answered with these words, in a body as it was sent."""
    needle = message.encode()
    quoted = message.replace("\\", "\\\\").replace('"', '\\"').encode()
    bodies = [one.response.body for one in case.traffic if one.response is not None]
    return any(needle in body or quoted in body for body in bodies)


def _org_over(org: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """An org of the recipe with changes laid over it: its fields one by one, by object and id; the rest key by key."""
    made = dict(org)
    for key, change in changes.items():
        if key == "fields":
            held = {(one["object"], one["id"]): one for one in org["fields"]}
            held.update({pair: {**held.get(pair, {}), **one} for one in change if (pair := (one["object"], one["id"]))})
            made[key] = [{name: value for name, value in one.items() if value is not None} for one in held.values()]
        elif key in ("users", "logins"):
            name = "id" if key == "users" else "actor"
            told = {one[name]: one for one in change}
            made[key] = [{**one, **told.pop(one[name], {})} for one in org[key]] + list(told.values())
        elif isinstance(change, dict) and isinstance(org.get(key), dict):
            made[key] = {**org[key], **change}
        else:
            made[key] = change
    return made


def _tree(path: Path) -> dict[str, Any]:
    tree, _ = read_tree(path.read_text(encoding="utf-8"), str(path))
    assert isinstance(tree, dict)
    return dict(tree)
