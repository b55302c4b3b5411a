"""Forms, answers and e-mail."""

from __future__ import annotations

from typing import Any

import pytest

from leadsim.engine.change import Change
from leadsim.engine.records import Org
from leadsim.engine.refusals import Refused
from tests.engine.worlds import SYNC, VISITOR, create, delete, marketing_org, update, world

FORM = {"id": "contact", "fields": ["email", "phone", "comments", "opted_out"], "required": ["phone"]}


def submit(org: Org, /, captcha: str | None = None, **values: Any) -> Any:
    """Hand in the form with a telephone number."""
    return org.submit_form("contact", {"email": "a@lead.example", "phone": "12345", **values}, VISITOR, captcha=captcha)


def test_a_form_makes_or_changes_a_prospect() -> None:
    """Matched by e-mail whatever its case; blanks change nothing; the typed e-mail doesn't replace the known one."""
    org = marketing_org(forms=[FORM])
    first = submit(org, comments="hello")
    again = submit(org, email="A@LEAD.example", phone="23456", comments=" ")
    assert (first.outcome, again.outcome, again.prospect.id) == ("created", "updated", first.prospect.id)
    values = again.prospect.values
    assert (values["email"], values["phone"], values["comments"]) == ("a@lead.example", "23456", "hello")
    assert (values["submissions"], values["last_activity_at"]) == (2, org.clock.now())


def test_a_forms_problems_come_all_at_once() -> None:
    """Unknown and missing fields and bad values; nothing is stored."""
    org = marketing_org(forms=[FORM])
    with pytest.raises(Refused) as refused:
        org.submit_form("contact", {"email": "nobody", "first_name": "x", "opted_out": "perhaps"}, VISITOR)
    assert [(one.field, one.rule) for one in refused.value.problems] == [
        ("first_name", "unknown_field"), ("phone", "required"), ("email", "email"), ("opted_out", "type"),
    ]  # fmt: skip
    assert org.find("prospect").records == org.find("submission").records == []


@pytest.mark.parametrize(
    ("captcha", "given", "goes_in"),
    [
        ("none", None, True), ("pass", None, True), ("fail", "pass", False),
        ("ask", "pass", True), ("ask", None, False), ("ask", "robot", False),
    ],
)  # fmt: skip
def test_a_captcha(captcha: str, given: str | None, goes_in: bool) -> None:
    """product.md D: a check that the sandbox can pass or fail on demand."""
    org = marketing_org(forms=[{**FORM, "captcha": captcha}])
    if goes_in:
        assert submit(org, captcha=given).outcome == "created"
        return
    with pytest.raises(Refused) as refused:
        submit(org, captcha=given)
    assert refused.value.problems[0].rule == "captcha"
    assert org.find("prospect").records == []


def test_a_form_puts_on_lists_and_into_a_campaign() -> None:
    """At once, and once; the source is set for somebody new only."""
    form = {**FORM, "add_to_lists": ["warm"], "campaign": "spring", "status": "responded", "source": "Web"}
    org = marketing_org(forms=[form], lists=[{"id": "warm"}], campaigns=[{"values": {"name": "spring"}}])
    known = create(org, "prospect", email="a@lead.example", source="Event")
    assert submit(org).prospect.values["source"] == "Event"
    new = submit(org, email="b@lead.example").prospect
    submit(org, email="b@lead.example")
    assert new.values["source"] == "Web"
    page, _, _ = org.members()
    assert [(one.person, one.responded) for one in page] == [(known.id, True), (new.id, True)]
    assert len(org.lookup("list_membership", "prospect", new.id)) == 1


def test_of_several_with_an_email_the_oldest_answers() -> None:
    """And one that was deleted doesn't: its answer is somebody new's (sync-semantics.md "deletes")."""
    org = marketing_org(forms=[FORM])
    first, _second = (create(org, "prospect", email="a@lead.example") for _ in range(2))
    assert submit(org).prospect.id == first.id
    for one in org.find("prospect").records:
        delete(org, one)
    assert submit(org).outcome == "created"


def test_every_answer_is_kept() -> None:
    """Two between two reads are two, the same words twice are two, a blank is none, a direct edit is one."""
    org = marketing_org(forms=[FORM])
    prospect = submit(org, comments="one").prospect
    submit(org, comments="two")
    submit(org, comments=" ")
    submit(org, comments="two")
    update(org, prospect, comments="three")
    found, cursor, more = org.answers(prospect.id, "comments", limit=2)
    assert ([one.text for one in found], more) == (["one", "two"], True)
    rest, _, more = org.answers(prospect.id, "comments", cursor)
    assert ([one.text for one in rest], more) == (["two", "three"], False)
    assert len({one.id for one in [*found, *rest]}) == 4
    assert org.answers(prospect.id, "comments", rest[-1].seq)[0] == []


def test_an_answer_at_creation_counts() -> None:
    """A prospect that is made with a comment has given one answer."""
    org = marketing_org()
    prospect = create(org, "prospect", comments="hello")
    found, _, _ = org.answers(prospect.id, "comments")
    assert [(one.text, one.seq) for one in found] == [("hello", prospect.seq)]


def send(org: Org, *lists: str) -> Any:
    """Send to lists."""
    return org.send_email(lists, "Hello", SYNC)


def on(org: Org, of_list: str, **values: Any) -> str:
    """Somebody new on a list; the id."""
    prospect = create(org, "prospect", **values)
    create(org, "list_membership", list=of_list, prospect=prospect.id)
    return prospect.id


def test_a_person_on_two_lists_gets_one_mail() -> None:
    """product.md E: de-duplicated by e-mail, without those that opted out or bounced; all of it recorded."""
    org = marketing_org(lists=[{"id": "a"}, {"id": "b"}])
    kari = on(org, "a", email="kari@lead.example")
    create(org, "list_membership", list="b", prospect=kari)
    twin = on(org, "b", email="KARI@lead.example")
    out = on(org, "b", email="out@lead.example", opted_out=True)
    bounced = on(org, "a", email="gone@lead.example", bounced=True)
    sent = send(org, "a", "b")
    assert sent.recipients == (kari,)
    assert sent.suppressed == ((bounced, "bounced"), (out, "opted out"))
    assert sent.duplicates == (kari, twin)
    assert len(org.lookup("email_send", "email", sent.email.id)) == 5
    assert org.get("prospect", kari).values["last_email_at"] == org.clock.now()


def test_the_identifier_is_a_setting() -> None:
    """By CRM id two addresses of one person get one mail, one address of two persons two."""
    org = marketing_org(lists=[{"id": "a"}], send_identifier="crm_id", fields=[])
    first = on(org, "a", email="x@lead.example", crm_id="1")
    second = on(org, "a", email="x@lead.example", crm_id="2")
    assert send(org, "a").recipients == (first, second)


def test_an_email_needs_a_list_that_is_there() -> None:
    """Refused, and nothing is recorded."""
    org = marketing_org()
    for lists in ((), ("nowhere",)):
        with pytest.raises(Refused):
            send(org, *lists)
    assert org.find("email").records == []


def test_a_deleted_prospect_gets_no_mail() -> None:
    """Its places on lists went with it."""
    org = marketing_org(lists=[{"id": "a"}])
    kari = on(org, "a", email="kari@lead.example")
    org.save(Change("delete", "prospect", id=kari), SYNC)
    assert send(org, "a").recipients == ()


def test_a_form_is_one_step() -> None:
    """When the second half is refused, the first is undone: no prospect, no facts, no ids drawn."""
    one = world(marketing={"forms": [{**FORM, "campaign": "nowhere"}]})
    org = one.orgs["marketing"]
    before = (org.store.dump(), one.journal.last, dict(org.counters))
    with pytest.raises(Refused, match="nowhere"):
        submit(org)
    assert (org.store.dump(), one.journal.last, dict(org.counters)) == before
