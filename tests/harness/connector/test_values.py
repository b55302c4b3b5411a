"""Values through the real connector: the table, consent, lead source, answers, types."""

from __future__ import annotations

import pytest

from tests.harness.connector.pair import FIELDS, RECIPE, Pair, integration, start


def linked(fields: str = FIELDS, **values: str) -> tuple[Pair, str, str]:
    """A pair with one linked person: the prospect's and the lead's id."""
    pair = start(integration(fields))
    prospect = pair.prospect(email="p@x.example", **values)
    pair.sync()
    return pair, prospect, pair.lead_of(prospect).id


def rules(**told: str) -> str:
    more = "".join(f", {key}: {value}" for key, value in told.items())
    first_name = "{crm: FirstName, marketing: first_name"
    return FIELDS.replace(f"{first_name}}}", f"{first_name}{more}}}")


def test_a_false_phone_number_is_changed_back_at_once() -> None:
    """The CRM is the master: what marketing enters over its value is replaced, and a note says so."""
    pair, prospect, _ = linked(phone="+47 22 12 34 56")
    pair.edit(prospect, phone="00000000")
    report = pair.cycle()
    assert pair.one(prospect).values["phone"] == "+47 22 12 34 56"
    assert [finding.code for finding in report.findings] == ["OWN303"]
    assert pair.cycle().silent


def test_the_crm_changes_a_name_and_marketing_cannot() -> None:
    """Edited in the CRM a name flows; edited in marketing it does not reach the CRM."""
    pair, prospect, lead = linked(first_name="Ann")
    pair.edit_crm(lead, FirstName="Anna")
    pair.sync()
    assert pair.one(prospect).values["first_name"] == "Anna"
    pair.edit(prospect, first_name="Wrong")
    pair.sync()
    assert pair.one_crm(lead).values["FirstName"] == "Anna"
    assert pair.one(prospect).values["first_name"] == "Anna"


def test_both_sides_in_one_cycle_end_as_the_master_says() -> None:
    """Row 5: the master's new value goes over whatever the replica has."""
    pair, prospect, lead = linked(first_name="Ann")
    pair.edit_crm(lead, FirstName="Crm")
    pair.edit(prospect, first_name="Marketing")
    pair.sync()
    assert pair.one_crm(lead).values["FirstName"] == "Crm"
    assert pair.one(prospect).values["first_name"] == "Crm"


@pytest.mark.parametrize(("first", "wins"), [("crm", "Marketing"), ("marketing", "Crm")])
def test_master_latest_takes_the_later_edit(first: str, wins: str) -> None:
    """Both sides change in one cycle: the change that came later by field history stays."""
    pair, prospect, lead = linked(rules(master="latest"), first_name="Ann")
    for side in ("crm", "marketing") if first == "crm" else ("marketing", "crm"):
        if side == "crm":
            pair.edit_crm(lead, FirstName="Crm")
        else:
            pair.edit(prospect, first_name="Marketing")
    pair.sync()
    assert pair.one_crm(lead).values["FirstName"] == wins
    assert pair.one(prospect).values["first_name"] == wins


@pytest.mark.parametrize(
    ("overwrite", "filled", "replaced"), [("always", "New", "New"), ("if_blank", "New", "Ann"), ("never", None, "Ann")]
)
def test_overwrite(overwrite: str, filled: str | None, replaced: str) -> None:
    """What marketing may do to a CRM value that is blank, and to one that is not."""
    pair, prospect, lead = linked(rules(overwrite=overwrite))
    pair.edit(prospect, first_name="New")
    pair.sync()
    assert pair.one_crm(lead).values["FirstName"] == filled
    other, person, crm = linked(rules(overwrite=overwrite), first_name="Ann")
    other.edit(person, first_name="New")
    other.sync()
    assert other.one_crm(crm).values["FirstName"] == replaced


@pytest.mark.parametrize(("clears", "stays"), [("keep", "Ann"), ("propagate", None)])
def test_clears(clears: str, stays: str | None) -> None:
    """A value emptied in the master is refilled by `keep` and emptied everywhere by `propagate`."""
    pair, prospect, lead = linked(rules(clears=clears), first_name="Ann")
    pair.edit_crm(lead, FirstName=None)
    pair.sync()
    assert pair.one_crm(lead).values["FirstName"] == stays
    assert pair.one(prospect).values["first_name"] == stays


@pytest.mark.parametrize("direction", ["to_crm", "to_marketing", "none"])
def test_direction(direction: str) -> None:
    """What direction forbids does not travel, also not at creation."""
    pair, prospect, lead = linked(rules(direction=direction), first_name="Ann")
    assert pair.one_crm(lead).values["FirstName"] == ("Ann" if direction == "to_crm" else None)
    pair.edit_crm(lead, FirstName="Crm")
    pair.sync()
    assert pair.one(prospect).values["first_name"] == ("Crm" if direction == "to_marketing" else "Ann")


def test_phones_that_are_the_same_number_are_left_as_they_were_typed() -> None:
    """Row 1: E.164 decides, nobody's spelling is touched."""
    pair, prospect, lead = linked(phone="+47 22 12 34 56")
    pair.edit(prospect, phone="+4722123456")
    assert pair.cycle().silent
    assert pair.one_crm(lead).values["Phone"] == "+47 22 12 34 56"


def test_an_opt_out_on_either_side_is_an_opt_out_on_both() -> None:
    """Consent is sticky; it ends by the master's change from a settled true, not by the replica's."""
    mapping = FIELDS + "  - {crm: HasOptedOutOfEmail, marketing: opted_out, sticky: true}\n"
    pair, prospect, lead = linked(mapping)
    pair.edit(prospect, opted_out=True)
    pair.sync()
    assert pair.one_crm(lead).values["HasOptedOutOfEmail"] is True
    pair.edit(prospect, opted_out=False)
    pair.sync()
    assert pair.one(prospect).values["opted_out"] is True
    pair.edit_crm(lead, HasOptedOutOfEmail=False)
    pair.sync()
    assert pair.one(prospect).values["opted_out"] is False


def test_a_lead_source_is_filled_and_never_replaced() -> None:
    """Blank is filled; two that differ stay, with a finding."""
    mapping = FIELDS + "  - {crm: LeadSource, marketing: source, only_on: create}\n"
    pair, prospect, lead = linked(mapping)
    pair.edit_crm(lead, LeadSource="Web")
    pair.sync()
    assert pair.one(prospect).values["source"] == "Web"
    pair.edit_crm(lead, LeadSource="Trade Show")
    report = pair.cycle()
    assert pair.one(prospect).values["source"] == "Web"
    assert "OWN307" in {finding.code for finding in report.findings}


ANSWERS = FIELDS + "  - {crm: Comments__c, marketing: comments, direction: to_crm, answers: append}\n"


def test_every_answer_is_kept_once_with_its_time_and_id() -> None:
    """Two answers between two cycles are two, the same words twice are two, people's edits of the target stand."""
    pair = start(integration(ANSWERS))
    form = {"email": "f@x.example", "last_name": "Test", "company": "Acme"}
    pair.visitor.submit_form("contact", {**form, "comments": "Hello"})
    pair.sync()
    (lead,) = pair.leads()
    for text in ("Again", "Again"):
        pair.visitor.submit_form("contact", {**form, "comments": text})
    pair.sync()
    held = str(pair.one_crm(lead.id).values["Comments__c"])
    assert [line.split("] ")[1] for line in held.splitlines()] == ["Hello", "Again", "Again"]
    assert len({line.split("#")[1].split("]")[0] for line in held.splitlines()}) == 3
    pair.edit_crm(lead.id, Comments__c="Tidied up")
    pair.sync()
    assert pair.one_crm(lead.id).values["Comments__c"] == "Tidied up"
    pair.visitor.submit_form("contact", {**form, "comments": "More"})
    pair.sync()
    assert str(pair.one_crm(lead.id).values["Comments__c"]).startswith("Tidied up\n[2026-03-02T")


def test_an_answer_that_does_not_fit_is_refused_and_never_cut() -> None:
    """The target holds 2,000 characters: the answer waits with its finding, other values go on."""
    pair = start(integration(ANSWERS))
    form = {"email": "f@x.example", "last_name": "Test", "company": "Acme"}
    pair.visitor.submit_form("contact", {**form, "comments": "x" * 1990, "phone": "+47 22 12 34 56"})
    report = pair.cycle()
    (lead,) = pair.leads()
    assert lead.values["Comments__c"] is None
    assert lead.values["Phone"] == "+47 22 12 34 56"
    assert "MAP305" in {finding.code for finding in report.findings}
    assert pair.sync()[-1].silent


def test_answers_to_a_single_line_are_a_finding_and_the_rest_syncs() -> None:
    """`answers: append` needs a multi-line target."""
    mapping = FIELDS + "  - {crm: Title, marketing: comments, direction: to_crm, answers: append}\n"
    pair = start(integration(mapping))
    pair.prospect(email="p@x.example", comments="Hello")
    report = pair.cycle()
    assert {finding.code for finding in report.findings} == {"MAP308"}
    assert len(pair.leads()) == 1


def test_a_picklist_value_without_partner_is_a_finding_and_the_rest_of_the_lead_arrives() -> None:
    """Conversion refused: the finding has both lists, the lead goes without that value, and the queue says why."""
    mapping = (
        FIELDS + "  - {crm: {Lead: Rating}, marketing: rating, master: marketing, values: {Hot: hot, Cold: cold}}\n"
    )
    pair = start(integration(mapping), recipe=RECIPE)
    prospect = pair.prospect(email="p@x.example", rating="warm", first_name="Ann")
    report = pair.cycle()
    (lead,) = pair.leads()
    assert lead.values["FirstName"] == "Ann"
    assert lead.values["Rating"] is None
    assert "MAP304" in {finding.code for finding in report.findings}
    assert [aside.code for aside in report.set_aside] == ["MAP304"]
    assert pair.cycle().silent
    pair.edit(prospect, rating="hot")
    assert pair.sync()[-1].set_aside == []
    assert pair.one_crm(lead.id).values["Rating"] == "Hot"


def test_a_value_that_the_crm_refuses_does_not_hold_back_the_others() -> None:
    """The refused field is left out with its finding; the record is set aside until it changes."""
    recipe = RECIPE.replace(
        "    default_owner: sync\n",
        "    default_owner: sync\n    validation_rules:\n"
        '      - {name: NoTest, object: Lead, field: FirstName, criteria: {rows: [[FirstName, "=", Poison]]}, '
        "message: Not a name.}\n",
    )
    pair = start(recipe=recipe)
    pair.prospect(email="good@x.example", first_name="Ann")
    prospect = pair.prospect(email="bad@x.example", first_name="Poison", phone="+47 22 12 34 56")
    report = pair.cycle()
    assert sorted(str(one.values["Email"]) for one in pair.leads()) == ["bad@x.example", "good@x.example"]
    assert pair.lead_of(prospect).values["FirstName"] is None
    assert pair.lead_of(prospect).values["Phone"] == "+47 22 12 34 56"
    assert "REF701" in {finding.code for finding in report.findings}
    assert pair.sync()[-1].silent


def test_a_new_mapping_is_a_first_link_and_a_changed_rule_is_no_edit() -> None:
    """After a restart with another file: values that stand are not touched, the new mapping is settled."""
    pair = start(integration(rules(master="crm")))
    prospect = pair.prospect(email="p@x.example", first_name="Ann", job_title="Boss")
    pair.sync()
    pair.restart(integration(rules(master="marketing") + "  - {crm: Title, marketing: job_title}\n"))
    pair.sync()
    assert pair.lead_of(prospect).values["Title"] == "Boss"
    assert pair.lead_of(prospect).values["FirstName"] == "Ann"
