"""The Salesforce org that a business unit belongs to: the sandbox's own, where there is one.

Its sign-in is reached below the business unit's path too, so that a client needs one address only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from leadsim.dialects.names import names_of
from leadsim.gateway.call import Call
from leadsim.gateway.messages import Answer
from leadsim.gateway.refusal import AddressRefused, GatewayRefusal

if TYPE_CHECKING:
    from leadsim.engine.users import User
    from leadsim.gateway.site import Site

SALESFORCE = "salesforce"


def salesforce_of(site: Site) -> Site | None:
    """The sandbox's first Salesforce org."""
    return next((one for one in site.neighbours.values() if one.dialect.name == SALESFORCE), None)


def pass_on(call: Call, neighbour: Site) -> Answer:
    """The neighbour's answer to a request that was made below the business unit's path."""
    segments = tuple(part for part in call.request.segments if part)
    if segments[:1] == (call.site.name,):
        segments = segments[1:]
    request = replace(
        call.request,
        segments=(neighbour.name, *segments),
        path=f"/{neighbour.name}/{'/'.join(segments)}",
        org=neighbour.name,
    )
    wanted = neighbour.dialect.wanted(request, neighbour.org.kind)
    passed = Call(neighbour, request, wanted, call.actor, call.address, "", call.now, call.number)
    passed.secrets = call.secrets
    try:
        if not neighbour.allowlist.admits(call.address):
            raise AddressRefused(f"address {call.address} is not on the allowlist of org {neighbour.name}")
        if wanted.login != "none":
            passed.user = neighbour.admit(neighbour.dialect.presented(request), call.now).user
        answer = neighbour.dialect.answer(passed)
    except GatewayRefusal as refusal:
        answer = neighbour.dialect.refuse(refusal, request)
    call.user = passed.user
    return answer


def salesforce_users(site: Site) -> Mapping[str, str]:
    """The Salesforce ids of a business unit's users: of the same id there, else the only one of the same name."""
    neighbour = salesforce_of(site)
    if neighbour is None:
        return {}
    known = names_of(neighbour.dialect, neighbour.org).users
    found: dict[str, str] = {}
    for user in site.org.users:
        same = neighbour.org.users.get(user.id)
        alike = [one.id for one in neighbour.org.users if not one.queue and _names(one) & _names(user)]
        id = user.id if same is not None and not same.queue else (alike[0] if len(alike) == 1 else "")
        if id in known:
            found[user.id] = known[id]
    return found


def _names(user: User) -> set[str]:
    return {name.casefold() for name in (user.user_name, user.email) if name}
