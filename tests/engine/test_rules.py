"""Duplicates, owners, scores and lists: what the org decides by itself."""

from __future__ import annotations

from typing import Any

import pytest

from leadsim.engine.change import Caller, Change
from leadsim.engine.records import Org
from leadsim.engine.refusals import Refused
from tests.engine.worlds import KARI, SYNC, VISITOR, convert, create, crm_org, delete, marketing_org, update, world


def duplicate_rule(action: str = "block", **more: Any) -> dict[str, Any]:
    """Same e-mail."""
    return {"name": "same e-mail", "object": "Lead", "match": ["Email"], "action": action, **more}


def test_a_blocking_rule_names_what_it_found() -> None:
    """Letter case doesn't hide a duplicate; the refusal has the ids."""
    org = crm_org(duplicate_rules=[duplicate_rule()])
    first = create(org, "Lead", Email="Kari@Lead.example")
    with pytest.raises(Refused) as refused:
        create(org, "Lead", Email="kari@lead.example")
    assert (refused.value.kind, refused.value.matches) == ("duplicate", (first.id,))


def test_a_blocked_duplicate_can_be_allowed() -> None:
    """By the caller or the row; then it is reported, with a decision in the journal."""
    one = world(crm={"duplicate_rules": [duplicate_rule()]})
    org = one.orgs["crm"]
    first = create(org, "Lead", Email="a@lead.example")
    values = {"LastName": "test", "Company": "test", "Email": "a@lead.example"}
    saved = org.save(Change("create", "Lead", values=values), Caller("sync", "connector", allow_duplicates=True))
    assert saved.reported == (first.id,)
    fact = one.journal.facts(kind="decision", id=saved.record.id)[-1]
    assert (fact["what"], fact["because"]["same_as"]) == ("matching", [first.id])


def test_blanks_deleted_and_converted_records_are_no_duplicates() -> None:
    """A blank key matches nothing; the bin and history don't stand in the way; other edits aren't hindered."""
    org = crm_org(duplicate_rules=[duplicate_rule()])
    create(org, "Lead")
    create(org, "Lead")
    delete(org, create(org, "Lead", Email="a@lead.example"))
    convert(org, create(org, "Lead", Email="a@lead.example"))
    second = create(org, "Lead", Email="a@lead.example")
    assert update(org, second, City="Oslo").outcome == "updated"


def test_a_rule_across_objects_and_fields() -> None:
    """Leads are looked for among contacts too, and all fields of the rule must agree."""
    rule = duplicate_rule(match=["LastName", "Email"], across=["Lead", "Contact"])
    org = crm_org(duplicate_rules=[rule])
    contact = create(org, "Contact", LastName="Berg", Email="a@lead.example")
    create(org, "Lead", LastName="Dahl", Email="a@lead.example")
    with pytest.raises(Refused) as refused:
        create(org, "Lead", LastName="BERG", Email="A@lead.example")
    assert refused.value.matches == (contact.id,)


def owners(rules: list[dict[str, Any]], countries: list[str], **recipe: Any) -> list[Any]:
    """Who owns leads of these countries, made by the connector."""
    org = crm_org(assignment_rules=rules, **recipe)
    return [create(org, "Lead", Country=country).values.get("Owner") for country in countries]


NORDIC = {"rows": [["Country", "in", ["NO", "DK"]]]}


def test_the_first_rule_that_matches_decides() -> None:
    """sync-semantics.md "Whose lead is it": in order; none: the default owner."""
    rules = [
        {"name": "off", "active": False, "assign": {"user": "gone"}},
        {"name": "Nordic", "criteria": NORDIC, "assign": {"user": "kari"}},
        {"name": "Norway", "criteria": {"rows": [["Country", "=", "NO"]]}, "assign": {"user": "ola"}},
        {"name": "Sweden", "criteria": {"rows": [["Country", "=", "se"]]}, "assign": {"queue": "desk"}},
    ]
    got = owners(rules, ["no", "DK", "SE", "FI"], queues=[{"id": "desk", "name": "Desk"}])
    assert got == ["kari", "kari", "desk", "sync"]


def test_an_inactive_assignee_gives_the_default_owner() -> None:
    """And a decision that says so."""
    one = world(crm={"assignment_rules": [{"name": "old", "assign": {"user": "gone"}}], "default_owner": "ola"})
    lead = create(one.orgs["crm"], "Lead")
    assert lead.values["Owner"] == "ola"
    fact = one.journal.facts(kind="decision", id=lead.id)[0]
    assert "inactive" in fact["because"]["because"]
    assert fact["because"]["rule"] == "old"


def test_without_a_default_owner_it_is_the_callers() -> None:
    """The connector's own user, as product.md C2 describes the symptom."""
    assert owners([], ["NO"], default_owner=None) == ["sync"]
    assert owners([{"name": "old", "assign": {"user": "gone"}}], ["NO"], default_owner="gone") == ["sync"]


def test_rules_run_on_create_only_unless_asked() -> None:
    """An update keeps the owner; with `assign` the rules run again; an owner that is given stands."""
    org = crm_org(assignment_rules=[{"name": "Nordic", "criteria": NORDIC, "assign": {"user": "kari"}}])
    lead = create(org, "Lead", Country="FI")
    assert update(org, lead, Country="NO").record.values["Owner"] == "sync"
    again = org.save(Change("update", "Lead", id=lead.id, values={"Country": "DK"}, assign=True), SYNC)
    assert again.record.values["Owner"] == "kari"
    assert create(org, "Lead", Country="NO", Owner="ola").values["Owner"] == "ola"
    values = {"LastName": "test", "Company": "test", "Country": "NO"}
    assert org.save(Change("create", "Lead", values=values, assign=False), SYNC).record.values["Owner"] == "sync"


def lists_of(org: Org, prospect: str) -> list[str]:
    """The lists that a prospect stands on."""
    return sorted(str(one.values["list"]) for one in org.lookup("list_membership", "prospect", prospect))


def test_a_dynamic_list_follows_the_prospect() -> None:
    """On and off in real time; a new or changed list asks everybody again; by hand nobody is put on it."""
    hot = {"id": "hot", "criteria": {"rows": [["score", ">=", 100]]}}
    org = marketing_org(lists=[hot])
    prospect = create(org, "prospect", score=99)
    assert lists_of(org, prospect.id) == []
    update(org, prospect, score=100)
    assert lists_of(org, prospect.id) == ["hot"]
    values = {"kind": "dynamic", "criteria": '{"rows": [["score", "<", 50]]}'}
    cold = create(org, "list", name="cold", **values)
    update(org, prospect, score=0)
    assert lists_of(org, prospect.id) == [cold.id]
    update(org, cold, criteria='{"rows": [["score", ">", 50]]}')
    assert lists_of(org, prospect.id) == []
    with pytest.raises(Refused, match="by hand"):
        create(org, "list_membership", list="hot", prospect=prospect.id)


def test_one_list_takes_from_others() -> None:
    """product.md E: one segmentation can remove from other lists."""
    hot = {"id": "hot", "criteria": {"rows": [["score", ">=", 100]]}, "removes_from": ["warm", "mild"]}
    mild = {"id": "mild", "criteria": {"rows": [["score", ">=", 10]]}}
    org = marketing_org(lists=[{"id": "warm"}, mild, hot])
    prospect = create(org, "prospect", score=20)
    create(org, "list_membership", list="warm", prospect=prospect.id)
    assert lists_of(org, prospect.id) == ["mild", "warm"]
    update(org, prospect, score=120)
    assert lists_of(org, prospect.id) == ["hot"]


def test_twice_on_a_list_is_a_setting() -> None:
    """product.md E: whether one person may stand on one list twice is an org setting."""
    for allowed in (False, True):
        org = marketing_org(lists=[{"id": "warm"}], twice_on_a_list=allowed)
        prospect = create(org, "prospect")
        create(org, "list_membership", list="warm", prospect=prospect.id)
        if allowed:
            create(org, "list_membership", list="warm", prospect=prospect.id)
        else:
            with pytest.raises(Refused) as refused:
                create(org, "list_membership", list="warm", prospect=prospect.id)
            assert refused.value.kind == "duplicate"
        assert len(lists_of(org, prospect.id)) == 1 + allowed


def test_bad_criteria_of_a_list_are_refused() -> None:
    """The field or the form of the criteria is named."""
    org = marketing_org()
    for criteria in ('{"rows": [["skore", ">", 1]]}', "{", '{"rows": 1}'):
        with pytest.raises(Refused) as refused:
            create(org, "list", name="bad", kind="dynamic", criteria=criteria)
        assert refused.value.problems[0].field == "criteria"


def test_scores_and_qualification() -> None:
    """Points for what is done, once each; qualified as long as the criteria hold."""
    org = marketing_org(
        scoring=[
            {"on": "page_view", "points": 5},
            {"on": "page_view", "points": 20, "detail": "/price"},
            {"on": "page_view", "points": 100, "criteria": {"rows": [["country", "=", "NO"]]}},
        ],
        qualified_when={"rows": [["score", ">=", 25]]},
        page_actions=[{"page": "/price", "add_to_lists": ["warm"]}],
        lists=[{"id": "warm"}],
    )
    prospect = create(org, "prospect")
    create(org, "activity", prospect=prospect.id, type="page_view", detail="/home")
    after = org.get("prospect", prospect.id)
    assert (after.values["score"], after.values["page_views"], after.values["is_qualified"]) == (5, 1, False)
    create(org, "activity", prospect=prospect.id, type="page_view", detail="/PRICE")
    after = org.get("prospect", prospect.id)
    assert (after.values["score"], after.values["page_views"], after.values["is_qualified"]) == (30, 2, True)
    create(org, "activity", prospect=prospect.id, type="page_view", detail="/price")
    assert lists_of(org, prospect.id) == ["warm"]
    assert update(org, prospect, score=0).record.values["is_qualified"] is False


def test_a_connector_switch_is_journalled() -> None:
    """product.md C1: who switched the connector off can be told."""
    one = world()
    org = one.orgs["marketing"]
    assert org.settings.connector.switched_on
    org.set_connector(KARI, switched_on=False)
    assert not org.settings.connector.switched_on
    fact = one.journal.facts(org="marketing", kind="note")[-1]
    assert (fact["what"], fact["user"], fact["switched_on"]) == ("connector", "kari", False)


def test_visitors_and_sales_may_put_on_lists() -> None:
    """By hand, also by a salesperson."""
    org = marketing_org(lists=[{"id": "warm"}])
    prospect = create(org, "prospect", VISITOR)
    assert create(org, "list_membership", KARI, list="warm", prospect=prospect.id).created_by == "kari"
