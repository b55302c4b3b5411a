"""Calls a sandbox's ASGI application directly, as a client on the wire would: whole requests, whole answers."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from leadsim.app import Sandbox, build_app
from leadsim.recipe import Recipe

SYNC = "sync"
PASSWORD = "leadproof-sync"
CRM = "/acme-crm/crm/v1"
MARKETING = "/acme-marketing/marketing/v1"
RECIPE: dict[str, Any] = {
    "actors": {"connector": {"address": "10.20.0.7"}, "visitor": {"address": "203.0.113.9"}},
    "orgs": {
        "acme-crm": {
            "users": [{"id": "sync"}, {"id": "kari.c"}, {"id": "ola.c", "active": False}],
            "queues": [{"id": "inbound"}],
            "logins": [
                {"actor": "connector", "user": "sync", "may": ["api", "write"]},
                {"actor": "connector", "user": "reader", "may": ["api"]},
                {"actor": "connector", "user": "nobody", "may": []},
            ],
            "default_owner": "sync",
            "campaigns": [
                {
                    "as": "spring",
                    "values": {"Name": "Spring test"},
                    "statuses": [{"name": "Sent"}, {"name": "Responded", "responded": True}],
                }
            ],
            "duplicate_rules": [{"name": "Same e-mail", "object": "Lead", "match": ["Email"]}],
        },
        "acme-marketing": {
            "users": [{"id": "sync"}, {"id": "kari.m"}],
            "logins": [{"actor": "connector", "user": "sync", "may": ["api", "write"]}],
            "campaigns": [
                {
                    "as": "spring",
                    "values": {"name": "spring"},
                    "statuses": [{"name": "sent"}, {"name": "clicked", "responded": True}],
                }
            ],
            "forms": [{"id": "contact", "fields": ["email", "last_name", "phone", "comments"], "required": ["email"]}],
            "lists": [{"id": "news", "name": "News"}],
            "duplicate_rules": [{"name": "Same e-mail", "object": "prospect", "match": ["email"]}],
        },
    },
}


@dataclass(frozen=True)
class Reply:
    """A whole answer, or how it was lost."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    lost: str | None = None

    @property
    def json(self) -> Any:
        """The body."""
        return orjson.loads(self.body)

    @property
    def error(self) -> Any:
        """The error of a refusal."""
        return self.json["error"]


@dataclass
class Caller:
    """One client: its actor and the headers it always sends."""

    app: Any
    actor: str = "connector"
    headers: Mapping[str, str] = field(default_factory=dict)
    extensions: bool = True
    peer: str | None = None

    def send(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        body: bytes = b"",
        query: Sequence[tuple[str, str]] | Mapping[str, str] = (),
        headers: Mapping[str, str] | None = None,
        pieces: int = 1,
    ) -> Reply:
        """One request. `json` None: the `body` as it is. `pieces`: in how many parts the body arrives."""
        told = {"host": "sandbox", **self.headers, **(headers or {})}
        if json is not None:
            body, told = orjson.dumps(json), {"content-type": "application/json", **told}
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": quote(path, safe="/:@!$&'()*+,;=~-._%").encode(),
            "query_string": urlencode(query).encode(),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told.items()],
            "server": ("sandbox", 80),
            "client": (self.peer, 4321) if self.peer else None,
        }
        if self.extensions:
            scope["extensions"] = {"leadsim": {"actor": self.actor} if self.actor else {}}
        return _step(self.app, scope, _split(body, pieces))

    def get(self, path: str, **more: Any) -> Reply:
        """GET"""
        return self.send("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> Reply:
        """POST"""
        return self.send("POST", path, json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> Reply:
        """PATCH"""
        return self.send("PATCH", path, json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> Reply:
        """PUT"""
        return self.send("PUT", path, json, **more)

    def delete(self, path: str, **more: Any) -> Reply:
        """DELETE"""
        return self.send("DELETE", path, **more)

    def form(self, path: str, **values: str) -> Reply:
        """POST of a form."""
        return self.send(
            "POST", path, body=urlencode(values).encode(), headers={"content-type": "application/x-www-form-urlencoded"}
        )

    def login(self, org: str = "acme-crm", user: str = SYNC, password: str = "") -> Caller:
        """The same client, with a token."""
        reply = self.form(
            f"/{org}/oauth/token", grant_type="password", username=user, password=password or f"leadproof-{user}"
        )
        assert reply.status == 200, reply.body
        return Caller(self.app, self.actor, {"authorization": f"Bearer {reply.json['access_token']}"})


def basic(user: str = SYNC, password: str = "") -> dict[str, str]:
    """The header of HTTP Basic."""
    pair = f"{user}:{password or 'leadproof-' + user}"
    return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _split(body: bytes, pieces: int) -> list[bytes]:
    size = max(1, -(-len(body) // pieces))
    return [body[start : start + size] for start in range(0, len(body), size)] or [b""]


def _step(app: Any, scope: dict[str, Any], pieces: list[bytes]) -> Reply:
    """Step the application by hand: it must not wait for anything."""
    state: dict[str, Any] = {"status": 0, "headers": {}, "body": b"", "lost": None}
    waiting = list(pieces)

    async def receive() -> dict[str, Any]:
        if not waiting:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            state["status"] = message["status"]
            state["headers"] = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            state["body"] += message.get("body", b"")
        else:
            state["lost"] = message["kind"]

    try:
        app(scope, receive, send).__await__().__next__()
    except StopIteration:
        return Reply(**state)
    raise AssertionError(f"{scope['method']} {scope['path']} waited for something")


def build(recipe: Mapping[str, Any] = RECIPE, seed: int | str = 7, **more: Any) -> tuple[Sandbox, Caller]:
    """A sandbox and its connector."""
    sandbox = Sandbox.build(Recipe.model_validate(recipe), seed)
    return sandbox, Caller(build_app(sandbox, **more))


def recipe_with(org: str, **changes: Any) -> dict[str, Any]:
    """The recipe of these tests with changes to one org."""
    return {**RECIPE, "orgs": {**RECIPE["orgs"], org: {**RECIPE["orgs"][org], **changes}}}
