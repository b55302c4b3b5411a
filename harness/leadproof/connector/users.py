"""Who is who: the users of both systems, joined by user name or by the integration's map.

sync-semantics.md "Whose lead is it": names compare trimmed and casefolded, among active users only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadproof.connector.value_table import OTHER, Side
from leadproof.systems.organization import User

Trouble: TypeAlias = Literal["missing", "inactive", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Partner:
    """The other system's user for an owner. `user` None with no `trouble`: a queue, which has no partner."""

    user: str | None
    trouble: Trouble | None = None
    wanted: str = ""


class UserMap:
    """Both user lists and the map `marketing user name -> CRM user name` of the integration."""

    def __init__(self, crm: Sequence[User], marketing: Sequence[User], named: Mapping[str, str]) -> None:
        self._users: dict[Side, dict[str, User]] = {
            "crm": {user.id: user for user in crm},
            "marketing": {user.id: user for user in marketing},
        }
        self._by_name = {side: _by_name(users.values()) for side, users in self._users.items()}
        self._named: dict[Side, dict[str, str]] = {
            "crm": {fold(here): fold(there) for here, there in named.items()},
            "marketing": {fold(there): fold(here) for here, there in named.items()},
        }

    def user(self, side: Side, id: str) -> User | None:
        return self._users[side].get(id)

    def named(self, side: Side, name: str) -> str | None:
        """The id of the active user or queue with this user name."""
        found = (user for user in self._users[side].values() if user.active and fold(user.user_name) == fold(name))
        return next((user.id for user in found), None)

    def partner(self, owner: str, target: Side) -> Partner:
        """The partner on `target` of the other side's owner (a user's id)."""
        user = self._users[OTHER[target]].get(owner)
        if user is None:
            return Partner(None, "missing", owner)
        if user.queue:
            return Partner(None)
        name = fold(user.user_name)
        wanted = self._named[target].get(name, name)
        known = self._by_name[target].get(wanted, [])
        active = [one for one in known if one.active]
        if len(active) == 1:
            return Partner(active[0].id, wanted=wanted)
        if not known:
            return Partner(None, "missing", wanted)
        return Partner(None, "ambiguous" if active else "inactive", wanted)

    def fingerprint(self) -> str:
        """Changes when a partner may have changed."""
        return "\n".join(
            f"{side} {user.id} {user.user_name} {user.active} {user.queue}"
            for side, users in self._users.items()
            for user in users.values()
        )


def fold(name: str) -> str:
    return name.strip().casefold()


def _by_name(users: Iterable[User]) -> dict[str, list[User]]:
    found: dict[str, list[User]] = {}
    for user in users:
        if not user.queue:
            found.setdefault(fold(user.user_name), []).append(user)
    return found
