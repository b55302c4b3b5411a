"""The users and queues of an org, by id. They are ordinary records, read once and kept until one is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadsim.engine.records import Org

USER_OBJECTS = ("User", "Queue", "user")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, or some group, that can own records. `queue`: the CRM's group of users."""

    id: str
    user_name: str
    name: str
    email: str
    active: bool
    queue: bool
    seq: int


class Users:
    """Look-up of users by id."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._by_id: dict[str, User] | None = None

    def forget(self) -> None:
        """A user was written: read them again at the next question."""
        self._by_id = None

    def _all(self) -> dict[str, User]:
        if self._by_id is None:
            self._by_id = {user.id: user for user in self._read()}
        return self._by_id

    def _read(self) -> Iterator[User]:
        upper = self._org.kind == "crm"
        for stored in self._org.reading.all_of("User" if upper else "user"):
            values = stored.plain
            name, email, active = ("Name", "Email", "IsActive") if upper else ("name", "email", "is_active")
            user_name = str(values.get("UserName" if upper else "user_name", ""))
            yield User(
                stored.id, user_name, str(values.get(name, user_name)), str(values.get(email, "")),
                values.get(active) is True, False, stored.seq,
            )  # fmt: skip
        if upper:
            for stored in self._org.reading.all_of("Queue"):
                name = str(stored.plain.get("Name", ""))
                yield User(stored.id, name, name, "", True, True, stored.seq)

    def get(self, id: str) -> User | None:
        """The user or queue with this id."""
        return self._all().get(id)

    def __contains__(self, id: str) -> bool:
        return id in self._all()

    def __iter__(self) -> Iterator[User]:
        """All of them, users first, in the order of creation."""
        return iter(self._all().values())
