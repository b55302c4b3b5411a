"""PyPardotSF, unmodified: hosts built in, version 4, its session renewed by the refusal's own text."""

from __future__ import annotations

import json

import pytest
from pypardot.client import PardotAPI
from pypardot.errors import PardotAPIError
from tests.clients.pardot.conftest import Login
from tests.clients.salesforce.wire import Wire


@pytest.fixture
def pardot(wire: Wire, login: Login, monkeypatch: pytest.MonkeyPatch) -> PardotAPI:
    """The client, in an environment that names the proxy and the authority."""
    monkeypatch.setenv("HTTPS_PROXY", wire.proxy)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", wire.ca)
    return PardotAPI(
        sf_consumer_key=login.client_id,
        sf_consumer_secret=login.client_secret,
        sf_refresh_token=login.refresh_token,
        business_unit_id=login.business_unit_id,
    )


def test_a_prospect_lives(pardot: PardotAPI) -> None:
    """Created, read by id and by address, changed, cleared, assigned, taken away again, deleted, and gone."""
    made = pardot.prospects.create(email="nord@acme.example", first_name="Kari", last_name="Nord", Tier="Gold")
    prospect = made["prospect"]
    assert (prospect["first_name"], prospect["Tier"], prospect["campaign"]["name"]) == ("Kari", "Gold", "Spring")
    read = pardot.prospects.read_by_email(email="nord@acme.example")["prospect"]
    assert read["id"] == prospect["id"]
    changed = pardot.prospects.update_by_id(id=prospect["id"], company="Acme", first_name="")["prospect"]
    assert (changed["company"], changed["first_name"]) == ("Acme", None)
    assigned = pardot.prospects.assign_by_id(id=prospect["id"], user_email="kari@acme.example")["prospect"]
    assert assigned["assigned_to"]["user"]["last_name"] == "Nord"
    assert "assigned_to" not in pardot.prospects.unassign_by_id(id=prospect["id"])["prospect"]
    pardot.prospects.delete_by_id(id=prospect["id"])
    with pytest.raises(PardotAPIError, match="archived"):
        pardot.prospects.read_by_id(id=prospect["id"])


def test_queries_have_their_oddity(pardot: PardotAPI) -> None:
    """None, one and several: the client makes a list of each; further pages by id."""
    assert pardot.prospects.query()["prospect"] == []
    for number in range(3):
        pardot.prospects.create(email=f"p{number}@acme.example", score=number)
    found = pardot.prospects.query(limit=2, sort_by="id", sort_order="ascending")
    assert (found["total_results"], len(found["prospect"])) == (3, 2)
    rest = pardot.prospects.query(id_greater_than=found["prospect"][-1]["id"])
    assert [one["email"] for one in rest["prospect"]] == ["p2@acme.example"]
    assert [one["score"] for one in pardot.prospects.query(score_greater_than=0)["prospect"]] == [1, 2]
    users = pardot.users.query()
    assert [user["email"] for user in users["user"]] == ["sync@acme.example", "kari@acme.example"]


def test_an_address_may_be_that_of_several(pardot: PardotAPI) -> None:
    """Version 4: an upsert by address makes another prospect each time, and a read answers them all."""
    first = pardot.prospects.upsert_by_email(email="twin@acme.example", city="Oslo")["prospect"]
    second = pardot.prospects.upsert_by_email(email="twin@acme.example", city="Bergen")["prospect"]
    assert first["id"] != second["id"]
    both = pardot.prospects.read_by_email(email="twin@acme.example")["prospect"]
    assert [one["city"] for one in both] == ["Oslo", "Bergen"]
    again = pardot.prospects.upsert_by_id(id=first["id"], city="Molde")["prospect"]
    assert (again["id"], again["city"]) == (first["id"], "Molde")


def test_lists_and_their_members(pardot: PardotAPI) -> None:
    """A list is made, a prospect put on it by its own update, and found by it."""
    made = pardot.lists.create(name="Webinar")["list"]
    prospect = pardot.prospects.create(email="a@acme.example")["prospect"]
    pardot.prospects.update_by_id(id=prospect["id"], **{f"list_{made['id']}": 1})
    places = pardot.listmemberships.query(list_id=made["id"])
    assert [one["prospect_id"] for one in places["list_membership"]] == [prospect["id"]]
    assert [one["id"] for one in pardot.prospects.query(list_id=made["id"])["prospect"]] == [prospect["id"]]


def test_fifty_at_a_time(pardot: PardotAPI) -> None:
    """A batch of which one row is bad writes the others."""
    rows = [{"email": f"b{number}@acme.example"} for number in range(3)] + [{"email": "no address"}]
    pardot.prospects.batchUpsert(prospects=json.dumps({"prospects": rows}))
    assert pardot.prospects.query()["total_results"] == 3


def test_refusals_are_the_clients_own_errors(pardot: PardotAPI) -> None:
    """Wrong address, unknown parameter, no such list: each with the vendor's text."""
    with pytest.raises(PardotAPIError, match="Invalid prospect email address"):
        pardot.prospects.create(email="nobody")
    with pytest.raises(PardotAPIError, match="Invalid parameter: shoe_size"):
        pardot.prospects.create(email="a@acme.example", shoe_size="44")
    with pytest.raises(PardotAPIError, match="Invalid list ID"):
        pardot.lists.read(id=1)


def test_a_session_is_renewed(pardot: PardotAPI, wire: Wire) -> None:
    """When the session has expired the client asks Salesforce for another one and goes on."""
    pardot.prospects.create(email="a@acme.example")
    wire.sandbox.world.clock.advance(24 * 3600)
    held = pardot.sftoken
    assert pardot.prospects.query()["total_results"] == 1
    assert pardot.sftoken != held


def test_another_business_unit_is_refused(pardot: PardotAPI) -> None:
    """As the vendor says it."""
    pardot.business_unit_id = "0Uv000000000000AAA"
    with pytest.raises(PardotAPIError, match="Business Unit specified"):
        pardot.prospects.query()
