"""C1: address, switch, credentials, permission, quota."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from leadproof.mutation.ground import Changed, Ground
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import FLOW

ELSEWHERE = "192.0.2.0/24"
"""A network for documentation (RFC 5737): nobody calls from it."""


def _both(ground: Ground, plant: Callable[[str], Callable[[Changed], None]]) -> Iterator[Site]:
    """The same mistake on each side."""
    for side, name in (("crm", ground.crm_name), ("marketing", ground.marketing_name)):
        yield Site(name, plant(side), (name,))


def _set(side: str, key: str, value: Any) -> Callable[[Changed], None]:
    def plant(changed: Changed) -> None:
        changed.org(side)[key] = value

    return plant


@kind(
    "address_not_listed",
    "address",
    "The allowlist names another network",
    "NET110",
    steps=FLOW,
)
def address_not_listed(ground: Ground) -> Iterator[Site]:
    yield from _both(ground, lambda side: _set(side, "allowlist", [ELSEWHERE]))


@kind("allowlist_empty", "address", "The allowlist is empty", "NET110", steps=FLOW)
def allowlist_empty(ground: Ground) -> Iterator[Site]:
    yield from _both(ground, lambda side: _set(side, "allowlist", []))


@kind(
    "network_too_small",
    "address",
    "The network on the allowlist ends before the connector's address",
    "NET110",
    steps=FLOW,
)
def network_too_small(ground: Ground) -> Iterator[Site]:
    tester = _address(ground, "tester")
    if tester:
        yield from _both(ground, lambda side: _set(side, "allowlist", [f"{tester}/32"]))


@kind(
    "network_of_neighbours",
    "address",
    "The network on the allowlist is the neighbours'",
    "NET110",
    steps=FLOW,
)
def network_of_neighbours(ground: Ground) -> Iterator[Site]:
    for side, name in (("crm", ground.crm_name), ("marketing", ground.marketing_name)):

        def plant(changed: Changed, side: str = side) -> None:
            changed.org(side)["allowlist"] = ["10.20.0.16/28", "2001:db8:99::/48"]

        yield Site(name, plant, (name,))


@kind(
    "connector_moved",
    "address",
    "The connector calls from a new address",
    "NET110",
    steps=FLOW,
)
def connector_moved(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        changed.recipe.setdefault("actors", {}).setdefault("connector", {})["address"] = "198.51.100.7"

    if any(ground.org(side).get("allowlist") for side in ("crm", "marketing")):
        yield Site("connector", plant, ("198.51.100.7",))


def _address(ground: Ground, actor: str) -> str:
    return str(((ground.recipe.get("actors") or {}).get(actor) or {}).get("address") or "")


@kind("switched_off", "switch", "Somebody switched the connector off", "CON101", steps=FLOW)
def switched_off(ground: Ground) -> Iterator[Site]:
    yield Site(ground.marketing_name, _switch("switched_on"), (ground.marketing_name,))


@kind("not_verified", "switch", "The connection lost its verification", "CON102", steps=FLOW)
def not_verified(ground: Ground) -> Iterator[Site]:
    yield Site(ground.marketing_name, _switch("verified"), (ground.marketing_name,))


def _switch(name: str) -> Callable[[Changed], None]:
    def plant(changed: Changed) -> None:
        changed.org("marketing").setdefault("connector", {})[name] = "false"

    return plant


@kind(
    "password_changed",
    "credentials",
    "The connector's password was changed on the other side",
    "CON110",
    steps=FLOW,
)
def password_changed(ground: Ground) -> Iterator[Site]:
    yield Site(ground.crm_name, None, (ground.crm_name,), "crm")
    yield Site(ground.marketing_name, None, (ground.marketing_name,), "marketing")


@kind(
    "connector_user_inactive",
    "credentials",
    "The connector's own user was switched off",
    "CON110",
    steps=FLOW,
)
def connector_user_inactive(ground: Ground) -> Iterator[Site]:
    for side, name in (("crm", ground.crm_name), ("marketing", ground.marketing_name)):
        login = _login(ground.org(side))
        number = next((n for n, one in enumerate(ground.org(side).get("users") or []) if one["id"] == login), None)
        if number is not None:
            yield Site(name, _inactive(side, number), (name,))


def _inactive(side: str, number: int) -> Callable[[Changed], None]:
    def plant(changed: Changed) -> None:
        changed.org(side)["users"][number]["active"] = "false"

    return plant


def _login(org: dict[str, Any]) -> str:
    return next((str(one["user"]) for one in org.get("logins") or [] if one["actor"] == "connector"), "")


def _without(right: str) -> Callable[[Ground], Iterator[Site]]:
    def sites(ground: Ground) -> Iterator[Site]:
        def plant_at(side: str) -> Callable[[Changed], None]:
            def plant(changed: Changed) -> None:
                for login in changed.org(side).get("logins") or []:
                    if login["actor"] == "connector":
                        login["may"] = [one for one in login.get("may", ["api", "read", "write"]) if one != right]

            return plant

        yield from _both(ground, plant_at)

    return sites


kind("may_not_write", "permission", "The connector's user may not write", "CON111", steps=FLOW)(_without("write"))


kind(
    "api_not_enabled",
    "permission",
    "The connector's user has no API access",
    "CON111",
    steps=FLOW,
)(_without("api"))


@kind(
    "login_of_another",
    "permission",
    "The connector logs in as a user with fewer rights",
    "CON111",
    steps=FLOW,
)
def login_of_another(ground: Ground) -> Iterator[Site]:
    for side, name in (("crm", ground.crm_name), ("marketing", ground.marketing_name)):

        def plant(changed: Changed, side: str = side) -> None:
            for login in changed.org(side).get("logins") or []:
                if login["actor"] == "connector":
                    login["may"] = ["api", "read"]

        yield Site(name, plant, (name,))


@kind(
    "quota_too_small",
    "quota",
    "The day's API calls are all but spent by others",
    "CON112",
    steps=FLOW,
)
def quota_too_small(ground: Ground) -> Iterator[Site]:
    yield from _both(ground, lambda side: _set(side, "quota", {"calls_per_day": "25"}))


@kind("quota_none", "quota", "The API contract ended: no call is left", "CON112", steps=FLOW)
def quota_none(ground: Ground) -> Iterator[Site]:
    yield from _both(ground, lambda side: _set(side, "quota", {"calls_per_day": "0"}))
