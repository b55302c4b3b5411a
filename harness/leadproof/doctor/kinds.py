"""What the values of a field are, computed fields included."""

from __future__ import annotations

from leadterms.fields import FieldSpec
from leadterms.typetable import FIELD_TYPES


def kind_of(spec: FieldSpec) -> str:
    """Text, number, date, date_time, checkbox or set."""
    if spec.type == "formula" and spec.formula is not None and "concat" not in spec.formula:
        return "number"
    if spec.type == "statistics" and spec.scale is None:
        return "date_time"
    return FIELD_TYPES[spec.type].kind
