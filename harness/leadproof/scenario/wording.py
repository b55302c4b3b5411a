"""Values and fields as people write them: in expected, found and the field tables."""

from __future__ import annotations

from datetime import date, datetime

from leadproof.scenario.registry import Cell
from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.fieldtypes import blank
from leadterms.values import Value, plain

LONGEST = 120


def shown(value: Value) -> str:
    """A value in words: (blank), yes, no, 12.5, 2 March 2026 09:00 UTC, "Red; Green"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if blank(value):
        return "(blank)"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S UTC")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return "; ".join(sorted(value))
    if isinstance(value, tuple):
        return "; ".join(value)
    text = str(plain(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def field_name(spec: FieldSpec) -> str:
    """The id and, where it says more, the label: `HomePhone (Home phone)`."""
    return spec.id if spec.label in ("", spec.id) else f"{spec.id} ({spec.label})"


def cell(system: str, spec: FieldSpec, value: Value) -> Cell:
    """One cell of a field table."""
    return Cell(system, spec.object, spec.id, spec.label, shown(value))


def object_name(spec: ObjectSpec, count: int = 1) -> str:
    """`1 Lead`, `3 Leads`, `no Lead`."""
    label = spec.label or spec.id
    if count == 0:
        return f"no {label}"
    return f"{count} {label}" if count == 1 else f"{count} {label}s"


def listed(words: list[str] | tuple[str, ...]) -> str:
    """`a`, `a and b`, `a, b and c`; "nothing" for none."""
    if not words:
        return "nothing"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
