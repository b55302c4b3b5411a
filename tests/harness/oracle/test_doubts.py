"""Which cycles may not have decided whom: only the journal tells, record by record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness.oracle.story import CRM, MARKETING, Story, Thing

BATCH = f"/{MARKETING}/marketing/v1/batch"
REFUSED = {"outcome": "refused", "error": {"code": "REF701", "matches": []}}


def between_two_edits(story: Story, trouble: Any, *, reads: bool = True) -> list[str]:
    """The CRM's phone is 1, 2, blank, with a cycle after each; marketing never got the 2. That is right only if the
    second cycle may not have decided this person: it keeps what it holds when the CRM's goes blank."""
    lead, prospect = story.pair(crm_Phone="111111", marketing_phone="111111")
    story.edit(lead, Phone="222222")
    with story.cycle(reads=reads):
        trouble(story, prospect)
    story.edit(lead, Phone=None)
    with story.cycle():
        pass
    return story.checks()


def refused_row(story: Story, prospect: Thing, other: str = "") -> None:
    item = {"op": "update", "object": "prospect", "id": other or prospect.id, "values": {"phone": "222222"}}
    fine = {"op": "update", "object": "prospect", "id": "somebody else", "values": {"phone": "333333"}}
    rows = [{"outcome": "updated", "id": "somebody else"}, REFUSED]
    story.call(MARKETING, "POST", BATCH, request_body={"items": [fine, item]}, response_body={"results": rows})


def refused_in_collection(story: Story, prospect: Thing, other: str = "") -> None:
    """As Salesforce words it: a list of results for a list of records."""
    records = [{"id": "somebody else", "phone": "333333"}, {"id": other or prospect.id, "phone": "222222"}]
    told = [{"id": "somebody else", "success": True, "errors": []}, {"success": False, "errors": [{"statusCode": "X"}]}]
    path = f"/{MARKETING}/services/data/v60.0/composite/sobjects"
    story.call(MARKETING, "PATCH", path, request_body={"records": records}, response_body=told)


def refused_delete_in_collection(story: Story, prospect: Thing) -> None:
    path = f"/{MARKETING}/services/data/v60.0/composite/sobjects"
    told = [{"success": False, "errors": [{"statusCode": "X"}]}]
    story.call(MARKETING, "DELETE", path, response_body=told)
    story.facts[-1]["query"] = [["ids", prospect.id], ["allOrNone", "false"]]


def refused_by_number(story: Story, prospect: Thing) -> None:
    """As Account Engagement words it: the places of the rows, and the request is a form."""
    path = f"/{MARKETING}/api/prospect/version/4/do/batchUpdate"
    told = {"@attributes": {"stat": "fail"}, "errors": {"1": "Invalid value"}}
    story.call(MARKETING, "POST", path, request_body="prospects=...", response_body=told)


def collection_cut_off(story: Story, prospect: Thing) -> None:
    refused_in_collection(story, prospect)
    story.facts[-1]["response_body"] = str(story.facts[-1]["response_body"])[:-12] + "... (9 characters, SHA-256 0)"


def refused_create(story: Story, prospect: Thing) -> None:
    values = {"Email": " KIM@acme.example", "LastName": "Test"}
    body = {"items": [{"op": "create", "object": "Lead", "values": values}]}
    story.call(CRM, "POST", f"/{CRM}/crm/v1/batch", request_body=body, response_body={"results": [REFUSED]})


def cut_off(story: Story, prospect: Thing) -> None:
    text = json.dumps({"results": [{"outcome": "updated", "id": prospect.id}] * 3}, separators=(",", ":"))
    story.call(MARKETING, "POST", BATCH, request_body={"items": []})
    story.facts[-1]["response_body"] = text[:60] + "... (9 characters, SHA-256 0)"


def one(status: int, method: str, path: str) -> Any:
    return lambda story, prospect: story.call(
        MARKETING, method, f"/{MARKETING}/marketing/v1{path.format(id=prospect.id)}", status=status
    )


def quota(used: int) -> Any:
    headers = {"x-quota": f"{used}/1000"}
    return lambda story, prospect: story.call(CRM, "GET", f"/{CRM}/crm/v1/changes/Lead", response_headers=headers)


IN_DOUBT = {
    "its row is refused": refused_row,
    "its row of a collection is refused": refused_in_collection,
    "its delete in a collection is refused": refused_delete_in_collection,
    "a row of a form is refused": refused_by_number,
    "a collection's answer is cut off": collection_cut_off,
    "its creation is refused, by its key": refused_create,
    "the answer's rows are cut off": cut_off,
    "its own call is refused": one(412, "PATCH", "/records/prospect/{id}"),
    "a read fails": one(400, "GET", "/changes/prospect"),
    "the system is down": one(503, "PATCH", "/records/prospect/other"),
    "the quota is spent": one(429, "POST", "/batch"),
    "the quota is all but spent": quota(999),
    "a fault": lambda story, prospect: story.fault("stale_read"),
}
NO_DOUBT = {
    "nothing happens": lambda story, prospect: None,
    "another's row is refused": lambda story, prospect: refused_row(story, prospect, "other"),
    "another's call is refused": one(412, "PATCH", "/records/prospect/other"),
    "a token runs out": one(401, "GET", "/changes/prospect"),
    "a slow answer": lambda story, prospect: story.fault("delay"),
    "a quota with room": quota(500),
}


@pytest.mark.parametrize("why", IN_DOUBT)
def test_what_the_journal_shows_of_a_person_excuses_that_person(why: str) -> None:
    """Its own refused row, or what kept the whole cycle from its work."""
    assert between_two_edits(Story("  - {crm: Phone, marketing: phone, overwrite: never}\n"), IN_DOUBT[why]) == []


@pytest.mark.parametrize("why", NO_DOUBT)
def test_nothing_else_excuses_anybody(why: str) -> None:
    """Another's refused row is no excuse, nor is anything that a connector simply carries on after."""
    found = between_two_edits(Story("  - {crm: Phone, marketing: phone, overwrite: never}\n"), NO_DOUBT[why])
    assert found == ["oracle.value"]


def test_a_cycle_that_only_looked_at_its_switch_decided_nothing() -> None:
    """Switched off: it logs in, sees that, and stops."""
    look = one(200, "GET", "/connector")
    story = Story("  - {crm: Phone, marketing: phone, overwrite: never}\n")
    assert between_two_edits(story, look, reads=False) == []


def test_an_echo_is_excused_for_the_refused_person_only() -> None:
    """Two people are written twice, and in between a row of one of them was refused."""
    story = Story("  - {crm: Phone, marketing: phone}\n")
    people = []
    for name in ("kim", "bo"):
        who = {"email": f"{name}@acme.example", "last_name": "Test", "company": "Acme", "phone": "111111"}
        lead = story.crm(Email=who["email"], LastName="Test", Company="Acme", Phone="111111", Owner="sync")
        people.append((lead, story.marketing(**who)))
    with story.cycle():
        for lead, prospect in people:
            story.linked(lead, prospect)
    for lead, _ in people:
        story.edit(lead, Phone="222222")
    for again in ("222222", "+222222"):
        with story.cycle():
            for _, prospect in people:
                story.edit(prospect, phone=again)
            refused_row(story, people[0][1])
    found = [one for one in story.judge() if one.check == "oracle.no_echo"]
    assert [one.person for one in found] == ["bo@acme.example"]


def test_a_batch_that_was_refused_row_by_row_is_no_write() -> None:
    """Trying a refused row again, cycle after cycle, wrote nothing: it is silent all the same."""
    for wholly in (True, False):
        story = Story()
        _, prospect = story.pair()
        for _ in range(5):
            with story.cycle():
                pass
        with story.cycle():
            rows = [REFUSED] if wholly else [REFUSED, {"outcome": "unchanged", "id": prospect.id}]
            story.call(MARKETING, "POST", BATCH, request_body={"items": []}, response_body={"results": rows})
        assert story.checks() == ([] if wholly else ["oracle.silent"])
