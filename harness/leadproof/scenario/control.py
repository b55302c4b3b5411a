"""What a scenario needs of the sandbox's control API, over `leadproof.lab.Lab`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from leadproof.lab import Lab
from leadproof.oracle.translation import RuleBook
from leadproof.systems.native.answers import as_rule

Fact = Mapping[str, Any]


class Control:
    """The clock, the faults, the settings of orgs and the journal of one sandbox."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._read: list[Fact] = []
        self._lagging: bool | None = None

    def position(self) -> int:
        """The number of the journal's newest fact."""
        return self._lab.last_fact()

    def facts(self, *, after: int = 0, org: str | None = None, kinds: Iterable[str] | None = None) -> list[Fact]:
        """The facts after number `after`, in order; of one org and of some kinds, if said. They belong to the journal:
        nobody changes one."""
        # Facts are only ever added, and every check reads from the first one: each travels once.
        self._read.extend(self._lab.journal(after=int(self._read[-1]["n"]) if self._read else 0))
        wanted = frozenset(kinds) if kinds is not None else None
        first = bisect_right(self._read, after, key=lambda fact: int(fact["n"]))
        return [
            fact
            for fact in islice(self._read, first, None)
            if (wanted is None or fact["kind"] in wanted) and (org is None or fact["org"] == org)
        ]

    def verify(self) -> list[str]:
        """What is wrong with the journal's order: a number that is missing, doubled or smaller than its forerunner."""
        problems, last = [], 0
        for fact in self._lab.journal():
            number = int(fact["n"])
            if number != last + 1:
                problems.append(f"fact {number} follows fact {last}")
            last = number
        return problems

    def allowlist(self, org: str) -> list[str]:
        """The networks that the org answers now; none for an org that there is not."""
        return next((list(one["allowlist"]) for one in self._lab.orgs() if one["name"] == org), [])

    def rule_book(self, org: str) -> RuleBook:
        """The org's assignment rules and default owner, in the engine's ids."""
        told = self._lab.rules(org)
        return RuleBook(tuple(as_rule(one) for one in told["assignment_rules"]), told["default_owner"])

    def settings(self, org: str, patch: Mapping[str, Any]) -> None:
        """Change an org's settings."""
        self._lagging = None
        self._lab.set_org(org, patch)

    def add_fault(self, fault: Mapping[str, Any]) -> None:
        self._lab.add_fault(fault)

    def clear_faults(self) -> None:
        self._lab.clear_faults()

    def advance(self, seconds: int) -> None:
        """Move the virtual clock forward."""
        self._lab.advance(seconds)

    def wait_for_reads(self, orgs: Iterable[str]) -> bool:
        """As `Lab.wait_for_reads`."""
        if self._lagging is None:  # asked after every cycle, and told by settings that only `settings` changes
            self._lagging = any(int(one["reads_lag_seconds"]) for one in self._lab.orgs())
        return self._lagging and self._lab.wait_for_reads(orgs)

    def now(self) -> str:
        """The virtual time, ISO, UTC."""
        return self._lab.clock().now.isoformat().replace("+00:00", "Z")
