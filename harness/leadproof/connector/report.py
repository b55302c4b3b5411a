"""What a cycle did: its writes, its decisions, what it found and what it set aside."""

from __future__ import annotations

from dataclasses import dataclass, field

from leadproof.connector.set_aside import Aside
from leadproof.connector.value_table import Side
from leadproof.findings import Finding
from leadterms.values import Plain


@dataclass(frozen=True, slots=True)
class Decision:
    """One decided mapping of one record that led to a write, or one match, creation, delete.

    `because`: the value table's row, or the rule by its name. `target`: the side that was written.
    """

    kind: str
    crm_id: str
    marketing_id: str
    mapping: str
    because: str
    target: Side | None
    before: Plain = None
    after: Plain = None


@dataclass(slots=True)
class CycleReport:
    """`writes_*` count rows that a system was asked to write, refused ones included. `stopped` is why the cycle
    ended early; what it had not done is done by the next one."""

    number: int
    writes_crm: int = 0
    writes_marketing: int = 0
    decisions: list[Decision] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    set_aside: list[Aside] = field(default_factory=list)
    stopped: Finding | None = None
    _told: set[tuple[str, str]] = field(default_factory=set, repr=False)

    @property
    def silent(self) -> bool:
        """Nothing was written and nothing stopped it."""
        return not self.writes_crm and not self.writes_marketing and self.stopped is None

    def count(self, side: Side, rows: int) -> None:
        if side == "crm":
            self.writes_crm += rows
        else:
            self.writes_marketing += rows

    def add(self, finding: Finding) -> None:
        """Each finding once a cycle."""
        told = (finding.code, finding.cause)
        if told not in self._told:
            self._told.add(told)
            self.findings.append(finding)
