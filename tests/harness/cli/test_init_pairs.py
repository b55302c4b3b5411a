"""`leadproof init` for a pair of vendors: few files, each valid, and the first run passes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from leadproof.cli.app import app
from leadproof.cli.endings import CommandRefused
from leadproof.integration import load, problems_with_schemas
from leadproof.library import starter, starter_pairs
from leadproof.sandbox import Sandbox, load_recipe
from leadproof.systems.ports import Write
from tests.harness.cli.in_process import leadproof

DESCRIBES = Path(__file__).parents[3] / "fixtures" / "vendors" / "salesforce" / "describes"
PAIR = ("--crm", "salesforce", "--marketing", "pardot")


def command(*arguments: object) -> int:
    """The command in this process; its exit code."""
    code = app(args=["init", *map(str, arguments)], standalone_mode=False)
    assert isinstance(code, int)
    return code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What init writes for Salesforce and Account Engagement."""
    assert command(*PAIR, tmp_path / "mine") == 0
    return tmp_path / "mine"


def test_a_pair_starts_from_few_files(folder: Path) -> None:
    """At most six, none of another pair, and none in a folder below but what editors read."""
    names = sorted(one.name for one in folder.rglob("*") if ".leadproof" not in one.parts)
    assert names == ["first-lead.yaml", "leadproof.yaml", "recipe.yaml"]


def test_the_files_are_valid_and_name_what_both_vendors_have(folder: Path) -> None:
    """The recipe builds; every mapped field exists on both sides and may be written as the mapping wants."""
    integration = load(folder / "leadproof.yaml")
    assert integration.systems.crm.dialect == "salesforce"
    assert integration.systems.marketing.dialect == "pardot"
    with Sandbox.start(load_recipe(folder / "recipe.yaml"), seed=1) as sandbox:
        crm, marketing = sandbox.crm("my-crm").describe(), sandbox.marketing("my-marketing").describe()
    assert problems_with_schemas(integration, crm, marketing) == []
    for object in integration.people.crm:
        for mapping in integration.mappings(object):
            assert mapping.marketing_field in marketing["prospects"].fields
    assert {one.crm_field for one in integration.mappings("Lead")} <= crm["Lead"].fields.keys() | {"Department"}


def test_the_vendors_defaults_stand_in_the_file(folder: Path) -> None:
    """Salesforce's value wins, an empty one takes the prospect's; the score is marketing's; opt-out is the latest."""
    by_field = {one.marketing_field: one for one in load(folder / "leadproof.yaml").mappings("Lead")}
    first = by_field["firstName"]
    assert (first.master, first.overwrite, first.clears, first.direction) == ("crm", "if_blank", "keep", "both")
    assert by_field["score"].master == "marketing"
    assert by_field["comments"].master == "marketing"
    assert by_field["optedOut"].master == "latest"


def test_the_first_run_passes(folder: Path) -> None:
    """All checks hold, with the same digest in process and over real sockets."""
    digests = []
    for over in ("process", "http"):
        ran = leadproof("run", ".", "--over", over, "--seed", "5", cwd=folder)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "6 of 6 checks held" in ran.stdout
        digests += re.findall(r"digest (\w+)", ran.stdout)
    assert len(digests) == 2
    assert digests[0] == digests[1]


def test_nothing_is_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second init keeps a person's changes."""
    file = folder / "recipe.yaml"
    file.write_text(file.read_text() + "# mine\n")
    assert command(*PAIR, folder) == 0
    assert f"kept     {file}" in capsys.readouterr().out
    assert file.read_text().endswith("# mine\n")


def test_without_options_it_is_as_it_was(tmp_path: Path) -> None:
    """The native pair's files, which are those at the top of the starter; said or unsaid."""
    assert command(tmp_path / "a") == 0
    assert command("--crm", "native", "--marketing", "native", tmp_path / "b") == 0
    for one in ("a", "b"):
        names = sorted(path.name for path in (tmp_path / one).glob("*.yaml"))
        assert names == sorted(path.name for path in starter().iterdir() if path.is_file())


@pytest.mark.parametrize("asked", [("--crm", "salesforce"), ("--crm", "pardot", "--marketing", "salesforce")])
def test_a_pair_without_a_starter_is_refused_with_those_that_have_one(asked: tuple[str, ...], tmp_path: Path) -> None:
    """Nothing is written then."""
    with pytest.raises(CommandRefused, match="no files to start from") as refused:
        command(*asked, tmp_path / "mine")
    assert "--crm salesforce --marketing pardot" in refused.value.fix
    assert not (tmp_path / "mine").exists()


def test_every_pair_has_a_recipe_an_integration_and_a_scenario() -> None:
    """What `init` and `up` take of a pair."""
    assert starter_pairs()
    for pair in starter_pairs():
        names = {one.name for one in (starter() / pair).iterdir()}
        assert {"recipe.yaml", "leadproof.yaml"} < names
        assert len(names) <= 6


def test_a_real_org_s_fields_come_into_it(folder: Path) -> None:
    """import-schema adds a described org's own fields; a required one that nothing maps then keeps leads away."""
    described = json.loads((DESCRIBES / "lead.json").read_text())
    described["fields"] = [one for one in described["fields"] if one["name"] == "Second_Email__c"]
    (folder / "describe.json").write_text(json.dumps(described))
    asked = ["import-schema", str(folder / "describe.json"), "--into", str(folder / "recipe.yaml")]
    assert app(args=asked, standalone_mode=False) == 0
    with Sandbox.start(load_recipe(folder / "recipe.yaml"), seed=1) as sandbox:
        (result,) = sandbox.crm("my-crm").write([Write("create", "Lead", values={"LastName": "A", "Company": "B"})])
    assert result.refusal is not None
    assert result.refusal.field == "Second_Email__c"
