"""The Salesforce client and the fake Salesforce together, in process and over real sockets: the whole of the port."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from leadproof.library import starter
from leadproof.sandbox import Sandbox
from leadproof.systems import failures
from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.ports import Crm, Write
from leadterms.criteria import parse_criteria
from leadterms.fields import FieldSpec

LEAD = {"LastName": "Nord", "Company": "Acme"}


@pytest.fixture(params=["process", "http"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox.start(starter() / "salesforce.recipe.yaml", seed=7, over=request.param) as started:
        yield started


@pytest.fixture
def crm(sandbox: Sandbox) -> Crm:
    return sandbox.crm("my-crm")


def test_a_leads_life(crm: Crm) -> None:
    """Made with an owner by the org's rule, refused as a duplicate, edited, deleted, brought back, merged, converted:
    the feed tells each step once, and the history who did it."""
    emails = [{"Email": f"{name}@x.example"} for name in "abc"]
    writes = [Write("create", "Lead", values={**LEAD, **one, "Country": "NO"}, assign=True) for one in emails]
    first, second, third = crm.write(writes)
    names = {one.id: one.user_name for one in crm.users()}
    assert first.record is not None
    assert names[str(first.record.owner)] == "nordic.sales@my-crm.example"
    (doubled,) = crm.write([Write("create", "Lead", values={**LEAD, "Email": "A@X.example"})])
    assert doubled.refusal is not None
    assert (doubled.refusal.kind, doubled.refusal.matches) == ("duplicate", (first.id,))
    told = crm.changes("Lead", None, ["Phone"], 2)
    rest = crm.changes("Lead", told.next, ["Phone"], 2)
    assert [one.id for one in told.items + rest.items] == [first.id, second.id, third.id]
    assert (told.more, rest.more) == (True, False)

    crm.write([Write("update", "Lead", id=first.id, values={"Phone": "+47 22 10 10 10"})])
    crm.write([Write("delete", "Lead", id=third.id)])
    later = crm.changes("Lead", rest.next, ["Phone"], 2000)
    assert {one.id: one.deleted for one in later.items} == {first.id: False, third.id: True}
    assert not crm.undelete("Lead", str(third.id)).deleted
    assert crm.merge("Lead", str(first.id), [str(third.id)]).id == first.id
    merged = crm.changes("Lead", later.next, ["Phone"], 2000)
    assert {one.id: one.merged_into for one in merged.items}[str(third.id)] == first.id
    changes = [(one.op, one.field, one.after) for one in crm.history("Lead", str(first.id)) if one.field == "Phone"]
    assert changes == [("update", "Phone", "+47 22 10 10 10")]

    made = crm.convert(str(first.id), opportunity="A deal")
    (lead,) = crm.read("Lead", [str(first.id)], [])
    assert (lead.converted_to, made.account_id is not None, made.opportunity_id is not None) == (
        made.contact_id, True, True,
    )  # fmt: skip
    with pytest.raises(failures.Refused, match="converted lead"):
        crm.convert(str(first.id))


def test_a_load_of_one_second_is_read_whole(crm: Crm) -> None:
    """450 leads in three calls, read in pages of 100: each once, though 200 share a stamp; found by long lists too."""
    writes = [Write("create", "Lead", values={**LEAD, "Email": f"n{number}@x.example"}) for number in range(450)]
    ids = [one.id for one in crm.write(writes)]
    since, told = None, []
    for _ in range(10):
        page = crm.changes("Lead", since, ["Email"], 100)
        told += [one.id for one in page.items]
        since = page.next
        if not page.more:
            break
    assert sorted(told) == sorted(str(one) for one in ids)
    assert len(set(told)) == 450
    assert crm.changes("Lead", since, ["Email"], 1000).items == []
    wanted = parse_criteria({"rows": [["Email", "in", [f"N{number}@x.example" for number in range(450)]]]})
    assert len(list(crm.find("Lead", wanted, ["Email"]))) == 450


def test_members_fields_and_amounts(crm: Crm) -> None:
    """A membership's status and day of answer, a field that is installed once, and amounts to the last digit."""
    (lead,) = crm.write([Write("create", "Lead", values=LEAD)])
    (spring,) = crm.campaigns()
    for status, outcome in (("Sent", "created"), ("Responded", "updated"), ("Responded", "unchanged")):
        (result,) = crm.set_members([MemberWrite("set", spring.id, "Lead", str(lead.id), status)])
        assert result.outcome == outcome
    (member,) = crm.members(None, 100).items
    assert (member.person, member.status, member.responded, member.first_responded is not None) == (
        lead.id, "Responded", True, True,
    )  # fmt: skip
    since = crm.members(None, 100).next
    assert crm.set_members([MemberWrite("remove", spring.id, "Lead", str(lead.id))])[0].outcome == "deleted"
    assert [one.deleted for one in crm.members(since, 100).items] == [True]

    budget = FieldSpec("Lead", "Budget__c", "Budget", "currency", scale=2)
    assert (crm.install([budget]), crm.install([budget])) == (["Lead.Budget__c"], [])
    crm.describe()
    (stored,) = crm.write([Write("update", "Lead", id=lead.id, values={"Budget__c": Decimal("1234567890.12")})])
    assert stored.record is not None
    assert stored.record.values["Budget__c"] == Decimal("1234567890.12")


def test_an_address_that_is_not_allowed_and_a_spent_quota(sandbox: Sandbox) -> None:
    """Told by name, and definite; a session that was got before does not help."""
    crm = sandbox.crm("my-crm")
    assert crm.connect().quota.left
    sandbox.lab.set_org("my-crm", {"quota": {"calls_per_day": 1}})
    with pytest.raises(failures.QuotaSpent):
        crm.users()
    sandbox.lab.set_org("my-crm", {"quota": {"calls_per_day": 1000}, "allowlist": ["10.99.0.0/24"]})
    for client in (crm, sandbox.crm("my-crm")):
        with pytest.raises(failures.AddressRefused) as refused:
            client.users()
        assert refused.value.definite
