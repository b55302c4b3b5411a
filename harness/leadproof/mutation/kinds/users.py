"""C2: users and the user map."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import OWNERS, at_users, user_entry

STRANGER = "nobody.here"


@kind("user_not_mapped", "users", "A pair is missing in the user map", "USR101", steps=OWNERS)
def user_not_mapped(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: changed.integration["users"]["map"].pop(here)

    yield from at_users(ground, plant)


@kind(
    "mapped_to_nobody",
    "users",
    "The user map names somebody who does not exist in the CRM",
    "USR106 USR101",
    steps=OWNERS,
)
def mapped_to_nobody(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: changed.integration["users"]["map"].update({here: STRANGER})

    for site in at_users(ground, plant):
        yield Site(site.name, site.plant, (*site.words, STRANGER))


@kind("users_swapped", "users", "Two users are mapped crosswise", "USR110", steps=OWNERS)
def users_swapped(ground: Ground) -> Iterator[Site]:
    names = list(ground.users)
    for one, other in itertools.pairwise(names):

        def plant(changed: Changed, one: str = one, other: str = other) -> None:
            held = changed.integration["users"]["map"]
            held[one], held[other] = held[other], held[one]

        yield Site(f"{one}/{other}", plant, (one, other, ground.users[one], ground.users[other]))


@kind(
    "mapped_user_inactive",
    "users",
    "The mapped user left: inactive in the CRM",
    "USR102 ASG206",
    steps=OWNERS,
)
def mapped_user_inactive(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: user_entry(changed, "crm", there).update(active="false")

    yield from at_users(ground, plant)


@kind(
    "crm_user_renamed",
    "users",
    "The CRM's user has another user name now",
    "USR101 USR106",
    steps=OWNERS,
)
def crm_user_renamed(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: user_entry(changed, "crm", there).update(user_name=f"{there}.new")

    yield from at_users(ground, plant)


@kind(
    "owner_left_marketing",
    "users",
    "The user map's marketing user is called otherwise now",
    "USR101 USR106",
    steps=OWNERS,
)
def owner_left_marketing(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: user_entry(changed, "marketing", here).update(user_name=f"{here}.old")

    yield from at_users(ground, plant)


@kind(
    "all_to_one",
    "users",
    "Everybody in marketing is mapped to the same CRM user",
    "USR110",
    steps=OWNERS,
)
def all_to_one(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        first = next(iter(ground.users.values()))
        changed.integration["users"]["map"] = dict.fromkeys(ground.users, first)

    if len(ground.users) > 1:
        yield Site("map", plant, tuple(ground.users))


@kind(
    "user_map_backwards",
    "users",
    "The user map was written the wrong way round: CRM user first",
    "USR106 USR101",
    steps=OWNERS,
)
def user_map_backwards(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        held = changed.integration["users"]
        held["map"] = {there: here for here, there in held["map"].items()}

    if ground.users and set(ground.users) != set(ground.users.values()):
        yield Site("map", plant, (*ground.users, *ground.users.values()))


@kind(
    "two_users_of_one_name",
    "users",
    "A second user of the CRM has the same user name, written otherwise",
    "USR103",
    steps=OWNERS,
)
def two_users_of_one_name(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        second = {"id": f"{there}.2", "user_name": f"{there.title()} "}
        return lambda changed: changed.org("crm")["users"].append(second)

    for site in at_users(ground, plant):
        if ground.users[site.name] != ground.org("crm").get("default_owner"):
            yield site


@kind(
    "user_left_marketing",
    "users",
    "A salesperson's user was switched off in marketing",
    "USR102",
    steps=OWNERS,
)
def user_left_marketing(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: user_entry(changed, "marketing", here).update(active="false")

    yield from at_users(ground, plant)
