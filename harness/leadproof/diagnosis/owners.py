"""C2 and C3: why somebody else owns the lead: the user map, the assignment rules, the default owner, or who decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.partners import same_name, without_partner_in_crm, without_partner_in_marketing
from leadproof.diagnosis.subject import lives, people_of, side_of
from leadproof.findings import At, Evidence, find
from leadproof.oracle.timelines import Life
from leadproof.scenario.checks.owners import MAPPED, CheckOwner
from leadproof.systems.organization import AssignmentRule, User
from leadterms.criteria import Criteria, Ref, Row, bind, evaluate
from leadterms.refusals import CriteriaRefused, Place

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

    @property
    def names(self) -> list[str]:
        """The expected owner, and the rules that assign to it."""
        rules = [rule.name for rule in self.case.histories.rules if self._gives(rule, self.expected)]
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
        default = self._name(self.case.histories.default_owner or "")
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
            if self.wanted == "by_rules" or (self.expected and same_name(self.by_rules[0], self.expected)):
                yield self._decided_elsewhere("crm_rules")
            yield from self._by_map()
            yield from without_partner_in_crm(self)
            yield from self._by_default()
        else:
            if self.wanted == MAPPED or same_name(self.mapped(self.marketing_owner), self.expected):
                yield self._decided_elsewhere("marketing")
            yield from self._by_rule()

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

    # --- rules -------------------------------------------------------------------------------------------------

    @cached_property
    def bound(self) -> list[tuple[AssignmentRule, Criteria]]:
        """The CRM's rules that can be read, bound to the record's fields."""
        described = self.case.histories.crm.schema.get("Lead")
        found: list[tuple[AssignmentRule, Criteria]] = []
        if described is None:
            return found
        for rule in self.case.histories.rules:
            try:
                found.append((rule, bind(rule.criteria, described.fields)))
            except CriteriaRefused:
                continue
        return found

    @cached_property
    def by_rules(self) -> tuple[str, str]:
        """Who the rules give the lead to, by user name, and the rule's name ("": no rule)."""
        for rule, criteria in self.bound:
            if rule.active and self._matches(criteria):
                return self._name(rule.assign.to[0]), rule.name
        return self._name(self.case.histories.default_owner or ""), ""

    def _matches(self, criteria: Criteria) -> bool:
        return self.case.agreement.matches(criteria, "crm", self.life, self.life.born.n)

    def _name(self, id: str) -> str:
        return self.users[id].user_name if id in self.users else id

    def _gives(self, rule: AssignmentRule, name: str) -> bool:
        return bool(name) and any(same_name(self._name(one), name) for one in rule.assign.to)

    def _by_rule(self) -> Iterator[Cause]:
        decided = self.by_rules[1]
        fitting = [(rule, criteria) for rule, criteria in self.bound if self._gives(rule, self.expected)]
        for rule, criteria in fitting:
            matches = self._matches(criteria)
            if matches and rule.name == decided and len(rule.assign.to) > 1:
                yield self._in_turns(rule)
            elif matches and not rule.active:
                yield self._rule_cause(
                    "ASG225", rule, f"Rule {rule.name} would give the lead to {self.expected} and is not active."
                )
            elif matches:
                text = f"Rule {decided} comes before rule {rule.name}, and takes the lead for {self.found}."
                yield self._rule_cause("ASG221", rule, text, decided)
            else:
                failing = [row for row in criteria.rows if not self._row_holds(row)]
                for row in failing:
                    yield from self._kept_at_home(row)
                text = (
                    f"Rule {rule.name} assigns to {self.expected} and does not take the lead: "
                    + "; ".join(f"{self._said(row)}" for row in failing)
                    + "."
                )
                yield self._rule_cause("ASG220", rule, text)
        if fitting:
            return
        if decided:
            text = f"Rule {decided} gives the lead to {self.found}, and no rule assigns to {self.sought}."
            place = self._rule_place(decided)
            yield Cause(find("ASG222", text, places=[place, self.case.at("crm", "Lead", decided)]), Proof.PROVED)
        else:
            yield from self._by_default()

    def _in_turns(self, rule: AssignmentRule) -> Cause:
        """The rule that decided assigns to the expected owner too, and it was another one's turn."""
        names = ", ".join(self._name(one) for one in rule.assign.to)
        text = (
            f"Rule {rule.name} gives its leads to {names} in turns ({rule.assign.kind}), and it was the turn of "
            f"{self.found}; {self.expected} is expected."
        )
        fix = f"Let rule {rule.name} assign to {self.expected} alone, or expect `is: by_rules`."
        return self._rule_cause("ASG222", rule, text, fix=fix)

    def _by_default(self) -> Iterator[Cause]:
        default = self._name(self.case.histories.default_owner or "")
        if not same_name(default, self.found) or same_name(default, self.expected):
            return
        text = f"No rule takes the lead, so it belongs to the default owner {default}; {self.sought} is expected."
        place = self.case.in_recipe(self.case.org("crm"), "default_owner")
        at = self.case.at("crm", "Lead", self.life.id, OWNER["crm"])
        yield Cause(find("ASG224", text, places=[place, at]), Proof.PROVED)

    @property
    def sought(self) -> str:
        return self.expected or self.wanted

    def _kept_at_home(self, row: Row) -> Iterator[Cause]:
        """Marketing has a value with which the rule would take the lead, and it did not come along."""
        for mapping in self.case.integration.mappings(self.life.object):
            if mapping.crm_field != row.field or mapping.marketing_field is None or self.partner is None:
                continue
            if self.life.at(row.field, self.life.born.n) not in (None, "") or mapping.writes_crm:
                continue
            held = self.partner.at(mapping.marketing_field, self.life.born.n)
            if held in (None, ""):
                continue
            text = (
                f"{mapping.crm_field} <-> {mapping.marketing_field} says direction: {mapping.direction}, so {held} did "
                f"not come to the CRM, and the rule that asks {row.field} does not take the lead."
            )
            at = self.case.at("crm", self.life.object, self.life.id, row.field)
            yield Cause(find("OWN313", text, places=[mapping.place, at]), Proof.PROVED)

    def _rule_cause(self, code: str, rule: AssignmentRule, text: str, other: str = "", fix: str = "") -> Cause:
        at = self.case.at("crm", "Lead", other or rule.name)
        places = [self._rule_place(other or rule.name), at, self.at]
        rows = [
            Evidence(f"{rule.name}: {' '.join(str(part) for part in (row.field, row.operator, row.value))}")
            for row in rule.criteria.rows
        ]
        return Cause(find(code, text, places=places, evidence=rows, fix=fix), Proof.PROVED)

    def _rule_place(self, name: str) -> Place | None:
        names = [rule.name for rule in self.case.histories.rules]
        if name not in names:
            return None
        return self.case.in_recipe(self.case.org("crm"), "assignment_rules", names.index(name))

    def _row_holds(self, row: Row) -> bool:
        return evaluate(Criteria((row,), Ref(1)), self.case.agreement.values_at("crm", self.life, self.life.born.n))

    def _said(self, row: Row) -> str:
        held = self.life.at(row.field, self.life.born.n)
        value = ", ".join(str(one) for one in row.value) if isinstance(row.value, tuple) else row.value
        return (
            f"it asks {row.field} {row.operator} {value}, and {row.field} is {'blank' if held in (None, '') else held}"
        )

    @property
    def at(self) -> At:
        return self.case.at(self.side, self.life.object, self.life.id, OWNER[self.side])
