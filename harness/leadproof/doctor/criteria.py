"""Criteria of the integration that no record can be held against: who is delivered, and who is imported.

The connector creates nobody by criteria that it cannot read, so what is misspelt here keeps every new lead at home.
"""

from __future__ import annotations

from collections.abc import Iterator

from leadproof.findings import At, Finding, find
from leadproof.integration import Integration
from leadterms.criteria import Criteria, bind
from leadterms.fields import Schema
from leadterms.refusals import CriteriaRefused


def look_at_criteria(
    integration: Integration, crm: Schema, marketing: Schema, crm_org: str, marketing_org: str
) -> Iterator[Finding]:
    """CFG821, CFG823 and CFG824 of `people.deliver` and `people.import`. Criteria for the CRM's people are wrong where
    no object of theirs has what they name: what leads have and contacts lack is meant for leads."""
    people = integration.people
    if people.deliver.criteria is not None and people.marketing in marketing:
        told = _read(people.deliver.criteria.parsed(), marketing, people.marketing)
        if told is not None:
            yield _finding(integration, "deliver", told, At("marketing", marketing_org, people.marketing))
    if people.import_.criteria is not None:
        criteria = people.import_.criteria.parsed()
        tried = [(object, _read(criteria, crm, object)) for object in people.crm if object in crm]
        if tried and all(told is not None for _, told in tried):
            object, told = tried[0]
            assert told is not None
            yield _finding(integration, "import", told, At("crm", crm_org, object))


def _read(criteria: Criteria, schema: Schema, object: str) -> CriteriaRefused | None:
    try:
        bind(criteria, schema[object].fields)
    except CriteriaRefused as refused:
        return refused
    return None


def _finding(integration: Integration, part: str, refused: CriteriaRefused, at: At) -> Finding:
    cause = f"`people.{part}`: {refused.text} Nobody is created by it."
    return find(refused.code, cause, places=[integration.place("people", part), at], fix=refused.fix)
