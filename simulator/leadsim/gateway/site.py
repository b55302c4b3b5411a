"""One org as the outside meets it: the org, its dialect, and who may come in how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from leadsim.dialects import Dialect, dialect_named
from leadsim.dialects.sessions import same_person, session_elsewhere
from leadsim.engine.clock import iso
from leadsim.engine.records import Org
from leadsim.gateway.allowlist import Allowlist
from leadsim.gateway.credentials import (
    TOKEN_LIFE_SECONDS,
    Bearer,
    Credentials,
    Elsewhere,
    Login,
    Presented,
    default_password,
)
from leadsim.gateway.quota import Quota
from leadsim.recipe import Login as LoginEntry
from leadsim.recipe import OrgRecipe

TOKEN_LETTERS = 32
CONNECTOR = "connector"


class Site:
    """What the gateway keeps for one org. Part of a sandbox's snapshot, beside the org itself."""

    def __init__(self, org: Org, recipe: OrgRecipe) -> None:
        """Raises `AllowlistRefused`, and `UnknownDialect`."""
        self.org = org
        self.recipe = recipe
        self.dialect: Dialect = dialect_named(recipe.dialect)
        self.allowlist = Allowlist(recipe.allowlist)
        self.quota = Quota(recipe.quota.calls_per_day, org.settings.time_zone)
        self.fault_draws = org.chance.stream(org.name, "faults")
        self.logins: Mapping[str, Login] = _logins(recipe)
        tokens = org.chance.stream(org.name, "tokens")
        self.credentials = Credentials(self.login_of, lambda: tokens.letters(TOKEN_LETTERS))
        self.jobs: dict[str, Any] = {}
        self.neighbours: Mapping[str, Site] = {}
        """All orgs of the sandbox by name, this one too: whom a session from elsewhere is asked of."""

    @property
    def name(self) -> str:
        """The org's name: the first part of its paths."""
        return self.org.name

    def login_of(self, user: str) -> Login | None:
        """A user's way in: as the recipe's `logins` say, else with all permissions and the default password.

        A user that the org holds as inactive is kept out; what is no user has no login."""
        known = self.org.users.get(user)
        login = self.logins.get(user)
        if known is None:
            return login
        if known.queue:
            return None
        if login is None:
            login = Login(user, _password(self.recipe, user))
        return login if known.active else replace(login, active=False)

    def admit(self, presented: Presented | None, now: datetime) -> Login:
        """The login that the credentials prove here. Raises `LoginRefused` or `TokenExpired`."""
        if isinstance(presented, Elsewhere):
            return same_person(session_elsewhere(self.neighbours, presented, now), self)
        return self.credentials.check(presented, now)

    def expire(self, presented: Presented | None, now: datetime) -> None:
        """Revoke the presented token where it was issued, as a fault does."""
        if isinstance(presented, Elsewhere):
            held = session_elsewhere(self.neighbours, presented, now)
            held.site.credentials.expire(Bearer(held.token), now)
            return
        self.credentials.expire(presented, now)

    def set_logins(self, logins: Sequence[LoginEntry]) -> None:
        """Other logins from now on, in the recipe's words."""
        self.recipe = self.recipe.model_copy(update={"logins": list(logins)})
        self.logins = _logins(self.recipe)

    def quota_json(self, now: datetime) -> dict[str, Any]:
        """`{"limit", "used", "left", "resets_at"}`; limit and left are null where nothing limits."""
        self.quota.turn(now)
        return {
            "limit": self.quota.limit,
            "used": self.quota.used,
            "left": self.quota.left,
            "resets_at": iso(self.quota.resets_at),
        }

    def state(self) -> dict[str, Any]:
        """For a snapshot: values that nobody changes afterwards."""
        return {
            "allowlist": self.allowlist,
            "quota": self.quota.state(),
            "logins": self.logins,
            "tokens": self.credentials.state(),
            "jobs": {name: job.copy() for name, job in self.jobs.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Back to what `state` returned."""
        self.allowlist = state["allowlist"]
        self.quota.restore(state["quota"])
        self.logins = state["logins"]
        self.credentials.restore(state["tokens"])
        self.jobs = {name: job.copy() for name, job in state["jobs"].items()}


def _logins(recipe: OrgRecipe) -> dict[str, Login]:
    """The recipe's logins by user; an org without any has one for the connector."""
    if not recipe.logins:
        return {CONNECTOR: Login(CONNECTOR, _password(recipe, CONNECTOR))}
    return {
        login.user: Login(
            login.user,
            login.password or _password(recipe, login.user),
            frozenset(login.may),
            token_life_seconds=login.expires_seconds or TOKEN_LIFE_SECONDS,
        )
        for login in recipe.logins
    }


def _password(recipe: OrgRecipe, user: str) -> str:
    own = next((entry.password for entry in recipe.users if entry.id == user), None)
    return recipe.passwords.get(user) or own or recipe.password or default_password(user)
