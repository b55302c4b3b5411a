"""Every operation of every API, answered well and refused well, each answer held against the document (R9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.dialects.fuzzed import SERVED, check, operations
from tests.gateway.caller import CRM, MARKETING, Caller, build

OPERATIONS = dict(operations())
Known = Mapping[str, Any]
LEAD = {"LastName": "Test", "Company": "Example", "Email": "test@lead.example"}
PROSPECT = {"email": "test@prospect.example", "last_name": "Test"}


def _known() -> Known:
    """Things that the calls below are about; made anew for each."""
    SERVED.start_over()
    caller = Caller(SERVED)
    crm, marketing = caller.login(), caller.login("acme-marketing")
    lead = crm.post(f"{CRM}/records/Lead", {"values": LEAD}).json["id"]
    twin = crm.post(f"{CRM}/records/Lead", {"values": {**LEAD, "Email": "twin@lead.example"}}).json["id"]
    gone = crm.post(f"{CRM}/records/Lead", {"values": {**LEAD, "Email": "gone@lead.example"}}).json["id"]
    crm.delete(f"{CRM}/records/Lead/{gone}")
    prospect = marketing.post(f"{MARKETING}/records/prospect", {"values": PROSPECT}).json["id"]
    twin_prospect = marketing.post(
        f"{MARKETING}/records/prospect", {"values": {**PROSPECT, "email": "twin@prospect.example"}}
    ).json["id"]
    gone_prospect = marketing.post(
        f"{MARKETING}/records/prospect", {"values": {**PROSPECT, "email": "gone@prospect.example"}}
    ).json["id"]
    marketing.delete(f"{MARKETING}/records/prospect/{gone_prospect}")
    jobs = {}
    for api, client, base, object in (("crm", crm, CRM, "Lead"), ("marketing", marketing, MARKETING, "prospect")):
        jobs[api] = client.post(f"{base}/jobs", {"object": object, "op": "create"}).json["id"]
    marketing.post(f"{MARKETING}/lists/news/members", {"prospects": [prospect]})
    lab = Caller(SERVED)
    lab.post("/_lab/snapshots/saved")
    lab.post("/_lab/snapshots/saved/fork", {"as": "held"})
    lab.post("/_lab/faults", {"at": "crm", "kind": "status", "operation": "members", "nth": 1000})
    return {
        "crm": {
            "object": "Lead", "id": lead, "twin": twin, "gone": gone, "values": LEAD, "job": jobs["crm"],
            "change": {"FirstName": "Q"}, "campaign": crm.get(f"{CRM}/campaigns").json["campaigns"][0]["id"],
            "key": ("Email", LEAD["Email"]),
        },
        "marketing": {
            "object": "prospect", "id": prospect, "twin": twin_prospect, "gone": gone_prospect, "values": PROSPECT,
            "change": {"first_name": "Q"}, "job": jobs["marketing"], "key": ("email", PROSPECT["email"]),
            "campaign": marketing.get(f"{MARKETING}/campaigns").json["campaigns"][0]["id"],
        },
        "lab": {},
    }  # fmt: skip


def _at(**more: str) -> Callable[[Known], dict[str, Any]]:
    """A call about the known record."""
    return lambda k: {"path_parameters": {"object": k["object"], "id": k["id"], **more}}


def _of_object(**more: Any) -> Callable[[Known], dict[str, Any]]:
    return lambda k: {"path_parameters": {"object": k["object"]}, **more}


NEW = "new@lead.example"
GOOD: dict[str, Callable[[Known], dict[str, Any]]] = {
    "readRecord": _at(),
    "createRecord": lambda k: {
        "path_parameters": {"object": k["object"]}, "body": {"values": {**k["values"], k["key"][0]: NEW}},
    },
    "updateRecord": lambda k: {**_at()(k), "body": {"values": k["change"]}, "headers": {"If-Match": '"1"'}},
    "deleteRecord": _at(),
    "undeleteRecord": lambda k: {"path_parameters": {"object": k["object"], "id": k["gone"]}},
    "mergeRecords": lambda k: {**_at()(k), "body": {"losers": [k["twin"]]}},
    "readHistory": _at(),
    "upsertRecord": lambda k: {
        "path_parameters": {"object": k["object"], "field": k["key"][0], "value": k["key"][1]},
        "body": {"values": k["change"]},
    },
    "batch": lambda k: {
        "body": {"items": [{"op": "update", "object": k["object"], "id": k["id"], "values": k["change"]}]}
    },
    "query": lambda k: {"body": {"object": k["object"], "criteria": {"rows": [[k["key"][0], "=", k["key"][1]]]}}},
    "readChanges": _of_object(query={"limit": 1}),
    "whoami": lambda k: {},
    "listObjects": lambda k: {},
    "describeObject": _of_object(),
    "addField": _of_object(body={"id": "Colour__c", "type": "single_line", "length": 20}),
    "listUsers": lambda k: {},
    "listCampaigns": lambda k: {},
    "readMembers": lambda k: {},
    "setMembers": lambda k: {
        "body": {"items": [{"op": "set", "campaign": k["campaign"], "person_object": k["object"], "person": k["id"]}]}
    },
    "readReport": lambda k: {"path_parameters": {"report": "closed-loop"}},
    "listAssignmentRules": lambda k: {},
    "convertLead": lambda k: {"path_parameters": {"id": k["id"]}, "body": {"opportunity": True}},
    "listForms": lambda k: {},
    "submitForm": lambda k: {
        "path_parameters": {"id": "contact"}, "body": {"values": {**PROSPECT, "phone": "+4722123456"}}
    },
    "readAnswers": lambda k: {"path_parameters": {"id": k["id"]}, "query": {"field": "phone"}},
    "listLists": lambda k: {},
    "addList": lambda k: {"body": {"name": "All", "criteria": {"rows": [["email", "not_blank"]]}}},
    "readListMembers": lambda k: {"path_parameters": {"id": "news"}},
    "addListMembers": lambda k: {"path_parameters": {"id": "news"}, "body": {"prospects": [k["twin"]]}},
    "removeListMember": lambda k: {"path_parameters": {"id": "news"}, "query": {"prospect": k["id"]}},
    "sendEmail": lambda k: {"body": {"lists": ["news"], "subject": "Test"}},
    "readActivities": lambda k: {"query": {"prospect": k["id"]}},
    "readConnector": lambda k: {},
    "setConnector": lambda k: {"body": {"switched_on": False, "notes": "Test"}},
    "openJob": lambda k: {"body": {"object": k["object"], "op": "create", "format": "csv"}},
    "addJobData": lambda k: {
        "path_parameters": {"id": k["job"]}, "body": [{**k["values"], k["key"][0]: NEW}],
        "media_type": "application/json",
    },
    "closeJob": lambda k: {"path_parameters": {"id": k["job"]}},
    "readJob": lambda k: {"path_parameters": {"id": k["job"]}},
    "abortJob": lambda k: {"path_parameters": {"id": k["job"]}},
    "readJobResults": lambda k: {"path_parameters": {"id": k["job"]}},
    "login": lambda k: {
        "body": {"grant_type": "password", "username": "sync", "password": "leadproof-sync"},
        "media_type": "application/x-www-form-urlencoded",
    },
    "readState": lambda k: {},
    "reset": lambda k: {"body": {"seed": 8}},
    "listSnapshots": lambda k: {},
    "saveSnapshot": lambda k: {"path_parameters": {"name": "other"}},
    "restoreSnapshot": lambda k: {"path_parameters": {"name": "saved"}},
    "forkSnapshot": lambda k: {"path_parameters": {"name": "saved"}, "body": {"as": "other"}},
    "listForks": lambda k: {},
    "dropFork": lambda k: {"path_parameters": {"name": "held"}},
    "readClock": lambda k: {},
    "setClock": lambda k: {"body": {"mode": "frozen"}},
    "advanceClock": lambda k: {"body": {"seconds": 60}},
    "readJournal": lambda k: {"query": {"kind": "change", "limit": 2}},
    "clearJournal": lambda k: {},
    "readDigest": lambda k: {"query": {"org": "acme-crm"}},
    "verifyJournal": lambda k: {"body": {"expect": [{"method": "DELETE", "exactly": 2}]}},
    "listFaults": lambda k: {},
    "addFault": lambda k: {"body": {"at": "acme-crm", "kind": "row_lock", "operation": "update", "probability": 0.5}},
    "clearFaults": lambda k: {},
    "removeFault": lambda k: {"path_parameters": {"id": 1}},
    "listOrgs": lambda k: {},
    "addOrg": lambda k: {"body": {"name": "third-crm", "recipe": {"users": [{"id": "sync"}]}}},
    "dropOrg": lambda k: {"path_parameters": {"org": "acme-crm"}},
    "readNames": lambda k: {"path_parameters": {"org": "acme-crm"}},
    "readRules": lambda k: {"path_parameters": {"org": "acme-crm"}},
    "setOrg": lambda k: {"path_parameters": {"org": "acme-crm"}, "body": {"quota": {"calls_per_day": 5}}},
}  # fmt: skip


def test_the_table_knows_every_operation() -> None:
    """An operation that is added must be added here too, or it would go untested."""
    assert {name.partition(":")[2] for name in OPERATIONS} == set(GOOD)


@pytest.mark.parametrize("name", OPERATIONS)
def test_it_answers(name: str) -> None:
    """A right call is answered 2xx, and the answer is what the document says."""
    api, _, id = name.partition(":")
    arguments = GOOD[id](_known()[api])
    response = check(OPERATIONS[name].Case(**arguments), name, start_over=False)
    assert 200 <= response.status_code < 300


@pytest.mark.parametrize("name", OPERATIONS)
def test_it_refuses_what_it_does_not_know(name: str) -> None:
    """A query parameter that the operation doesn't have is refused 4xx with a code, in every API alike."""
    api, _, id = name.partition(":")
    arguments = GOOD[id](_known()[api])
    arguments["query"] = {**arguments.get("query", {}), "colour": "red"}
    response = check(OPERATIONS[name].Case(**arguments), name, start_over=False)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] in ("REF745", "REF746")
    assert "colour" in error["message"]


def test_a_document_names_what_is_not_simulated() -> None:
    """Operations that answer 501 stand in the document, beside its paths."""
    _, caller = build()
    document = caller.get(f"{CRM}/openapi.json").json
    for absent in document["x-not-simulated"]:
        path = absent["path"].replace("{object}", "Lead").replace("{id}", "x")
        refused = caller.login().send(absent["method"], CRM + path)
        assert (refused.status, refused.error["kind"], refused.error["code"]) == (501, "not_simulated", "SIM901")
        assert absent["what"] in refused.error["message"]
