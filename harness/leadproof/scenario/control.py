"""What a scenario needs of the sandbox's control API, over `leadproof.lab.Lab`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leadproof.lab import Lab
from leadproof.oracle.translation import RuleBook
from leadproof.systems.native.answers import as_rule

Fact = dict[str, Any]


class Control:
    """The clock, the faults, the settings of orgs and the journal of one sandbox."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def position(self) -> int:
        """The number of the journal's newest fact."""
        return self._lab.last_fact()

    def facts(self, *, after: int = 0, org: str | None = None, kinds: Iterable[str] | None = None) -> list[Fact]:
        """The facts after number `after`, in order; of one org and of some kinds, if said."""
        wanted = list(kinds) if kinds is not None else None
        if wanted is not None and len(wanted) == 1:
            one: Any = wanted[0]
            return [dict(fact) for fact in self._lab.journal(kind=one, org=org, after=after)]
        facts = self._lab.journal(org=org, after=after)
        return [dict(fact) for fact in facts if wanted is None or fact["kind"] in wanted]

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
        self._lab.set_org(org, patch)

    def add_fault(self, fault: Mapping[str, Any]) -> None:
        self._lab.add_fault(fault)

    def clear_faults(self) -> None:
        self._lab.clear_faults()

    def advance(self, seconds: int) -> None:
        """Move the virtual clock forward."""
        self._lab.advance(seconds)

    def now(self) -> str:
        """The virtual time, ISO, UTC."""
        return self._lab.clock().now.isoformat().replace("+00:00", "Z")
