"""Version 5: records, queries, pages, actions, and every refusal with its code."""

from __future__ import annotations

import pytest

from leadsim.dialects.pardot.ids import business_unit_id
from tests.dialects.pardot.desk import V5, Desk, refused
from tests.dialects.pardot.speaker import ORG, signed_in

LEAD, CONTACT = "00Q5g00000000a1EAA", "0035g00000000a1AAA"


@pytest.fixture
def desk() -> Desk:
    """A business unit of its own."""
    return Desk()


def test_a_prospect_is_made_read_changed_and_deleted(desk: Desk) -> None:
    """201 with Location and the fields asked for; 204 where none is; Last-Modified and 304; then gone, with the
    vendor's warning, and still there for who asks for the recycle bin."""
    made = desk.v5("POST", "prospects", {"email": "a@acme.example", "score": 7}, fields="id,score,campaign.name")
    id = made.json["id"]
    assert (made.status, made.json) == (201, {"id": id, "score": 7, "campaign": {"name": "spring"}})
    assert made.headers["location"].endswith(f"/api/v5/objects/prospects/{id}")
    assert desk.v5("PATCH", f"prospects/{id}", {"city": "Oslo", "score": None}).status == 204
    changed = desk.v5("PATCH", f"prospects/{id}", {"optedOut": True}, fields="city,score,optedOut")
    assert (changed.status, changed.json) == (200, {"city": "Oslo", "score": None, "optedOut": True})
    read = desk.v5("GET", f"prospects/{id}", fields="id")
    known = {"if-modified-since": read.headers["last-modified"]}
    again = desk.session.get(f"{V5}/objects/prospects/{id}", query={"fields": "id"}, headers=known)
    assert (again.status, again.body) == (304, b"")
    assert desk.v5("DELETE", f"prospects/{id}").status == 204
    gone = desk.v5("GET", f"prospects/{id}", fields="id")
    assert refused(gone) == (404, 109, "The requested record was not found.")
    assert gone.headers["pardot-warning"] == "201;Record In Recycle Bin"
    assert refused(desk.v5("PATCH", f"prospects/{id}", {"city": "x"}))[:2] == (404, 219)
    assert desk.v5("GET", f"prospects/{id}", fields="isDeleted", deleted="all").json == {"isDeleted": True}
    assert desk.query("prospects") == []
    assert desk.query("prospects", deleted="true") == [{"id": id}]


def test_relations_are_followed_three_deep(desk: Desk) -> None:
    """And no deeper; a blank one is null."""
    prospect = desk.prospect(userId=desk.query("users")[1]["id"])
    place = desk.made("list-memberships", listId=desk.query("lists")[0]["id"], prospectId=prospect)
    path = "prospect.campaign.createdBy.username"
    assert desk.v5("GET", f"list-memberships/{place}", fields=f"{path},list.campaign.name").json == {
        "prospect": {"campaign": {"createdBy": None}}, "list": {"campaign": None},
    }  # fmt: skip
    told = desk.v5("GET", f"prospects/{prospect}", fields="assignedTo.username,userId,assignedToId").json
    assert told["assignedTo"] == {"username": "kari.m"}
    assert told["userId"] == told["assignedToId"]
    assert refused(desk.v5("GET", "list-memberships", fields=f"list.{path}.id"))[:2] == (400, 224)
    assert refused(desk.v5("GET", "prospects", fields="campaign.shoe"))[:2] == (400, 224)


def test_pages_hold_everything_once(desk: Desk) -> None:
    """In any order, by tokens that say all that was asked; the address of the next page is whole."""
    ids = [desk.prospect(f"p{number}@acme.example", score=number % 3) for number in range(7)]
    for order in ("id", "id DESC", "updatedAt DESC,id", "createdAt ASC", "lastActivityAt", "email DESC"):
        found = [one["id"] for one in desk.query("prospects", limit="2", orderBy=order)]
        assert sorted(found) == ids, order
    assert [one["id"] for one in desk.query("prospects", limit="3", orderBy="id DESC")] == ids[::-1]
    first = desk.v5("GET", "prospects", fields="id", limit="5", idGreaterThan=str(ids[0])).json
    assert [one["id"] for one in first["values"]] == ids[1:6]
    path = first["nextPageUrl"].partition("?")[0]
    assert path == f"http://sandbox{V5}/objects/prospects"
    rest = desk.v5("GET", "prospects", fields="email", nextPageToken=first["nextPageToken"]).json
    assert rest == {"nextPageToken": None, "nextPageUrl": None, "values": [{"email": "p6@acme.example"}]}


def test_page_tokens_end(desk: Desk) -> None:
    """After four hours; another object's, a changed one and one that never was are none."""
    for number in range(3):
        desk.prospect(f"p{number}@acme.example")
    token = desk.v5("GET", "prospects", fields="id", limit="2").json["nextPageToken"]
    for other, code in ((token[:-8], 211), ("e30=", 211), ("", 211)):
        assert refused(desk.v5("GET", "prospects", fields="id", nextPageToken=other))[:2] == (400, code)
    assert refused(desk.v5("GET", "lists", fields="id", nextPageToken=token))[:2] == (400, 211)
    assert refused(desk.v5("GET", "prospects", fields="id", nextPageToken=token, limit="2"))[:2] == (400, 5)
    desk.sandbox.world.clock.advance(4 * 3600)
    desk.session = signed_in(desk.caller)
    assert refused(desk.v5("GET", "prospects", fields="id", nextPageToken=token)) == (
        400, 210, "Page token has expired.",
    )  # fmt: skip


def test_filters(desk: Desk) -> None:
    """By number, moment, text, several ids, user; at most three fields."""
    kari = desk.query("users")[1]["id"]
    ids = [desk.prospect(f"p{number}@acme.example") for number in range(4)]
    mine = desk.prospect("mine@acme.example", userId=kari, salesforceId=LEAD)
    seen = {one["id"]: one["updatedAt"] for one in desk.query("prospects", "id,updatedAt")}
    for asked, wanted in (
        ({"id": str(ids[1])}, [ids[1]]),
        ({"idList": f"{ids[0]},{ids[2]}"}, [ids[0], ids[2]]),
        ({"idGreaterThan": str(ids[1]), "idLessThanOrEqualTo": str(ids[3])}, ids[2:]),
        ({"idLessThan": "5"}, []),
        ({"idGreaterThan": "999999999999"}, []),
        ({"updatedAtAfter": seen[ids[2]]}, [ids[3], mine]),
        ({"updatedAtAfterOrEqualTo": seen[ids[2]], "updatedAtBefore": seen[mine]}, ids[2:]),
        ({"createdAt": seen[ids[0]]}, [ids[0]]),
        ({"userId": str(kari)}, [mine]),
        ({"assignedToIdGreaterThan": "0"}, [mine]),
        ({"email": "MINE@acme.example"}, [mine]),
        ({"salesforceId": LEAD}, [mine]),
        ({"userId": "7"}, []),
    ):
        assert [one["id"] for one in desk.query("prospects", **asked)] == wanted, asked
    four = {"id": "1", "email": "x", "userId": "1", "createdAtAfter": seen[mine]}
    assert refused(desk.v5("GET", "prospects", fields="id", **four))[:2] == (400, 209)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, 13), ({"fields": ""}, 13), ({"fields": "id,shoe"}, 224), ({"fields": "id", "limit": "0"}, 23),
        ({"fields": "id", "limit": "1001"}, 23), ({"fields": "id", "limit": "1e2"}, 23),
        ({"fields": "id", "offset": "2001"}, 21), ({"fields": "id", "orderBy": "city"}, 51),
        ({"fields": "id", "orderBy": "id UP"}, 51), ({"fields": "id", "orderBy": "id,id"}, 51),
        ({"fields": "id", "shoe": "1"}, 5), ({"fields": "id", "city": "Oslo"}, 5), ({"fields": "id", "id": "x"}, 16),
        ({"fields": "id", "createdAtAfter": "yesterday"}, 7), ({"fields": "id", "deleted": "maybe"}, 51),
        ({"fields": "id", "createdAtAfter": "2026-03-02T09:00:00"}, 7), ({"fields": "id", "userId": "kari"}, 51),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_answered_is_refused(desk: Desk, asked: dict[str, str], code: int) -> None:
    """Never answered as if it had not been asked."""
    assert refused(desk.v5("GET", "prospects", **asked))[:2] == (400, code)


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ({}, 13, "email"), ({"email": ""}, 13, "email"), ({"email": "nobody"}, 4, ""),
        ({"email": "a@acme.example", "shoe": 1}, 180, "shoe"), ({"email": "a@acme.example", "id": 1}, 180, "id"),
        ({"email": "a@acme.example", "grade": "A"}, 180, "grade"),
        ({"email": "a@acme.example", "salesforceLeadId": LEAD}, 180, "salesforceLeadId"),
        ({"email": "a@acme.example", "firstName": 5}, 154, "firstName"),
        ({"email": "a@acme.example", "score": "5"}, 56, "score"),
        ({"email": "a@acme.example", "score": 1.5}, 56, "score"),
        ({"email": "a@acme.example", "optedOut": "true"}, 50, "optedOut"),
        ({"email": "a@acme.example", "birthday__c": "02.03.1980"}, 57, "birthday__c"),
        ({"email": "a@acme.example", "status__c": "sleepy"}, 51, "status__c"),
        ({"email": "a@acme.example", "firstName": "x" * 41}, 52, "firstName"),
        ({"email": "a@acme.example", "campaignId": 5}, 38, "campaignId"),
        ({"email": "a@acme.example", "userId": 5}, 10, "userId"),
        ({"email": "a@acme.example", "userId": "10000001"}, 10, "userId"),
        ({"email": "a@acme.example", "prospectAccountId": 5}, 61, "prospectAccountId"),
        ({"email": "a@acme.example", "salesforceId": "0015g00000000a1AAA"}, 77, "salesforceId"),
    ],
)  # fmt: skip
def test_a_prospect_that_is_not_right_is_refused(desk: Desk, body: dict[str, object], code: int, said: str) -> None:
    """With the vendor's code and the field, and nothing is written."""
    status, told, text = refused(desk.v5("POST", "prospects", body))
    assert (status, told) == (400, code)
    assert said in text
    assert desk.query("prospects") == []


def test_bodies_that_are_none(desk: Desk) -> None:
    """Empty, no JSON, no object, a key twice, another type."""
    where = f"{V5}/objects/prospects"
    for body, type, code in (
        (b"", "application/json", 152), (b"{", "application/json", 150), (b"[]", "application/json", 150),
        (b'{"email":"a@a.example","email":"b@a.example"}', "application/json", 150), (b"a=b", "text/plain", 151),
    ):  # fmt: skip
        reply = desk.session.send("POST", where, body=body, headers={"content-type": type})
        assert refused(reply)[:2] == (400, code)


def test_the_link_to_the_crm(desk: Desk) -> None:
    """`salesforceId` is written, unique, and tells whether it is a lead's or a contact's."""
    prospect = desk.prospect(salesforceId=LEAD[:15])
    fields = "salesforceId,salesforceLeadId,salesforceContactId"
    told = desk.v5("GET", f"prospects/{prospect}", fields=fields).json
    assert told == {"salesforceId": LEAD, "salesforceLeadId": LEAD, "salesforceContactId": None}
    assert refused(desk.v5("POST", "prospects", {"email": "b@acme.example", "salesforceId": LEAD}))[:2] == (400, 77)
    changed = desk.v5("PATCH", f"prospects/{prospect}", {"salesforceId": CONTACT}, fields=fields).json
    assert changed == {"salesforceId": CONTACT, "salesforceLeadId": None, "salesforceContactId": CONTACT}


def test_upsert_latest_by_email(desk: Desk) -> None:
    """Of several the one that was active last; of none, one from the recycle bin; else a new one."""
    path = "prospects/do/upsertLatestByEmail"
    first, second = desk.prospect("twin@acme.example"), desk.prospect("twin@acme.example")
    desk.v5("PATCH", f"prospects/{first}", {"city": "Oslo"})
    given = {"matchEmail": "TWIN@acme.example", "prospect": {"city": "Bergen"}, "fields": ["id", "city"]}
    assert desk.v5("POST", path, given).json == {"id": first, "city": "Bergen"}
    desk.v5("DELETE", f"prospects/{first}")
    desk.v5("DELETE", f"prospects/{second}")
    assert desk.v5("POST", path, {**given, "secondaryDeletedSearch": True}).json["id"] == second
    desk.v5("DELETE", f"prospects/{second}")
    made = desk.v5("POST", path, {**given, "secondaryDeletedSearch": False})
    assert made.status == 201
    assert made.json["id"] not in (first, second)
    for body, code in (
        ({"prospect": {}}, 207), ({"matchEmail": "a@b.example", "prospect": []}, 206),
        ({"matchEmail": "a@b.example", "prospect": {}, "shoe": 1}, 208),
        ({"matchEmail": "a@b.example", "prospect": {"shoe": 1}}, 180),
    ):  # fmt: skip
        assert refused(desk.v5("POST", path, body))[:2] == (400, code)


def test_addresses_of_their_own() -> None:
    """Where the org forbids shared addresses a second prospect is refused, and version 4 is not for it."""
    desk = Desk(duplicate_rules=[{"name": "Same", "object": "prospect", "match": ["email"]}])
    desk.prospect()
    again = desk.v5("POST", "prospects", {"email": "NORD@acme.example"})
    assert refused(again) == (400, 9, "A prospect with the specified email address already exists")
    assert refused(desk.v4("prospect", "query"))[1] == 89
    assert desk.v4("prospect", "query", 3).status == 200
    assert refused(Desk().v4("prospect", "query", 3))[1] == 88


def test_reads_lag_behind_writes() -> None:
    """As long as the org says: a new prospect is not seen, a changed one is seen as it was, a deleted one is still
    there; what is answered to the write itself is new."""
    desk = Desk(reads_lag_seconds=60)
    clock = desk.sandbox.world.clock
    clock.advance(120)
    prospect = desk.prospect()
    assert desk.query("prospects") == []
    assert desk.v5("GET", f"prospects/{prospect}", fields="id").status == 404
    clock.advance(60)
    assert desk.query("prospects") == [{"id": prospect}]
    written = desk.v5("PATCH", f"prospects/{prospect}", {"city": "Oslo"}, fields="city")
    assert written.json == {"city": "Oslo"}
    assert desk.query("prospects", "city") == [{"city": None}]
    assert desk.query("prospects", updatedAtAfterOrEqualTo=clock.now().isoformat()) == []
    clock.advance(60)
    assert desk.query("prospects", "city") == [{"city": "Oslo"}]
    desk.v5("DELETE", f"prospects/{prospect}")
    assert len(desk.query("prospects")) == 1
    clock.advance(60)
    assert desk.query("prospects") == []


def test_lists_and_places_on_them(desk: Desk) -> None:
    """Once on a list; none by hand on a dynamic one; the list is another's place never; opting out of it."""
    of_list, prospect = desk.query("lists")[0]["id"], desk.prospect()
    place = desk.made("list-memberships", listId=of_list, prospectId=prospect)
    again = desk.v5("POST", "list-memberships", {"listId": of_list, "prospectId": prospect})
    assert refused(again)[:2] == (400, 58)
    for body, code in (
        ({"listId": of_list}, 13), ({"listId": prospect, "prospectId": prospect}, 55),
        ({"listId": of_list, "prospectId": of_list}, 3),
    ):  # fmt: skip
        assert refused(desk.v5("POST", "list-memberships", body))[:2] == (400, code)
    assert refused(desk.v5("PATCH", f"list-memberships/{place}", {"listId": of_list}))[:2] == (400, 180)
    told = desk.v5("PATCH", f"list-memberships/{place}", {"optedOut": True}, fields="optedOut,list.name").json
    assert told == {"optedOut": True, "list": {"name": "News"}}
    assert desk.query("list-memberships", listId=str(of_list)) == [{"id": place}]
    desk.v5("DELETE", f"lists/{of_list}")
    assert desk.query("list-memberships") == []


def test_tags(desk: Desk) -> None:
    """A tag is made by its first use, counted, merged, taken off; names are unique."""
    first, second = desk.prospect(), desk.prospect("b@acme.example")
    vip = desk.v5("POST", f"prospects/{first}/do/addTag", {"tagName": "VIP"}).json["id"]
    assert desk.v5("POST", f"prospects/{first}/do/addTag", {"tagName": "vip"}).json["id"] == vip
    hot = desk.v5("POST", f"prospects/{second}/do/addTag", {"tagName": "hot"}).json["id"]
    assert desk.query("tags", "name,objectCount") == [
        {"name": "VIP", "objectCount": 1}, {"name": "hot", "objectCount": 1},
    ]  # fmt: skip
    assert refused(desk.v5("POST", "tags", {"name": "HOT"}))[:2] == (400, 245)
    assert desk.v5("POST", f"tags/{vip}/do/mergeTags", {"tagIds": [hot]}).status == 200
    tagged = desk.query("tagged-objects", "objectId,objectType,tag.name", tagId=str(vip))
    assert [(one["objectId"], one["objectType"]) for one in tagged] == [(first, "Prospect"), (second, "Prospect")]
    assert desk.v5("POST", f"prospects/{first}/do/removeTag", {"tagName": "VIP"}).status == 204
    assert refused(desk.v5("POST", f"prospects/{first}/do/removeTag", {"tagName": "VIP"}))[:2] == (400, 242)


def test_a_custom_field_is_made_and_used(desk: Desk) -> None:
    """It has its ending in version 5 and none in version 4; twice the same is refused."""
    body = {"name": "Tier", "fieldId": "Tier", "type": "Dropdown", "valuesPrefill": ["Gold", "Silver"]}
    made = desk.v5("POST", "custom-fields", body, fields="id,fieldId,type,isUseValues,createdBy.username")
    assert made.json["createdBy"] == {"username": "sync"}
    assert (made.status, made.json["fieldId"], made.json["isUseValues"]) == (201, "Tier", True)
    prospect = desk.prospect(Tier__c="Gold")
    assert desk.v5("GET", f"prospects/{prospect}", fields="Tier__c").json == {"Tier__c": "Gold"}
    assert desk.v4("prospect", f"read/id/{prospect}").json["prospect"]["Tier"] == "Gold"
    assert refused(desk.v5("PATCH", f"prospects/{prospect}", {"Tier__c": "Lead"}))[:2] == (400, 51)
    assert refused(desk.v5("POST", "custom-fields", body))[:2] == (400, 245)
    assert refused(desk.v5("POST", "custom-fields", {**body, "fieldId": "9x"}))[:2] == (400, 154)


def test_a_form_handler_takes_what_a_visitor_posts(desk: Desk) -> None:
    """Without a login: a prospect, an activity that names the handler, and a page that says what is wrong."""
    handler = desk.query("form-handlers", "id,name,embedCode")[0]
    assert handler["name"] == "contact"
    fields = desk.query("form-handler-fields", "prospectApiFieldId,isRequired", formHandlerId=str(handler["id"]))
    assert [one["prospectApiFieldId"] for one in fields] == ["email", "lastName", "phone", "comments"]
    path = f"/{ORG}/l/form/{handler['id']}"
    assert path.removeprefix(f"/{ORG}") in handler["embedCode"]
    assert b"Thank you" in desk.caller.form(path, email="visitor@acme.example", lastName="Nord").body
    (activity,) = desk.query("visitor-activities", "type,typeName,details,formHandlerId,prospect.email")
    assert activity == {
        "type": 4, "typeName": "Form", "details": "contact", "formHandlerId": handler["id"],
        "prospect": {"email": "visitor@acme.example"},
    }  # fmt: skip
    assert b"error" in desk.caller.form(path, email="nobody", lastName="Nord").body
    assert len(desk.query("prospects")) == 1


def test_who_may_come_in(desk: Desk) -> None:
    """The header that names the business unit, the session, and whose they are: each refusal has its code."""
    bearer = desk.session.headers["authorization"]
    unit = business_unit_id(ORG)
    for headers, wanted in (
        ({}, (401, 49)), ({"authorization": bearer}, (400, 181)),
        ({"authorization": bearer, "pardot-business-unit-id": "0Uv"}, (400, 182)),
        ({"authorization": "Bearer nonsense", "pardot-business-unit-id": unit}, (401, 184)),
        ({"authorization": "Pardot api_key=a, user_key=b"}, (401, 199)),
    ):  # fmt: skip
        reply = desk.caller.get(f"{V5}/objects/lists", query={"fields": "id"}, headers=headers)
        assert refused(reply)[:2] == wanted
    other = business_unit_id("another")
    reply = desk.session.get(f"{V5}/objects/lists", headers={"pardot-business-unit-id": other})
    assert reply.status in (401, 403)


def test_calls_of_the_day() -> None:
    """They are told to who asks; spent, the vendor's code; a user who may only read can't write."""
    logins = [{"actor": "connector", "user": "sync", "may": ["api", "read"]}]
    desk = Desk(quota={"calls_per_day": 3}, logins=logins)
    asked = {"x-return-api-usage": "1"}
    told = desk.session.get(f"{V5}/objects/lists", query={"fields": "id"}, headers=asked)
    assert told.headers["x-api-usage"] == "1/3"
    assert desk.v5("GET", "account", fields="maximumDailyApiCalls,apiCallsUsed").json == {
        "maximumDailyApiCalls": 3, "apiCallsUsed": 2,
    }  # fmt: skip
    assert refused(desk.v5("POST", "prospects", {"email": "a@acme.example"}))[1] == 46
    desk.v5("GET", "lists", fields="id")
    assert refused(desk.v5("GET", "lists", fields="id")) == (429, 122, "Daily API rate limit met")


def test_a_user_who_was_switched_off() -> None:
    """Is in the recycle bin: seen by who asks for it, and owns no new prospect."""
    desk = Desk(users=[{"id": "sync"}, {"id": "tor.m", "active": False}])
    assert [one["username"] for one in desk.query("users", "username")] == ["sync"]
    (tor,) = desk.query("users", "id,username,isDeleted", deleted="true")
    assert (tor["username"], tor["isDeleted"]) == ("tor.m", True)
    assert len(desk.query("users", deleted="all")) == 2
    assert refused(desk.v5("POST", "prospects", {"email": "a@acme.example", "userId": tor["id"]}))[:2] == (400, 10)
