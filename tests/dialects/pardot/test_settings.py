"""How a business unit is set up where no API tells it: sync behaviours, lagging reads, whose sessions it takes."""

from __future__ import annotations

from leadsim.dialects.pardot.names import names_v4
from leadsim.recipe import Recipe
from tests.dialects.pardot.desk import Desk
from tests.dialects.pardot.speaker import ORG, with_session
from tests.dialects.salesforce.speaker import log_in as log_in_to_salesforce
from tests.gateway.caller import build, recipe_with


def test_sync_behaviours_are_kept_by_field() -> None:
    """From the recipe, changed by the control API, refused for a field that isn't there and a word that is none."""
    desk = Desk(sync_behaviors={"first_name": "use_crm", "opted_out": "use_latest"})
    rules, settings = f"/_lab/orgs/{ORG}/rules", f"/_lab/orgs/{ORG}/settings"
    assert desk.caller.get(rules).json["sync_behaviors"] == {"first_name": "use_crm", "opted_out": "use_latest"}
    assert desk.caller.patch(settings, {"sync_behaviors": {"city": "use_marketing"}}).status == 200
    assert desk.caller.get(rules).json["sync_behaviors"] == {"city": "use_marketing"}
    for wrong in ({"shoe": "use_crm"}, {"city": "use_mine"}):
        assert desk.caller.patch(settings, {"sync_behaviors": wrong}).status >= 400
    assert desk.caller.get(rules).json["sync_behaviors"] == {"city": "use_marketing"}
    assert Recipe.model_json_schema()["$defs"]["OrgRecipe"]["properties"]["sync_behaviors"]


def test_reads_begin_to_lag_when_told() -> None:
    """By the control API, on the sandbox's clock."""
    desk = Desk()
    desk.prospect()
    desk.caller.patch(f"/_lab/orgs/{ORG}/settings", {"reads_lag_seconds": 30})
    assert desk.query("prospects") == []
    desk.caller.post("/_lab/clock/advance", {"seconds": 30})
    assert len(desk.query("prospects")) == 1
    second = desk.prospect("b@acme.example")
    assert len(desk.query("prospects")) == 1
    desk.caller.patch(f"/_lab/orgs/{ORG}/settings", {"reads_lag_seconds": 0})
    assert {"id": second} in desk.query("prospects")


def test_a_session_of_the_sandboxs_salesforce_org() -> None:
    """It is taken; its user is linked by the Salesforce id; the sign-in is reached below the unit's own path too; who
    is no user of the business unit is refused as the vendor says it."""
    users = [{"id": "sync"}, {"id": "eva.c"}]
    recipe = recipe_with("acme-crm", dialect="salesforce", users=users)
    recipe["orgs"][ORG] = {**recipe["orgs"][ORG], "dialect": "pardot", "duplicate_rules": []}
    _, caller = build(recipe)
    token = log_in_to_salesforce(caller).json["access_token"]
    session = with_session(caller, token)
    base = f"/{ORG}/api/v5/objects/users"
    told = session.get(base, query={"fields": "username,salesforceId", "email": "sync@acme-marketing.example"}).json
    who = session.get(f"/{ORG}/services/oauth2/userinfo").json
    assert told["values"] == [{"username": "sync", "salesforceId": who["user_id"]}]
    passed = log_in_to_salesforce(caller, ORG).json
    assert passed["access_token"].startswith(token.partition("!")[0])
    assert with_session(caller, passed["access_token"]).get(base, query={"fields": "id"}).status == 200
    eva = log_in_to_salesforce(caller, user="eva.c").json["access_token"]
    refused = with_session(caller, eva).get(base, query={"fields": "id"})
    assert (refused.status, refused.json["code"]) == (401, 49)
    assert "not valid for the Pardot Business Unit ID" in refused.json["message"]
    caller.post("/_lab/clock/advance", {"seconds": 24 * 3600})
    assert session.get(base, query={"fields": "id"}).json["code"] == 184


def test_names() -> None:
    """What differs between the engine's names and the vendor's, in version 5 and beside it in version 4."""
    desk = Desk(fields=[{"object": "prospect", "id": "Tier__c", "type": "single_line"}])
    told = desk.caller.get(f"/_lab/orgs/{ORG}/names").json
    five, four = told["fields"]["prospect"], names_v4(desk.sandbox.gateway.sites[ORG].org)["prospect"]
    assert (told["objects"]["prospect"], told["objects"]["list_membership"]) == ("prospects", "list-memberships")
    for engine, v5, v4 in (
        ("first_name", "firstName", None), ("do_not_call", "isDoNotCall", "is_do_not_call"),
        ("owner", "assignedToId", "user_id"), ("crm_id", "salesforceId", "salesforce_fid"),
        ("mobile", "mobile__c", None), ("Tier__c", None, "Tier"), ("address", "addressOne", "address_one"),
    ):  # fmt: skip
        assert (five.get(engine), four.get(engine)) == (v5, v4), engine
    assert told["users"]["kari.m"] == str(desk.query("users")[1]["id"])
    fields = set(desk.sandbox.gateway.sites[ORG].org.schema.get("prospect").fields)
    asked = ",".join(five.get(engine, engine) for engine in sorted(fields))
    prospect = desk.prospect()
    assert desk.v5("GET", f"prospects/{prospect}", fields=asked).status == 200
