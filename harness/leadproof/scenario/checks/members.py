"""The check of campaign membership (sync-semantics.md "Campaigns and reports")."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from leadproof.findings import At, find
from leadproof.scenario.checks.delivery import records_on
from leadproof.scenario.registry import Check, Result, failed, named, passed
from leadproof.scenario.stage import Stage
from leadproof.scenario.steps.campaigns import campaign_of
from leadproof.systems.campaigns import Member
from leadproof.systems.ports import Capability, System

PAGE = 2000


def all_members(system: System) -> Iterator[Member]:
    """Every membership of the org, removed ones included, page by page."""
    since = None
    while True:
        page = system.members(since, PAGE)
        yield from page.items
        if not page.more:
            return
        since = page.next


@named("check_member")
class CheckMember(Check):
    """The lead is in the campaign, with this status if one is given; or is not, with `absent: yes`."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(default="crm", alias="in", description="Where: crm, marketing or an org's name.")
    campaign: str = Field(description="The campaign's name on either side of the integration.")
    status: str = Field(default="", description="The member status.")
    responded: bool | None = Field(default=None, description="Whether the status counts as an answer.")
    absent: bool = Field(default=False, description="It must not be there.")

    def lacks(self, stage: Stage) -> str:
        """A system that keeps no members, or a connection that syncs none."""
        connected, _ = stage.located(self.in_)
        if not connected.integration.campaigns:
            return f"needs campaigns in the integration; {connected.name} syncs none"
        return self.cannot(stage, self.in_, Capability.MEMBERS, "campaign members")

    def compare(self, stage: Stage) -> Result:
        connected, side = stage.located(self.in_)
        system = connected.system(side)
        campaign = campaign_of(stage, connected, side, self.campaign)
        wanted = "not a member" if self.absent else f"member{f', status {self.status}' if self.status else ''}"
        if self.responded is not None:
            wanted += ", responded" if self.responded else ", not responded"
        wrong = []
        people = stage.people(self.lead)
        members = [one for one in all_members(system) if one.campaign == campaign.id and not one.deleted]
        for person in people:
            ids = {one.id for one in records_on(connected, side, person)}
            mine = [one for one in members if one.person in ids]
            if not self._right(mine):
                found = ", ".join(f"{one.status}{' (responded)' if one.responded else ''}" for one in mine)
                wrong.append(f"{person.name}: {found or 'not a member'}")
        where = f"{campaign.name} in {system.name}"
        if not wrong:
            return passed(f"{where}: {wanted}")
        at = At(side, system.name, "CampaignMember" if side == "crm" else "membership", "", "status")
        cause = find("RPT503", f"{where}: expected {wanted}; {wrong[0]}.", places=[at])
        return failed(where, wanted, "; ".join(wrong[:5]), findings=stage.causes(cause))

    def _right(self, mine: list[Member]) -> bool:
        if self.absent:
            return not mine
        if len(mine) != 1:
            return False
        status = not self.status or mine[0].status.casefold() == self.status.casefold()
        return status and (self.responded is None or mine[0].responded == self.responded)
