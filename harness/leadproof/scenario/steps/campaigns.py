"""Steps about campaigns and their members."""

from __future__ import annotations

from pydantic import Field

from leadproof.scenario.connected import Connected
from leadproof.scenario.people import Person
from leadproof.scenario.registry import Done, Step, named
from leadproof.scenario.stage import Stage
from leadproof.systems.campaigns import Campaign, MemberWrite
from leadproof.systems.ports import Capability


def campaign_of(stage: Stage, connected: Connected, side: str, name: str) -> Campaign:
    """The campaign on this side; `name` may be its name on either side of the integration's mapping."""
    campaigns = {one.name: one for one in connected.system(side).campaigns()}
    partner = name
    for mapping in connected.integration.campaigns:
        if name in (mapping.crm, mapping.marketing):
            partner = mapping.crm if side == "crm" else mapping.marketing
    if partner not in campaigns:
        raise stage.unknown(f"campaign in {connected.system(side).name}", partner, campaigns)
    return campaigns[partner]


def join(stage: Stage, connected: Connected, side: str, person: Person, name: str, status: str) -> str:
    """Make the person a member, with the campaign's first status unless one is given; answers the status."""
    from leadproof.scenario.steps.editing import record_of

    campaign = campaign_of(stage, connected, side, name)
    known = [one.name for one in campaign.statuses]
    if status and status not in known:
        raise stage.unknown(f"status of campaign {campaign.name}", status, known)
    chosen = status or (known[0] if known else "")
    record = record_of(stage, connected, side, person)
    write = MemberWrite("set", campaign.id, record.object, record.id, chosen)
    stage.settle(connected, side, connected.system(side).set_members([write])[0], "CampaignMember")
    return chosen


@named("add_to_campaign")
class AddToCampaign(Step):
    """Put a lead into a campaign in one system, with the campaign's first status unless `status` is given."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    campaign: str = Field(description="The campaign's name on either side of the integration.")
    status: str = Field(default="", description="The member status.")

    def lacks(self, stage: Stage) -> str:
        """A system that keeps no members."""
        return self.cannot(stage, self.in_, Capability.MEMBERS, "campaign members")

    def run(self, stage: Stage) -> Done:
        return joined(stage, self.lead, self.in_, self.campaign, self.status)


def joined(stage: Stage, lead: str, where: str, campaign: str, status: str) -> Done:
    """Make the lead, or each of a group, a member with this status."""
    connected, side = stage.located(where)
    statuses = [join(stage, connected, side, one, campaign, status) for one in stage.people(lead)]
    return Done(f"{len(statuses)} in {campaign} with status {statuses[0]}")


@named("set_member_status")
class SetMemberStatus(Step):
    """Change a member's status in one system, and nothing else of the lead."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    campaign: str = Field(description="The campaign's name on either side of the integration.")
    status: str = Field(description="The member status.")

    def lacks(self, stage: Stage) -> str:
        """A system that keeps no members."""
        return self.cannot(stage, self.in_, Capability.MEMBERS, "campaign members")

    def run(self, stage: Stage) -> Done:
        return joined(stage, self.lead, self.in_, self.campaign, self.status)


@named("remove_from_campaign")
class RemoveFromCampaign(Step):
    """Take a lead out of a campaign in one system."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    campaign: str = Field(description="The campaign's name on either side of the integration.")

    def lacks(self, stage: Stage) -> str:
        """A system that keeps no members."""
        return self.cannot(stage, self.in_, Capability.MEMBERS, "campaign members")

    def run(self, stage: Stage) -> Done:
        from leadproof.scenario.steps.editing import record_of

        connected, side = stage.located(self.in_)
        campaign = campaign_of(stage, connected, side, self.campaign)
        for person in stage.people(self.lead):
            record = record_of(stage, connected, side, person)
            write = MemberWrite("remove", campaign.id, record.object, record.id)
            stage.settle(connected, side, connected.system(side).set_members([write])[0], "CampaignMember")
        return Done(f"out of {campaign.name}")
