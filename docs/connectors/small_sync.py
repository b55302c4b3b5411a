"""A small connector: every prospect becomes a lead, changes of phone and name follow it. Run it for each sync.

leadproof run --connector "python docs/connectors/small_sync.py"
"""

import json
import os
from pathlib import Path

import httpx2

FIELDS = {
    "email": "Email",
    "first_name": "FirstName",
    "last_name": "LastName",
    "company": "Company",
    "phone": "Phone",
    "country": "Country",
    "source": "LeadSource",
    "score": "Score__c",
}


def system(side: str) -> httpx2.Client:
    """A client of one side, logged in, its base the org's own API."""
    told = {key: os.environ[f"LEADPROOF_{side.upper()}_{key}"] for key in ("URL", "ORG", "USERNAME", "PASSWORD")}
    base = f"{told['URL']}/{told['ORG']}/{side}/v1/"
    return httpx2.Client(base_url=base, auth=(told["USERNAME"], told["PASSWORD"]), trust_env=False)


def changed(client: httpx2.Client, kind: str, since: str) -> tuple[list[dict], str]:
    """Every record of a kind that changed since the cursor, page by page, and the new cursor."""
    records: list[dict] = []
    while True:
        page = client.get(f"changes/{kind}", params={"since": since} if since else {}).raise_for_status().json()
        records += page["records"]
        since = str(page["next"])
        if not page["more"]:
            return records, since


state = Path(os.environ["LEADPROOF_STATE_DIR"]) / "cursor.json"
cursor = json.loads(state.read_text()) if state.exists() else ""
with system("crm") as crm, system("marketing") as marketing:
    prospects, cursor = changed(marketing, "prospect", cursor)
    for prospect in prospects:
        values = {there: prospect["values"].get(here) for here, there in FIELDS.items()}
        values = {name: value for name, value in values.items() if value is not None}
        values["LastName"] = values.get("LastName", "Unknown")
        values["Company"] = values.get("Company", "Unknown")
        lead = crm.put(f"records/Lead/by/MarketingId__c/{prospect['id']}", json={"values": values}).raise_for_status()
        if prospect["values"].get("crm_id") != lead.json()["id"]:
            link = {"values": {"crm_id": lead.json()["id"]}}
            marketing.patch(f"records/prospect/{prospect['id']}", json=link).raise_for_status()
    state.write_text(json.dumps(cursor))
