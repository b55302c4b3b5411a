"""What the native API promises beyond the contract: batches, cursors, conditions, keys, jobs, members, forms."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.caller import CRM, MARKETING, Caller, build

LEAD = {"LastName": "Test", "Company": "Example"}
LEADS = f"{CRM}/records/Lead"


def _crm() -> Caller:
    return build()[1].login()


def _marketing() -> Caller:
    return build()[1].login("acme-marketing")


def test_all_objects_are_described_in_one_call() -> None:
    """With their fields the objects are told as describeObject tells each, a field that was just added included."""
    for caller, base in ((_crm(), CRM), (_marketing(), MARKETING)):
        object = "Lead" if base == CRM else "prospect"
        assert caller.post(f"{base}/objects/{object}/fields", {"id": "New__c", "type": "number"}).status == 201
        listed = caller.get(f"{base}/objects").json["objects"]
        told = caller.get(f"{base}/objects", query={"with_fields": "true"}).json["objects"]
        assert told == [caller.get(f"{base}/objects/{one['id']}").json for one in listed]
        assert [{"id": one["id"], "label": one["label"]} for one in told] == listed


EMAILS = st.sampled_from(["a@x.example", "A@x.example", "b@x.example", "no address", ""])
WRITES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"op": st.just("create"), "values": st.fixed_dictionaries(
            {"LastName": st.sampled_from(["Test", "", None]), "Company": st.just("Example"), "Email": EMAILS}
        )}),
        st.fixed_dictionaries({"op": st.just("update"), "of": st.integers(0, 3), "values": st.fixed_dictionaries(
            {"Email": EMAILS}, optional={"Phone": st.text(max_size=5), "NoSuch": st.just("x")}
        )}),
        st.fixed_dictionaries({"op": st.just("delete"), "of": st.integers(0, 3)}),
        st.fixed_dictionaries({"op": st.just("upsert"), "key": EMAILS, "values": st.fixed_dictionaries(
            {"LastName": st.just("Upserted")}, optional={"Company": st.just("Example")}
        )}),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(writes=WRITES)
def test_a_batch_is_its_rows_one_by_one(writes: list[dict[str, Any]]) -> None:
    """The same rows in one batch and in single calls give the same outcomes, refusals and records."""
    (batched, by_batch), (single, one_by_one) = _two(writes), _two(writes)
    results = by_batch.post(f"{CRM}/batch", {"items": [_item(write, batched) for write in writes]}).json["results"]
    for write, result in zip(writes, results, strict=True):
        reply = _alone(one_by_one, write, single)
        if result["outcome"] == "refused":
            assert reply.status >= 400
            theirs, ours = reply.error, result["error"]
            assert (theirs["kind"], theirs["code"], theirs["problems"]) == (
                ours["kind"],
                ours["code"],
                ours["problems"],
            )
        else:
            assert reply.status < 400, reply.body
            if reply.body:
                assert reply.json["values"] == result["record"]["values"]
                assert (reply.json["id"], reply.json["version"]) == (result["id"], result["version"])
    query = {"object": "Lead", "deleted": True}
    ours, theirs = (who.post(f"{CRM}/query", query).json["records"] for who in (by_batch, one_by_one))
    assert [(r["id"], r["values"], r["version"]) for r in ours] == [
        (r["id"], r["values"], r["version"]) for r in theirs
    ]


def _two(writes: list[dict[str, Any]]) -> tuple[list[str], Caller]:
    """A sandbox with two leads, and what rows may refer to."""
    caller = _crm()
    caller.patch("/_lab/clock", {"mode": "frozen"})
    ids = [caller.post(LEADS, {"values": {**LEAD, "Email": f"known{n}@x.example"}}).json["id"] for n in range(2)]
    return [*ids, "nothing", "lednothing"], caller


def _item(write: dict[str, Any], ids: list[str]) -> dict[str, Any]:
    item = {"op": write["op"], "object": "Lead"}
    if "of" in write:
        item["id"] = ids[write["of"]]
    if "values" in write:
        item["values"] = write["values"]
    if "key" in write:
        item["key"] = ["Email", write["key"] or "z@x.example"]
    return item


def _alone(caller: Caller, write: dict[str, Any], ids: list[str]) -> Any:
    if write["op"] == "create":
        return caller.post(LEADS, {"values": write["values"]})
    if write["op"] == "upsert":
        return caller.put(f"{LEADS}/by/Email/{write['key'] or 'z@x.example'}", {"values": write["values"]})
    path = f"{LEADS}/{ids[write['of']]}"
    return caller.delete(path) if write["op"] == "delete" else caller.patch(path, {"values": write["values"]})


def test_pages_of_a_query_join_without_gap_or_double() -> None:
    """Whatever the page size and the order, following the cursors gives every record once, in the order."""
    caller = _crm()
    items = [
        {"op": "create", "object": "Lead", "values": {**LEAD, "LastName": f"Test {n % 7}", "Email": f"p{n}@x.example"}}
        for n in range(53)
    ]
    caller.post(f"{CRM}/batch", {"items": items})
    for order in ([], [["LastName", "desc"]], [["Industry", "asc"], ["Email", "asc"]]):
        whole = caller.post(f"{CRM}/query", {"object": "Lead", "order": order, "limit": 2000}).json["records"]
        assert len(whole) == 53
        for limit in (1, 10, 53):
            paged, cursor = [], None
            while True:
                asked = {"object": "Lead", "order": order, "limit": limit, **({"cursor": cursor} if cursor else {})}
                page = caller.post(f"{CRM}/query", asked).json
                paged += page["records"]
                cursor = page["next"]
                if cursor is None:
                    break
            assert [record["id"] for record in paged] == [record["id"] for record in whole]


@pytest.mark.parametrize("cursor", ["", "x", "W10=", "WyJhIl0=", "WzEsMl0=", "bnVsbA==", "WzFlOTk5XQ==", "é"])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    """4xx that names the cursor, whatever it decodes to."""
    refused = _crm().post(f"{CRM}/query", {"object": "Lead", "cursor": cursor})
    assert refused.status == 400
    assert refused.error["code"] == "REF747"


def test_conditions() -> None:
    """If-Match writes at its version only (RFC 9110, 13.1.1); an odd tag is refused, `*` asks for any version."""
    caller = _crm()
    made = caller.post(LEADS, {"values": LEAD})
    path = f"{LEADS}/{made.json['id']}"
    assert made.headers["etag"] == '"1"'
    assert caller.patch(path, {"values": {"FirstName": "A"}}, headers={"if-match": '"1"'}).headers["etag"] == '"2"'
    stale = caller.patch(path, {"values": {"FirstName": "B"}}, headers={"if-match": '"1"'})
    assert (stale.status, stale.error["kind"]) == (412, "conflict")
    for odd in ("2", 'W/"2"', '"two"', '"', '""'):
        assert caller.delete(path, headers={"if-match": odd}).error["code"] == "REF748"
    assert caller.delete(path, headers={"if-match": "*"}).status == 204


def test_an_idempotency_key_does_it_once() -> None:
    """The same key and content: one record, the same answer; the same key with other content is refused."""
    caller = _crm()
    key = {"idempotency-key": "form-1"}
    first = caller.post(LEADS, {"values": LEAD}, headers=key)
    again = caller.post(LEADS, {"values": LEAD}, headers=key)
    assert first.json["id"] == again.json["id"]
    other = caller.post(LEADS, {"values": {**LEAD, "LastName": "Other"}}, headers=key)
    assert other.status in (400, 409, 412)
    assert len(caller.post(f"{CRM}/query", {"object": "Lead"}).json["records"]) == 1
    assert caller.post(LEADS, {"values": LEAD}, headers={"idempotency-key": "k" * 256}).error["code"] == "REF748"


def test_a_key_may_hold_a_slash() -> None:
    """An encoded slash inside a path's value stays inside it."""
    caller = _crm()
    made = caller.put(f"{LEADS}/by/Website/https%3A%2F%2Fx.example%2Fa", {"values": LEAD})
    assert made.status in (201, 400)
    if made.status == 400:
        assert "Website" in made.error["message"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/records/Lead/x?colour=red", 400, "REF746"),
        ("/records/Lead/x?deleted=perhaps", 400, "REF746"),
        ("/records/Lead/x?deleted=true&deleted=false", 400, "REF746"),
        ("/records/Lead/x", 404, "REF705"),
        ("/records/Nothing/x", 404, "REF707"),
        ("/records/Lead/x/", 404, "REF742"),
        ("/records//x", 404, "REF742"),
        ("/changes/Lead?since=-1", 400, "REF747"),
        ("/changes/Lead?limit=0", 400, "REF746"),
        ("/changes/Lead?limit=2001", 400, "REF746"),
        ("/changes/Lead?fields=Email,NoSuch", 400, "REF701"),
        ("/reports/nonsense", 400, "REF701"),
        ("/batch", 405, "REF743"),
    ],
)
def test_what_is_refused_of_a_get(path: str, status: int, code: str) -> None:
    """Each has its own code and says what was wrong."""
    where, _, query = path.partition("?")
    pairs = [tuple(pair.split("=")) for pair in query.split("&")] if query else []
    reply = _crm().get(CRM + where, query=pairs)
    assert (reply.status, reply.error["code"]) == (status, code)
    assert reply.error["message"]
    if status == 405:
        assert reply.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"values": {}, "colour": 1}', "application/json", 400),
        (b'{"values": []}', "application/json", 400),
        (b'{"values": {"LastName": "\\ud800", "Company": "B"}}', "application/json", 400),
        (b'{"values": {"LastName": {"a": 1}, "Company": "B"}}', "application/json", 400),
        (b'{"values": {"LastName": 99999999999999999999999999, "Company": true}}', "application/json", 400),
        (b'{"assign": "yes", "values": {}}', "application/json", 400),
        (b"<lead/>", "application/xml", 415),
        (b'{"values": {}}', "text/plain", 415),
        (b'{"values": {}}', "", 415),
    ],
)
def test_what_is_refused_of_a_body(body: bytes, content_type: str, status: int) -> None:
    """Whatever arrives, the answer is a 4xx in the one error body, and nothing is written."""
    caller = _crm()
    headers = {"content-type": content_type} if content_type else {}
    reply = caller.post(LEADS, body=body, headers=headers)
    assert reply.status == status
    assert set(reply.error) == {"code", "kind", "message", "fix", "definite", "problems", "matches"}
    assert caller.get(f"{CRM}/changes/Lead").json["records"] == []


def test_a_batch_has_at_most_200_rows() -> None:
    """201 are refused as a whole; none of them too."""
    caller = _crm()
    items = [{"op": "create", "object": "Lead", "values": LEAD}] * 201
    assert caller.post(f"{CRM}/batch", {"items": items}).status == 400
    assert caller.post(f"{CRM}/batch", {"items": []}).status == 400
    assert caller.get(f"{CRM}/changes/Lead").json["records"] == []


def test_a_csv_job_accounts_for_every_row() -> None:
    """Parts join; good rows go in, bad ones say why by number; quoted newlines and a byte order mark are fine."""
    caller = _crm()
    job = caller.post(f"{CRM}/jobs", {"object": "Lead", "op": "create", "format": "csv"}).json["id"]
    csv = {"content-type": "text/csv; charset=utf-8"}
    part = '\ufeffLastName,Company,PostalCode,Description\nNO,B,0123,"Two\nlines"\nTest,,,\n'.encode()
    rows = "".join(f"Test {n},Example,{n:05d}\n" for n in range(450))
    assert caller.put(f"{CRM}/jobs/{job}/data", body=part, headers=csv).json["rows"] == 2
    assert (
        caller.put(f"{CRM}/jobs/{job}/data", body=f"LastName,Company,PostalCode\n{rows}".encode(), headers=csv).status
        == 200
    )
    done = caller.post(f"{CRM}/jobs/{job}/close").json
    assert (done["state"], done["rows"]) == ("complete", 452)
    assert done["counts"] == {"created": 451, "updated": 0, "unchanged": 0, "deleted": 0, "refused": 1}
    results = caller.get(f"{CRM}/jobs/{job}/results").json["results"]
    assert [result["row"] for result in results] == list(range(1, 453))
    assert results[1]["error"]["problems"][0]["field"] == "Company"
    values = caller.get(f"{LEADS}/{results[0]['id']}").json["values"]
    assert (values["LastName"], values["PostalCode"], values["Description"]) == ("NO", "0123", "Two\nlines")
    assert caller.put(f"{CRM}/jobs/{job}/data", body=part, headers=csv).status == 409
    assert caller.post(f"{CRM}/jobs/{job}/close").status == 409


def test_jobs_of_the_other_kinds() -> None:
    """Upsert by key, update and delete by id; an unknown column fails the whole job before anything is written."""
    caller = _crm()

    def run(asked: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
        job = caller.post(f"{CRM}/jobs", {"object": "Lead", **asked}).json["id"]
        assert caller.put(f"{CRM}/jobs/{job}/data", rows).status == 200
        done: dict[str, Any] = caller.post(f"{CRM}/jobs/{job}/close").json
        return done

    rows = [{"Email": f"u{n % 2}@x.example", "LastName": f"Test {n}", "Company": "Example"} for n in range(3)]
    assert run({"op": "upsert", "key": "Email"}, rows)["counts"] | {} == {
        "created": 2, "updated": 1, "unchanged": 0, "deleted": 0, "refused": 0
    }  # fmt: skip
    ids = [record["id"] for record in caller.post(f"{CRM}/query", {"object": "Lead"}).json["records"]]
    assert run({"op": "update"}, [{"id": id, "FirstName": "A"} for id in ids])["counts"]["updated"] == 2
    assert run({"op": "update"}, [{"id": ids[0], "NoSuch": "A"}])["state"] == "failed"
    assert run({"op": "delete"}, [{"id": id} for id in [*ids, "nothing", None]])["counts"] == {
        "created": 0, "updated": 0, "unchanged": 0, "deleted": 2, "refused": 2
    }  # fmt: skip
    assert caller.post(f"{CRM}/jobs", {"object": "Lead", "op": "upsert"}).status == 400
    assert caller.post(f"{CRM}/jobs", {"object": "Lead", "op": "create", "key": "Email"}).status == 400
    open_job = caller.post(f"{CRM}/jobs", {"object": "Lead", "op": "create"}).json["id"]
    assert caller.delete(f"{CRM}/jobs/{open_job}").status == 204
    assert caller.get(f"{CRM}/jobs/{open_job}").json["state"] == "aborted"


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"A,A\n1,2\n", b"LastName\n1,2\n", b'LastName\n"open', b"\xff\xfe", b",\n1,2\n"]
)
def test_csv_that_cannot_be_read_takes_nothing(data: bytes) -> None:
    """4xx with the line; the job stays open and empty."""
    caller = _crm()
    job = caller.post(f"{CRM}/jobs", {"object": "Lead", "op": "create", "format": "csv"}).json["id"]
    refused = caller.put(f"{CRM}/jobs/{job}/data", body=data, headers={"content-type": "text/csv"})
    assert (refused.status, refused.error["code"]) == (400, "REF745")
    assert caller.get(f"{CRM}/jobs/{job}").json["rows"] == 0


def test_a_form_is_open_to_visitors() -> None:
    """Without a login, by e-mail to the same prospect, all answers kept; what it doesn't ask is refused."""
    sandbox, caller = build()
    visitor = Caller(caller.app, actor="visitor")
    form = f"{MARKETING}/forms/contact/submissions"
    first = visitor.post(form, {"values": {"email": "v@x.example", "last_name": "V", "comments": "first"}})
    second = visitor.post(form, {"values": {"email": "V@x.example", "comments": "second"}})
    assert [reply.json["outcome"] for reply in (first, second)] == ["created", "updated"]
    session = caller.login("acme-marketing")
    answers = session.get(f"{MARKETING}/prospects/{first.json['prospect']}/answers", query={"field": "comments"})
    assert [answer["text"] for answer in answers.json["answers"]] == ["first", "second"]
    assert (
        visitor.post(form, {"values": {"email": "v@x.example", "score": "9"}}).error["problems"][0]["field"] == "score"
    )
    assert visitor.get(f"{MARKETING}/forms").status == 401
    assert {fact["actor"] for fact in sandbox.world.journal.facts(kind="change", object="submission")} == {"visitor"}


def test_an_email_reaches_each_person_once() -> None:
    """On two lists: one mail; opted out: suppressed; nobody else hears of it."""
    session = _marketing()
    people = {}
    for name, more in (("twice", {}), ("out", {"opted_out": True})):
        values = {"email": f"{name}@x.example", "last_name": name, **more}
        people[name] = session.post(f"{MARKETING}/records/prospect", {"values": values}).json["id"]
    other = session.post(f"{MARKETING}/lists", {"name": "Other"}).json["id"]
    for of_list in ("news", other):
        results = session.post(f"{MARKETING}/lists/{of_list}/members", {"prospects": list(people.values())})
        assert {result["outcome"] for result in results.json["results"]} == {"created"}
    sent = session.post(f"{MARKETING}/emails", {"lists": ["news", other], "subject": "Test"}).json
    assert sent["recipients"] == [people["twice"]]
    assert people["out"] in sent["suppressed"]
    assert people["twice"] in sent["duplicates"]


def test_reads_are_strict_about_side() -> None:
    """A CRM path at a marketing org is not found, and so are the CRM's own operations."""
    session = _marketing()
    assert session.get("/acme-marketing/crm/v1/whoami").status == 404
    assert session.get(f"{MARKETING}/assignment-rules").status == 404
    assert _crm().get(f"{CRM}/forms").status == 404
