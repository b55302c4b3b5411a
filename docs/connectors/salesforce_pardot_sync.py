"""A small connector between Pardot and Salesforce, with simple-salesforce: it knows nothing of a sandbox.

Prove it with

    leadproof init --crm salesforce --marketing pardot demo
    leadproof run demo --connector "python docs/connectors/salesforce_pardot_sync.py"
"""

import json
import os
from pathlib import Path

import requests
from simple_salesforce import Salesforce

PARDOT = "https://pi.pardot.com/api/v5/objects/prospects"
FIELDS = {
    "email": "Email",
    "firstName": "FirstName",
    "lastName": "LastName",
    "company": "Company",
    "phone": "Phone",
    "jobTitle": "Title",
    "country": "Country",
    "source": "LeadSource",
}
LINK = "MarketingId__c"

state = Path(os.environ["LEADPROOF_STATE_DIR"]) / "stamp.json"
login = {name: os.environ[f"LEADPROOF_CRM_{name.upper()}"] for name in ("username", "password", "security_token")}
salesforce = Salesforce(**login)
pardot = requests.Session()
pardot.headers["Authorization"] = f"Bearer {salesforce.session_id}"
pardot.headers["Pardot-Business-Unit-Id"] = os.environ["LEADPROOF_MARKETING_BUSINESS_UNIT_ID"]

asked = {"fields": ",".join(["id", "salesforceId", "updatedAt", *FIELDS]), "orderBy": "updatedAt", "limit": "1000"}
if state.exists():
    asked["updatedAtAfterOrEqualTo"] = json.loads(state.read_text())
while asked:
    page = pardot.get(PARDOT, params=asked)
    page.raise_for_status()
    for prospect in page.json()["values"]:
        values = {there: prospect[here] for here, there in FIELDS.items() if prospect[here]}
        lead = salesforce.Lead.upsert(f"{LINK}/{prospect['id']}", values, raw_response=True)
        if lead.status_code == 201:
            created = lead.json()["id"]
            pardot.patch(f"{PARDOT}/{prospect['id']}", json={"salesforceId": created}).raise_for_status()
        state.write_text(json.dumps(prospect["updatedAt"]))
    token = page.json()["nextPageToken"]
    asked = {"nextPageToken": token} if token else {}
