"""C2 and C3: why somebody else owns the lead: the user map, the assignment rules, the default owner, or who decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from leadproof.diagnosis.assignment import Assignment
from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.partners import same_name, without_partner_in_crm, without_partner_in_marketing
from leadproof.diagnosis.subject import lives, people_of, side_of
from leadproof.findings import At, find
from leadproof.oracle.timelines import Life
from leadproof.scenario.checks.owners import MAPPED, CheckOwner
from leadproof.systems.organization import User

OWNER = {"crm": "Owner", "marketing": "owner"}


def look_at_owners(case: Case) -> Iterator[Cause]:
    """The causes of a wrong owner; what the doctor says of users and rules, where it concerns the check."""
    if isinstance(case.step, CheckOwner):
        for person in people_of(case):
            for life in lives(case, side_of(case), person):
                search = Search(case, side_of(case), life, case.step.is_)
                orphan = search.orphaned
                yield from _seen(case, [*search.names, *(search.others if orphan else [])], search.others)
                if not any(one.check == "oracle.owner" for one in case.violations):
                    yield from search.causes()
        return
    owned = [one for one in case.violations if one.check == "oracle.owner"]
    yield from _seen(case, [], [one.expected for one in owned] + [one.found for one in owned])


def _seen(case: Case, names: Sequence[str], others: Sequence[str]) -> Iterator[Cause]:
    """The doctor's findings about users and rules: those that name the expected owner, or a rule that gives it, are
    proved; those about others whom the record concerns may fit."""
    for finding in case.seen:
        if not finding.code.startswith(("USR", "ASG")):
            continue
        said = f"{finding.cause} {finding.places}".casefold()
        if any(name and name.casefold() in said for name in names):
            yield Cause(finding, Proof.PROVED if finding.level == "error" else Proof.FITTING)
        elif any(name and name.casefold() in said for name in others):
            yield Cause(finding, Proof.FITTING)
        elif finding.level == "error":
            yield Cause(finding, Proof.NEAR)


@dataclass(frozen=True)
class Search:
    """One record whose owner is not the expected one."""

    case: Case
    side: str
    life: Life
    wanted: str

    @cached_property
    def users(self) -> dict[str, User]:
        """The CRM's users by id."""
        return {one.id: one for one in self.case.histories.crm.users}

    @cached_property
    def found(self) -> str:
        """The user name of the owner that the record has."""
        held = str(self.life.values.get(OWNER[self.side]) or "")
        users = self.users if self.side == "crm" else {one.id: one for one in self.case.histories.marketing.users}
        return users[held].user_name if held in users else held

    @cached_property
    def partner(self) -> Life | None:
        """The record on the other side."""
        link = self.case.link_of(self.side, self.life)
        return link.begin("marketing" if self.side == "crm" else "crm") if link is not None else None

    @cached_property
    def marketing_owner(self) -> str:
        """Who owned the person in marketing when it was delivered, by user name; "" where nobody did."""
        prospect = self.life if self.side == "marketing" else self.partner
        if prospect is None:
            return ""
        born = self.life.born.n if self.side == "crm" else 2**62
        held = str(prospect.at("owner", born) or "")
        users = {one.id: one.user_name for one in self.case.histories.marketing.users}
        return users.get(held, held)

    @cached_property
    def expected(self) -> str:
        """The user name that the check wants; "" where the check works it out by the rules."""
        if self.wanted == MAPPED:
            return self.mapped(self.marketing_owner)
        return "" if self.wanted in ("by_rules", "nobody") else self.wanted

    @cached_property
    def rules(self) -> Assignment:
        """The CRM's assignment rules, asked about this record."""
        return Assignment(self)

    @property
    def names(self) -> list[str]:
        """The expected owner, and the rules that assign to it."""
        rules = [rule.name for rule in self.case.histories.rules if self.rules.gives(rule, self.expected)]
        return [one for one in [self.expected, *rules] if one]

    @property
    def others(self) -> list[str]:
        """Everybody else whom the record concerns."""
        return [one for one in [self.found, self.marketing_owner, self.mapped(self.marketing_owner)] if one]

    @property
    def orphaned(self) -> bool:
        """Marketing's owner decides and has no partner, while the expected owner is nobody's: a pair is wrong."""
        if self.case.integration.people.assign_by != "marketing" or not self.marketing_owner:
            return False
        partners = [one.strip().casefold() for one in self.case.integration.users.map.values()]
        default = self.name_of(self.case.histories.default_owner or "")
        return self.expected.strip().casefold() not in partners and same_name(default, self.found)

    def mapped(self, name: str) -> str:
        """The CRM's user name for marketing's."""
        pairs = {here.strip().casefold(): there for here, there in self.case.integration.users.map.items()}
        return pairs.get(name.strip().casefold(), name)

    # --- causes ------------------------------------------------------------------------------------------------

    def causes(self) -> Iterator[Cause]:
        """Who decided, and why it was not the expected one."""
        if self.side == "marketing":
            yield from self._by_map()
            yield from without_partner_in_marketing(self)
            return
        if self.life.object != "Lead":
            yield from self._no_lead()
            return
        by_marketing = self.case.integration.people.assign_by == "marketing" and bool(self.marketing_owner)
        if by_marketing:
            if self.wanted == "by_rules" or (self.expected and same_name(self.rules.decided[0], self.expected)):
                yield self._decided_elsewhere("crm_rules")
            yield from self._by_map()
            yield from without_partner_in_crm(self)
            yield from self.rules.by_default()
        else:
            if self.wanted == MAPPED or same_name(self.mapped(self.marketing_owner), self.expected):
                yield self._decided_elsewhere("marketing")
            yield from self.rules.causes()

    def _no_lead(self) -> Iterator[Cause]:
        """Assignment rules run on leads; what was created as a contact got no owner by them."""
        people = self.case.integration.people
        link = self.case.link_of(self.side, self.life)
        if link is None or link.crm is not self.life or link.made != "crm":
            return
        made = f"{self.life.id} was created as a {self.life.object}"
        text = f"deliver_as is {people.deliver_as}: {made}, and rules run on leads."
        place = self.case.integration.place("people", "deliver_as")
        yield Cause(find("OWN323", text, places=[place, self.at]), Proof.PROVED)

    def _decided_elsewhere(self, other: str) -> Cause:
        people = self.case.integration.people
        text = (
            f"assign_by is {people.assign_by}, so {self.life.object} {self.life.id} belongs to {self.found}; with "
            f"assign_by: {other} it would be {self.expected or 'the owner that the rules give'}."
        )
        place = self.case.integration.place("people", "assign_by")
        fix = f"Write `assign_by: {other}`, or correct what the scenario expects."
        return Cause(find("ASG223", text, places=[place, self.at], fix=fix), Proof.PROVED)

    def _by_map(self) -> Iterator[Cause]:
        pairs = self.case.integration.users.map
        crm_owner = self.found if self.side == "crm" else self.crm_owner
        shown = self.marketing_owner if self.side == "crm" else self.found
        for here, there in pairs.items():
            if not (same_name(there, crm_owner) and same_name(here, shown)):
                continue
            text = f"users.map pairs {here} with {there}; the check expects {self.expected or self.wanted}."
            place = self.case.integration.place("users", "map", here)
            yield Cause(find("USR110", text, places=[place, self.at]), Proof.PROVED)

    @property
    def crm_owner(self) -> str:
        link = self.case.link_of("marketing", self.life)
        held = str(link.crm_end.values.get("Owner") or "") if link is not None else ""
        return self.users[held].user_name if held in self.users else held

    # --- words -------------------------------------------------------------------------------------------------

    def name_of(self, id: str) -> str:
        """The user name of a user of the CRM's."""
        return self.users[id].user_name if id in self.users else id

    @property
    def sought(self) -> str:
        """The expected owner, or the word that the check says instead."""
        return self.expected or self.wanted

    @property
    def at(self) -> At:
        """The owner of the record, as a place."""
        return self.case.at(self.side, self.life.object, self.life.id, OWNER[self.side])
