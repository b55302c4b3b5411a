"""POST /objects/custom-fields: a new field of prospects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from leadsim.dialects.pardot.catalog import catalog_of
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.state import slot
from leadsim.dialects.pardot.v5.records import asked_back, written
from leadsim.dialects.pardot.view import View
from leadsim.engine.refusals import Refused
from leadsim.gateway.messages import Answer
from leadterms.fields import FieldSpec

# The vendor's types of fields, and the engine's.
TYPES: Mapping[str, str] = {
    "Text": "single_line",
    "Textarea": "multi_line",
    "Number": "number",
    "Date": "date",
    "Checkbox": "checkbox",
    "CRM User": "user",
}
CHOSEN: Mapping[str, str] = {"Dropdown": "dropdown", "Radio Button": "radio", "Multi-Select": "multi_select"}
_FIELD_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}\Z", re.ASCII)
_KINDS: Mapping[str, type] = {
    "name": str, "fieldId": str, "type": str, "isRecordMultipleResponses": bool, "isUseValues": bool,
    "isRequired": bool, "salesforceId": str, "valuesPrefill": list,
}  # fmt: skip


def create(session: Session) -> Answer:
    """POST /objects/custom-fields"""
    shown = asked_back(session)
    body = _read(session.json())
    call = session.call
    known = {one.field_id.casefold() for one in session.catalog.custom_fields}
    if (
        body["fieldId"].removesuffix("__c").casefold() in known
        or body["fieldId"] in session.catalog.objects["prospects"].v4_fields
    ):
        raise PardotRefused(245)
    try:
        call.refuse_failing_row()
        call.org.add_field(_spec(body), call.by)
    except Refused as refused:
        raise PardotRefused(62 if refused.kind == "locked" else 154, refused.text) from None
    slot(call.org, "custom_fields")[body["fieldId"]] = {
        "at": call.now.isoformat(),
        "by": call.user,
        "multiple": body.get("isRecordMultipleResponses", False),
        "crm_id": body.get("salesforceId"),
    }
    call.org.kept.setup()
    view = View(call.org, catalog_of(call.org.schema), site=call.site)
    object = view.catalog.objects["custom-fields"]
    record = next(one for one in view.rows(object) if one.made["field_id"] == body["fieldId"].removesuffix("__c"))
    return written(session, 201, record, shown)


def _read(body: dict[str, Any]) -> dict[str, Any]:
    """The body, each key of its type. Raises PardotRefused."""
    for name, value in body.items():
        if name not in _KINDS:
            raise PardotRefused(180, name)
        if value is not None and type(value) is not _KINDS[name]:
            raise PardotRefused(154, name)
    missing = [name for name in ("name", "fieldId", "type") if not body.get(name)]
    if missing:
        raise PardotRefused(13, ", ".join(missing))
    if not _FIELD_ID.match(body["fieldId"]):
        raise PardotRefused(154, "fieldId")
    if body["type"] not in TYPES and body["type"] not in CHOSEN:
        raise PardotRefused(154, "type")
    if body["type"] in CHOSEN and not _choices(body):
        raise PardotRefused(153, "valuesPrefill")
    return body


def _choices(body: Mapping[str, Any]) -> tuple[str, ...]:
    given = body.get("valuesPrefill") or []
    if not all(isinstance(one, str) and one for one in given):
        raise PardotRefused(154, "valuesPrefill")
    return tuple(given)


def _spec(body: Mapping[str, Any]) -> FieldSpec:
    type = TYPES.get(body["type"]) or CHOSEN[body["type"]]
    return FieldSpec(
        "prospect",
        body["fieldId"],
        body["name"],
        type,
        required=bool(body.get("isRequired")),
        length=255 if type == "single_line" else None,
        choices=_choices(body) if body["type"] in CHOSEN else (),
        default=False if type == "checkbox" else None,
    )
