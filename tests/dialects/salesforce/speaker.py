"""How the contract test, and the tests beside this file, speak to a Salesforce org."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.dialects.heard import Heard
from tests.gateway.caller import Caller, Reply

VERSION = "59.0"
_NAMED = re.compile(r"No such column '(\w+)'")
KINDS: dict[str, str] = {
    "DUPLICATES_DETECTED": "duplicate",
    "DUPLICATE_VALUE": "duplicate",
    "ENTITY_IS_DELETED": "gone",
    "NOT_FOUND": "gone",
    "INVALID_SESSION_ID": "expired",
    "REQUEST_LIMIT_EXCEEDED": "quota",
}


@dataclass
class RefusedLogin(Caller):
    """A client whose login was refused: each of its calls is answered so."""

    heard: Heard = field(default_factory=Heard)


def log_in(caller: Caller, org: str = "acme-crm", user: str = "sync", password: str = "") -> Reply:
    """The password grant."""
    return caller.form(
        f"/{org}/services/oauth2/token", grant_type="password", client_id="sync", client_secret="leadproof-sync",
        username=user, password=password or f"leadproof-{user}",
    )  # fmt: skip


class SalesforceSpeaker:
    """The Salesforce dialect."""

    dialect = "salesforce"
    org = "acme-crm"
    setup: Mapping[str, Any] = {"dialect": "salesforce"}
    good: Mapping[str, Any] = {"LastName": "Test", "Company": "Example", "Email": "test@lead.example"}
    required = "Company"
    email = "Email"
    base: str = f"/acme-crm/services/data/v{VERSION}"

    def __repr__(self) -> str:
        return self.dialect

    def create(self, caller: Caller, values: Mapping[str, Any]) -> Heard:
        if isinstance(caller, RefusedLogin):
            return caller.heard
        return _heard(caller.post(f"{self.base}/sobjects/Lead", dict(values)))

    def read(self, caller: Caller, id: str) -> Heard:
        return _heard(caller.get(f"{self.base}/sobjects/Lead/{id}"))

    def update(self, caller: Caller, id: str, values: Mapping[str, Any]) -> Heard:
        return _heard(caller.patch(f"{self.base}/sobjects/Lead/{id}", dict(values)))

    def delete(self, caller: Caller, id: str) -> Heard:
        return _heard(caller.delete(f"{self.base}/sobjects/Lead/{id}"))

    def describe(self, caller: Caller) -> dict[str, bool]:
        described = caller.get(f"{self.base}/sobjects/Lead/describe").json
        return {one["name"]: not one["nillable"] and not one["defaultedOnCreate"] for one in described["fields"]}

    def changes(self, caller: Caller, since: str | None) -> tuple[list[str], str]:
        where = f" WHERE SystemModstamp > {since}" if since else ""
        soql = f"SELECT Id, SystemModstamp FROM Lead{where} ORDER BY SystemModstamp, Id"
        records = caller.get(f"{self.base}/queryAll", query={"q": soql}).json["records"]
        cursor = records[-1]["SystemModstamp"] if records else since or ""
        return [record["Id"] for record in records], cursor

    def login(self, caller: Caller) -> Caller:
        return self.with_password(caller, "")

    def with_password(self, caller: Caller, password: str) -> Caller:
        reply = log_in(caller, password=password)
        if reply.status == 200:
            return Caller(caller.app, caller.actor, {"authorization": f"Bearer {reply.json['access_token']}"})
        kind = "address" if "ip restricted" in reply.json["error_description"] else "login"
        return RefusedLogin(caller.app, caller.actor, heard=Heard(kind))


def _heard(reply: Reply) -> Heard:
    if reply.status < 400:
        record = reply.json if reply.body else {}
        return Heard(id=record.get("id") or record.get("Id"), values=record)
    error = reply.json[0]
    named = _NAMED.search(error["message"])
    fields = error.get("fields") or ([named[1]] if named else [])
    wait = reply.headers.get("retry-after")
    kind = KINDS.get(error["errorCode"], "invalid")
    return Heard(kind, fields[0] if fields else None, wait_seconds=int(wait) if wait else None)
