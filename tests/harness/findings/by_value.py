"""A piece that is one value entered into one field: `field` is its definition, as in a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadterms.fields import FieldSpec
from leadterms.fieldtypes import parse
from leadterms.refusals import ValueRefused
from tests.harness.findings.told import Words

KEYS = frozenset({"field", "value"})


def play(piece: Mapping[str, Any], code: str, folder: Path) -> list[Words]:
    """Why the field does not take the value."""
    numbers = {key: int(piece["field"][key]) for key in ("length", "scale") if key in piece["field"]}
    open_list = {"restricted": False} if piece["field"].get("restricted") == "false" else {}
    field = {"object": "Lead", "id": "Field__c", **piece["field"], **numbers, **open_list}
    try:
        parse(FieldSpec.from_json(field), piece["value"])
    except ValueRefused as refused:
        return [Words(refused.code, f"{refused}\n")]
    return []
