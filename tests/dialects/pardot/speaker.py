"""How the contract test, and the tests beside this file, speak to a Pardot business unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadsim.dialects.pardot.ids import business_unit_id
from tests.dialects.heard import Heard
from tests.dialects.salesforce.speaker import RefusedLogin
from tests.gateway.caller import Caller, Reply

ORG = "acme-marketing"
KINDS: dict[int, str] = {9: "duplicate", 109: "gone", 219: "gone", 184: "expired", 122: "quota"}
FIELDS = "id,firstName,lastName,email,isDeleted,updatedAt"


def log_in(caller: Caller, org: str = ORG, user: str = "sync", password: str = "") -> Reply:
    """The password grant, at the business unit itself."""
    return caller.form(
        f"/{org}/services/oauth2/token", grant_type="password", client_id="sync", client_secret="leadproof-sync",
        username=user, password=password or f"leadproof-{user}",
    )  # fmt: skip


def signed_in(caller: Caller, org: str = ORG, user: str = "sync") -> Caller:
    """The same client, with a session and the business unit's id."""
    reply = log_in(caller, org, user)
    assert reply.status == 200, reply.body
    return with_session(caller, reply.json["access_token"], org)


def with_session(caller: Caller, token: str, org: str = ORG) -> Caller:
    """The same client, with this session."""
    headers = {"authorization": f"Bearer {token}", "pardot-business-unit-id": business_unit_id(org)}
    return Caller(caller.app, caller.actor, headers)


class PardotSpeaker:
    """The Pardot dialect, version 5."""

    dialect = "pardot"
    org = ORG
    setup: Mapping[str, Any] = {"dialect": "pardot"}
    good: Mapping[str, Any] = {"lastName": "Test", "email": "test@prospect.example"}
    required = "email"
    email = "email"
    base: str = f"/{ORG}/api/v5/objects/prospects"

    def __repr__(self) -> str:
        return self.dialect

    def create(self, caller: Caller, values: Mapping[str, Any]) -> Heard:
        if isinstance(caller, RefusedLogin):
            return caller.heard
        return _heard(caller.post(self.base, dict(values), query={"fields": FIELDS}))

    def read(self, caller: Caller, id: str) -> Heard:
        return _heard(caller.get(f"{self.base}/{id}", query={"fields": FIELDS}))

    def update(self, caller: Caller, id: str, values: Mapping[str, Any]) -> Heard:
        return _heard(caller.patch(f"{self.base}/{id}", dict(values), query={"fields": FIELDS}))

    def delete(self, caller: Caller, id: str) -> Heard:
        return _heard(caller.delete(f"{self.base}/{id}"))

    def describe(self, caller: Caller) -> dict[str, bool]:
        """Version 5 has no describe, so this is version 3's, whose names are others."""
        described = caller.get(f"/{ORG}/api/prospect/version/3/do/describe", query={"format": "json"}).json
        fields = [one["@attributes"] for one in described["result"]["field"]]
        return {_camel(one["id"]): one["isRequired"] == "1" for one in fields}

    def changes(self, caller: Caller, since: str | None) -> tuple[list[str], str]:
        query = {"fields": FIELDS, "deleted": "all", "orderBy": "updatedAt,id"}
        if since:
            query["updatedAtAfter"] = since
        values = caller.get(self.base, query=query).json["values"]
        return [str(one["id"]) for one in values], values[-1]["updatedAt"] if values else since or ""

    def login(self, caller: Caller) -> Caller:
        return self.with_password(caller, "")

    def with_password(self, caller: Caller, password: str) -> Caller:
        reply = log_in(caller, password=password)
        if reply.status == 200:
            return with_session(caller, reply.json["access_token"])
        kind = "address" if "ip restricted" in reply.json["error_description"] else "login"
        return RefusedLogin(caller.app, caller.actor, heard=Heard(kind))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _heard(reply: Reply) -> Heard:
    if reply.status < 400:
        record = reply.json if reply.body else {}
        return Heard(id=str(record["id"]) if "id" in record else None, values=record)
    error = reply.json
    field = error["message"].rpartition(": ")[2] if ": " in error["message"] else None
    wait = reply.headers.get("retry-after")
    return Heard(
        KINDS.get(error["code"], "invalid"),
        "email" if error["code"] == 4 else field,
        wait_seconds=int(wait) if wait else None,
    )
