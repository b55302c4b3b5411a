"""How much the oracle judged: to find nothing wrong is worth as much as what was looked at."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

_ONE = {"people": "person", "opportunities": "opportunity", "ended": "ended link"}


@dataclass(frozen=True, slots=True)
class Judged:
    """Counts of what `Oracle.judge` compared.

    `people`: those with standing links, and live records without one; `ended`: links of which a record was deleted
    or merged away; `values`: rows of the mapping table, one for each link and field; `owners`, `members`: of one
    side or pair; `answers`: those given; `accounts`, `opportunities`: live ones of the CRM; `figures`: of reports."""

    people: int = 0
    ended: int = 0
    values: int = 0
    owners: int = 0
    members: int = 0
    answers: int = 0
    accounts: int = 0
    opportunities: int = 0
    figures: int = 0

    def __bool__(self) -> bool:
        """Whether anything was judged. The figures of reports alone are none: an empty world has totals too."""
        return any(astuple(self)[:-1])

    def __add__(self, more: Judged) -> Judged:
        return Judged(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(more), strict=True)))

    def __str__(self) -> str:
        """For people: "3 people, 123 values, 2 owners"."""
        names = [one.name for one in fields(self)]
        counts = zip(names, astuple(self), strict=True)
        return ", ".join(f"{count} {_word(name, count)}" for name, count in counts if count) or "nothing"


def _word(name: str, count: int) -> str:
    if count == 1:
        return _ONE.get(name, name.removesuffix("s"))
    return "ended links" if name == "ended" else name
