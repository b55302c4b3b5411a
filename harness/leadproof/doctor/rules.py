"""C3: assignment rules that no lead can match, that are shadowed, that overlap, or that assign to nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from leadproof.doctor.assignment import Analysis, Overlap, Rule, Shadowed, Unmatchable, analyse
from leadproof.doctor.assignment.analysis import NO_WITNESS
from leadproof.findings import At, Evidence, Finding, find
from leadproof.oracle.translation import RuleBook
from leadproof.systems.organization import AssignmentRule, User
from leadproof.systems.ports import Crm
from leadterms.criteria import Criteria, Row, bind
from leadterms.fields import FieldSpec
from leadterms.logic import And, Logic, Not, Or, Ref
from leadterms.refusals import CriteriaRefused
from leadterms.typetable import blank
from leadterms.values import Value, plain

SIMPLE_ENOUGH = 6
"""Complexity of a rule above which nobody sees at a glance whom it takes."""


def look_at_rules(
    crm: Crm, object: str, book: RuleBook | None, *, partnered: Collection[str] | None = None
) -> list[Finding]:
    """The findings about the CRM's assignment rules, in the rules' order. `book` None: nobody tells them. `partnered`:
    the ids of the CRM's users who have a partner in marketing, where that is known."""
    if book is None:
        cause = f"The API of {crm.name} does not tell its assignment rules, so nothing is known of them."
        return [find("ASG210", cause, places=[At("crm", crm.name, object)])]
    schema = crm.describe()
    if object not in schema:
        return []  # the integration's mistake, told as REF707
    specs = schema[object].fields
    users = crm.users()
    rules = [rule for rule in book.rules if rule.active]
    bound, unreadable = _bound(rules, specs)
    places = [At("crm", crm.name, object, rule.name) for rule in rules]
    analysis = analyse(bound, specs)
    found = [
        find("ASG209", f"Rule {rules[number].name} cannot be read: {why}", places=[places[number]])
        for number, why in unreadable.items()
    ]
    found += _told(analysis, rules, bound, places)
    for rule, at in zip(rules, places, strict=True):
        found += _assignees(rule, users, partnered, at)
        found += _complicated(rule, at)
    return found + _nobody(crm.name, book.default_owner, users, rules, analysis)


def complexity(criteria: Criteria) -> tuple[int, str]:
    """A rule's score and what it counts: conditions, two for each level of logic below the first, one for each NOT."""
    depth, negations = _shape(criteria.logic)
    parts = [_counted(len(criteria.rows), "condition")]
    if depth > 1:
        parts.append(f"logic nested {depth} deep")
    if negations:
        parts.append(_counted(negations, "NOT"))
    return len(criteria.rows) + 2 * max(depth - 1, 0) + negations, ", ".join(parts)


def written(row: Row) -> str:
    """A condition as people write it."""
    if row.operator in ("is_blank", "not_blank"):
        return f"{row.field} {'is blank' if row.operator == 'is_blank' else 'is not blank'}"
    if row.operator in ("in", "not_in") and isinstance(row.value, tuple):
        listed = ", ".join(_shown(one) for one in row.value)
        return f"{row.field} {'in' if row.operator == 'in' else 'not in'} ({listed})"
    return f"{row.field} {row.operator.replace('_', ' ')} {_shown(row.value)}"  # type: ignore[arg-type]


def described(lead: Mapping[str, Value]) -> str:
    """The values that make a lead what it is."""
    return ", ".join(f"{field} = {_shown(value)}" for field, value in lead.items()) or "any values"


def _shown(value: Value) -> str:
    if blank(value):
        return "blank"
    told = plain(value)
    if isinstance(told, bool):
        return "true" if told else "false"
    return ";".join(told) if isinstance(told, list) else str(told)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _bound(rules: Sequence[AssignmentRule], specs: Mapping[str, FieldSpec]) -> tuple[list[Rule], dict[int, str]]:
    """The rules with typed values, and why some cannot be read."""
    bound, unreadable = [], {}
    for number, rule in enumerate(rules):
        to = (rule.assign.kind, *rule.assign.to)
        try:
            bound.append(Rule(rule.name, bind(rule.criteria, specs), to))
        except CriteriaRefused as refused:
            unreadable[number] = f"{refused.text} {refused.fix}".strip()
            bound.append(Rule(rule.name, None, to))
    return bound, unreadable


def _told(
    analysis: Analysis, rules: Sequence[AssignmentRule], bound: Sequence[Rule], places: Sequence[At]
) -> list[Finding]:
    """What the analysis proved, as findings in the rules' order."""
    found: list[tuple[int, Finding]] = []
    found += [(one.rule, _unmatchable(one, rules, bound, places)) for one in analysis.unmatchable]
    found += [(one.rule, _shadowed(one, rules, bound, places)) for one in analysis.shadowed]
    found += [(one.first, _overlap(one, rules, bound, places)) for one in analysis.overlaps]
    for left in analysis.unproven:
        if left.why != NO_WITNESS and (left.rule is None or bound[left.rule].criteria is not None):
            of = "the rules" if left.rule is None else f"rule {rules[left.rule].name}"
            at = places[left.rule] if left.rule is not None else places[0]
            cause = f"Not proven of {of}: {left.question}; {left.why}."
            found.append((len(rules) if left.rule is None else left.rule, find("ASG209", cause, places=[at])))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _unmatchable(
    dead: Unmatchable, rules: Sequence[AssignmentRule], bound: Sequence[Rule], places: Sequence[At]
) -> Finding:
    criteria = bound[dead.rule].criteria
    assert criteria is not None
    rows = [criteria.rows[row] for row in dead.rows]
    if len(rows) == 1:
        why = f"{written(rows[0])} is true of no lead, because the field never holds that"
    else:
        why = f"{_listed([written(row) for row in rows], len(rows))} cannot all be true of one lead"
        why = why.replace("all be", "be") if len(rows) == 2 else why
    evidence = [Evidence(f"row {row + 1}: {written(criteria.rows[row])}") for row in dead.rows]
    return find(
        "ASG201",
        f"Rule {rules[dead.rule].name} can match no lead: {why}.",
        places=[places[dead.rule]],
        evidence=evidence,
        fix="" if len(rows) > 1 else f"Correct the value of {rows[0].field} in the rule.",
        breaks="Leads that go to later rules now, or to the default owner, will go to this rule's people.",
    )


def _shadowed(
    shadow: Shadowed, rules: Sequence[AssignmentRule], bound: Sequence[Rule], places: Sequence[At]
) -> Finding:
    names = [rules[one].name for one in shadow.by]
    one_alone = len(names) == 1
    come = f"Rule{'' if one_alone else 's'} {_listed(names)} {'comes' if one_alone else 'come'} before"
    takes = "takes" if one_alone else "together take"
    name = rules[shadow.rule].name
    return find(
        "ASG202",
        f"{come} rule {name} and {takes} all its leads.",
        places=[places[shadow.rule], *(places[one] for one in shadow.by)],
        evidence=[Evidence(f"{rules[one].name}: {_conditions(bound[one])}") for one in (*shadow.by, shadow.rule)],
        breaks=f"Leads that {_listed(names)} {'gets' if one_alone else 'get'} now will go to {name}'s people.",
    )


def _overlap(one: Overlap, rules: Sequence[AssignmentRule], bound: Sequence[Rule], places: Sequence[At]) -> Finding:
    first, second = rules[one.first], rules[one.second]
    also = f"; it also overlaps with {_listed([rules[other].name for other in one.also])}" if one.also else ""
    cause = (
        f"Rules {first.name} and {second.name} both want a lead with {described(one.lead)}, "
        f"and {first.name} gets it because it comes first{also}."
    )
    evidence = [Evidence(f"{rules[other].name}: {_conditions(bound[other])}") for other in (one.first, one.second)]
    return find("ASG204", cause, places=[places[one.first], places[one.second]], evidence=evidence)


def _conditions(rule: Rule) -> str:
    if rule.criteria is None or not rule.criteria.rows:
        return "every lead"
    if isinstance(rule.criteria.logic, And | Ref):
        plainly = rule.criteria.logic == And(tuple(Ref(n + 1) for n in range(len(rule.criteria.rows))))
        if plainly or len(rule.criteria.rows) == 1:
            return " AND ".join(written(row) for row in rule.criteria.rows)
    rows = "; ".join(f"{number} {written(row)}" for number, row in enumerate(rule.criteria.rows, 1))
    return f"{rule.criteria.logic}, with {rows}"


def _listed(names: Sequence[str], most: int = 4) -> str:
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _assignees(rule: AssignmentRule, users: Sequence[User], partnered: Collection[str] | None, at: At) -> list[Finding]:
    known = {name: one for one in users for name in (one.id, one.user_name)}
    found = []
    if not rule.assign.to:
        found.append(find("ASG206", f"Rule {rule.name} assigns to nobody.", places=[at]))
    for name in rule.assign.to:
        user = known.get(name)
        if user is None:
            found.append(find("ASG206", f"Rule {rule.name} assigns to {name}, who does not exist.", places=[at]))
        elif not user.active and not user.queue:
            found.append(find("ASG206", f"Rule {rule.name} assigns to {user.user_name}, who is inactive.", places=[at]))
        elif partnered is not None and not user.queue and user.id not in partnered:
            cause = f"Rule {rule.name} assigns to {user.user_name}, who has no partner in marketing."
            found.append(find("ASG208", cause, places=[at]))
    return found


def _complicated(rule: AssignmentRule, at: At) -> list[Finding]:
    score, counted = complexity(rule.criteria)
    if score <= SIMPLE_ENOUGH:
        return []
    cause = f"Rule {rule.name} has a complexity of {score} ({counted}); up to {SIMPLE_ENOUGH} is simple."
    return [find("ASG205", cause, places=[at])]


def _shape(logic: Logic) -> tuple[int, int]:
    """How deep AND and OR are nested, and how many NOTs there are."""
    if isinstance(logic, Ref):
        return 0, 0
    if isinstance(logic, Not):
        depth, negations = _shape(logic.part)
        return depth, negations + 1
    assert isinstance(logic, And | Or)
    shapes = [_shape(part) for part in logic.parts]
    return 1 + max((depth for depth, _ in shapes), default=0), sum(negations for _, negations in shapes)


def _nobody(
    org: str, owner: str | None, users: Sequence[User], rules: Sequence[AssignmentRule], analysis: Analysis
) -> list[Finding]:
    """Who gets the leads that no rule takes: the default owner, unless there is none."""
    at = At("crm", org)
    user = next((one for one in users if owner in (one.id, one.user_name)), None)
    open_end = analysis.gap is not None or not rules or any(one.rule is None for one in analysis.unproven)
    if user is not None and user.active:
        if analysis.gap is None or not rules:
            return []
        cause = f"No rule takes a lead with {described(analysis.gap.lead)}; the default owner {user.user_name} gets it."
        return [find("ASG203", cause, places=[at])]
    if not open_end:
        return []
    lacks = f"{org} has no default owner" if owner is None else f"The default owner {owner} of {org} is inactive"
    if owner is not None and user is None:
        lacks = f"The default owner {owner} of {org} does not exist"
    if not rules:
        return [find("ASG207", f"{lacks}, and there is no assignment rule.", places=[at])]
    lead = f", such as one with {described(analysis.gap.lead)}" if analysis.gap is not None else ""
    return [find("ASG207", f"{lacks}, and no rule takes every lead{lead}.", places=[at])]
