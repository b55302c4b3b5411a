"""What the oracle reads: the histories of both systems, and where the connector's cycles began.

`Histories.read` makes them of journal facts and of what the two ports say about users, rules and fields. An
*outside* change is every change that the connector's user did not make.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from leadproof.names import Renaming
from leadproof.oracle.doubts import Doubts, Names, all_refused, writes
from leadproof.oracle.standing import Cycle, SideName
from leadproof.oracle.timelines import Fact, Timelines
from leadproof.oracle.translation import RuleBook, schema_in, users_in

if TYPE_CHECKING:
    from leadproof.systems.campaigns import Campaign
    from leadproof.systems.organization import AssignmentRule, User
    from leadproof.systems.ports import Crm, Marketing
    from leadterms.fields import Schema

FOREVER = 2**62
"""Later than every fact."""


@dataclass(frozen=True, slots=True)
class CycleSpan:
    """One cycle of the connector: it saw the facts up to `start`; its own come after, up to `end`. Whether it could
    decide everything is no word of the connector's: doubts.py reads it in the journal."""

    start: int
    end: int = FOREVER


@dataclass(frozen=True, slots=True)
class Assignment:
    """One decision of the CRM to run its assignment rules on a new record, in journal order."""

    n: int
    object: str
    id: str


@dataclass(frozen=True, slots=True)
class SystemHistory:
    """One org: its records' lives, and what does not stand in records."""

    side: SideName
    org: str
    schema: Schema
    lives: Timelines
    users: tuple[User, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request by which the connector tried to write; `n` is its exchange's place in the journal. `refused`:
    the system took nothing of it."""

    n: int
    side: SideName
    method: str
    path: str
    refused: bool = False


@dataclass(frozen=True)
class Histories:
    """Both orgs' histories over one journal. `cycles`: None where boundaries cannot be seen."""

    crm: SystemHistory
    marketing: SystemHistory
    cycles: tuple[CycleSpan, ...] | None
    rules: tuple[AssignmentRule, ...] = ()
    default_owner: str | None = None
    connector_user: str = ""
    assignments: tuple[Assignment, ...] | None = None
    attempts: tuple[Attempt, ...] = ()
    outside: tuple[int, ...] = ()
    doubts: Doubts = field(default_factory=Doubts)

    @cached_property
    def starts(self) -> list[int]:
        """Where the cycles began."""
        return [span.start for span in self.cycles or ()]

    def of(self, side: SideName) -> SystemHistory:
        """One side's history."""
        return self.crm if side == "crm" else self.marketing

    def cycle_between(self, first: int, last: int, whom: Names) -> Cycle | None:
        """What cycles began once fact `first` had happened and before fact `last` did: decisions of one row in one
        gap between its edits are as good as one. `whom`: the names of the row's records. Hidden boundaries: perhaps
        one."""
        if first >= last:
            return None
        if self.cycles is None:
            return Cycle(certain=False)
        begin, end = bisect_left(self.starts, first), bisect_left(self.starts, last)
        if begin == end:
            return None
        return Cycle(certain=any(self.doubts.decided(place, whom) for place in range(begin, end)))

    def decided(self, span: CycleSpan, whom: Names) -> bool:
        """Whether this cycle surely decided the rows of the records with these names."""
        return self.doubts.decided(bisect_left(self.starts, span.start), whom)

    def cycle_of(self, n: int) -> CycleSpan | None:
        """The cycle in which the connector wrote fact `n`; None where boundaries are hidden."""
        if self.cycles is None:
            return None
        place = bisect_left(self.starts, n) - 1
        return self.cycles[place] if place >= 0 else None

    @classmethod
    def read(
        cls,
        facts: Sequence[Fact],
        crm: Crm,
        marketing: Marketing,
        *,
        cycles: Sequence[CycleSpan | int] | None,
        own: Callable[[Fact], bool] | None = None,
        actor: str = "connector",
        crm_names: Renaming | None = None,
        marketing_names: Renaming | None = None,
        rules: RuleBook | None = None,
    ) -> Histories:
        """Take the journal's facts (all kinds, in order) and ask both ports for fields, users and rules.

        `cycles`: where each cycle began, as the number of the last fact before it, or spans; None if hidden.
        `own`: whether the connector itself caused a fact; by default those of `actor`. With several connectors
        on one org, pass spans with `end`: what lies outside them is not this connector's. `crm_names`,
        `marketing_names`: from the systems' names to the journal's; `rules`: for a CRM that tells them nobody."""
        by_actor = own or (lambda fact: fact.get("actor") == actor)
        in_crm, in_marketing = crm_names or Renaming(), marketing_names or Renaming()
        seen, left = System.read(crm, in_crm)
        told = RuleBook(tuple(crm.assignment_rules()), crm.default_owner()) if rules is None else rules
        return make(
            facts,
            crm=left,
            marketing=System.read(marketing, in_marketing)[1],
            cycles=cycles,
            own=by_actor,
            rules=told.rules,
            default_owner=told.default_owner,
            connector_user=_user_of(facts, crm.name, by_actor) or in_crm.user(seen),
        )


@dataclass(frozen=True, slots=True)
class System:
    """What a system tells beyond its facts: its fields, users (queues too), campaigns and time zone."""

    org: str
    schema: Schema
    users: Iterable[User] = ()
    campaigns: Iterable[Campaign] = ()
    time_zone: str = "UTC"

    @classmethod
    def read(cls, system: Crm | Marketing, names: Renaming) -> tuple[str, System]:
        """Ask a system; answers who we are to it, too."""
        seen = system.connect()
        schema, users = schema_in(system.describe(), names), users_in(system.users(), names)
        return seen.user, cls(system.name, schema, users, system.campaigns(), seen.time_zone)


def _user_of(facts: Sequence[Fact], org: str, own: Callable[[Fact], bool]) -> str:
    """The user by whom the connector wrote to an org; "" when it never did."""
    users = (fact.get("user") for fact in facts if fact["org"] == org and fact["kind"] == "change" and own(fact))
    return str(next(users, "") or "")


def make(
    facts: Sequence[Fact],
    *,
    crm: System,
    marketing: System,
    cycles: Sequence[CycleSpan | int] | None,
    own: Callable[[Fact], bool],
    rules: Sequence[AssignmentRule] = (),
    default_owner: str | None = None,
    connector_user: str = "",
) -> Histories:
    """Histories from facts alone, when the rest is already known."""
    spans = _spans(cycles)
    inside = _inside(spans)
    lives = {crm.org: Timelines(), marketing.org: Timelines()}
    sides: dict[str, SideName] = {crm.org: "crm", marketing.org: "marketing"}
    outside: list[int] = []
    assignments: list[Assignment] = []
    attempts: list[Attempt] = []
    decided = False
    for fact in facts:
        org = str(fact["org"])
        if org not in lives:
            continue
        n, kind = int(fact["n"]), fact["kind"]
        mine = own(fact) and inside(n)
        if kind == "change":
            lives[org].add(fact, own=mine)
            if not mine:
                outside.append(n)
        elif kind == "exchange" and mine and writes(fact):
            attempts.append(Attempt(n, sides[org], str(fact["method"]), str(fact["path"]), all_refused(fact)))
        elif kind == "decision" and org == crm.org and fact.get("what") == "assignment":
            decided = True
            assignments.append(Assignment(n, str(fact["object"]), str(fact["id"])))
    return Histories(
        crm=_history("crm", crm, lives[crm.org]),
        marketing=_history("marketing", marketing, lives[marketing.org]),
        cycles=spans,
        rules=tuple(rules),
        default_owner=default_owner,
        connector_user=connector_user,
        assignments=tuple(assignments) if decided else None,
        attempts=tuple(attempts),
        outside=tuple(outside),
        doubts=Doubts.read(facts, [(span.start, span.end) for span in spans or ()], own, sides),
    )


def _history(side: SideName, system: System, lives: Timelines) -> SystemHistory:
    return SystemHistory(
        side,
        system.org,
        system.schema,
        lives,
        tuple(system.users),
        tuple(system.campaigns),
        system.time_zone,
    )


def _inside(spans: tuple[CycleSpan, ...] | None) -> Callable[[int], bool]:
    """Whether a fact lies in a cycle; without ends every fact does."""
    if spans is None or all(span.end == FOREVER for span in spans):
        return lambda n: True
    starts = [span.start for span in spans]

    def inside(n: int) -> bool:
        place = bisect_right(starts, n - 1) - 1
        return place >= 0 and n <= spans[place].end

    return inside


def _spans(cycles: Sequence[CycleSpan | int] | None) -> tuple[CycleSpan, ...] | None:
    if cycles is None:
        return None
    spans = (one if isinstance(one, CycleSpan) else CycleSpan(one) for one in cycles)
    return tuple(sorted(spans, key=lambda one: one.start))
