"""do/describe: the fields of prospects and prospect accounts, with their types, labels and choices."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.pardot.catalog import KINDS, OTHER_KIND, PObject
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.standard import Field
from leadsim.dialects.pardot.v4.asking import Asked, answer
from leadsim.gateway.messages import Answer


def describe(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/describe"""
    asked.end()
    specs = session.call.org.schema.get(object.table.engine).fields
    fields = [_described(one, specs.get(one.key)) for one in object.v4_fields.values()]
    return answer(session, {"result": {"field": fields}})


def _described(field: Field, spec: Any) -> dict[str, Any]:
    kind = KINDS.get(spec.type, OTHER_KIND)[0] if spec is not None and field.source == "field" else "Text"
    attributes = {
        "id": field.v4,
        "label": spec.label if spec is not None else field.v4,
        "dataType": field.type.lower(),
        "type": kind.lower(),
        "isCustom": "1" if field.v5.endswith("__c") else "0",
        "isRequired": "1" if field.required else "0",
        "isEditable": "1" if field.writable else "0",
    }
    described: dict[str, Any] = {"@attributes": attributes}
    if spec is not None and spec.choices:
        described["options"] = {"option": [{"@attributes": {"value": choice}} for choice in spec.choices]}
    return described
