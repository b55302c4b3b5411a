"""The prose of sync-semantics.md "Whose value is it", read line by line, for tests only.

Deliberately naive: plain texts, no conversion, one `if` per sentence. The oracle says the same in another shape.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Configuration:
    master: str  # crm, marketing, latest
    overwrite: str  # always, if_blank, never
    clears: str  # keep, propagate
    direction: str  # both, to_crm, to_marketing, none


@dataclass(frozen=True)
class Sides:
    """What both sides hold, when each was last edited by somebody outside, and the settled pair (or None)."""

    crm: str
    marketing: str
    crm_at: int = 0
    marketing_at: int = 0
    pair: tuple[str, str] | None = None


def _later(sides: Sides) -> str:
    return "marketing" if sides.marketing_at > sides.crm_at else "crm"


def who_is_master(configuration: Configuration, sides: Sides) -> str:
    if configuration.master != "latest":
        return configuration.master
    if sides.pair is None:
        if sides.crm == "" and sides.marketing != "":
            return "marketing"
        if sides.marketing == "" and sides.crm != "":
            return "crm"
        return _later(sides)
    crm_changed, marketing_changed = sides.crm != sides.pair[0], sides.marketing != sides.pair[1]
    if crm_changed and marketing_changed:
        return _later(sides)
    return "marketing" if marketing_changed else "crm"


def one_cycle(configuration: Configuration, sides: Sides) -> tuple[Sides, int]:
    """The sides after a cycle that decided this row, and the number of the row of the table that decided."""
    master = who_is_master(configuration, sides)
    replica = "crm" if master == "marketing" else "marketing"
    overwrite = "always" if configuration.master == "latest" else configuration.overwrite
    may_write = {
        "both": {"crm", "marketing"},
        "to_crm": {"crm"},
        "to_marketing": {"marketing"},
        "none": set(),
    }[configuration.direction]
    if master not in may_write:
        overwrite = "never"
    w = sides.crm if master == "crm" else sides.marketing
    r = sides.marketing if master == "crm" else sides.crm
    number, new_w, new_r = _table(w, r, _pair(sides, master), overwrite, configuration.clears)
    if replica not in may_write:
        new_r = r
    crm, marketing = (new_w, new_r) if master == "crm" else (new_r, new_w)
    return Sides(crm, marketing, sides.crm_at, sides.marketing_at, (crm, marketing)), number


def _pair(sides: Sides, master: str) -> tuple[str, str] | None:
    if sides.pair is None or master == "crm":
        return sides.pair
    return sides.pair[1], sides.pair[0]


def _table(w: str, r: str, pair: tuple[str, str] | None, overwrite: str, clears: str) -> tuple[int, str, str]:
    first = pair is None
    w_changed = pair is None or w != pair[0]
    r_changed = pair is None or r != pair[1]
    if w == r:
        return 1, w, r
    if not w_changed and not r_changed:
        return 2, w, r
    if first and w != "":
        return 3, w, w
    if first:
        return (4, r, r) if overwrite != "never" else (4, w, r)
    if w_changed and w != "":
        return 5, w, w
    if w_changed and clears == "propagate":
        return 6, w, ""
    if w == "":
        if overwrite != "never":
            return 7, r, r
        return (7, w, "") if clears == "propagate" else (7, w, r)
    if overwrite == "always" and (r != "" or clears == "propagate"):
        return 8, r, r
    return 9, w, w
