"""Random histories through the real connector and both systems: rest within three cycles, then silence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadproof.integration import Integration
from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.ports import System, Write
from tests.harness.connector.pair import Pair, integration, start

NAMES = ("", "Ann", "Bo")
EMAILS = ("a@x.example", "B@x.example", "b@X.example", "c@x.example")


@dataclass(frozen=True)
class Edit:
    """One thing that people do. `who` picks a person among those there are."""

    what: str
    side: str
    who: int
    value: str
    field: int


edits = st.builds(
    Edit,
    what=st.sampled_from(
        ("create", "edit", "edit", "edit", "delete", "undelete", "form", "owner", "member", "convert", "merge", "cycle")
    ),
    side=st.sampled_from(("crm", "marketing")),
    who=st.integers(0, 5),
    value=st.sampled_from(NAMES),
    field=st.integers(0, 2),
)
rules = st.fixed_dictionaries(
    {
        "master": st.sampled_from(("crm", "marketing", "latest")),
        "overwrite": st.sampled_from(("always", "if_blank", "never")),
        "direction": st.sampled_from(("both", "to_crm", "to_marketing")),
        "clears": st.sampled_from(("keep", "propagate")),
    }
)


@st.composite
def integrations(draw: st.DrawFn) -> Integration:
    """Any rules for three fields, any policy for persons; keys, consent, source and answers as they always are."""
    three = [draw(rules) for _ in range(3)]
    told = ["{" + ", ".join(f"{key}: {value}" for key, value in one.items()) for one in three]
    fields = (
        "  - {crm: Email, marketing: email}\n  - {crm: LastName, marketing: last_name}\n"
        "  - {crm: {Lead: Company}, marketing: company}\n"
        f"  - {told[0]}, crm: FirstName, marketing: first_name}}\n"
        f"  - {told[1]}, crm: Title, marketing: job_title}}\n"
        f"  - {told[2]}, crm: {{Lead: City, Contact: MailingCity}}, marketing: city}}\n"
        "  - {crm: HasOptedOutOfEmail, marketing: opted_out, sticky: true}\n"
        "  - {crm: LeadSource, marketing: source, only_on: create}\n"
        "  - {crm: Comments__c, marketing: comments, direction: to_crm, answers: append}\n"
    )
    people = (
        "{crm: [Lead, Contact], marketing: prospect, match: [email], "
        f"ambiguous: {draw(st.sampled_from(('refuse', 'oldest', 'newest')))}, "
        f"deletes: {draw(st.sampled_from(('ignore', 'propagate', 'recycle')))}, "
        f"deliver: {draw(st.sampled_from(('all', 'assigned')))}, import: {draw(st.sampled_from(('all', 'none')))}, "
        f"assign_by: {draw(st.sampled_from(('crm_rules', 'marketing')))}}}"
    )
    return integration(fields, people)


FIELDS = {"crm": {"Lead": ("FirstName", "Title", "City"), "Contact": ("FirstName", "Title", "MailingCity")}}
MARKETING = ("first_name", "job_title", "city")


def act(pair: Pair, edit: Edit) -> None:
    """Do it through the API as a person would; what the system refuses is simply not done."""
    system: System = pair.sales if edit.side == "crm" else pair.marketer
    objects = ("Lead", "Contact") if edit.side == "crm" else ("prospect",)
    records = [one for name in objects for one in system.find(name, None, []) if one.converted_to is None]
    email = EMAILS[edit.who % len(EMAILS)]
    if edit.what == "create":
        told = (
            {"LastName": "Test", "Company": "Acme", "Email": email, "FirstName": edit.value}
            if edit.side == "crm"
            else {"last_name": "Test", "company": "Acme", "email": email, "first_name": edit.value}
        )
        system.write([Write("create", objects[0], values=told, allow_duplicates=edit.field == 0)])
    elif edit.what == "form":
        form = {"email": email, "last_name": "Form", "company": "Acme", "comments": edit.value}
        pair.visitor.submit_form("contact", form)
    elif edit.what == "undelete":
        gone = [
            one
            for name in objects
            for one in system.changes(name, None, [], 100).items
            if one.deleted and not one.merged_into
        ]
        if gone:
            one = gone[edit.who % len(gone)]
            try_call(lambda: system.undelete(one.object, one.id))
    elif records:
        one = records[edit.who % len(records)]
        _act_on(pair, system, edit, one.object, one.id, [other.id for other in records if other.object == one.object])


def _act_on(pair: Pair, system: System, edit: Edit, object: str, id: str, alike: list[str]) -> None:
    if edit.what == "edit":
        names = MARKETING if edit.side == "marketing" else FIELDS["crm"][object]
        system.write([Write("update", object, id, values={names[edit.field]: edit.value or None})])
    elif edit.what == "delete":
        system.write([Write("delete", object, id)])
    elif edit.what == "owner":
        users = ("kari.c", "ola.c", "nordic", "solo.c") if edit.side == "crm" else ("kari.m", "ola.m", "")
        system.write([Write("update", object, id, owner=users[edit.who % len(users)])])
    elif edit.what == "member":
        (campaign,) = system.campaigns()
        status = campaign.statuses[edit.field % len(campaign.statuses)].name
        op: Literal["set", "remove"] = "remove" if edit.value == "Bo" else "set"
        system.set_members([MemberWrite(op, campaign.id, object, id, status if op == "set" else "")])
    elif edit.what == "convert" and object == "Lead":
        try_call(lambda: pair.sales.convert(id))
    elif edit.what == "merge":
        losers = [other for other in alike if other != id][:1]
        if losers:
            try_call(lambda: system.merge(object, id, losers))


def try_call(call: object) -> None:
    from leadproof.systems.failures import Refused

    try:
        call()  # type: ignore[operator]
    except Refused:
        return


def run(told: Integration, history: list[Edit]) -> Pair:
    """Play the history, a cycle where it says so."""
    pair = start(told)
    # Two people are linked from the start, so that most edits meet a link.
    pair.prospect(email=EMAILS[0], owner="ola.m", first_name="Ann")
    pair.lead(Email=EMAILS[2], Title="Bo")
    pair.cycle()
    for edit in history:
        if edit.what == "cycle":
            report = pair.cycle()
            assert report.stopped is None, report.stopped
        else:
            act(pair, edit)
    return pair


@given(integrations(), st.lists(edits, min_size=1, max_size=14))
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_every_history_comes_to_rest_and_makes_no_duplicates(told: Integration, history: list[Edit]) -> None:
    """At most three cycles write after the last edit, two more write nothing, and every link is one to one."""
    pair = run(told, history)
    reports = [pair.cycle() for _ in range(5)]
    assert [report.stopped for report in reports] == [None] * 5
    assert reports[3].silent, reports[3]
    assert reports[4].silent, reports[4]
    held = Counter(str(one.values["crm_id"]) for one in pair.prospects() if one.values["crm_id"])
    links = pair.connector.store.links.all("person")
    live = [link for link in links if not link.gone]
    assert len({link.crm_id for link in live}) == len({link.marketing_id for link in live}) == len(live)
    for link in live:
        assert held[link.crm_id] >= 1, (link, held)
    made_by_us = [one for name in ("Lead", "Contact") for one in pair.leads(name) if one.modified_by == "sync"]
    emails = Counter(str(one.values["Email"]).casefold() for one in made_by_us if one.converted_to is None)
    typed = Counter(str(one.values["email"]).casefold() for one in pair.prospects())
    for email, count in emails.items():
        assert count <= max(typed[email], 1) + sum(
            1 for name in ("Lead", "Contact") for one in pair.leads(name) if one.modified_by != "sync"
        ), (email, count)
