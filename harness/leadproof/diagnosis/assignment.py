"""C3: which assignment rule gave the lead to somebody else, which should have, and why it did not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.partners import same_name
from leadproof.findings import Evidence, find
from leadproof.systems.organization import AssignmentRule
from leadterms.criteria import Criteria, Ref, Row, bind, evaluate
from leadterms.refusals import CriteriaRefused, Place

if TYPE_CHECKING:
    from leadproof.diagnosis.owners import Search


@dataclass(frozen=True)
class Assignment:
    """The CRM's rules, asked about one record whose owner is not the expected one."""

    search: Search

    @cached_property
    def bound(self) -> list[tuple[AssignmentRule, Criteria]]:
        """The CRM's rules that can be read, bound to the record's fields."""
        described = self.search.case.histories.crm.schema.get("Lead")
        found: list[tuple[AssignmentRule, Criteria]] = []
        if described is None:
            return found
        for rule in self.search.case.histories.rules:
            try:
                found.append((rule, bind(rule.criteria, described.fields)))
            except CriteriaRefused:
                continue
        return found

    @cached_property
    def decided(self) -> tuple[str, str]:
        """Who the rules give the lead to, by user name, and the rule's name ("": no rule)."""
        for rule, criteria in self.bound:
            if rule.active and self._matches(criteria):
                return self.search.name_of(rule.assign.to[0]), rule.name
        return self.search.name_of(self.search.case.histories.default_owner or ""), ""

    def _matches(self, criteria: Criteria) -> bool:
        return self.search.case.agreement.matches(criteria, "crm", self.search.life, self.search.life.born.n)

    def gives(self, rule: AssignmentRule, name: str) -> bool:
        """Whether a rule assigns to this user, alone or in turns."""
        return bool(name) and any(same_name(self.search.name_of(one), name) for one in rule.assign.to)

    def causes(self) -> Iterator[Cause]:
        """Why no rule that assigns to the expected owner took the record, or that there is none."""
        decided = self.decided[1]
        fitting = [(rule, criteria) for rule, criteria in self.bound if self.gives(rule, self.search.expected)]
        for rule, criteria in fitting:
            matches = self._matches(criteria)
            if matches and rule.name == decided and len(rule.assign.to) > 1:
                yield self._in_turns(rule)
            elif matches and not rule.active:
                yield self._rule_cause(
                    "ASG225", rule, f"Rule {rule.name} would give the lead to {self.search.expected} and is not active."
                )
            elif matches:
                text = f"Rule {decided} comes before rule {rule.name}, and takes the lead for {self.search.found}."
                yield self._rule_cause("ASG221", rule, text, decided)
            else:
                failing = [row for row in criteria.rows if not self._row_holds(row)]
                for row in failing:
                    yield from self._kept_at_home(row)
                text = (
                    f"Rule {rule.name} assigns to {self.search.expected} and does not take the lead: "
                    + "; ".join(f"{self._said(row)}" for row in failing)
                    + "."
                )
                yield self._rule_cause("ASG220", rule, text)
        if fitting:
            return
        if decided:
            text = f"Rule {decided} gives the lead to {self.search.found}, and no rule assigns to {self.search.sought}."
            place = self._rule_place(decided)
            yield Cause(find("ASG222", text, places=[place, self.search.case.at("crm", "Lead", decided)]), Proof.PROVED)
        else:
            yield from self.by_default()

    def _in_turns(self, rule: AssignmentRule) -> Cause:
        """The rule that decided assigns to the expected owner too, and it was another one's turn."""
        names = ", ".join(self.search.name_of(one) for one in rule.assign.to)
        text = (
            f"Rule {rule.name} gives its leads to {names} in turns ({rule.assign.kind}), and it was the turn of "
            f"{self.search.found}; {self.search.expected} is expected."
        )
        fix = f"Let rule {rule.name} assign to {self.search.expected} alone, or expect `is: by_rules`."
        return self._rule_cause("ASG222", rule, text, fix=fix)

    def by_default(self) -> Iterator[Cause]:
        """Nobody decided, so the default owner has it."""
        default = self.search.name_of(self.search.case.histories.default_owner or "")
        if not same_name(default, self.search.found) or same_name(default, self.search.expected):
            return
        text = (
            f"No rule takes the lead, so it belongs to the default owner {default}; {self.search.sought} is expected."
        )
        place = self.search.case.in_recipe(self.search.case.org("crm"), "default_owner")
        at = self.search.case.at("crm", "Lead", self.search.life.id, "Owner")
        yield Cause(find("ASG224", text, places=[place, at]), Proof.PROVED)

    def _kept_at_home(self, row: Row) -> Iterator[Cause]:
        """Marketing has a value with which the rule would take the lead, and it did not come along."""
        for mapping in self.search.case.integration.mappings(self.search.life.object):
            if mapping.crm_field != row.field or mapping.marketing_field is None or self.search.partner is None:
                continue
            if self.search.life.at(row.field, self.search.life.born.n) not in (None, "") or mapping.writes_crm:
                continue
            held = self.search.partner.at(mapping.marketing_field, self.search.life.born.n)
            if held in (None, ""):
                continue
            text = (
                f"{mapping.crm_field} <-> {mapping.marketing_field} says direction: {mapping.direction}, so {held} did "
                f"not come to the CRM, and the rule that asks {row.field} does not take the lead."
            )
            at = self.search.case.at("crm", self.search.life.object, self.search.life.id, row.field)
            yield Cause(find("OWN313", text, places=[mapping.place, at]), Proof.PROVED)

    def _rule_cause(self, code: str, rule: AssignmentRule, text: str, other: str = "", fix: str = "") -> Cause:
        at = self.search.case.at("crm", "Lead", other or rule.name)
        places = [self._rule_place(other or rule.name), at, self.search.at]
        rows = [
            Evidence(f"{rule.name}: {' '.join(str(part) for part in (row.field, row.operator, row.value))}")
            for row in rule.criteria.rows
        ]
        return Cause(find(code, text, places=places, evidence=rows, fix=fix), Proof.PROVED)

    def _rule_place(self, name: str) -> Place | None:
        names = [rule.name for rule in self.search.case.histories.rules]
        if name not in names:
            return None
        return self.search.case.in_recipe(self.search.case.org("crm"), "assignment_rules", names.index(name))

    def _row_holds(self, row: Row) -> bool:
        return evaluate(
            Criteria((row,), Ref(1)),
            self.search.case.agreement.values_at("crm", self.search.life, self.search.life.born.n),
        )

    def _said(self, row: Row) -> str:
        held = self.search.life.at(row.field, self.search.life.born.n)
        value = ", ".join(str(one) for one in row.value) if isinstance(row.value, tuple) else row.value
        return (
            f"it asks {row.field} {row.operator} {value}, and {row.field} is {'blank' if held in (None, '') else held}"
        )
