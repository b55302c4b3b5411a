"""The native client and the fake systems together, in process and over real sockets: the whole of both ports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from leadproof.sandbox import Over, Sandbox, recipe_schema
from leadproof.systems import failures
from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.organization import User
from leadproof.systems.ports import Crm, Marketing, Write
from leadproof.transports import Faulty, WireFault
from leadsim.recipe import Recipe
from leadterms.criteria import parse_criteria
from leadterms.documents import Document, parse_text
from leadterms.fields import FieldSpec
from leadterms.values import Value

RECIPE = """
recipe: 1
clock: 2026-03-02T09:00:00Z
actors:
  connector: {address: 10.20.0.7}
  rep: {address: 10.20.0.9}
  visitor: {address: 203.0.113.9}
orgs:
  acme-crm:
    kind: crm
    time_zone: Europe/Oslo
    allowlist: [10.20.0.0/24]
    logins:
      - {actor: connector, user: sync}
      - {actor: rep, user: kari.c, password: her own}
    quota: {calls_per_day: 500}
    users: [{id: sync}, {id: kari.c, user_name: kari}, {id: ola.c, active: false}]
    queues: [{id: inbound, name: Inbound}]
    default_owner: sync
    assignment_rules:
      - {name: Nordic, criteria: {rows: [[Country, in, [NO, DK]]]}, assign: {round_robin: [kari.c]}}
      - {name: Rest, assign: {queue: inbound}, active: false}
    duplicate_rules:
      - {name: Same mail, object: Lead, match: [Email]}
    campaigns:
      - {as: spring, values: {Name: Spring test}, statuses: [{name: Sent}, {name: Came, responded: true}]}
    records:
      - {object: Account, count: 3, values: {Name: {fake: company}}}
  acme-marketing:
    kind: marketing
    allowlist: [10.20.0.0/24, 203.0.113.0/24]
    logins: [{actor: connector, user: sync}]
    connector: {switched_on: false, verified: true, notes: paused}
    users: [{id: sync}, {id: kari.m}]
    forms: [{id: contact, fields: [email, phone, comments], required: [phone]}]
    lists: [{id: norway, name: Norway, criteria: {rows: [[country, "=", "NO"]]}}]
    campaigns: [{as: spring, values: {name: spring}}]
"""


def recipe() -> Document[Recipe]:
    return parse_text(RECIPE, Recipe, file="recipe.yaml")


@pytest.fixture(params=["process", "http"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox.start(recipe(), seed=7, over=request.param) as started:
        yield started


@pytest.fixture
def crm(sandbox: Sandbox) -> Crm:
    return sandbox.crm("acme-crm")


@pytest.fixture
def marketing(sandbox: Sandbox) -> Marketing:
    return sandbox.marketing("acme-marketing")


def create(system: Crm | Marketing, object: str, **values: Value) -> str:
    """A new record's id."""
    (result,) = system.write([Write("create", object, values=values)])
    assert result.id is not None, result.refusal
    return result.id


def test_who_we_are(crm: Crm, marketing: Marketing) -> None:
    """User, actor, the address that the system sees, permissions, quota and time zone."""
    seen = crm.connect()
    assert (seen.user, seen.actor, seen.address, seen.org, seen.kind) == (
        "sync",
        "connector",
        "10.20.0.7",
        "acme-crm",
        "crm",
    )
    assert (seen.quota.limit, seen.time_zone) == (500, "Europe/Oslo")
    assert "write" in seen.permissions
    assert marketing.connect().quota.limit is None
    assert marketing.connector_status().notes == "paused"
    assert not marketing.connector_status().switched_on


def test_what_an_org_has(crm: Crm, marketing: Marketing) -> None:
    """Objects and fields, users and queues, campaigns with their statuses, rules, forms, lists."""
    assert crm.describe()["Lead"].fields["AnnualRevenue"].type == "currency"
    assert "prospect" in marketing.describe()
    assert crm.users()[1] == User("kari.c", "kari", "kari", "", True, False)
    assert [(user.id, user.active, user.queue) for user in crm.users()][2:] == [
        ("ola.c", False, False),
        ("inbound", True, True),
    ]
    (campaign,) = crm.campaigns()
    assert [(s.name, s.responded) for s in campaign.statuses] == [("Sent", False), ("Came", True)]
    nordic, rest = crm.assignment_rules()
    assert (nordic.assign.kind, nordic.assign.to, nordic.active) == ("round_robin", ("kari.c",), True)
    assert (rest.assign.kind, rest.criteria.rows, rest.active) == ("queue", (), False)
    assert crm.default_owner() == "sync"
    (form,) = marketing.forms()
    assert {field.id: field.required for field in form.fields} == {"email": True, "phone": True, "comments": False}
    (norway,) = marketing.lists()
    assert norway.dynamic
    assert norway.criteria is not None


def test_every_type_of_value_comes_back_as_it_was_written(crm: Crm) -> None:
    """Text, number, currency, date, checkbox and picklist; blank where nothing was written."""
    values: dict[str, Value] = {
        "LastName": "Åse <script>",
        "Company": "Acme",
        "Email": "Ase@Example.com",
        "AnnualRevenue": Decimal("12.50"),
        "NumberOfEmployees": Decimal(7),
        "DoNotCall": True,
        "Rating": "Hot",
        "Description": "a\nb",
    }
    id = create(crm, "Lead", **values)
    (stored,) = crm.read("Lead", [id], [])
    assert {field: stored.values[field] for field in values} == values
    assert (stored.values["Phone"], stored.values["HasOptedOutOfEmail"]) == (None, False)
    contact = create(crm, "Contact", LastName="Vik", Birthdate=date(2001, 2, 3))
    (record,) = crm.read("Contact", [contact], ["Birthdate"])
    assert record.values == {"Birthdate": date(2001, 2, 3)}
    assert record.modified.tzinfo is not None
    assert record.modified > datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_writing_row_by_row(crm: Crm) -> None:
    """Create with rules, update under a version, upsert, delete; each refused row says its kind and field."""
    created, lacking = crm.write(
        [
            Write("create", "Lead", values={"LastName": "A", "Company": "B", "Country": "NO"}, assign=True),
            Write("create", "Lead", values={"Company": "B"}),
        ]
    )
    assert created.record is not None
    assert (created.outcome, created.record.owner) == ("created", "kari.c")
    assert lacking.refusal is not None
    assert (lacking.refusal.kind, lacking.refusal.field) == ("invalid", "LastName")
    late, owned, same = crm.write(
        [
            Write("update", "Lead", id=created.id, values={"Phone": "1"}, if_version="99"),
            Write("update", "Lead", id=created.id, owner="sync"),
            Write("update", "Lead", id=created.id, owner="sync"),
        ]
    )
    assert late.refusal is not None
    assert late.refusal.kind == "conflict"
    assert owned.record is not None
    assert (owned.record.owner, same.outcome) == ("sync", "unchanged")
    (deleted,) = crm.write([Write("delete", "Lead", id=created.id)])
    assert deleted.outcome == "deleted"
    (gone,) = crm.write([Write("update", "Lead", id=created.id, values={"Phone": "1"})])
    assert gone.refusal is not None
    assert gone.refusal.kind == "gone"
    assert crm.read("Lead", [str(created.id)], []) == []
    assert crm.undelete("Lead", str(created.id)).values["LastName"] == "A"


def test_a_repeated_key_does_nothing_twice(crm: Crm) -> None:
    """The same idempotency key answers the first result again."""
    write = Write("create", "Lead", values={"LastName": "A", "Company": "B"}, idempotency_key="k1")
    (first,) = crm.write([write])
    (again,) = crm.write([write])
    assert (again.outcome, again.id) == ("created", first.id)
    assert len(list(crm.find("Lead", None, ["LastName"]))) == 1


def test_a_duplicate_names_what_it_met(crm: Crm) -> None:
    """The duplicate rule's refusal has the other record's id; it can be overruled."""
    values: dict[str, Value] = {"LastName": "A", "Company": "B", "Email": "a@b.example"}
    first = create(crm, "Lead", **values)
    refused, allowed = crm.write(
        [
            Write("create", "Lead", values={**values, "Email": "A@B.example"}),
            Write("create", "Lead", values=values, allow_duplicates=True),
        ]
    )
    assert refused.refusal is not None
    assert (refused.refusal.kind, refused.refusal.matches) == ("duplicate", (first,))
    assert allowed.outcome == "created"


def test_more_records_than_a_page(crm: Crm) -> None:
    """`find`, `read` and `changes` go over all 2,300, each once and in order."""
    ids = [
        result.id
        for result in crm.write(
            [Write("create", "Lead", values={"LastName": f"L{n:04}", "Company": "B"}) for n in range(2300)]
        )
    ]
    found = list(crm.find("Lead", parse_criteria({"rows": [["LastName", "starts_with", "l"]]}), ["LastName"]))
    assert [record.id for record in found] == ids
    known = [str(id) for id in ids]
    assert [record.id for record in crm.read("Lead", [*reversed(known), "none"], ["Email"])] == known[::-1]
    seen: list[str] = []
    since = None
    while True:
        page = crm.changes("Lead", since, ["LastName"], 1000)
        seen.extend(record.id for record in page.items)
        since = page.next
        if not page.more:
            break
    assert seen == ids
    assert crm.changes("Lead", since, ["LastName"], 1000).items == []


def test_changes_tell_of_deletes_and_merges(crm: Crm) -> None:
    """Deleted records come with `deleted`, merged ones with the winner's id, each once at its newest state."""
    one, two, three = (create(crm, "Lead", LastName=name, Company="B") for name in "abc")
    since = crm.changes("Lead", None, [], 10).next
    crm.write([Write("delete", "Lead", id=one)])
    winner = crm.merge("Lead", two, [three])
    assert winner.id == two
    changed = {record.id: record for record in crm.changes("Lead", since, [], 10).items}
    assert changed[one].deleted
    assert changed[three].merged_into == two
    assert changed[three].deleted


def test_the_audit_trail_of_a_value(sandbox: Sandbox, crm: Crm) -> None:
    """Who changed which field when, from what to what, typed."""
    id = create(crm, "Lead", LastName="A", Company="B", AnnualRevenue=Decimal(1))
    rep = sandbox.crm("acme-crm", "rep")
    rep.write([Write("update", "Lead", id=id, values={"AnnualRevenue": Decimal("2.5")})])
    change = rep.history("Lead", id)[-1]
    assert (change.field, change.before, change.after) == ("AnnualRevenue", Decimal(1), Decimal("2.5"))
    assert (change.user, change.actor, change.op) == ("kari.c", "rep", "update")


def test_conversion(crm: Crm) -> None:
    """A converted lead names its contact; account and opportunity come with it; a second time is refused."""
    lead = create(crm, "Lead", LastName="A", Company="B", Email="a@b.example")
    converted = crm.convert(lead, opportunity="Big deal")
    assert converted.account_id
    assert converted.opportunity_id
    (record,) = crm.read("Lead", [lead], ["IsConverted"])
    assert (record.values["IsConverted"], record.converted_to) == (True, converted.contact_id)
    with pytest.raises(failures.Refused):
        crm.convert(lead)


def test_installing_twice_adds_once(crm: Crm) -> None:
    """Fields are added with their type; the second time nothing is; another type is refused."""
    field = FieldSpec("Lead", "MarketingId__c", "Marketing id", "single_line", unique=True, external_id=True)
    assert crm.install([field]) == ["Lead.MarketingId__c"]
    assert crm.install([field]) == []
    assert crm.describe()["Lead"].fields["MarketingId__c"].external_id
    with pytest.raises(failures.Refused):
        crm.install([FieldSpec("Lead", "MarketingId__c", "Marketing id", "number")])
    write = Write("upsert", "Lead", key=("MarketingId__c", "m1"), values={"LastName": "A", "Company": "B"})
    assert [crm.write([write])[0].outcome for _ in range(2)] == ["created", "unchanged"]


def test_members(crm: Crm) -> None:
    """A member is set, changed and removed; the feed tells each once; a responded status is one."""
    (campaign,) = crm.campaigns()
    lead = create(crm, "Lead", LastName="A", Company="B")
    rows = [MemberWrite("set", campaign.id, "Lead", lead, "Sent"), MemberWrite("set", campaign.id, "Lead", lead, "No")]
    good, bad = crm.set_members(rows)
    assert good.outcome == "created"
    assert bad.refusal is not None
    crm.set_members([MemberWrite("set", campaign.id, "Lead", lead, "Came")])
    (member,) = crm.members(None, 10).items
    assert (member.person, member.status, member.responded, member.deleted) == (lead, "Came", True, False)
    assert member.first_responded is not None
    since = crm.members(None, 10).next
    crm.set_members([MemberWrite("remove", campaign.id, "Lead", lead)])
    assert [one.deleted for one in crm.members(since, 10).items] == [True]


def test_forms_answers_and_email(sandbox: Sandbox, marketing: Marketing) -> None:
    """A visitor without a login fills a form; each answer is kept; an opted-out person is suppressed."""
    visitor = sandbox.marketing("acme-marketing", "visitor")
    first = visitor.submit_form("contact", {"email": "a@b.example", "phone": "12345", "comments": "hi"})
    again = visitor.submit_form("contact", {"email": "A@b.example", "phone": "23456", "comments": "hi again"})
    assert (first.outcome, again.outcome, again.prospect) == ("created", "updated", first.prospect)
    refused = visitor.submit_form("contact", {"email": "not an address", "phone": "12345"})
    assert refused.refusal is not None
    assert (refused.outcome, refused.refusal.field) == ("refused", "email")
    prospect = str(first.prospect)
    page = marketing.answers(prospect, "comments", None)
    assert [answer.text for answer in page.items] == ["hi", "hi again"]
    assert marketing.answers(prospect, "comments", page.next).items == []
    marketing.write([Write("update", "prospect", id=prospect, values={"country": "NO"})])
    assert marketing.send_email(["norway"], "Hello").recipients == (prospect,)
    marketing.write([Write("update", "prospect", id=prospect, values={"opted_out": True})])
    assert marketing.send_email(["norway"], "Hello").suppressed == (prospect,)


def test_reports_are_decimal_text(crm: Crm, marketing: Marketing) -> None:
    """Each of the four reports has its columns in every row."""
    create(crm, "Lead", LastName="A", Company="B", LeadSource="Web")
    report = crm.report("lead-source")
    assert report.rows
    for row in (*report.rows, *crm.report("campaign").rows, *crm.report("hand-over").rows):
        assert all(isinstance(figure, str) for figure in row.values())
    assert set(report.rows[0]) == set(report.columns)
    assert marketing.report("closed-loop").columns


def test_what_the_recipe_forbids_is_refused_by_name(sandbox: Sandbox) -> None:
    """Address, inactive user, wrong user: the failure that the doctor knows."""
    with pytest.raises(failures.AddressRefused, match=r"203\.0\.113\.9"):
        sandbox.crm("acme-crm", "visitor").users()
    with pytest.raises(failures.LoginRefused, match="inactive"):
        sandbox.crm("acme-crm", user="ola.c").users()
    with pytest.raises(KeyError):
        sandbox.crm("acme-crm", user="nobody")
    sandbox.lab.set_org("acme-crm", {"quota": {"calls_per_day": 1}})
    with pytest.raises(failures.QuotaSpent) as spent:
        [sandbox.crm("acme-crm").users() for _ in range(2)]
    assert spent.value.retry_at == datetime(2026, 3, 2, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "outcome", "applied"),
    [("lost_after_apply", "unknown", 1), ("reset", "unknown", 0), ("timeout", "unknown", 0), ("status", "raised", 0)],
)
def test_faults_of_the_sandbox_reach_the_client(sandbox: Sandbox, kind: str, outcome: str, applied: int) -> None:
    """A lost answer is `unknown` whether it applied or not; a 503 that says so definitely did nothing."""
    if kind == "timeout" and sandbox.url("acme-crm"):
        pytest.skip("a real timeout waits for the wall clock")
    crm = sandbox.crm("acme-crm")
    crm.users()
    sandbox.lab.add_fault({"at": "acme-crm", "operation": "batch", "kind": kind})
    write = Write("create", "Lead", values={"LastName": "A", "Company": "B"})
    if outcome == "raised":
        with pytest.raises(failures.ServerFailed) as failed:
            crm.write([write])
        assert failed.value.definite
    else:
        assert crm.write([write])[0].outcome == outcome
    assert len(list(crm.find("Lead", None, ["LastName"]))) == applied


def test_an_expired_token_is_renewed_in_the_middle(sandbox: Sandbox) -> None:
    """An hour passes between two pages; the client logs in again and goes on."""
    crm = sandbox.crm("acme-crm")
    crm.write([Write("create", "Lead", values={"LastName": str(n), "Company": "B"}) for n in range(2100)])
    found = crm.find("Lead", None, ["LastName"])
    next(found)
    sandbox.lab.advance(3601)
    assert len(list(found)) == 2099


def test_wire_faults_can_be_put_between(sandbox: Sandbox) -> None:
    """`through` wraps the wire of one client; others are not touched."""
    faulty: list[Faulty] = []

    def through(wire: object) -> Faulty:
        faulty.append(Faulty(wire, [WireFault("timeout_after_apply", path="/batch")]))  # type: ignore[arg-type]
        return faulty[0]

    crm = sandbox.crm("acme-crm", through=through)
    write = Write("create", "Lead", values={"LastName": "A", "Company": "B"}, idempotency_key="once")
    assert crm.write([write])[0].outcome == "unknown"
    assert crm.write([write])[0].outcome == "created"
    assert len(list(sandbox.crm("acme-crm").find("Lead", None, []))) == 1
    assert len(faulty[0].struck) == 1


# --- the lab --------------------------------------------------------------------------------------


def test_the_lab_resets_saves_and_tells(sandbox: Sandbox) -> None:
    """Snapshots bring records back, the journal is read page by page, orgs come and go."""
    crm, lab = sandbox.crm("acme-crm"), sandbox.lab
    lab.save("empty")
    create(crm, "Lead", LastName="A", Company="B")
    lab.restore("empty")
    assert list(crm.find("Lead", None, [])) == []
    everything = list(lab.journal())
    assert [fact["n"] for fact in everything] == sorted(fact["n"] for fact in everything)
    assert lab.state()["last"] == everything[-1]["n"]
    assert list(lab.journal(after=everything[-3]["n"])) == everything[-2:]
    assert (
        list(lab.journal(kind="change", org="acme-crm", limit=2))
        == [fact for fact in everything if (fact["kind"], fact["org"]) == ("change", "acme-crm")][:2]
    )
    lab.add_org("second", {"kind": "crm", "users": [{"id": "sync"}]})
    assert [org["name"] for org in lab.orgs()] == ["acme-crm", "acme-marketing", "second"]
    assert sandbox.crm("second").connect().org == "second"
    lab.drop_org("second")
    with pytest.raises(failures.Refused):
        lab.drop_org("second")
    lab.add_fault({"at": "crm", "operation": "batch", "kind": "status"})
    assert len(lab.faults()) == 1
    lab.clear_faults()
    assert lab.faults() == []
    assert lab.verify({"expect": [{"method": "POST", "path": "/*/crm/v1/batch"}]})["met"]


# --- the digest -----------------------------------------------------------------------------------


def _busy(over: Over, *, surname: str = "A", seed: int = 7) -> str:
    """A day's work of three actors, and its digest."""
    with Sandbox.start(recipe(), seed=seed, over=over) as sandbox:
        crm, rep = sandbox.crm("acme-crm"), sandbox.crm("acme-crm", "rep")
        visitor = sandbox.marketing("acme-marketing", "visitor")
        crm.describe()
        rows = [Write("create", "Lead", values={"LastName": surname, "Company": f"Ø {n}/%"}) for n in range(5)]
        created = crm.write([*rows, Write("create", "Lead")])
        rep.write([Write("update", "Lead", id=created[0].id, values={"Phone": "+47 22 12 34 56"})])
        visitor.submit_form("contact", {"email": "a@b.example", "phone": "12345"})
        crm.read("Lead", ["a/b c?"], ["Email"])
        list(crm.find("Lead", parse_criteria({"rows": [["LastName", "=", surname]]}), ["LastName"]))
        crm.changes("Lead", None, ["LastName"], 2)
        sandbox.lab.add_fault({"at": "crm", "operation": "batch", "kind": "lost_after_apply"})
        crm.write(rows[:1])
        with pytest.raises(failures.AddressRefused):
            sandbox.crm("acme-crm", "visitor").users()
        return sandbox.digest()


def test_the_digest_is_the_same_in_process_and_over_http() -> None:
    """Same seed, same steps: the same journal, whatever carries the requests; another value is another digest."""
    told = _busy("process")
    assert told == _busy("process")
    assert told == _busy("http")
    assert told != _busy("process", surname="B")
    assert told != _busy("process", seed=8)


def test_the_schema_of_recipes_is_told() -> None:
    """`leadproof schema` shows what a recipe may hold."""
    assert {"recipe", "clock", "actors", "orgs"} <= set(recipe_schema()["properties"])
