"""A lead becomes a contact, an account and, if wanted, an opportunity.

sync-semantics.md "Conversion, deletes, merges".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from leadsim.engine.members import CRM_MEMBERS
from leadsim.engine.merging import move_member
from leadsim.engine.refusals import Refused
from leadsim.engine.stored import Stored
from leadterms.fieldtypes import FIELD_TYPES, blank
from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.engine.writing import Writing

OPTIONS = ("account_id", "contact_id", "opportunity")


def convert(transaction: Writing, lead: Stored, options: Mapping[str, object]) -> Stored:
    """The lead after its conversion. `options`: account_id, contact_id (existing ones to use; their blanks are
    filled), opportunity (True, or its values). Raises Refused("gone") when it was converted before."""
    org = transaction.org
    if lead.object != "Lead":
        raise Refused("invalid", f"Only leads are converted, not {lead.object}.")
    unknown = [option for option in options if option not in OPTIONS]
    if unknown:
        raise Refused("invalid", f"A conversion has no option {unknown[0]!r}; it has {', '.join(OPTIONS)}.")
    if lead.values.get("IsConverted") is True:
        text = f"Lead {lead.id} was converted before; it goes on as contact {lead.values.get('ConvertedContact')}."
        raise gone_converted(lead, text)
    contact, account = _given(transaction, options)
    with transaction.ignoring(lead.id):
        if account is None:
            account = transaction.create("Account", _mapped(transaction, lead, "Account"))
        contact = _contact(transaction, lead, contact, account)
        opportunity = _opportunity(transaction, lead, contact, account, options.get("opportunity", False))
    became = {"Contact": contact.id, "Account": account.id}
    if opportunity is not None:
        became["Opportunity"] = opportunity.id
    values: dict[str, Value] = {f"Converted{object}": id for object, id in became.items()}
    values |= {"IsConverted": True, "ConvertedDate": org.clock.now()}
    after = transaction.update(lead, values, system=True, op="convert", extra={"converted_to": became})
    for member in org.lookup(CRM_MEMBERS.object, "Lead", lead.id):
        move_member(transaction, member, "Contact", contact.id)
    return after


def gone_converted(lead: Stored, text: str) -> Refused:
    """The refusal of a write to a lead that goes on as its contact; the contact's id is in `matches`."""
    contact = lead.values.get("ConvertedContact")
    return Refused("gone", text, code="REF708", matches=(str(contact),) if contact else ())


def _given(transaction: Writing, options: Mapping[str, object]) -> tuple[Stored | None, Stored | None]:
    org = transaction.org
    contact = account = None
    if options.get("contact_id"):
        contact = org.get("Contact", str(options["contact_id"]))
    account_id = options.get("account_id")
    if contact is not None and contact.values.get("Account") is not None:
        of_contact = contact.values["Account"]
        if account_id not in (None, "", of_contact):
            raise Refused("invalid", f"Contact {contact.id} belongs to account {of_contact}, not to {account_id}.")
        account_id = of_contact
    if account_id:
        account = org.get("Account", str(account_id))
    return contact, account


def _mapped(transaction: Writing, lead: Stored, object: str) -> dict[str, Value]:
    """The lead's values as the new record's: the standard pairs, and custom fields of the same id and type."""
    org = transaction.org
    fields, own = org.schema.get(object).fields, org.schema.get("Lead").fields
    standard = org.schema.standard
    pairs = standard.lead_to_contact if object == "Contact" else standard.lead_to_account
    values = {target: lead.values.get(source) for source, target in pairs.items() if source in own and target in fields}
    if object == "Contact":
        for field, spec in fields.items():
            twin = own.get(field)
            usable = twin is not None and twin.type == spec.type and not spec.read_only
            if usable and field not in values and field != "Owner" and not FIELD_TYPES[spec.type].computed:
                values[field] = lead.values.get(field)
    owner = org.users.get(str(lead.values.get("Owner", "")))
    if "Owner" in fields and owner is not None and owner.active and not owner.queue:
        values["Owner"] = owner.id
    return {field: value for field, value in values.items() if not blank(value)}


def _contact(transaction: Writing, lead: Stored, contact: Stored | None, account: Stored) -> Stored:
    values = {**_mapped(transaction, lead, "Contact"), "Account": account.id}
    if contact is None:
        return transaction.create("Contact", values)
    missing = {field: value for field, value in values.items() if blank(contact.values.get(field))}
    return transaction.update(contact, missing, system=True, cause=f"convert:{lead.id}")


def _opportunity(transaction: Writing, lead: Stored, contact: Stored, account: Stored, wanted: object) -> Stored | None:
    if wanted is None or wanted is False:
        return None
    if wanted is not True and not isinstance(wanted, Mapping):
        raise Refused("invalid", f"`opportunity` is true, false or its values, not {wanted!r}.")
    org = transaction.org
    members = org.lookup(CRM_MEMBERS.object, "Lead", lead.id)
    values: dict[str, Any] = {
        "Name": lead.values.get("Company") or lead.values.get("LastName"),
        "Stage": org.stages()[0].name,
        "CloseDate": _quarter_end(org.clock.now().date()),
        "Account": account.id,
        "Contact": contact.id,
        "LeadSource": lead.values.get("LeadSource"),
        "Campaign": members[-1].values.get("Campaign") if members else None,
        "Owner": contact.values.get("Owner"),
    }
    if isinstance(wanted, Mapping):
        values.update(wanted)
    return transaction.create("Opportunity", {field: value for field, value in values.items() if not blank(value)})


def _quarter_end(day: date) -> date:
    month = 3 * ((day.month - 1) // 3) + 3
    return date(day.year, month, 30 if month in (6, 9) else 31)
