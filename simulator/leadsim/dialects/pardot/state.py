"""What a business unit remembers between calls: imports, exports, how its custom fields came about.

Plain JSON in the org's `dialect_state`, so it is part of every snapshot and of a kept org's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadsim.engine.records import Org


def slot(org: Org, name: str) -> dict[str, Any]:
    """One named part of what the org remembers, made at the first question."""
    held: dict[str, Any] = org.dialect_state.setdefault(name, {})
    return held


def field_facts(org: Org, id: str) -> Mapping[str, Any]:
    """What the API said of a custom field when it made it: `at`, `by`, `multiple`, `crm_id`; empty for the recipe's."""
    known: Mapping[str, Any] = org.dialect_state.get("custom_fields", {}).get(id, {})
    return known


def next_number(org: Org, of: str) -> int:
    """The next number of a kind of thing that is no record: imports, batches, exports."""
    counts = slot(org, "counts")
    counts[of] = counts.get(of, 0) + 1
    number: int = counts[of]
    return number
