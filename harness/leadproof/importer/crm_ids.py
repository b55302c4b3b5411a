"""A minimal file may hold CRM ids only (product.md B7): the CRM knows the e-mail addresses."""

from __future__ import annotations

from leadproof.importer.headers import EMAIL_FIELDS
from leadproof.importer.plan import ImportPlan
from leadproof.importer.report import Note
from leadproof.systems.ports import Crm
from leadterms.fieldtypes import blank

_CRM_ID_FIELDS = ("crm_id", "salesforceId")


def fill_from_crm(plan: ImportPlan, crm: Crm) -> list[Note]:
    """Give each record that has a CRM id and no e-mail address the address that the CRM holds. Rows that the
    CRM does not know, or without an address there, stay as they are: the target refuses them by name."""
    email = next((one for one in EMAIL_FIELDS if one in plan.spec.fields), None)
    key = next((one for one in _CRM_ID_FIELDS if one in plan.spec.fields), None)
    if email is None or key is None:
        return []
    wanting = {str(one.values[key]): one for one in plan.records if blank(one.values.get(email)) and key in one.values}
    if not wanting:
        return []
    found = 0
    for person in ("Lead", "Contact"):
        for record in crm.read(person, list(wanting), ["Email"]):
            address = record.values.get("Email")
            if not blank(address) and email not in wanting[record.id].values:
                wanting[record.id].values[email] = address
                found += 1
    return [Note(f"{found} of {len(wanting)} rows with only a CRM id took their e-mail address from {crm.name}.")]
