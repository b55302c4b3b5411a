"""A connector with three faults that are easily overlooked, to see what the checklist says of it.

leadproof run -k "many-records or letter-case or assignment-rules" --connector "python docs/connectors/poor_sync.py"
"""

import os

import httpx2

FIELDS = {"email": "Email", "last_name": "LastName", "company": "Company", "country": "Country"}


def system(side: str) -> httpx2.Client:
    """A client of one side, logged in, its base the org's own API."""
    told = {key: os.environ[f"LEADPROOF_{side.upper()}_{key}"] for key in ("URL", "ORG", "USERNAME", "PASSWORD")}
    base = f"{told['URL']}/{told['ORG']}/{side}/v1/"
    return httpx2.Client(base_url=base, auth=(told["USERNAME"], told["PASSWORD"]), trust_env=False)


with system("crm") as crm, system("marketing") as marketing:
    leads = crm.get("changes/Lead").raise_for_status().json()["records"]
    # First fault: one page of prospects, though the answer says that there is `more`.
    prospects = marketing.get("changes/prospect", params={"limit": 50}).raise_for_status().json()["records"]
    known = {lead["values"]["Email"]: lead["id"] for lead in leads}
    for prospect in prospects:
        held = prospect["values"]
        # Second fault: Ann@acme.example and ann@acme.example are one person, and two keys here.
        if held["email"] not in known:
            values = {there: held[here] for here, there in FIELDS.items() if held.get(here)}
            values = {"LastName": "Unknown", "Company": "Unknown", **values, "MarketingId__c": prospect["id"]}
            # Third fault: the CRM's assignment rules are not asked for, so every lead stays with the connector.
            body = {"values": values, "assign": False, "allow_duplicates": True}
            known[held["email"]] = crm.post("records/Lead", json=body).raise_for_status().json()["id"]
        if held.get("crm_id") != known[held["email"]]:
            link = {"values": {"crm_id": known[held["email"]]}}
            marketing.patch(f"records/prospect/{prospect['id']}", json=link).raise_for_status()
