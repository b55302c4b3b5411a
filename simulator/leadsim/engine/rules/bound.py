"""The org's rules with their criteria parsed and bound to the fields of the day; made again when either changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadsim.engine.refusals import Refused
from leadsim.engine.settings import AssignmentRule, CriteriaText, PageAction, ScoringRule, ValidationRule
from leadterms.criteria import Criteria, bind, parse_criteria
from leadterms.evaluation import Predicate, predicate
from leadterms.refusals import CriteriaRefused

if TYPE_CHECKING:
    from leadsim.engine.records import Org


def bind_text(org: Org, object: str, written: CriteriaText, where: str) -> Criteria:
    """Criteria as they are written, bound to an object's fields. Raises Refused("invalid") that says `where`."""
    try:
        return bind(parse_criteria(written.written()), org.schema.query_fields(object))
    except CriteriaRefused as refused:
        raise Refused("invalid", f"{where}: {refused.text} {refused.fix}".strip(), code=refused.code) from None


class Bound:
    """Rules by object, each with its bound criteria. Asking for one that can't be bound raises Refused."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._assignment: dict[str, list[tuple[AssignmentRule, Predicate | None]]] = {}
        self._validation: dict[str, list[tuple[ValidationRule, Predicate]]] = {}
        self._scoring: list[tuple[ScoringRule, Predicate | None]] | None = None
        self._qualified: tuple[Predicate | None] | None = None

    def _asked(self, object: str, written: CriteriaText, where: str) -> Predicate:
        return predicate(bind_text(self._org, object, written, where))

    def assignment(self, object: str) -> list[tuple[AssignmentRule, Predicate | None]]:
        """The active assignment rules for an object, in order."""
        rules = self._assignment.get(object)
        if rules is None:
            rules = self._assignment[object] = [
                (
                    rule,
                    None
                    if rule.criteria is None
                    else self._asked(object, rule.criteria, f"assignment rule {rule.name!r}"),
                )
                for rule in self._org.settings.assignment_rules
                if rule.active and (rule.object or "Lead") == object
            ]
        return rules

    def validation(self, object: str) -> list[tuple[ValidationRule, Predicate]]:
        """The active validation rules of an object."""
        rules = self._validation.get(object)
        if rules is None:
            rules = self._validation[object] = [
                (rule, self._asked(object, rule.criteria, f"validation rule {rule.name!r}"))
                for rule in self._org.settings.validation_rules
                if rule.active and rule.object == object
            ]
        return rules

    def scoring(self) -> list[tuple[ScoringRule, Predicate | None]]:
        """The scoring rules; their criteria are about the prospect."""
        if self._scoring is None:
            self._scoring = [
                (
                    rule,
                    None
                    if rule.criteria is None
                    else self._asked("prospect", rule.criteria, f"scoring on {rule.on!r}"),
                )
                for rule in self._org.settings.scoring
            ]
        return self._scoring

    def qualified(self) -> Predicate | None:
        """When a prospect is qualified; None when the org doesn't say."""
        if self._qualified is None:
            written = self._org.settings.qualified_when
            asked = None if written is None else self._asked("prospect", written, "qualified_when")
            self._qualified = (asked,)
        return self._qualified[0]

    def page_actions(self, page: str) -> list[PageAction]:
        """What a visit of a page sets off."""
        return [action for action in self._org.settings.page_actions if action.page == page]
