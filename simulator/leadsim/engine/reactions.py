"""What follows from a write: before it is stored, values that depend on others; after, writes to other records."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from leadsim.engine.audience import fill_list, place_on_lists
from leadsim.engine.conversion import gone_converted
from leadsim.engine.engagement import count_activity
from leadsim.engine.members import MEMBER_OBJECTS, check_statuses, derive_member
from leadsim.engine.refusals import Problem, Refused
from leadsim.engine.rules.scoring import qualify
from leadsim.engine.rules.segmentation import read_criteria
from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.engine.stored import Stored
    from leadsim.engine.writing import Writing

# What can't be without a record: (object, its field), by the record's object.
DEPENDENTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Lead": (("CampaignMember", "Lead"),),
    "Contact": (("CampaignMember", "Contact"),),
    "Campaign": (("CampaignMember", "Campaign"),),
    "prospect": (("membership", "prospect"), ("list_membership", "prospect")),
    "campaign": (("membership", "campaign"),),
    "list": (("list_membership", "list"),),
}


def derive(
    transaction: Writing,
    object: str,
    before: Stored | None,
    values: dict[str, Value],
    given: Mapping[str, Value],
    *,
    system: bool,
) -> list[Problem]:
    """Fill the values that follow from others; what is wrong with those that they follow from."""
    if object in MEMBER_OBJECTS:
        return derive_member(transaction, before, values, system=system)
    if object == "Opportunity":
        _derive_stage(transaction, before, values, given)
    elif object == "prospect":
        qualify(transaction.org, values)
    elif object in ("Campaign", "campaign"):
        return check_statuses(transaction.org, object, values)
    elif object == "list":
        return _check_list(transaction, values)
    elif object == "list_membership" and before is None:
        _check_place(transaction, values, system=system)
    return []


def _derive_stage(
    transaction: Writing, before: Stored | None, values: dict[str, Value], given: Mapping[str, Value]
) -> None:
    """A CRM's opportunity is won and closed by its stage, and as probable, unless somebody says otherwise."""
    stage = next((one for one in transaction.org.stages() if one.name == values.get("Stage")), None)
    if stage is None:
        return
    values["IsWon"], values["IsClosed"] = stage.won, stage.closed
    moved = before is None or before.values.get("Stage") != values.get("Stage")
    if moved and given.get("Probability") is None:
        values["Probability"] = Decimal(stage.probability)


def _check_list(transaction: Writing, values: dict[str, Value]) -> list[Problem]:
    try:
        read_criteria(transaction.org, values)
    except Refused as refused:
        return [Problem("list", None, "criteria", values.get("criteria"), "criteria", refused.text)]
    return []


def _check_place(transaction: Writing, values: dict[str, Value], *, system: bool) -> None:
    """Refused when a place on a list is given by hand that the list gives itself, or twice where the org forbids it."""
    org = transaction.org
    of_list, prospect = str(values.get("list", "")), str(values.get("prospect", ""))
    segment = next((one for one in org.segments.all() if one.id == of_list), None)
    if segment is not None and segment.fits is not None and not system:
        text = f"The list {of_list} is filled by its criteria; nobody is put on it by hand."
        raise Refused("invalid", text, problems=(Problem("list_membership", None, "list", of_list, "dynamic", text),))
    if org.settings.twice_on_a_list and not system:
        return
    known = [one.id for one in org.lookup("list_membership", "prospect", prospect) if one.values["list"] == of_list]
    if known:
        raise Refused("duplicate", f"Prospect {prospect} stands on list {of_list} already.", matches=tuple(known))


def check_writable(record: Stored) -> None:
    """Refused("gone") for a lead that was converted: it goes on as its contact."""
    if record.object == "Lead" and record.values.get("IsConverted") is True:
        contact = record.values.get("ConvertedContact")
        raise gone_converted(record, f"Lead {record.id} was converted; it goes on as contact {contact}.")


def react(transaction: Writing, before: Stored | None, after: Stored) -> None:
    """Write what follows from a record's creation (`before` is None) or change."""
    if after.object == "prospect":
        place_on_lists(transaction, after)
    elif after.object == "activity" and before is None:
        count_activity(transaction, after)
    elif after.object == "list":
        transaction.org.segments.forget()
        fill_list(transaction, before, after)
    elif after.object == "list_membership" and before is None:
        prospect = transaction.org.row(str(after.values["prospect"]))
        if prospect is not None and after.values.get("added_by") != "criteria":
            place_on_lists(transaction, prospect)


def deleted(transaction: Writing, record: Stored) -> None:
    """Delete what can't be without a record that was deleted."""
    if record.object == "list":
        transaction.org.segments.forget()
    for object, field in DEPENDENTS.get(record.object, ()):
        for child in transaction.org.lookup(object, field, record.id):
            transaction.delete(child, cause=f"with:{record.id}")


def undeleted(transaction: Writing, record: Stored) -> None:
    """Bring back what was deleted with a record, where all that it belongs to is alive."""
    org = transaction.org
    if record.object == "list":
        org.segments.forget()
    for object, field in DEPENDENTS.get(record.object, ()):
        references = [spec for spec in org.schema.get(object).fields.values() if spec.type == "reference"]
        for child in org.lookup(object, field, record.id, deleted=True):
            if not child.deleted or org.reading.last_cause(child) != f"with:{record.id}":
                continue
            parents = [org.row(str(child.values[spec.id])) for spec in references if child.values.get(spec.id)]
            if all(parent is not None and not parent.deleted for parent in parents):
                transaction.undelete(child)
    if record.object == "prospect":
        place_on_lists(transaction, record)
