"""The check of ownership (product.md A2, C2, C3; sync-semantics.md "Whose lead is it")."""

from __future__ import annotations

from pydantic import Field

from leadproof.findings import At, Evidence, Finding, find
from leadproof.names import Names
from leadproof.oracle.translation import RuleBook, schema_in
from leadproof.scenario.checks.fields import one_record
from leadproof.scenario.connected import Connected
from leadproof.scenario.people import Person
from leadproof.scenario.registry import Check, Result, failed, named, passed
from leadproof.scenario.stage import Stage, same_name
from leadproof.scenario.wording import listed
from leadproof.systems.organization import User
from leadproof.systems.ports import Record
from leadterms.criteria import bind, evaluate
from leadterms.refusals import CriteriaRefused

BY_RULES = "by_rules"
MAPPED = "mapped"


@named("check_owner", needs=("rules",))
class CheckOwner(Check):
    """The lead's owner is who it must be. `is: by_rules` works the CRM's assignment rules out anew for this lead (and
    its default owner); `is: mapped` is the partner of marketing's owner by the user map; else a user's name."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(default="crm", alias="in", description="Where: crm, marketing or an org's name.")
    is_: str = Field(default=BY_RULES, alias="is", description="by_rules, mapped, nobody or a user name.")

    def lacks(self, stage: Stage) -> str:
        """The rules are looked at by `by_rules` only."""
        return super().lacks(stage) if self.is_ == BY_RULES else ""

    def compare(self, stage: Stage) -> Result:
        connected, side = stage.located(self.in_)
        person = stage.person(self.lead)
        record = one_record(stage, connected, side, person)
        if isinstance(record, Result):
            return record
        users = connected.system(side).users()
        if self.is_ == BY_RULES:
            allowed, because = self._by_rules(stage, connected, record, users)
        elif self.is_ == MAPPED:
            allowed, because = self._mapped(stage, connected, side, person, users)
        elif self.is_ == "nobody":
            allowed, because = [], "nobody owns it"
        else:
            allowed, because = [self.is_], "named by the scenario"
        owner = _user_name(record.owner, users)
        org = connected.system(side).name
        right = any(same_name(user, name) for name in allowed for user in users if user.id == record.owner)
        if right or (not allowed and record.owner is None):
            return passed(f"{record.object} {record.id} of {org} belongs to {owner} ({because})")
        expected = f"{listed(allowed) if allowed else 'nobody'} ({because})"
        cause = _cause(connected, side, record, owner, expected)
        return failed(f"owner in {org}", expected, owner, findings=stage.causes(cause))

    def _by_rules(self, stage: Stage, connected: Connected, record: Record, users: list[User]) -> tuple[list[str], str]:
        """The users that the first matching rule allows; several for a round robin, whose turn is not computed."""
        active = {one.id for one in users if one.active or one.queue}
        active |= {one.user_name for one in users if one.active or one.queue}
        book = stage.rule_book(connected)
        names = connected.names["crm"]
        if book is None:
            book, names = RuleBook(tuple(connected.crm.assignment_rules()), connected.crm.default_owner()), Names()
        # Rules that the sandbox tells are in the engine's names, and so must be what they look at.
        specs = schema_in({record.object: connected.schema("crm")[record.object]}, names.to_engine)
        fields = specs[names.to_engine.object(record.object)].fields
        values = {names.to_engine.field(record.object, name): value for name, value in record.values.items()}
        default = book.default_owner
        default_name = _user_name(names.to_vendor.user(default) if default is not None else None, users)
        for rule in book.rules:
            if not rule.active:
                continue
            try:
                matches = evaluate(bind(rule.criteria, fields), values)
            except CriteriaRefused:
                continue
            if matches:
                people = [one for one in map(names.to_vendor.user, rule.assign.to) if one in active]
                if people:
                    return [_user_name(one, users) for one in people], f"rule {rule.name}"
                return [default_name], f"default owner, because rule {rule.name} names nobody active"
        return [default_name], "default owner, because no rule matches"

    def _mapped(
        self, stage: Stage, connected: Connected, side: str, person: Person, users: list[User]
    ) -> tuple[list[str], str]:
        """The partner of the other side's owner, by the map in the integration, else by equal user names."""
        other = "marketing" if side == "crm" else "crm"
        record = one_record(stage, connected, other, person)
        if isinstance(record, Result) or record.owner is None:
            return [], "the other side has no owner"
        theirs = _user_name(record.owner, connected.system(other).users())
        pairs = connected.integration.users.map
        if side == "marketing":
            pairs = {there: here for here, there in pairs.items()}
        folded = {name.strip().casefold(): partner for name, partner in pairs.items()}
        return [folded.get(theirs.strip().casefold(), theirs)], f"partner of {theirs}"


def _user_name(id_or_name: str | None, users: list[User]) -> str:
    if id_or_name is None:
        return "nobody"
    for user in users:
        if user.id == id_or_name:
            return user.user_name
    for user in users:
        if same_name(user, id_or_name):
            return user.user_name
    return id_or_name


def _cause(connected: Connected, side: str, record: Record, owner: str, expected: str) -> Finding:
    org = connected.system(side).name
    at = At(side, org, record.object, record.id, "Owner")
    text = f"{record.object} {record.id} of {org} belongs to {owner}; expected {expected}."
    return find("OWN305", text, places=[at], evidence=[Evidence(f"the owner is {owner}", org)])
