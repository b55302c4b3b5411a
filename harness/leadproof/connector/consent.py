"""Consent: an opt-out mapping (`sticky: true`) stands outside the value table.

sync-semantics.md "Consent": true on either side makes both true; false travels only as a change from a settled
true, by the mapping's master, and not if the other side changed to true in that cycle.
"""

from __future__ import annotations

from leadproof.connector.links import Pair
from leadproof.connector.value_table import OTHER, Rights, Side, permits


def opt_out_target(rights: Rights, crm: bool, marketing: bool, pair: Pair | None) -> tuple[str, Side | None]:
    """Why, and which side takes the other's mark; None: nothing is written."""
    if crm == marketing:
        return "consent_agrees", None
    unmarked: Side = "marketing" if crm else "crm"
    if pair is not None and _withdrawn(rights, unmarked, pair) and permits(rights.direction, OTHER[unmarked]):
        return "consent_withdrawn", OTHER[unmarked]
    # A false that may not travel stays behind the true: an opt-out is lost on nobody.
    return "opted_out", unmarked if permits(rights.direction, unmarked) else None


def _withdrawn(rights: Rights, unmarked: Side, pair: Pair) -> bool:
    """Whether the unmarked side changed from a settled true, is the master, and the other did not just opt out."""
    was, other_was = (bool(pair[0]), bool(pair[1])) if unmarked == "crm" else (bool(pair[1]), bool(pair[0]))
    return was and other_was and rights.master in (unmarked, "latest")
