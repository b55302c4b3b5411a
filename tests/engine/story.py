"""One story that touches everything that draws, counts or orders. Run as a program it prints the digest."""

from __future__ import annotations

import sys

from leadsim.engine.change import Change
from leadsim.engine.members import MemberWrite
from leadsim.engine.refusals import Refused
from leadsim.world import World
from tests.engine.worlds import KARI, SYNC, VISITOR, create, update, world

MARKETING = {
    "forms": [{"id": "contact", "fields": ["email", "phone", "comments"], "add_to_lists": ["warm"]}],
    "lists": [
        {"id": "warm", "name": "Warm"},
        {"id": "hot", "name": "Hot", "criteria": {"rows": [["score", ">=", 50]]}, "removes_from": ["warm"]},
    ],
    "scoring": [{"on": "form_submission", "points": 30}],
    "records": [
        {"object": "prospect", "count": 5, "values": {"email": {"fake": "email"}, "last_name": {"fake": "last_name"}}}
    ],
}
CRM = {
    "fields": [{"object": "Lead", "id": "Tags__c", "type": "multi_select", "choices": ["b", "a", "c"]}],
    "assignment_rules": [
        {
            "name": "turns",
            "criteria": {"rows": [["Country", "in", ["NO", "DK"]]]},
            "assign": {"round_robin": ["kari", "ola"]},
        },
        {"name": "gone", "assign": {"user": "gone"}},
    ],
    "duplicate_rules": [{"name": "e-mail", "object": "Lead", "match": ["Email"], "action": "report"}],
    "campaigns": [{"as": "spring", "values": {"Name": "Spring"}}],
    "records": [{"object": "Account", "count": 5, "values": {"Name": {"fake": "company"}}}],
}


def tell(seed: int | str = 7, city: str = "Oslo") -> World:
    """The story, in a new world."""
    one = world(crm=CRM, marketing=MARKETING, seed=seed)
    crm, marketing = one.orgs["crm"], one.orgs["marketing"]
    leads = [
        create(crm, "Lead", SYNC, Email=f"l{n % 4}@lead.example", Country="NO", Tags__c=["c", "a"]) for n in range(6)
    ]
    one.clock.tick()
    update(crm, leads[0], KARI, City=city, Tags__c=["a", "c"])
    for number in range(3):
        one.clock.tick()
        marketing.submit_form("contact", {"email": f"p{number % 2}@lead.example", "comments": f"no {number}"}, VISITOR)
    campaign, _ = crm.campaigns()[0]
    crm.set_members([MemberWrite("set", campaign.id, "Lead", lead.id, "Responded") for lead in leads[:3]], SYNC)
    crm.save(Change("convert", "Lead", id=leads[1].id, values={"opportunity": True}), KARI)
    crm.save(Change("merge", "Lead", id=leads[2].id, into=leads[3].id), KARI)
    crm.save(Change("delete", "Lead", id=leads[4].id), SYNC)
    try:
        create(crm, "Lead", SYNC, LastName="")
    except Refused:
        one.clock.tick()
    marketing.send_email(["warm", "hot"], "Hello", SYNC)
    return one


if __name__ == "__main__":
    told = tell(*sys.argv[1:])
    print(told.journal.digest(), *[len(org.store.dump()) for org in told.orgs.values()])
