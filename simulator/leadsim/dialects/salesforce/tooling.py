"""/tooling/sobjects/CustomField: a new custom field, from the Metadata API's description of it.

Source: Tooling API "CustomField", Metadata API "CustomField". In a real org nobody sees a new field before a
permission set grants it; here every login sees every field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadsim.dialects.salesforce.errors import not_simulated, refused
from leadsim.dialects.salesforce.session import Session, object_body
from leadsim.engine.refusals import Refused
from leadsim.gateway.messages import Answer
from leadterms.fields import FieldSpec
from leadterms.refusals import ValueRefused

PREFIX = "00N"
SUFFIX = "__c"
# The vendor's type -> the engine's.
TYPES: Mapping[str, str] = {
    "Text": "single_line", "TextArea": "multi_line", "LongTextArea": "multi_line", "Number": "number",
    "Percent": "percent", "Currency": "currency", "Date": "date", "DateTime": "date_time", "Checkbox": "checkbox",
    "Picklist": "dropdown", "MultiselectPicklist": "multi_select", "Email": "email", "Phone": "phone", "Url": "url",
}  # fmt: skip
NOT_SIMULATED = frozenset(
    {"AutoNumber", "Lookup", "MasterDetail", "Summary", "Html", "EncryptedText", "Location", "Time", "Hierarchy",
     "MetadataRelationship", "ExternalLookup", "IndirectLookup"}
)  # fmt: skip
KEYS = frozenset(
    {"label", "type", "length", "precision", "scale", "required", "externalId", "unique", "caseSensitive",
     "defaultValue", "visibleLines", "valueSet", "description", "inlineHelpText", "trackHistory"}
)  # fmt: skip
SIZED = frozenset({"Text", "LongTextArea"})
TEXT_AREA = 255


def create_custom_field(session: Session) -> Answer:
    """POST /tooling/sobjects/CustomField"""
    body = object_body(session.json())
    unknown = [name for name in body if name not in ("FullName", "Metadata")]
    if unknown:
        raise refused(
            "INVALID_FIELD", f"No such column '{unknown[0]}' on sobject of type CustomField", fields=(unknown[0],)
        )
    object, name = _full_name(session, body.get("FullName"))
    metadata = body.get("Metadata")
    if not isinstance(metadata, dict):
        raise refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [Metadata]", fields=("Metadata",))
    spec = _spec(object, name, metadata)
    if session.catalog.by_engine[object].field(name) is not None:
        raise refused("DUPLICATE_DEVELOPER_NAME", f"There is already a field named {name} on {object}.")
    try:
        session.call.org.add_field(spec, session.call.by)
    except (Refused, ValueRefused) as refusal:
        raise refused("FIELD_INTEGRITY_EXCEPTION", refusal.text) from None
    customs = sum(1 for one in session.call.org.schema.objects.values() for id in one.fields if id.endswith(SUFFIX))
    made = {"id": session.view.ids.make(PREFIX, customs), "success": True, "errors": [], "warnings": [], "infos": []}
    return session.answer(201, made)


def _full_name(session: Session, given: object) -> tuple[str, str]:
    """The engine's object and the field's name, of "Lead.Score__c"."""
    object_name, dot, name = given.partition(".") if isinstance(given, str) else ("", "", "")
    object = session.catalog.get(object_name)
    if not dot or object is None or object.engine is None:
        raise refused("FIELD_INTEGRITY_EXCEPTION", f"Invalid field name: {given}", fields=("FullName",))
    if not name.endswith(SUFFIX) or not name.removesuffix(SUFFIX).isidentifier() or not name.isascii():
        text = f"Invalid field name: {name}; a custom field's name has letters, digits and underscores and ends in __c"
        raise refused("FIELD_INTEGRITY_EXCEPTION", text, fields=("FullName",))
    return object.engine, name


def _spec(object: str, name: str, metadata: dict[str, Any]) -> FieldSpec:
    unknown = [key for key in metadata if key not in KEYS]
    if unknown:
        raise refused("JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}" in Metadata of CustomField')
    type, label = str(metadata.get("type") or ""), metadata.get("label")
    if type in NOT_SIMULATED:
        raise not_simulated(f"A custom field of type {type}")
    if type not in TYPES or not isinstance(label, str) or not label:
        missing = "label" if type in TYPES else "type"
        raise refused("FIELD_INTEGRITY_EXCEPTION", f"Must specify a valid {missing} for the custom field {name}.")
    try:
        return FieldSpec.from_json(
            {
                "object": object, "id": name, "label": label, "type": TYPES[type],
                "required": metadata.get("required", False), "unique": metadata.get("unique", False),
                "external_id": metadata.get("externalId", False), **_extent(name, type, metadata),
            }
        )  # fmt: skip
    except ValueRefused as refusal:
        raise refused("FIELD_INTEGRITY_EXCEPTION", refusal.text) from None


def _extent(name: str, type: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """Length, digits or choices, as the type asks for them."""
    if type in SIZED:
        return {"length": _number(name, metadata, "length")}
    if type == "TextArea":
        return {"length": TEXT_AREA}
    if type in ("Number", "Percent", "Currency"):
        _number(name, metadata, "precision")
        return {"scale": _number(name, metadata, "scale")}
    if type in ("Picklist", "MultiselectPicklist"):
        return _choices(name, metadata.get("valueSet"))
    return {}


def _number(name: str, metadata: dict[str, Any], key: str) -> int:
    number = metadata.get(key)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise refused("FIELD_INTEGRITY_EXCEPTION", f"Must specify '{key}' for the custom field {name}.")
    return number


def _choices(name: str, value_set: Any) -> dict[str, Any]:
    try:
        listed = [one["fullName"] for one in value_set["valueSetDefinition"]["value"]]
        restricted = value_set.get("restricted", False)
    except (KeyError, TypeError):
        raise refused("FIELD_INTEGRITY_EXCEPTION", f"Must specify 'valueSet' for the custom field {name}.") from None
    return {"choices": listed, "restricted": restricted}
