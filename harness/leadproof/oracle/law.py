"""Whose value is it: which way a value may, must or must not travel when a connector decides a row.

Not the table of sync-semantics.md "Whose value is it" but what it comes to, as three claims. A side *speaks*
when its value has to end up on the other side; at most one speaks:

* the replica speaks when the master has nothing to say and may be filled, or when only the replica has news
  and the master takes any news (`overwrite: always`);
* otherwise the master speaks, with what it holds, or with its blank where blanks are passed on;
* nobody speaks where both hold the same, or nobody has news.

What a side says is lost, without being an error, where direction forbids to write the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Overwrite = Literal["always", "if_blank", "never"]
Direction = Literal["both", "to_crm", "to_marketing", "none"]
Clears = Literal["keep", "propagate"]
Speaker = Literal["master", "replica", "nobody"]


@dataclass(frozen=True, slots=True)
class Rights:
    """What one mapping permits once it is known which side is its master.

    `fills_master`: a blank master may be filled from the replica; `replaces_master`: so may one that holds a
    value; both already take into account whether direction lets the master be written at all.
    """

    fills_master: bool
    replaces_master: bool
    writes_replica: bool
    passes_clears: bool

    @classmethod
    def of(cls, overwrite: Overwrite, clears: Clears, *, writes_master: bool, writes_replica: bool) -> Rights:
        """Where direction forbids writing the master, overwrite counts as never."""
        return cls(
            fills_master=writes_master and overwrite != "never",
            replaces_master=writes_master and overwrite == "always",
            writes_replica=writes_replica,
            passes_clears=clears == "propagate",
        )


@dataclass(frozen=True, slots=True)
class Sight:
    """What a connector sees of one row: which side holds anything, and which side has news since it was settled.

    `first`: the row was never settled. Then both sides count as news, and nothing is erased.
    """

    alike: bool
    master_holds: bool
    replica_holds: bool
    master_news: bool
    replica_news: bool
    first: bool


@dataclass(frozen=True, slots=True)
class Ruling:
    """Who speaks, whether it is heard (direction), and why, as a key of REASONS."""

    speaker: Speaker
    heard: bool
    reason: str


REASONS = {
    "alike": "both sides hold the same",
    "settled": "nobody changed it since it was settled, so the difference stays",
    "first": "at the first link {master}'s value goes to {replica}",
    "filled": "{master} is blank there, so {replica}'s value fills it",
    "guarded": "{master} is blank there and may not be filled from {replica}, so nothing is written",
    "changed": "{master} changed it, so {master}'s value wins",
    "cleared": "{master} cleared it and clears are passed on",
    "accepted": "{replica} changed it and may overwrite {master}",
    "refused_clear": "{replica} cleared it, clears are not passed on, so {master}'s value fills it again",
    "changed_back": "{replica} may not overwrite {master}, so {master}'s value wins and the edit is changed back",
    "erased_back": "{master} is blank there and stays so, so {replica}'s edit is changed back to blank",
}
"""Reason -> the sentence; {master} and {replica} are put in."""


def rule(sight: Sight, rights: Rights) -> Ruling:
    """Who speaks on this row, and whether direction lets it be heard."""
    if sight.alike or not (sight.first or sight.master_news or sight.replica_news):
        return Ruling("nobody", True, "alike" if sight.alike else "settled")
    if replica_speaks(sight, rights):
        return Ruling("replica", True, "accepted" if sight.master_holds else "filled")
    if master_speaks(sight, rights):
        return Ruling("master", rights.writes_replica, _why_master(sight, rights))
    return Ruling("nobody", True, "guarded")


def replica_speaks(sight: Sight, rights: Rights) -> bool:
    """A blank master is filled, unless its blank is news that has to be passed on; one that holds a value and has
    no news itself takes the replica's news only under `always`, and takes a blank only where clears travel."""
    if not sight.master_holds:
        blank_is_news = sight.master_news and not sight.first
        return rights.fills_master and not (blank_is_news and rights.passes_clears)
    only_replica_has_news = sight.replica_news and not sight.master_news
    return only_replica_has_news and rights.replaces_master and (sight.replica_holds or rights.passes_clears)


def master_speaks(sight: Sight, rights: Rights) -> bool:
    """A value always has something to say. A blank only where clears travel, and never at a first link."""
    return sight.master_holds or (rights.passes_clears and not sight.first)


def _why_master(sight: Sight, rights: Rights) -> str:
    if not sight.master_holds:
        return "cleared" if sight.master_news else "erased_back"
    if sight.first:
        return "first"
    if sight.master_news:
        return "changed"
    return "changed_back" if sight.replica_holds or not rights.replaces_master else "refused_clear"
