"""Lead source (`only_on: create`): a blank is filled from the other side, what is there is never overwritten.

sync-semantics.md "Lead source": two that differ stay and are a finding.
"""

from __future__ import annotations

from leadproof.connector.value_table import Rights, Side, permits


def source_target(rights: Rights, *, same: bool, crm_blank: bool, marketing_blank: bool) -> tuple[str, Side | None]:
    """Why, and the blank side that is filled; ("sources_differ", None) is the caller's finding."""
    if same:
        return "source_agrees", None
    if crm_blank or marketing_blank:
        target: Side = "crm" if crm_blank else "marketing"
        return "source_filled", target if permits(rights.direction, target) else None
    return "sources_differ", None
