"""How the contract test speaks to each dialect: the same few things, in the vendor's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tests.dialects.heard import Heard
from tests.dialects.pardot.speaker import PardotSpeaker
from tests.dialects.salesforce.speaker import SalesforceSpeaker
from tests.gateway.caller import Caller, Reply, basic


class Speaker(Protocol):
    """One side of one dialect. `setup` is what its org's recipe says beyond the others'; `good` fits a new person;
    `required` names a field that it can't do without."""

    dialect: str
    org: str
    setup: Mapping[str, Any]
    good: Mapping[str, Any]
    required: str
    email: str

    def create(self, caller: Caller, values: Mapping[str, Any]) -> Heard: ...
    def read(self, caller: Caller, id: str) -> Heard: ...
    def update(self, caller: Caller, id: str, values: Mapping[str, Any]) -> Heard: ...
    def delete(self, caller: Caller, id: str) -> Heard: ...
    def describe(self, caller: Caller) -> dict[str, bool]: ...
    def changes(self, caller: Caller, since: str | None) -> tuple[list[str], str]: ...
    def login(self, caller: Caller) -> Caller: ...
    def with_password(self, caller: Caller, password: str) -> Caller: ...


class NativeSpeaker:
    """The native dialect, of either side."""

    dialect = "native"
    setup: Mapping[str, Any] = {}

    def __init__(self, side: str) -> None:
        self.org = f"acme-{side}"
        self.base = f"/{self.org}/{side}/v1"
        if side == "crm":
            self.object, self.required, self.email = "Lead", "Company", "Email"
            self.good: Mapping[str, Any] = {"LastName": "Test", "Company": "Example", "Email": "test@lead.example"}
        else:
            self.object, self.required, self.email = "prospect", "email", "email"
            self.good = {"last_name": "Test", "email": "test@prospect.example"}

    def __repr__(self) -> str:
        return f"{self.dialect}-{self.org}"

    def create(self, caller: Caller, values: Mapping[str, Any]) -> Heard:
        return _heard(caller.post(f"{self.base}/records/{self.object}", {"values": dict(values)}))

    def read(self, caller: Caller, id: str) -> Heard:
        return _heard(caller.get(f"{self.base}/records/{self.object}/{id}"))

    def update(self, caller: Caller, id: str, values: Mapping[str, Any]) -> Heard:
        return _heard(caller.patch(f"{self.base}/records/{self.object}/{id}", {"values": dict(values)}))

    def delete(self, caller: Caller, id: str) -> Heard:
        return _heard(caller.delete(f"{self.base}/records/{self.object}/{id}"))

    def describe(self, caller: Caller) -> dict[str, bool]:
        described = caller.get(f"{self.base}/objects/{self.object}").json
        return {field["id"]: field["required"] for field in described["fields"]}

    def changes(self, caller: Caller, since: str | None) -> tuple[list[str], str]:
        query = {} if since is None else {"since": since}
        page = caller.get(f"{self.base}/changes/{self.object}", query=query).json
        return [record["id"] for record in page["records"]], page["next"]

    def login(self, caller: Caller) -> Caller:
        return caller.login(self.org)

    def with_password(self, caller: Caller, password: str) -> Caller:
        return Caller(caller.app, caller.actor, basic(password=password))


def _heard(reply: Reply) -> Heard:
    if reply.status < 400:
        record = reply.json if reply.body else {}
        return Heard(id=record.get("id"), values=record.get("values"))
    error = reply.error
    fields = [problem["field"] for problem in error["problems"]]
    wait = reply.headers.get("retry-after")
    return Heard(error["kind"], fields[0] if fields else None, wait_seconds=int(wait) if wait else None)


SPEAKERS: tuple[Speaker, ...] = (NativeSpeaker("crm"), NativeSpeaker("marketing"), SalesforceSpeaker(), PardotSpeaker())
