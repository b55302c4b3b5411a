"""A call of version 3 or 4: is it the version for this business unit, what does it ask, and the answer."""

from __future__ import annotations

from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.routing import Operation
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.v4.asking import Asked, check_format
from leadsim.engine.records import Org
from leadsim.gateway.messages import Answer


def answer(session: Session, operation: Operation) -> Answer:
    """The answer. Raises PardotRefused."""
    check_format(session.request)
    if not operation.object:
        return operation.handler(session)
    if session.call.params["version"] == "4" and not shares_addresses(session.call.org):
        raise PardotRefused(89)
    if session.call.params["version"] == "3" and shares_addresses(session.call.org):
        raise PardotRefused(88)
    return operation.handler(session, Asked(session), session.object)


def shares_addresses(org: Org) -> bool:
    """Whether several prospects may have the same e-mail address (the vendor's AMPSEA): unless a duplicate rule of the
    org's blocks that."""
    return not any(
        rule.active and rule.object == "prospect" and rule.action == "block" and rule.match == ["email"]
        for rule in org.settings.duplicate_rules
    )
