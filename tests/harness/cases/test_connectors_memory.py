"""before/connector.json: whom a connector had linked when the recording of a running one began."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from leadproof.cases.capturing import Source, case_of_traffic
from leadproof.cases.case import CONNECTOR, Case
from leadproof.cases.client import replay_as_client
from leadproof.cases.links import NOT_TOLD, Linked, link_fields, links_of_facts, links_of_traffic
from leadproof.cases.live import Wish, serve_systems
from leadproof.cases.recording import record_scenario
from leadproof.cases.story import traffic_of
from leadproof.connector import Connector
from leadproof.integration import Integration, load
from leadproof.library import checklist, starter
from leadproof.sandbox import Sandbox, load_recipe
from leadproof.systems.ports import Crm, Marketing
from leadproof.systems.records import Write


@dataclass
class Running:
    """A sandbox with a connector that has linked one person, and then another while a recording ran."""

    sandbox: Sandbox
    integration: Integration
    before: list[Linked]
    """What it had linked, as the systems' own clients tell."""
    facts: list[dict[str, object]]
    began: int
    recipe: Any


def linked_now(crm: Crm, marketing: Marketing, integration: Integration) -> list[Linked]:
    """Every pair whose two records name each other."""
    fields = link_fields(integration)
    people = {one.id: one for one in marketing.find(fields.marketing_object, None, [fields.crm_id_in_marketing])}
    found = []
    for object in fields.crm_objects:
        for record in crm.find(object, None, [fields.marketing_id_in_crm]):
            other = str(record.values.get(fields.marketing_id_in_crm) or "")
            if other and people[other].values[fields.crm_id_in_marketing] == record.id:
                found.append(Linked(object, record.id, other, "both"))
    return found


@pytest.fixture(params=["native", "salesforce-pardot"])
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    """One person linked before the recording began, one while it ran, and one of each side who never was."""
    folder = starter() if request.param == "native" else starter() / request.param
    integration = load(folder / "leadproof.yaml")
    object = integration.people.marketing
    recipe = load_recipe(folder / "recipe.yaml")
    with Sandbox.start(recipe, seed="5") as sandbox:
        crm, marketing = sandbox.crm(integration.systems.crm.org), sandbox.marketing(integration.systems.marketing.org)
        connector = Connector(integration, crm, marketing, None)
        connector.install()
        last = next(one.marketing_field for one in integration.mappings("Lead") if one.crm_field == "LastName")
        company = next(one.marketing_field for one in integration.mappings("Lead") if one.crm_field == "Company")

        def enter(name: str) -> None:
            values = {"email": f"{name}@fjord.example", str(last): name, str(company): "Fjord"}
            (result,) = marketing.write([Write("create", object, None, None, values)])
            assert result.outcome == "created", result

        for name in ("anna", "bente"):
            enter(name)
            connector.cycle()
            connector.cycle()
            if name == "anna":
                before = linked_now(crm, marketing, integration)
                began = sandbox.lab.last_fact()
        (first,) = before
        for side, object, id, field in (
            (sandbox.crm(crm.name, "tester"), "Lead", first.crm_id, "LastName"),
            (sandbox.marketing(marketing.name, "tester"), integration.people.marketing, first.marketing_id, str(last)),
        ):
            (result,) = side.write([Write("update", object, id, None, {field: "Anders"})])
            assert result.outcome == "updated", result
        connector.cycle()
        enter("cato")
        yield Running(sandbox, integration, before, [dict(one) for one in sandbox.lab.journal()], began, recipe)


def names_of(running: Running) -> dict[str, object]:
    return {one.name: running.sandbox.lab.names(one.name) for one in running.sandbox.orgs()}


def test_links_from_before_are_known_by_the_journal(running: Running) -> None:
    """Both sides of a running sandbox tell the pair, in the ids that the vendors' clients see."""
    assert len(running.before) == 1
    fields = link_fields(running.integration, names_of(running))  # type: ignore[arg-type]
    began = [one for one in running.facts if int(str(one["n"])) <= running.began]
    assert links_of_facts(began, fields) == running.before


def test_links_from_before_are_known_by_the_traffic(running: Running) -> None:
    """Where nobody can look into the systems, what they answer tells the pair; one that is made while recording is
    none from before."""
    recorded = traffic_of(one for one in running.facts if int(str(one["n"])) > running.began)
    assert links_of_traffic(recorded, link_fields(running.integration)) == running.before


@pytest.mark.parametrize("seed", ["5", "another"])
def test_all_that_a_connector_asked_is_asked_again(running: Running, seed: str) -> None:
    """From the journal, of both systems and all actors: a sandbox made anew answers all of it as recorded; one log-in
    at Salesforce is for Account Engagement too."""
    source = Source(running.recipe, running.recipe.text, "5")
    case = case_of_traffic(traffic_of(running.facts), title="x", source=source)
    compared = replay_as_client(case, seed=seed)
    assert (compared.differences, compared.unsent) == ([], [])
    assert compared.exchanges > 40


def told(case: Case) -> dict[str, list[object]]:
    return dict(json.loads(case.files[CONNECTOR]))


def test_a_case_says_what_it_does_not_know(running: Running, tmp_path: Path) -> None:
    """Settled pairs, cursors and intents of a connector of somebody's are unknown, and without an integration its
    links; a client of the recorded systems finds the file."""
    recorded = traffic_of(running.facts)
    case = case_of_traffic(recorded, title="x", links=running.before)
    assert told(case)["unknown"] == list(NOT_TOLD)
    (link,) = running.before
    assert told(case)["links"] == [
        {"kind": "person", "crm_object": "Lead", "crm_id": link.crm_id, "marketing_id": link.marketing_id,
         "told_by": "both"}
    ]  # fmt: skip
    assert told(case_of_traffic(recorded, title="x"))["unknown"] == ["links", *NOT_TOLD]

    copy = tmp_path / "copy.json"
    program = f"import os, shutil; shutil.copy(os.environ['LEADPROOF_CONNECTOR_STATE'], {str(copy)!r})"
    _, code = serve_systems(case, Wish("", command=(sys.executable, "-c", program)))
    assert (code, copy.read_bytes()) == (0, case.files[CONNECTOR])


def test_a_scenarios_connector_begins_with_nothing() -> None:
    """Nothing is linked, and nothing about that is unknown."""
    memory = told(record_scenario(checklist() / "impossible-rule.yaml"))
    assert (memory["links"], memory["unknown"]) == ([], [])
