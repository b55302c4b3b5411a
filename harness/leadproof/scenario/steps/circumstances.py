"""Steps that change what surrounds the leads: settings of an org, users, rules, faults, the clock."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from leadproof.scenario.control import Control
from leadproof.scenario.faults import Fault
from leadproof.scenario.registry import Done, Step, named
from leadproof.scenario.stage import Stage


def _lab(stage: Stage) -> Control:
    if stage.lab is None:
        raise stage.refused("RUN806", "This target has no controls; the step needs the sandbox.")
    return stage.lab


def _org(stage: Stage, where: str) -> str:
    connected, side = stage.located(where)
    return connected.system(side).name


@named("set_connector", needs=("control",))
class SetConnector(Step):
    """Somebody switches the marketing org's connector on or off, or its verification is lost or renewed."""

    in_: str = Field(default="marketing", alias="in", description="Where: crm, marketing or an org's name.")
    switched_on: bool | None = Field(default=None, description="Whether it is on.")
    verified: bool | None = Field(default=None, description="Whether its connection is verified.")

    def run(self, stage: Stage) -> Done:
        given = {"switched_on": self.switched_on, "verified": self.verified}
        patch = {key: value for key, value in given.items() if value is not None}
        _lab(stage).settings(_org(stage, self.in_), {"connector": patch})
        return Done(", ".join(f"{key.replace('_', ' ')}: {'yes' if value else 'no'}" for key, value in patch.items()))


@named("set_allowlist", needs=("control",))
class SetAllowlist(Step):
    """The administrator changes the list of addresses that may call an org. An empty list allows nobody."""

    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    addresses: list[str] = Field(description="Addresses and networks that may call.")

    def run(self, stage: Stage) -> Done:
        _lab(stage).settings(_org(stage, self.in_), {"allowlist": list(self.addresses)})
        return Done(", ".join(self.addresses) or "nobody is allowed")


@named("set_user", needs=("control",))
class SetUser(Step):
    """A user is added, renamed, or switched on or off in one system."""

    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    user: str = Field(description="The user's id.")
    active: bool | None = Field(default=None, description="Whether the user may log in and own records.")
    user_name: str = Field(default="", description="A new user name.")

    def run(self, stage: Stage) -> Done:
        patch: dict[str, Any] = {"id": self.user}
        if self.active is not None:
            patch["active"] = self.active
        if self.user_name:
            patch["user_name"] = self.user_name
        _lab(stage).settings(_org(stage, self.in_), {"users": [patch]})
        return Done(", ".join(f"{key}: {value}" for key, value in patch.items()))


@named("set_rules", needs=("control",))
class SetRules(Step):
    """The CRM's administrator replaces the assignment rules, and the default owner if one is given."""

    in_: str = Field(default="crm", alias="in", description="Where: crm, marketing or an org's name.")
    rules: list[dict[str, Any]] = Field(description="Assignment rules as in a recipe, in their order.")
    default_owner: str = Field(default="", description="Who gets what no rule takes.")

    def run(self, stage: Stage) -> Done:
        patch: dict[str, Any] = {"assignment_rules": self.rules}
        if self.default_owner:
            patch["default_owner"] = self.default_owner
        _lab(stage).settings(_org(stage, self.in_), patch)
        return Done(f"{len(self.rules)} rules: {', '.join(str(one.get('name', '?')) for one in self.rules)}")


@named("set_quota", needs=("control",))
class SetQuota(Step):
    """The org's API calls of a day are limited to `calls_per_day`."""

    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    calls_per_day: int = Field(ge=0, description="The day's limit.")

    def run(self, stage: Stage) -> Done:
        _lab(stage).settings(_org(stage, self.in_), {"quota": {"calls_per_day": self.calls_per_day}})
        return Done(f"{self.calls_per_day} calls a day")


@named("change_org", needs=("control",))
class ChangeOrg(Step):
    """The administrator changes an org: any of its settings, written as in a recipe (validation_rules, duplicate_rules,
    logins, forms, fields to add ...). A setting that is not named stays."""

    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    settings: dict[str, Any] = Field(min_length=1, description="Keys of an org in a recipe, and their new values.")

    def run(self, stage: Stage) -> Done:
        _lab(stage).settings(_org(stage, self.in_), self.settings)
        for one in stage.connections.values():
            one.forget_schemas()  # the next step may write a field that was added just now
        return Done(", ".join(self.settings))


@named("fault", needs=("control",))
class SetFault(Fault, Step):
    """From now on something goes wrong: the `nth` call of an operation, `times` times (or `always`)."""

    def run(self, stage: Stage) -> Done:
        _lab(stage).add_fault(self.told())
        return Done(f"{self.kind} at {self.at}, {self.operation} number {self.nth}")


@named("clear_faults", needs=("control",))
class ClearFaults(Step):
    """Nothing goes wrong any more."""

    def run(self, stage: Stage) -> Done:
        _lab(stage).clear_faults()
        return Done("no faults")


@named("advance_clock", needs=("control",))
class AdvanceClock(Step):
    """Time passes: days, hours, minutes and seconds are added to the sandbox's clock."""

    days: int = Field(default=0, ge=0, description="Days to add.")
    hours: int = Field(default=0, ge=0, description="Hours to add.")
    minutes: int = Field(default=0, ge=0, description="Minutes to add.")
    seconds: int = Field(default=0, ge=0, description="Seconds to add.")

    def run(self, stage: Stage) -> Done:
        seconds = ((self.days * 24 + self.hours) * 60 + self.minutes) * 60 + self.seconds
        _lab(stage).advance(seconds)
        return Done(f"{seconds} seconds later")
