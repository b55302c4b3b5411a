"""Where the doctor has the CRM's assignment rules from: the CRM's API, or, where that does not tell them, a sandbox."""

from __future__ import annotations

from dataclasses import replace

from leadproof.names import Names
from leadproof.oracle.translation import RuleBook
from leadproof.systems.ports import Capability, Crm


def rule_book(crm: Crm) -> RuleBook | None:
    """The rules and the default owner as the CRM tells them; None where it does not."""
    if Capability.ASSIGNMENT_RULES not in crm.can:
        return None
    return RuleBook(tuple(crm.assignment_rules()), crm.default_owner())


def in_vendors_names(book: RuleBook, names: Names, object: str) -> RuleBook:
    """A sandbox's rules, which are in the engine's names, as the CRM would tell them of this object."""
    to = names.to_vendor
    rules = []
    for rule in book.rules:
        rows = tuple(replace(row, field=to.field(object, row.field)) for row in rule.criteria.rows)
        assign = replace(rule.assign, to=tuple(map(to.user, rule.assign.to)))
        rules.append(replace(rule, criteria=replace(rule.criteria, rows=rows), assign=assign))
    owner = book.default_owner
    return RuleBook(tuple(rules), None if owner is None else to.user(owner))
