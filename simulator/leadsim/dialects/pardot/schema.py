"""A business unit's standard objects in the engine's form: marketing.py's, with what the vendor has beyond."""

from __future__ import annotations

from collections.abc import Mapping

from leadsim.dialects.pardot.ids import new_id
from leadsim.engine.schema import Standard
from leadsim.engine.standard import marketing
from leadsim.engine.standard.crm import FieldRow, reference, text

# What the vendor keeps as text, and the engine's own table as something else.
_TEXTS: Mapping[str, tuple[FieldRow, ...]] = {
    "prospect": (
        text("employees", "Employees", 255),
        text("annual_revenue", "Annual Revenue", 255),
        text("industry", "Industry", 255),
        text("source", "Source", 255),
        text("website", "Website", 255),
    ),
    "account": (
        text("employees", "Employees", 255),
        text("annual_revenue", "Annual Revenue", 255),
        text("industry", "Industry", 255),
        text("website", "Website", 255),
    ),
}
# What the vendor has and the engine's own table has not.
_MORE: Mapping[str, tuple[FieldRow, ...]] = {
    "prospect": (
        text("salutation", "Salutation", 32),
        text("department", "Department", 255),
        text("address_two", "Address Two", 255),
        text("territory", "Territory", 255),
        ("fax", "Fax", "phone", {"length": 40}),
        text("years_in_business", "Years In Business", 255),
        ("notes", "Notes", "multi_line", {"length": 32000}),
        ("is_do_not_email", "Do Not Email", "checkbox", {}),
        ("is_reviewed", "Reviewed", "checkbox", {}),
        ("is_starred", "Starred", "checkbox", {}),
        reference("campaign", "Campaign", "campaign"),
        reference("account", "Prospect Account", "account"),
        text("crm_owner_id", "Salesforce owner", 18),
    ),
    "list": (
        text("title", "Title", 255),
        text("description", "Description", 1000),
        ("is_public", "Public", "checkbox", {}),
        ("is_crm_visible", "Visible in the CRM", "checkbox", {}),
        reference("campaign", "Campaign", "campaign"),
    ),
    "list_membership": (("opted_out", "Opted Out", "checkbox", {}),),
}
_NEW: Mapping[str, tuple[str, str, tuple[FieldRow, ...]]] = {
    "tag": ("Tag", "tag", (text("name", "Name", 100, required=True, unique=True),)),
    "tagged_object": (
        "Tagged object", "tgo",
        (
            reference("tag", "Tag", "tag", required=True),
            text("object_type", "Object type", 40, required=True),
            text("object_name", "Object name", 255),
            ("object_number", "Object id", "number", {"scale": 0, "required": True}),
        ),
    ),
}  # fmt: skip


def engine_standard() -> Standard:
    """What a business unit has from the start, for the engine."""
    objects: dict[str, tuple[str, str, tuple[FieldRow, ...]]] = {}
    for object, (label, prefix, rows) in marketing.OBJECTS.items():
        instead = {row[0]: row for row in _TEXTS.get(object, ())}
        kept = tuple(instead.get(row[0], row) for row in rows)
        objects[object] = (label, prefix, (*kept, *_MORE.get(object, ())))
    objects |= _NEW
    return Standard(objects, new_id=new_id)
