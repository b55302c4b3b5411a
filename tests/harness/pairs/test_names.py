"""Names of the engine and of vendors: both ways, and through a whole integration."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from leadproof.integration import Integration
from leadproof.integration import load as load_integration
from leadproof.integration.renaming import renamed, renamed_rows
from leadproof.library import checklist, scenarios_folder
from leadproof.names import Names
from leadproof.sandbox import Sandbox
from leadproof.scenario.integrations import Spoken, in_engine_names, load_spoken
from leadproof.scenario.pairs import Pair, spoken

NAMES = Names(
    {"prospect": "prospects"},
    {"prospect": {"first_name": "firstName", "owner": "assignedToId"}, "Lead": {"Owner": "OwnerId"}},
    {"sync": "005"},
)
# What a pair's own file leaves out or says otherwise than the checklist's, with the reason in that file.
DIFFERING = {"status", "comments", "submissions", "grade"}


@pytest.fixture(params=["native", "pardot"])
def pair(request: pytest.FixtureRequest) -> Pair:
    return Pair("salesforce", request.param)


@pytest.fixture
def told(pair: Pair) -> Iterator[Spoken]:
    with Sandbox.start(_folder(pair) / "recipe.yaml", seed=1) as sandbox:
        yield spoken(sandbox, load_integration(_folder(pair) / "leadproof.yaml").systems, None)


def _folder(pair: Pair):  # type: ignore[no-untyped-def]  # a Path
    return scenarios_folder() / "pairs" / str(pair)


def test_there_and_back() -> None:
    """A name that differs is translated both ways, by either name of its object; every other name stays."""
    there, back = NAMES.to_vendor, NAMES.to_engine
    for object in ("prospect", "prospects"):
        assert there.field(object, "first_name") == "firstName"
        assert back.field(object, "firstName") == "first_name"
        assert there.field(object, "firstName") == "firstName"
    assert (there.object("prospect"), back.object("prospects")) == ("prospects", "prospect")
    assert (there.user("sync"), back.user("005"), there.user("kari")) == ("005", "sync", "kari")
    assert there.field("Contact", "Owner") == "Owner"
    assert bool(NAMES)
    assert not Names()


def test_a_part_of_an_integration_is_renamed_where_names_stand() -> None:
    """Fields, objects, links, keys and criteria; choices, campaigns and users are the orgs' own words."""
    tree = {
        "people": {
            "crm": ["Lead", "Contact"], "marketing": "prospect", "match": ["email"],
            "link": {"crm_id_in_marketing": "first_name", "marketing_id_in_crm": "Owner"},
            "deliver": {"when": "qualified", "criteria": {"rows": [["first_name", "=", "Owner"]]}},
            "import": {"when": "criteria", "criteria": {"rows": [["Owner", "is_blank"]]}},
        },
        "fields": [
            {"crm": "Owner", "marketing": "first_name", "values": {"Owner": "first_name"}, "master": {"Lead": "crm"}},
            {"crm": {"Lead": "Owner"}, "extends": "first_name"},
        ],
        "campaigns": [{"crm": "Owner", "marketing": "first_name"}],
        "users": {"map": {"sync": "sync"}},
    }  # fmt: skip
    done = renamed(tree, NAMES.to_vendor, NAMES.to_vendor)
    assert done["people"] == {
        "crm": ["Lead", "Contact"], "marketing": "prospects", "match": ["email"],
        "link": {"crm_id_in_marketing": "firstName", "marketing_id_in_crm": "OwnerId"},
        "deliver": {"when": "qualified", "criteria": {"rows": [["firstName", "=", "Owner"]]}},
        "import": {"when": "criteria", "criteria": {"rows": [["OwnerId", "is_blank"]]}},
    }  # fmt: skip
    assert done["fields"] == [
        {
            "crm": {"Lead": "OwnerId", "Contact": "Owner"}, "marketing": "firstName",
            "values": {"Owner": "first_name"}, "master": {"Lead": "crm"},
        },
        {"crm": {"Lead": "OwnerId"}, "extends": "firstName"},
    ]  # fmt: skip
    assert (done["campaigns"], done["users"]) == (tree["campaigns"], tree["users"])
    assert renamed_rows({"rows": [["a", "=", "a"]], "logic": "1"}, str.upper) == {
        "rows": [["A", "=", "a"]],
        "logic": "1",
    }


def test_a_pairs_integration_is_the_checklists_in_other_names(pair: Pair, told: Spoken) -> None:
    """Translated into the engine's names, it maps the same fields with the same rules, but for what the vendors
    cannot do."""
    mine = in_engine_names(load_integration(_folder(pair) / "leadproof.yaml"), told)
    assert mine.people.model_copy(update={"deliver": None}) == _checklist().people.model_copy(update={"deliver": None})
    for object in ("Lead", "Contact"):
        theirs, ours = _rules(_checklist(), object), _rules(mine, object)
        differing = {id for id in theirs | ours if theirs.get(id) != ours.get(id)}
        assert differing <= DIFFERING
        assert len(ours) > 35


def test_a_native_file_is_read_in_the_vendors_names(pair: Pair, told: Spoken) -> None:
    """The checklist's own file, read for the pair, names what the vendors have; and back it is itself again."""
    vendors = load_spoken(
        checklist() / "leadproof.yaml", {"fields": [{"marketing": "job_title", "clears": "propagate"}]}, told
    )
    fields = {one.marketing_field: one for one in vendors.mappings("Lead")}
    title = fields["jobTitle" if pair.marketing == "pardot" else "job_title"]
    assert (title.crm_field, title.clears) == ("Title", "propagate")
    assert vendors.opportunities is not None
    assert [one.crm for one in vendors.opportunities.fields][2] == "StageName"
    back = in_engine_names(vendors, told)
    assert _rules(back, "Contact").keys() == _rules(_checklist(), "Contact").keys()


def _checklist() -> Integration:
    return load_integration(checklist() / "leadproof.yaml")


def _rules(integration: Integration, object: str) -> dict[str, tuple[object, ...]]:
    return {
        one.id: (one.crm_field, one.master, one.overwrite, one.direction, one.clears, one.answers, one.sticky)
        for one in integration.mappings(object)
    }
