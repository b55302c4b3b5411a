"""Whose lead is it: the owner recomputed from the CRM's rules, or from the user map (sync-semantics.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from leadproof.oracle.agreement import Agreement
from leadproof.oracle.histories import Histories
from leadproof.oracle.links import Link, Links
from leadproof.oracle.matching import Matching
from leadproof.oracle.standing import SideName, other
from leadproof.oracle.timelines import Life
from leadproof.oracle.violations import Spot, Violation
from leadproof.systems.organization import AssignmentRule, User
from leadterms.criteria import Criteria, bind

OWNER: Mapping[SideName, str] = {"crm": "Owner", "marketing": "owner"}
_USER_OBJECT: Mapping[SideName, tuple[str, str]] = {"crm": ("User", "IsActive"), "marketing": ("user", "is_active")}
ASSIGNED_OBJECT = "Lead"


class Owners:
    """Judges who owns what on both sides."""

    def __init__(self, agreement: Agreement, histories: Histories, links: Links, matching: Matching) -> None:
        self._agreement = agreement
        self._histories = histories
        self._links = links
        self._matching = matching
        self._users = {side: {user.id: user for user in histories.of(side).users} for side in OWNER}
        self._by_rules = self._assigned()
        self.judged = 0

    # --- the CRM's rules -----------------------------------------------------------------------------------

    def _assigned(self) -> dict[str, tuple[str, str]]:
        """Lead id -> (owner that the rules give, why), for every lead in the CRM's order of creation. Only leads
        for which the rules ran take a round robin's turn."""
        leads = self._histories.crm.lives.of(ASSIGNED_OBJECT)
        ran = self._histories.assignments
        took = None if ran is None else {one.id for one in ran}
        turns: dict[str, int] = {}
        found = {}
        for life in sorted(leads.values(), key=lambda life: life.born.n):
            counted = turns if took is None or life.id in took else dict(turns)
            found[life.id] = self._by_rule(life, counted)
        return found

    def _by_rule(self, life: Life, turns: dict[str, int]) -> tuple[str, str]:
        n = life.born.n
        for rule, criteria in self._rules:
            if not self._agreement.matches(criteria, "crm", life, n):
                continue
            assignee = rule.assign.to[turns.get(rule.name, 0) % len(rule.assign.to)]
            turns[rule.name] = turns.get(rule.name, 0) + 1
            if self._can_own("crm", assignee, n):
                return assignee, f"assignment rule {rule.name!r} is the first that matches"
            return self._default(n, f"assignment rule {rule.name!r} names {assignee!r}, who is not active")
        return self._default(n, "no assignment rule matches")

    @cached_property
    def _rules(self) -> list[tuple[AssignmentRule, Criteria]]:
        """The active rules in their order, bound to the lead's fields."""
        described = self._histories.crm.schema.get(ASSIGNED_OBJECT)
        if described is None:
            return []
        return [(rule, bind(rule.criteria, described.fields)) for rule in self._histories.rules if rule.active]

    @cached_property
    def _map(self) -> Mapping[str, str]:
        """Marketing's user name -> the CRM's, where the integration says that they differ."""
        return {_name(here): _name(there) for here, there in self._agreement.integration.users.map.items()}

    def _default(self, n: int, because: str) -> tuple[str, str]:
        default = self._histories.default_owner
        if default is not None and self._can_own("crm", default, n):
            return default, f"{because}: the default owner"
        return self._histories.connector_user, f"{because} and there is no default owner: the connector's user"

    def _can_own(self, side: SideName, user_id: str, n: int) -> bool:
        user = self._users[side].get(user_id)
        return user is not None and (user.queue or self._active_at(side, user, n))

    def _active_at(self, side: SideName, user: User, n: int) -> bool:
        object, flag = _USER_OBJECT[side]
        life = self._histories.of(side).lives.get(object, user.id)
        if life is None or flag not in life.values:
            return user.active
        return life.exists_at(n) and life.at(flag, n) is True

    # --- the user map ----------------------------------------------------------------------------------------

    def _partners(self, side: SideName, user: User, n: int) -> list[User]:
        """The active users of the other side whose name is this user's partner's, trimmed and casefolded."""
        found = []
        for candidate in self._users[other(side)].values():
            mine, theirs = (candidate, user) if side == "crm" else (user, candidate)
            named = self._map.get(_name(mine.user_name), _name(mine.user_name))
            if not candidate.queue and named == _name(theirs.user_name):
                found.append(candidate)
        return [one for one in found if self._active_at(other(side), one, n)]

    def _by_map(self, link: Link, n: int) -> tuple[str, str]:
        """The owner of a new CRM record under `assign_by: marketing`."""
        owner = self._users["marketing"].get(str(link.marketing.at(OWNER["marketing"], n) or ""))
        if owner is None:
            return self._by_rules.get(link.crm.id, ("", ""))
        partners = self._partners("marketing", owner, n) if self._active_at("marketing", owner, n) else []
        if len(partners) == 1:
            return partners[0].id, f"assign_by marketing: {owner.user_name} is {partners[0].user_name} in the CRM"
        return self._default(n, f"assign_by marketing: {owner.user_name} has no single active partner")

    # --- judging ----------------------------------------------------------------------------------------------

    def judge(self, link: Link) -> Iterator[Violation]:
        """The owners of one standing link."""
        if self._agreement.spec("crm", link.crm.object, OWNER["crm"]) is not None:
            yield from self._in_crm(link)
        if self._agreement.spec("marketing", link.marketing_end.object, OWNER["marketing"]) is not None:
            yield from self._in_marketing(link)

    def _in_crm(self, link: Link) -> Iterator[Violation]:
        edits = [edit for edit in link.crm.edits if OWNER["crm"] in edit.fields]
        if link.made == "crm":
            outside = next((place for place, edit in enumerate(edits) if not edit.own), len(edits))
            given = str(edits[outside - 1].fields[OWNER["crm"]][1] or "") if outside else ""
            wanted = self._wanted(link)
            self.judged += bool(wanted)
            if wanted and given not in [owner for owner, _ in wanted]:
                yield self._wrong("crm", link, link.crm, wanted[0][0], given, wanted[0][1])
            edits = edits[outside:]
        for _, life in self._links.crm.chain(link.crm):
            later = edits if life is link.crm else [e for e in life.edits if OWNER["crm"] in e.fields]
            for before, edit in zip([None, *later], later, strict=False):
                if edit.own and edit is not life.born and (before is not None or link.made != "crm"):
                    kept, given = (str(half or "") for half in edit.fields[OWNER["crm"]])
                    because = "the CRM's owner is the master; an update never assigns"
                    yield self._wrong("crm", link, life, kept, given, because)

    def _wanted(self, link: Link) -> list[tuple[str, str]]:
        """The owners that a record created by the sync may have been given, the likeliest first."""
        if self._agreement.people.assign_by == "marketing":
            looks = self._matching.looks(link.crm.born.n, link.crm, link.marketing)
            found = [self._by_map(link, n) for n in reversed(looks)]
        else:
            found = [self._by_rules.get(link.crm.id, ("", ""))]
        return [one for one in dict.fromkeys(found) if one[0]]

    def _in_marketing(self, link: Link) -> Iterator[Violation]:
        n = max(link.crm_end.edits[-1].n, link.marketing_end.edits[-1].n)
        owner = self._users["crm"].get(str(link.crm_end.values.get(OWNER["crm"]) or ""))
        found = str(link.marketing_end.values.get(OWNER["marketing"]) or "")
        if owner is not None and owner.queue:
            self.judged += 1
            if found:
                because = f"the CRM's owner is the queue {owner.user_name}, so marketing's is blank"
                yield self._wrong("marketing", link, link.marketing_end, "", found, because)
            return
        if owner is None or not self._active_at("crm", owner, n):
            return  # unmapped: marketing's owner stays as it is
        partners = self._partners("crm", owner, n)
        self.judged += len(partners) == 1
        if len(partners) == 1 and found != partners[0].id:
            because = f"the CRM's owner {owner.user_name} is the master; marketing shows its partner"
            yield self._wrong("marketing", link, link.marketing_end, partners[0].id, found, because)

    def _wrong(self, side: SideName, link: Link, life: Life, expected: str, found: str, because: str) -> Violation:
        person = self._matching.name("marketing", link.marketing_end)
        place = Spot(side, life.object, life.id, OWNER[side])
        return Violation("oracle.owner", person, place, expected or "nobody", found or "nobody", because)


def _name(user_name: str) -> str:
    return user_name.strip().casefold()
