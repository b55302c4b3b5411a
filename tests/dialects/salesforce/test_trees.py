"""/composite/tree and /composite/graph: what is made together, or not at all."""

from __future__ import annotations

from typing import Any

from tests.dialects.salesforce.desk import Desk

TREE = "/composite/tree/Account"
ROOT = "/services/data/v59.0/sobjects"


def _record(type: str, name: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": type, "referenceId": name}, **values}


def _family(**contact: Any) -> dict[str, Any]:
    children = [_record("Contact", "c1", LastName="Nord"), _record("Contact", "c2", **{"LastName": "Sor", **contact})]
    deals = [_record("Opportunity", "o1", Name="Deal", StageName="Prospecting", CloseDate="2026-05-01")]
    parent = _record("Account", "a1", Name="Acme", Contacts={"records": children}, Opportunities={"records": deals})
    return {"records": [parent, _record("Account", "a2", Name="Beta")]}


def test_a_tree_is_made_level_by_level(desk: Desk) -> None:
    """Children point at their parents; the answer lists the upper level first."""
    reply = desk.send("POST", TREE, _family())
    assert (reply.status, reply.json["hasErrors"]) == (201, False)
    assert [one["referenceId"] for one in reply.json["results"]] == ["a1", "a2", "c1", "c2", "o1"]
    ids = {one["referenceId"]: one["id"] for one in reply.json["results"]}
    assert desk.values("SELECT AccountId FROM Contact ORDER BY LastName") == [ids["a1"], ids["a1"]]
    assert desk.values("SELECT AccountId FROM Opportunity") == [ids["a1"]]


def test_one_bad_record_takes_the_tree_with_it(desk: Desk) -> None:
    """Only what failed is listed, and nothing is left."""
    reply = desk.send("POST", TREE, _family(Email="no address"))
    assert (reply.status, reply.json["hasErrors"]) == (400, True)
    assert [one["referenceId"] for one in reply.json["results"]] == ["c2"]
    assert reply.json["results"][0]["errors"][0]["statusCode"] == "INVALID_EMAIL_ADDRESS"
    assert desk.values("SELECT Id FROM Account") == []
    assert desk.values("SELECT Id FROM Contact") == []


def test_trees_that_can_not_be(desk: Desk) -> None:
    """Wrong types, names that are missing or given twice, unknown relations, too many records, too deep."""
    many = [_record("Account", f"a{number}", Name="x") for number in range(201)]
    deep: dict[str, Any] = _record("Account", "r5", Name="x")
    for level in range(5):
        deep = _record("Account", f"r{level}", Name="x", ChildAccounts={"records": [deep]})
    for records, code in (
        ([_record("Lead", "a", LastName="x", Company="y")], "INVALID_INPUT"),
        ([{"attributes": {"type": "Account"}, "Name": "x"}], "INVALID_INPUT"),
        ([_record("Account", "a", Name="x"), _record("Account", "a", Name="y")], "INVALID_INPUT"),
        ([_record("Account", "a", Name="x", Nothings={"records": [_record("Lead", "b")]})], "INVALID_FIELD"),
        (many, "EXCEEDED_ID_LIMIT"),
        ([deep], "INVALID_INPUT"),
        ([], "JSON_PARSER_ERROR"),
        ("x", "JSON_PARSER_ERROR"),
    ):
        reply = desk.send("POST", TREE, {"records": records})
        assert (reply.status, reply.json[0]["errorCode"]) == (400, code), records
    assert desk.values("SELECT Id FROM Account") == []


def _node(name: str, **body: Any) -> dict[str, Any]:
    return {"method": "POST", "url": f"{ROOT}/Lead", "referenceId": name, "body": body}


def test_graphs_stand_for_themselves(desk: Desk) -> None:
    """A good one is done though another fails; in the failed one, the others are halted."""
    account = {"method": "POST", "url": f"{ROOT}/Account", "referenceId": "acc", "body": {"Name": "Acme"}}
    contact = {
        "method": "POST", "url": f"{ROOT}/Contact", "referenceId": "con",
        "body": {"LastName": "Nord", "AccountId": "@{acc.id}"},
    }  # fmt: skip
    graphs = [
        {"graphId": "good", "compositeRequest": [account, contact]},
        {"graphId": "bad", "compositeRequest": [_node("one", LastName="A", Company="B"), _node("two", LastName="A")]},
    ]
    reply = desk.send("POST", "/composite/graph", {"graphs": graphs})
    assert reply.status == 200
    good, bad = reply.json["graphs"]
    assert (good["graphId"], good["isSuccessful"]) == ("good", True)
    made = good["graphResponse"]["compositeResponse"]
    assert [one["httpStatusCode"] for one in made] == [201, 201]
    assert desk.values("SELECT AccountId FROM Contact") == [made[0]["body"]["id"]]
    assert (bad["graphId"], bad["isSuccessful"]) == ("bad", False)
    codes = [one["body"][0]["errorCode"] for one in bad["graphResponse"]["compositeResponse"]]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert desk.values("SELECT Id FROM Lead") == []


def test_graphs_that_can_not_be(desk: Desk) -> None:
    """Two of one name, none, too many nodes, keys that nobody knows, a composite inside a graph."""
    one = {"graphId": "1", "compositeRequest": [_node("a", LastName="A", Company="B")]}
    many = {"graphId": "1", "compositeRequest": [_node(f"n{n}", LastName="A", Company="B") for n in range(501)]}
    for graphs in ([one, one], [], [many], [{**one, "x": 1}], [{"graphId": "", "compositeRequest": [one]}], "x", [1]):
        assert desk.send("POST", "/composite/graph", {"graphs": graphs}).status == 400, graphs
    nested = {"method": "POST", "url": "/services/data/v59.0/composite", "referenceId": "n", "body": {}}
    reply = desk.send("POST", "/composite/graph", {"graphs": [{"graphId": "1", "compositeRequest": [nested]}]})
    assert reply.json["graphs"][0]["isSuccessful"] is False
    assert desk.values("SELECT Id FROM Lead") == []


def test_a_tree_within_what_is_made_together(desk: Desk) -> None:
    """A tree as a part of an all-or-none composite, or of a graph, goes with the others: made with them, undone with
    them, and a tree that fails takes them along. The org is as usable as before."""

    def parts(*trees: Any) -> list[dict[str, Any]]:
        lead = {"LastName": "Nord", "Company": "Acme"}
        first = {"method": "POST", "url": f"{ROOT}/Lead", "referenceId": "first", "body": lead}
        url = "/services/data/v59.0/composite/tree/Account"
        return [first, *({"method": "POST", "url": url, "referenceId": "tree", "body": one} for one in trees)]

    for path, body in (
        ("/composite", {"allOrNone": True, "compositeRequest": parts(_family())}),
        ("/composite/graph", {"graphs": [{"graphId": "g", "compositeRequest": parts(_family())}]}),
    ):
        leads, accounts = len(desk.values("SELECT Id FROM Lead")), len(desk.values("SELECT Id FROM Account"))
        assert desk.send("POST", path, body).status == 200
        assert len(desk.values("SELECT Id FROM Lead")) == leads + 1
        assert len(desk.values("SELECT Id FROM Account")) == accounts + 2
    leads, accounts = len(desk.values("SELECT Id FROM Lead")), len(desk.values("SELECT Id FROM Account"))
    failing = {"allOrNone": True, "compositeRequest": parts(_family(Email="no address"))}
    desk.send("POST", "/composite", failing)
    assert len(desk.values("SELECT Id FROM Lead")) == leads
    assert len(desk.values("SELECT Id FROM Account")) == accounts
    assert desk.make("Lead", LastName="Sor", Company="Beta")
