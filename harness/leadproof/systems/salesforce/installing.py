"""Custom fields, by the Tooling API (its `CustomField` and the Metadata API's field types).

In a real org a field made so is shown to nobody until a profile or permission set grants it (field-level security).
That is not done here, and the sandbox shows a new field to everybody: on a live org an admin grants it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from leadproof.systems.ports import Refusal
from leadterms.fields import FieldSpec

LONGEST_TEXT = 255
_LONG_AREA = 32_768
_VISIBLE_LINES = 5

METADATA: Mapping[str, Callable[[FieldSpec], dict[str, Any]]] = {
    "single_line": lambda spec: {"type": "Text", "length": _text_length(spec)},
    "multi_line": lambda spec: {"type": "LongTextArea", "length": spec.length or _LONG_AREA,
                                "visibleLines": _VISIBLE_LINES},
    "number": lambda spec: _number("Number", spec),
    "percent": lambda spec: _number("Percent", spec),
    "currency": lambda spec: _number("Currency", spec),
    "statistics": lambda spec: _number("Number", spec),
    "date": lambda _: {"type": "Date"},
    "date_time": lambda _: {"type": "DateTime"},
    "checkbox": lambda _: {"type": "Checkbox", "defaultValue": "false"},
    "dropdown": lambda spec: {"type": "Picklist", "valueSet": _values(spec)},
    "radio": lambda spec: {"type": "Picklist", "valueSet": _values(spec)},
    "multi_select": lambda spec: {"type": "MultiselectPicklist", "visibleLines": _VISIBLE_LINES,
                                  "valueSet": _values(spec)},
    "email": lambda _: {"type": "Email"},
    "phone": lambda _: {"type": "Phone"},
    "url": lambda _: {"type": "Url"},
    "messaging": lambda spec: {"type": "Text", "length": _text_length(spec)},
    "social": lambda spec: {"type": "Text", "length": _text_length(spec)},
    "address": lambda _: {"type": "TextArea"},
}  # fmt: skip
"""Our field type -> the vendor's metadata of it."""


def field_body(spec: FieldSpec) -> dict[str, Any] | None:
    """The body that makes the field; None for a type that an integration cannot install."""
    make = METADATA.get(spec.type)
    if make is None:
        return None
    metadata = {"label": spec.label or spec.id, "required": False, **make(spec)}
    if metadata["type"] in ("Text", "Number", "Email"):
        metadata.update(externalId=spec.external_id, unique=spec.unique)
        if spec.unique and metadata["type"] == "Text":
            metadata["caseSensitive"] = False
    return {"FullName": f"{spec.object}.{spec.id}", "Metadata": metadata}


def not_installable(spec: FieldSpec) -> Refusal:
    """Why a field is not made."""
    text = f"{spec.object}.{spec.id} is a {spec.type} field, which cannot be added over the API."
    return Refusal("INVALID_TYPE", text, spec.id, "invalid", True)


def clash(spec: FieldSpec, there: FieldSpec) -> Refusal:
    """Why a field that is there with another type is left alone."""
    text = f"{spec.object}.{spec.id} is there already, as a {there.type} field; a {spec.type} field was wanted."
    return Refusal("DUPLICATE_DEVELOPER_NAME", text, spec.id, "conflict", True)


def fits(spec: FieldSpec, there: FieldSpec) -> bool:
    """Whether a field that is there is the one wanted: the vendor's type must be the same."""
    return _vendor_type(spec) == _vendor_type(there)


def _vendor_type(spec: FieldSpec) -> str:
    make = METADATA.get(spec.type)
    type = str(make(spec)["type"]) if make is not None else spec.type
    return "TextArea" if type in ("LongTextArea", "TextArea") else type


def _text_length(spec: FieldSpec) -> int:
    return min(spec.length or LONGEST_TEXT, LONGEST_TEXT)


def _number(type: str, spec: FieldSpec) -> dict[str, Any]:
    return {"type": type, "precision": 18, "scale": spec.scale or 0}


def _values(spec: FieldSpec) -> dict[str, Any]:
    listed = [{"fullName": one, "label": one, "default": False} for one in spec.choices]
    return {"restricted": spec.restricted, "valueSetDefinition": {"sorted": False, "value": listed}}
