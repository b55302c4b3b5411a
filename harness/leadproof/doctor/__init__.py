"""The doctor: looks at a connection without touching it, and names what will go wrong and how to mend it.

Static: settings, users, rules and fields, in the order of product.md C. It never imports the connector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leadproof.doctor.accepting import Meant, accepted
from leadproof.doctor.circles import look_at_circles
from leadproof.doctor.connection import failed_call, look_at_connection
from leadproof.doctor.criteria import look_at_criteria
from leadproof.doctor.definitions import Definition, definitions
from leadproof.doctor.fields import look_at_fields, look_at_names
from leadproof.doctor.ranking import ranked
from leadproof.doctor.rule_book import in_vendors_names, rule_book
from leadproof.doctor.rules import look_at_rules
from leadproof.doctor.users import look_at_campaigns, look_at_users, partnered_users
from leadproof.doctor.uses import look_at_uses
from leadproof.findings import Finding
from leadproof.integration import Integration
from leadproof.oracle.translation import RuleBook
from leadproof.systems.failures import CallFailed
from leadproof.systems.ports import Crm, Marketing

__all__ = ["Diagnosis", "diagnose", "in_vendors_names", "look", "look_at_names", "look_at_rules"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found, the likeliest cause first; both systems' words side by side (none of a system that cannot be
    used); what the integration says is meant so."""

    findings: tuple[Finding, ...]
    definitions: tuple[Definition, ...] = ()
    accepted: tuple[Meant, ...] = ()

    def located(self, findings: Sequence[Finding]) -> Diagnosis:
        """The same with other findings: the same ones, with their places."""
        return replace(self, findings=tuple(findings))


def look(integration: Integration, crm: Crm, marketing: Marketing, told: RuleBook | None = None) -> Diagnosis:
    """All that can be seen with these clients: the findings, and the definitions side by side. `told`: the CRM's rules
    in its own names, for a CRM whose API does not tell them."""
    found, usable = _found(integration, crm, marketing, told)
    side_by_side = definitions(integration, crm.describe(), marketing.describe()) if usable else []
    standing, meant = accepted(integration, found) if usable else (found, [])
    return Diagnosis(tuple(ranked(standing)), tuple(side_by_side), tuple(meant))


def diagnose(integration: Integration, crm: Crm, marketing: Marketing, told: RuleBook | None = None) -> list[Finding]:
    """All findings, the likeliest cause first. With a system that cannot be used, only that is said.

    The clients must be the connector's own logins: what it may do is what counts."""
    found, usable = _found(integration, crm, marketing, told)
    return ranked(accepted(integration, found)[0]) if usable else found


def _found(
    integration: Integration, crm: Crm, marketing: Marketing, told: RuleBook | None
) -> tuple[list[Finding], bool]:
    found, usable = look_at_connection(crm, marketing)
    if not usable:
        return ranked(found), False
    try:
        found += look_at_users(integration, crm, marketing)
        partnered = partnered_users(integration, crm, marketing)
        book = rule_book(crm) or told
        found += look_at_rules(crm, integration.people.crm[0], book, partnered=partnered)
        here, there = crm.describe(), marketing.describe()
        found += look_at_fields(integration, here, there, crm.name, marketing.name)
        found += look_at_criteria(integration, here, there, crm.name, marketing.name)
        found += look_at_circles(integration, here, there)
        found += look_at_uses(integration, crm, marketing, book)
        found += look_at_campaigns(integration, crm, marketing)
    except CallFailed as failure:  # the day's last call was ours, or something may not be read
        found.append(failed_call("crm" if failure.system == crm.name else "marketing", failure))
        usable = False
    return ranked(found), usable
