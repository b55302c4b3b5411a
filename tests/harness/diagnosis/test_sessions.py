"""A session that is over before it can be used is no refused login: the login was accepted, again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadproof.findings import At, Finding
from leadproof.library import checklist, scenarios_folder
from leadterms.refusals import Place
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario

STEPS = """
create_lead: {as: lead, in: marketing, fill: basics}
sync: {cycles: 1}
check_delivered: {lead: $lead}
"""
LOGIN = "{actor: connector, user: sync}"


def told(folder: Path, recipe: str = "", steps: str = STEPS, **changes: Any) -> list[Finding]:
    """The causes of a lead that was not delivered, in their order."""
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    files = {"files": {"recipe.yaml": recipe}} if recipe else {}
    return by_scenario.play({"steps": read, **files, **changes}, "CON104", folder)


def recipe_of(pair: Path, org: int, login: str) -> str:
    """A recipe with another login of the connector in the CRM (0) or in marketing (1)."""
    parts = (pair / "recipe.yaml").read_text("utf-8").split(LOGIN)
    assert len(parts) == 3
    kept = [LOGIN, LOGIN]
    kept[org] = login
    return parts[0] + kept[0] + parts[1] + kept[1] + parts[2]


@pytest.mark.parametrize(("org", "name"), [(0, "acme-crm"), (1, "acme-marketing")])
def test_a_session_of_a_second_is_told_at_the_login_that_gives_it(org: int, name: str, tmp_path: Path) -> None:
    """How long it lasts, the recipe's line, and the line with a longer one; nothing says that the login is refused."""
    login = "{actor: connector, user: sync, expires_seconds: 1}"
    found = told(tmp_path, recipe_of(checklist(), org, login))
    first = found[0]
    assert (first.code, first.level) == ("CON104", "error")
    assert f"{name} accepts the connector's login" in first.cause
    assert "of 1 second was over" in first.cause
    assert "+      - {actor: connector, user: sync, expires_seconds: 3600}" in str(first.patch)
    place = next(one for one in first.places if isinstance(one, Place))
    assert login in (tmp_path / "recipe.yaml").read_text("utf-8").splitlines()[place.line - 1]
    assert name in [one.org for one in first.places if isinstance(one, At)]
    assert "CON110" not in [one.code for one in found[:2]]


@pytest.mark.parametrize("pair", ["salesforce-native", "salesforce-pardot"])
def test_vendors_say_it_in_the_words_of_a_wrong_login(pair: str, tmp_path: Path) -> None:
    """The session is Salesforce's, which Account Engagement takes too: the setting of the recipe tells it apart."""
    recipe = recipe_of(scenarios_folder() / "pairs" / pair, 0, "{actor: connector, user: sync, expires_seconds: 1}")
    first = told(tmp_path, recipe, pair=pair)[0]
    assert first.code == "CON104"
    assert "acme-crm accepts the connector's login" in first.cause


@pytest.mark.parametrize(
    ("code", "crm"),
    [
        ("CON110", {"users": [{"id": "sync", "active": False}]}),
        ("CON111", {"logins": [{"actor": "connector", "user": "sync", "may": ["read", "write"]}]}),
    ],
)
def test_a_login_or_a_permission_that_is_refused_is_not_the_sessions_length(
    code: str, crm: dict[str, Any], tmp_path: Path
) -> None:
    """No login was accepted, or what was refused says why."""
    found = told(tmp_path, crm=crm)
    assert found[0].code == code
    assert "CON104" not in [one.code for one in found]


def test_a_session_that_is_renewed_in_time_stops_nothing(tmp_path: Path) -> None:
    """It ends in the middle of the work, and the connector asks for another one: the lead arrives."""
    recipe = recipe_of(checklist(), 0, "{actor: connector, user: sync, expires_seconds: 20}")
    assert "CON104" not in [one.code for one in told(tmp_path, recipe)]
