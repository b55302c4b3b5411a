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
    asked = one(200, "GET", "/connector")
    story = Story("  - {crm: Phone, marketing: phone, overwrite: never}\n")
    assert between_two_edits(story, asked, reads=False) == []


def look(story: Story, **otherwise: Any) -> None:
    """A silent cycle of a connector that hears first whether anything is new. `otherwise`: how one answer differs;
    None: it is not asked for."""
    said = {
        "marketing": {"newest": {"prospect": "8"}},
        "crm": {"newest": {"Lead": "6"}},
        "switch": {"switched_on": True, "verified": True},
    }
    for name, side, path in (
        ("marketing", MARKETING, f"/{MARKETING}/marketing/v1/whoami"),
        ("crm", CRM, f"/{CRM}/crm/v1/whoami"),
        ("switch", MARKETING, f"/{MARKETING}/marketing/v1/connector"),
    ):
        differs: dict[str, Any] | None = otherwise.get(name, {})
        if differs is not None:
            story.call(side, "GET", path, **{"response_body": said[name], **differs})


def looked(**otherwise: Any) -> Any:
    return lambda story, prospect: look(story, **otherwise)


def cut_look(story: Story, prospect: Thing) -> None:
    look(story)
    story.facts[-2]["response_body"] = str(story.facts[-2]["response_body"])[:-3] + "... (9 characters, SHA-256 0)"


def hidden_look(story: Story, prospect: Thing) -> None:
    look(story)
    story.facts[-2]["response_body"] = "{secret}"


LOOKED_IN_DOUBT = {
    "a system does not tell what is new": looked(crm={"response_body": {"user": "sync"}}),
    "a system is not asked": looked(crm=None),
    "a system's answer is cut off": cut_look,
    "a system's answer is hidden": hidden_look,
    "a system does not know the caller": looked(crm={"status": 401}),
    "the connector is switched off": looked(switch={"response_body": {"switched_on": False, "verified": True}}),
    "the connector is not verified": looked(switch={"response_body": {"switched_on": True, "verified": False}}),
    "the switch is not told": looked(switch={"status": 404}),
}
LOOKED_AND_DECIDED = {
    "all is told": looked(),
    "the switch is not asked for": looked(switch=None),
}


@pytest.mark.parametrize("why", LOOKED_IN_DOUBT)
def test_a_cycle_that_could_not_hear_what_is_new_decided_nothing(why: str) -> None:
    """Whether it was told, and was free to work, stands in the answers; where they do not say it, it is not known."""
    story = Story("  - {crm: Phone, marketing: phone, overwrite: never}\n")
    assert between_two_edits(story, LOOKED_IN_DOUBT[why], reads=False) == []


@pytest.mark.parametrize("why", LOOKED_AND_DECIDED)
def test_whoever_hears_of_something_new_and_does_not_ask_has_decided(why: str) -> None:
    """It read no record, but not because anything kept it from reading."""
    story = Story("  - {crm: Phone, marketing: phone, overwrite: never}\n")
    assert between_two_edits(story, LOOKED_AND_DECIDED[why], reads=False) == ["oracle.value"]


@pytest.mark.parametrize(("used", "found"), [(995, []), (990, ["oracle.value"])])
def test_a_cycle_that_only_heard_of_something_new_had_calls_left_to_ask(used: int, found: list[str]) -> None:
    """What it would have needed is not seen: a quota that would not have carried the busiest cycle kept it from it."""
    story = Story("  - {crm: Phone, marketing: phone, overwrite: never}\n")
    with story.cycle():
        for _ in range(5):
            story.call(CRM, "GET", f"/{CRM}/crm/v1/changes/Contact")
    short = looked(crm={"response_headers": {"x-quota": f"{used}/1000"}})
    assert between_two_edits(story, short, reads=False) == found


def test_an_echo_after_cycles_that_only_heard_that_nothing_is_new() -> None:
    """They are rest as any other silent cycle is: what is written after them is neither quiet nor a first write."""
    story = Story("  - {crm: Phone, marketing: phone}\n")
    lead, prospect = story.pair(crm_Phone="111111", marketing_phone="111111")
    story.edit(lead, Phone="222222")
    with story.cycle():
        story.edit(prospect, phone="222222")
    for _ in range(5):
        with story.cycle(reads=False):
            look(story)
    assert story.checks() == []
    with story.cycle():
        story.edit(prospect, phone="+222222")
        story.call(MARKETING, "PATCH", f"/{MARKETING}/marketing/v1/records/prospect/{prospect.id}")
    assert story.checks() == ["oracle.no_echo", "oracle.silent"]


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
