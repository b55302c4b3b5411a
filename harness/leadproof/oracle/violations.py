"""What the oracle says when a system does not hold what it must: one violation, its place and its reason.

Every check has a stable id. A new id is added to CHECKS with one line that says what must hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "oracle.link": "Both sides of one person name each other, and no third record.",
        "oracle.delivered": "A person that is due exists on the other side; one that is not due was not created.",
        "oracle.single": "The connector never makes a second record of one person.",
        "oracle.value": "Each mapped field holds what master, overwrite, clears and direction call for.",
        "oracle.changed_back": "A replica's edit that may not enter the master is changed back.",
        "oracle.owner": "The CRM's rules, or the user map, decide the owner; marketing shows the same person.",
        "oracle.consent": "An opt-out on either side is an opt-out on both.",
        "oracle.source": "A blank lead source is filled from the other side; one that is filled stays.",
        "oracle.answers": "Every answer is appended once, in order, with its id; nothing else is touched.",
        "oracle.member": "Each membership of a mapped campaign stands on both sides with the right status.",
        "oracle.deletes": "What happens to the survivor of a delete or a merge is what the policy says.",
        "oracle.account": "Each CRM account stands once in marketing, with the same values.",
        "oracle.opportunity": "Each CRM opportunity stands once in marketing, with the same values.",
        "oracle.report": "Each figure of a report equals its recomputation from the records.",
        "oracle.no_echo": "The connector's own writes do not come back as edits.",
        "oracle.silent": "Once both sides are content, further cycles write nothing.",
    }
)
"""Check id -> what must hold."""


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Where in which system: `system` is crm or marketing; `record` and `field` may be "" (the whole object)."""

    system: str
    object: str
    record: str = ""
    field: str = ""

    def __str__(self) -> str:
        thing = ".".join(part for part in (self.object, self.field) if part)
        return " ".join(part for part in (self.system, thing, self.record) if part)


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is not as it must be at a quiet point (sync-semantics.md).

    `check` is a key of CHECKS. `person` names whom it concerns as people know them (an e-mail address, else an
    id; "" where it concerns nobody). `expected` and `found` are texts; `because` names the rule in words.
    """

    check: str
    person: str
    place: Spot
    expected: str
    found: str
    because: str

    def __post_init__(self) -> None:
        if self.check not in CHECKS:
            raise ValueError(f"{self.check!r} is no check of the oracle; add it to CHECKS.")

    def __str__(self) -> str:
        whom = f" ({self.person})" if self.person else ""
        return f"{self.check}: {self.place}{whom}: expected {self.expected}, found {self.found}: {self.because}"

    @property
    def order(self) -> tuple[str, str, Spot, str, str]:
        """Sorts violations the same way on every run."""
        return (self.check, self.person, self.place, self.expected, self.found)
