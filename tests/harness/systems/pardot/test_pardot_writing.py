"""Writes: one by one and in batches, refused, lost; and reads that lag behind them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.failures import QuotaSpent, Refused, Unreachable
from leadproof.systems.ports import Write
from leadproof.transports import Request, Response, TransportFailed
from leadterms.criteria import parse_criteria
from tests.harness.systems.pardot.scripted_unit import Step, Unit, ok, page, prospect, v4_error, v5_error

PROSPECTS = "GET prospects"
CREATE = "POST prospects"
BATCH = "POST /api/prospect/version/4/do/batchUpdate"
DONE = ok({"@attributes": {"stat": "ok", "version": 1}, "errors": {}}, 201)
SOON = "2026-03-02T10:00:30+00:00"
LATER = "2026-03-02T10:05:00+00:00"


def update(id: int, **values: Any) -> Write:
    """A change of a prospect."""
    return Write("update", "prospects", str(id), values=values or {"firstName": "New"})


def test_a_create_answers_with_the_record_as_it_is_stored() -> None:
    """One POST; the answer's record is read back, the owner is written as userId, blanks as null."""
    stored = prospect(5, email="new@acme.example", firstName="Anne", score=3, updatedAt="2026-03-02T10:00:00+00:00")
    unit = Unit({CREATE: ok(stored, 201)})
    write = Write(
        "create", "prospects", owner="8",
        values={"email": "new@acme.example", "firstName": "Anne", "score": Decimal(3), "phone": None, "campaignId": "2",
                "optedOut": True, "Budget__c": Decimal("12.50")},
    )  # fmt: skip
    (result,) = unit.client().write([write])
    assert (result.outcome, result.id) == ("created", "5")
    assert result.record is not None
    assert result.record.values["firstName"] == "Anne"
    (body,) = unit.bodies(CREATE)
    assert body == {
        "email": "new@acme.example", "firstName": "Anne", "score": 3, "phone": None, "campaignId": 2, "optedOut": True,
        "Budget__c": 12.5, "userId": 8,
    }  # fmt: skip
    assert "email" in unit.queries(CREATE)[0]["fields"].split(",")


def test_changes_deletes_and_upserts_have_their_own_calls() -> None:
    """PATCH, DELETE and upsertLatestByEmail; an upsert takes nothing out of the recycle bin."""
    upserted = prospect(6, createdAt="2026-03-02T10:00:00+00:00", updatedAt="2026-03-02T10:00:00+00:00")
    unit = Unit(
        {
            "PATCH prospects/1": ok(prospect(1, firstName="New")),
            "DELETE prospects/2": Response(204, {}, b""),
            "POST prospects/do/upsertLatestByEmail": ok(upserted, 201),
        }
    )
    results = unit.client().write(
        [
            update(1),
            Write("delete", "prospects", "2"),
            Write("upsert", "prospects", key=("email", "p6@acme.example"), values={"city": "Oslo"}),
        ]
    )
    assert [(one.outcome, one.id) for one in results] == [("updated", "1"), ("deleted", "2"), ("created", "6")]
    (body,) = unit.bodies("POST prospects/do/upsertLatestByEmail")
    assert body["matchEmail"] == "p6@acme.example"
    assert body["prospect"] == {"email": "p6@acme.example", "city": "Oslo"}
    assert body["secondaryDeletedSearch"] is False


@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (Write("create", "campaigns", values={"name": "x"}), "permission"),
        (Write("update", "prospects", "x1", values={"city": "Oslo"}), "gone"),
        (Write("update", "prospects", "1", values={"no_such": "x"}), "invalid"),
        (Write("upsert", "prospects", key=("phone", "1"), values={}), "invalid"),
    ],
)
def test_what_the_api_cannot_be_asked_is_refused_row_by_row(write: Write, kind: str) -> None:
    """No call is made for such a row, and the others go on."""
    unit = Unit({"PATCH prospects/1": ok(prospect(1))})
    refused, done = unit.client().write([write, update(1)])
    assert refused.refusal is not None
    assert (refused.outcome, refused.refusal.kind, refused.refusal.definite) == ("refused", kind, True)
    assert done.outcome == "updated"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [(109, 404, "gone"), (219, 400, "gone"), (9, 400, "duplicate"), (54, 400, "duplicate"), (62, 400, "locked"),
     (56, 400, "invalid"), (85, 400, "fault")],
)  # fmt: skip
def test_a_refused_row_has_its_kind(code: int, status: int, kind: str) -> None:
    """The vendor's number says what kind of refusal it is, and the row certainly did not happen."""
    unit = Unit({"PATCH prospects/1": v5_error(code, "no", status), "PATCH prospects/2": ok(prospect(2))})
    first, second = unit.client().write([update(1), update(2)])
    assert first.refusal is not None
    assert (first.refusal.code, first.refusal.kind, first.refusal.definite) == (str(code), kind, True)
    assert second.outcome == "updated"


def test_a_lost_answer_is_unknown_and_the_rest_is_tried() -> None:
    """A time-out proves nothing of its row, and nothing of the rows after it."""
    unit = Unit({"PATCH prospects/1": TransportFailed("timeout"), "PATCH prospects/2": ok(prospect(2))})
    first, second = unit.client().write([update(1), update(2)])
    assert (first.outcome, second.outcome) == ("unknown", "updated")
    assert first.refusal is not None
    assert not first.refusal.definite


def test_what_definitely_did_nothing_is_raised_unless_something_was_done() -> None:
    """The port's rule: first call refused by the quota raises; later, the rest of the rows is refused definitely."""
    spent = v5_error(122, "Daily API rate limit met")
    with pytest.raises(QuotaSpent):
        Unit({"PATCH prospects/1": spent}).client().write([update(1), update(2)])
    with pytest.raises(Unreachable):
        Unit({"PATCH prospects/1": TransportFailed("refused")}).client().write([update(1)])
    unit = Unit({"PATCH prospects/1": ok(prospect(1)), "PATCH prospects/2": spent})
    results = unit.client().write([update(1), update(2), update(3)])
    assert [one.outcome for one in results] == ["updated", "refused", "refused"]
    assert all(one.refusal is not None and one.refusal.definite for one in results[1:])


# --- batches -------------------------------------------------------------------------------------------


def _stored(ids: Sequence[int], **values: Any) -> Response:
    return page(*(prospect(id, updatedAt="2026-03-02T10:00:00+00:00", **values) for id in ids))


def test_many_changes_go_fifty_at_a_time_in_version_4() -> None:
    """120 rows: three batches with version 4's names, blanks as empty text, and one reading back for each."""
    ids = list(range(1, 121))
    unit = Unit({BATCH: DONE, PROSPECTS: [_stored(ids[:50]), _stored(ids[50:100]), _stored(ids[100:])]})
    results = unit.client().write(
        [
            update(id, firstName="New", isDoNotCall=True, phone=None, score=Decimal(7), CRM_Record__c="00Q1")
            for id in ids
        ]
    )
    assert {one.outcome for one in results} == {"updated"}
    assert [one.id for one in results] == [str(id) for id in ids]
    assert all(one.record is not None for one in results)
    sent = [json.loads(form["prospects"])["prospects"] for form in unit.forms(BATCH)]
    assert [len(rows) for rows in sent] == [50, 50, 20]
    assert sent[0][0] == {
        "id": "1", "first_name": "New", "is_do_not_call": "1", "phone": "", "score": "7", "CRM_Record": "00Q1",
    }  # fmt: skip
    assert unit.forms(BATCH)[0]["format"] == "json"


def test_a_batch_tells_its_bad_rows_by_number() -> None:
    """The others were done; the texts say whether the prospect is gone or a value is wrong."""
    answer = ok(
        {"@attributes": {"stat": "fail", "version": 1}, "errors": {"1": "Invalid prospect ID", "3": "Invalid date"}}
    )
    unit = Unit({BATCH: answer, PROSPECTS: _stored([1, 3, 5, 6, 7])})
    results = unit.client().write([update(id) for id in range(1, 8)])
    assert [one.outcome for one in results] == [
        "updated",
        "refused",
        "updated",
        "refused",
        "updated",
        "updated",
        "updated",
    ]
    kinds = [one.refusal.kind for one in results if one.refusal is not None]
    assert kinds == ["gone", "invalid"]


def test_what_a_batch_cannot_carry_goes_alone() -> None:
    """An owner, a list of values, an opt-out, and two changes of one prospect, whose order matters."""
    alone = {f"PATCH prospects/{id}": ok(prospect(id)) for id in (1, 2, 3)}
    unit = Unit({BATCH: DONE, PROSPECTS: _stored(range(10, 20)), **alone})
    writes = [
        Write("update", "prospects", "1", values={"city": "Oslo"}, owner="8"),
        update(2, optedOut=True),
        update(3, city="A"),
        update(3, city="B"),
        *(update(id) for id in range(10, 20)),
    ]
    assert {one.outcome for one in unit.client().write(writes)} == {"updated"}
    assert len(json.loads(unit.forms(BATCH)[0]["prospects"])["prospects"]) == 10
    assert [body["city"] for body in unit.bodies("PATCH prospects/3")] == ["A", "B"]


def test_a_lost_batch_is_unknown_and_an_odd_answer_proves_nothing() -> None:
    """All of its rows; nothing is sent again."""
    for answer in (TransportFailed("reset"), ok(["?"]), ok({"errors": {}})):
        unit = Unit({BATCH: answer})
        results = unit.client().write([update(id) for id in range(1, 8)])
        assert {one.outcome for one in results} == {"unknown"}
        assert len(unit.calls(BATCH)) == 1


def test_a_unit_without_version_4_is_asked_for_it_once() -> None:
    """Code 89: one prospect an address, version 3. The rows go one by one, now and from then on."""
    unit = Unit({BATCH: v4_error(89, "Your account is unable to use version 4 of the API."),
                 **{f"PATCH prospects/{id}": ok(prospect(id)) for id in range(1, 8)}})  # fmt: skip
    client = unit.client()
    for _ in range(2):
        assert {one.outcome for one in client.write([update(id) for id in range(1, 8)])} == {"updated"}
    assert len(unit.calls(BATCH)) == 1


def test_a_batch_whose_reading_back_fails_was_done_all_the_same() -> None:
    """The rows are updated, without a record."""
    unit = Unit({BATCH: DONE, PROSPECTS: v5_error(122, "Daily API rate limit met")})
    results = unit.client().write([update(id) for id in range(1, 8)])
    assert {(one.outcome, one.record) for one in results} == {("updated", None)}


# --- reads that lag --------------------------------------------------------------------------------------

OLD = prospect(1, firstName="Old", updatedAt="2026-03-02T09:00:00+00:00")


@pytest.mark.parametrize("by", ["id", "query", "changes"])
def test_a_stale_read_does_not_undo_a_confirmed_write(by: str) -> None:
    """Read right after the write, by id, by query or as a change: the confirmed value stands over the cache's."""
    written = prospect(1, firstName="New", updatedAt="2026-03-02T10:00:00+00:00")
    unit = Unit({"PATCH prospects/1": ok(written), "GET prospects/1": ok(OLD, at=SOON), PROSPECTS: page(OLD, at=SOON)})
    client = unit.client()
    client.write([update(1, firstName="New")])
    if by == "id":
        (found,) = client.read("prospects", ["1"], ["firstName"])
    elif by == "query":
        (found,) = client.find("prospects", None, ["firstName"])
    else:
        (found,) = client.changes("prospects", None, ["firstName"], 10).items
    assert found.values["firstName"] == "New"
    assert found.modified == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_somebody_elses_later_change_is_not_hidden() -> None:
    """A read that is newer than our write is the truth, and ends the memory of it."""
    theirs = prospect(1, firstName="Theirs", updatedAt="2026-03-02T10:00:05+00:00")
    unit = Unit(
        {
            "PATCH prospects/1": ok(prospect(1, firstName="Ours", updatedAt="2026-03-02T10:00:00+00:00")),
            "GET prospects/1": [ok(theirs, at=SOON), ok(OLD, at=SOON)],
        }
    )
    client = unit.client()
    client.write([update(1, firstName="Ours")])
    names = [client.read("prospects", ["1"], ["firstName"])[0].values["firstName"] for _ in range(2)]
    assert names == ["Theirs", "Old"]


def test_a_created_prospect_is_there_before_the_cache_knows_it() -> None:
    """By id, by e-mail address and in a scan: nobody may create it a second time."""
    made = prospect(
        5, email="new@acme.example", createdAt="2026-03-02T10:00:00+00:00", updatedAt="2026-03-02T10:00:00+00:00"
    )
    by_mail = "GET /api/prospect/version/4/do/read/email/new%40acme.example"
    unit = Unit({CREATE: ok(made, 201), PROSPECTS: page(at=SOON), "GET prospects/5": v5_error(109, "not found", 404),
                 by_mail: v4_error(4, "Invalid prospect email address")})  # fmt: skip
    client = unit.client()
    client.write([Write("create", "prospects", values={"email": "new@acme.example"})])
    assert [one.id for one in client.read("prospects", ["5"], ["email"])] == ["5"]
    same = parse_criteria({"rows": [["email", "=", "New@acme.example"]]})
    unit._script["GET /api/prospect/version/4/do/read/email/New%40acme.example"] = [v4_error(4, "Invalid")]
    assert [one.id for one in client.find("prospects", same, ["email"])] == ["5"]
    assert [one.id for one in client.find("prospects", None, ["email"])] == ["5"]


def test_a_deleted_prospect_is_gone_although_the_cache_still_has_it() -> None:
    """It is neither read nor found, and its change is told as a delete."""
    unit = Unit({"DELETE prospects/1": Response(204, {"x-time": "2026-03-02T10:00:00Z"}, b""),
                 "GET prospects/1": ok(OLD, at=SOON), PROSPECTS: page(OLD, at=SOON)})  # fmt: skip
    client = unit.client()
    assert client.write([Write("delete", "prospects", "1")])[0].outcome == "deleted"
    assert client.read("prospects", ["1"], ["email"]) == []
    assert list(client.find("prospects", None, ["email"])) == []
    assert [one.deleted for one in client.changes("prospects", None, ["email"], 10).items] == [True]


def test_after_the_lag_nothing_is_remembered() -> None:
    """Beyond a minute the vendor answers from its primary data: what it says counts, also an older stamp."""
    unit = Unit(
        {
            "PATCH prospects/1": ok(prospect(1, firstName="New", updatedAt="2026-03-02T10:00:00+00:00")),
            PROSPECTS: [page(at=LATER), page(OLD, at=LATER)],
        }
    )
    client = unit.client()
    client.write([update(1)])
    assert list(client.find("prospects", None, ["firstName"])) == []
    assert [one.values["firstName"] for one in client.find("prospects", None, ["firstName"])] == ["Old"]


def test_an_address_is_looked_up_without_the_cache_before_it_counts_as_free() -> None:
    """Somebody else's prospect of a moment ago: version 4 knows it although version 5's query does not."""
    theirs = prospect(9, email="their@acme.example")
    by_mail = "GET /api/prospect/version/4/do/read/email/their%40acme.example"
    for told in ({"id": 9, "email": "their@acme.example"}, [{"id": 9}]):
        unit = Unit({PROSPECTS: page(), by_mail: ok({"@attributes": {"stat": "ok", "version": 1}, "prospect": told}),
                     "GET prospects/9": ok(theirs)})  # fmt: skip
        criteria = parse_criteria({"rows": [["email", "=", "their@acme.example"]]})
        assert [one.id for one in unit.client().find("prospects", criteria, ["email"])] == ["9"]


# --- recycle bin, campaigns ------------------------------------------------------------------------------


def test_undelete_takes_a_prospect_out_of_the_bin_by_its_id() -> None:
    """Version 4's upsert by id, which unarchives; version 5 only knows the address."""
    undeleted = "POST /api/prospect/version/4/do/upsert/id/1"
    unit = Unit({undeleted: ok({"prospect": {"id": 1}}), "GET prospects/1": ok(prospect(1))})
    assert unit.client().undelete("prospects", "1").id == "1"
    gone = Unit({undeleted: ok({"prospect": {"id": 1}}), "GET prospects/1": v5_error(109, "not found", 404)})
    with pytest.raises(Refused, match="recycle bin"):
        gone.client().undelete("prospects", "1")


def test_a_prospect_has_one_campaign_and_no_status() -> None:
    """Joining moves it; a status, and leaving, are refused with the reason."""
    unit = Unit({"PATCH prospects/1": ok(prospect(1, campaignId=2))})
    results = unit.client().set_members(
        [
            MemberWrite("set", "2", "prospects", "1"),
            MemberWrite("set", "2", "prospects", "1", status="clicked"),
            MemberWrite("remove", "2", "prospects", "1"),
        ]
    )
    assert [one.outcome for one in results] == ["updated", "refused", "refused"]
    assert unit.bodies("PATCH prospects/1") == [{"campaignId": 2}]
    assert all(one.refusal is not None and one.refusal.text for one in results[1:])


# --- forms -------------------------------------------------------------------------------------------------

HANDLER = {
    "id": 4, "name": "Contact us", "successLocation": "https://acme.example/thanks",
    "errorLocation": "https://acme.example/sorry",
    "embedCode": '<form action="https://go.acme.example/l/1/2026-03-02/x1" method="post">',
}  # fmt: skip
HANDLER_FIELDS = (
    {"id": 1, "formHandlerId": 4, "name": "mail", "prospectApiFieldId": "email", "isRequired": True},
    {"id": 2, "formHandlerId": 4, "name": "words", "prospectApiFieldId": "comments", "isRequired": False},
    {"id": 3, "formHandlerId": 9, "name": "other", "prospectApiFieldId": "email", "isRequired": True},
)
POST = "POST /l/1/2026-03-02/x1"


def _form(answer: Step, *found: Response) -> Unit:
    return Unit({"GET form-handlers": page(HANDLER), "GET form-handler-fields": page(*HANDLER_FIELDS),
                 POST: answer, PROSPECTS: list(found)})  # fmt: skip


def test_forms_are_form_handlers_with_their_fields() -> None:
    """A field goes by the prospect's field, as the integration names it."""
    (form,) = _form(ok(None)).client().forms()
    assert (form.id, form.name) == ("4", "Contact us")
    assert [(one.id, one.required) for one in form.fields] == [("email", True), ("comments", False)]


def test_a_form_is_posted_as_a_browser_does() -> None:
    """To the handler's public address, without a login, under the handler's own names; the prospect is found after."""
    sent = Response(302, {"location": "https://acme.example/thanks"}, b"")
    unit = _form(sent, page(), page(prospect(1, email="a@acme.example")))
    told = unit.client().submit_form("Contact us", {"email": "a@acme.example", "comments": "hello"})
    assert (told.outcome, told.prospect) == ("created", "1")
    (posted,) = unit.calls(POST)
    assert unit.forms(POST) == [{"mail": "a@acme.example", "words": "hello"}]
    assert "authorization" not in posted.headers
    known = _form(sent, page(prospect(1)), page(prospect(1)))
    assert known.client().submit_form("4", {"email": "p1@acme.example"}).outcome == "updated"


@pytest.mark.parametrize(
    "answer",
    [
        Response(302, {"location": "https://acme.example/sorry?e=1"}, b""),
        Response(200, {}, b"<html><p class='error'>Please enter a valid address</p></html>"),
        Response(400, {}, b"no"),
    ],
)
def test_a_form_that_was_not_accepted_is_refused(answer: Response) -> None:
    """The redirect to the error location, or the page that says so."""
    told = _form(answer, page()).client().submit_form("4", {"email": "x"})
    assert told.outcome == "refused"
    assert told.refusal is not None
    assert told.refusal.text


def test_a_form_that_is_not_there_and_an_answer_that_is_lost() -> None:
    """No such handler is a refusal; a lost answer is unknown; nobody there is raised."""
    unit = _form(TransportFailed("timeout"), page())
    assert unit.client().submit_form("99", {}).outcome == "refused"
    assert unit.client().submit_form("4", {"email": "a@acme.example"}).outcome == "unknown"
    with pytest.raises(Unreachable):
        _form(TransportFailed("refused"), page()).client().submit_form("4", {"email": "a@acme.example"})


def test_every_request_is_the_vendors() -> None:
    """Paths begin with /api or the login's; nothing of the sandbox's own is called."""
    unit = Unit({CREATE: ok(prospect(1), 201), PROSPECTS: page()})
    client = unit.client()
    client.write([Write("create", "prospects", values={"email": "a@acme.example"})])
    list(client.find("prospects", None, ["email"]))
    told: list[Request] = unit.asked
    assert all(one.path.startswith(("/api/", "/services/")) for one in told)
