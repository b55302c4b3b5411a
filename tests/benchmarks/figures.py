"""What a benchmark finds: a ratio beside its goals (performance.md "Goals, as ratios in one run")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` against the goals `must` and `ambitious`; `better` says which way. `detail` tells what was compared.

    `value` None: it could not be measured here, and `detail` says why.
    """

    number: str
    what: str
    value: float | None
    must: float
    ambitious: float
    better: Literal["higher", "lower"]
    detail: str
    unit: str = "x"

    @property
    def met(self) -> str:
        """ "ambitious", "must", "missed" or "not measured"."""
        if self.value is None:
            return "not measured"
        sign = 1 if self.better == "higher" else -1
        if sign * self.value >= sign * self.ambitious:
            return "ambitious"
        return "must" if sign * self.value >= sign * self.must else "missed"

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return {**asdict(self), "met": self.met}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much work each benchmark does. The goals are meant for FULL."""

    name: str
    rounds: int
    requests: int
    many: int
    bulk: int
    page: int
    deep: int
    shallow: int
    org: int
    small_org: int
    synced: int
    creates: int
    orgs: int


FULL = Sizes("full", 5, 4000, 50_000, 10_000, 2000, 1_000_000, 10_000, 100_000, 1000, 2000, 50_000, 100)
QUICK = Sizes("quick", 3, 1500, 5000, 4000, 1000, 100_000, 10_000, 3000, 1000, 500, 10_000, 20)
TINY = Sizes("tiny", 1, 20, 30, 200, 20, 200, 100, 20, 10, 5, 400, 3)
"""For the smoke test: that everything runs, not what comes out."""


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table, which is also readable on a terminal."""
    rows = [("#", "what", "measured", "must", "ambitious", "met", "compared")]
    for one in figures:
        sign = ">=" if one.better == "higher" else "<="
        measured = "-" if one.value is None else f"{one.value:.3g} {one.unit}"
        rows.append(
            (
                one.number,
                one.what,
                measured,
                f"{sign} {one.must:g}",
                f"{sign} {one.ambitious:g}",
                one.met,
                one.detail,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True)]
        lines.append(f"| {' | '.join([*cells, row[-1]])} |")
    lines.insert(1, f"|{'|'.join('-' * (width + 2) for width in widths)}|---|")
    return "\n".join(lines)
