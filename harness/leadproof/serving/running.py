"""The running sandbox of a folder: `.leadproof/up.json`, and what our other commands can ask of it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from leadproof.lab import Lab
from leadproof.serving.environment import proxied
from leadproof.serving.options import STATE_FILE
from leadproof.serving.refusals import ServingRefused, no_client
from leadproof.systems.credentials import Credentials
from leadproof.systems.organization import Side
from leadproof.systems.ports import Crm, Marketing
from leadproof.systems.registry import dialects, open_system
from leadproof.transports.http import Http
from leadproof.transports.protocol import Request, Response, TransportFailed

SYNC_SECONDS = 3600.0
"""A first sync of a large org may take long; the connection shows whether the other side still lives."""


@dataclass(frozen=True, slots=True)
class RunningSystem:
    """One fake system as the connector's actor reaches it."""

    dialect: str
    url: str
    org: str
    credentials: Credentials

    def to_json(self) -> dict[str, Any]:
        """`{"dialect", "url", "org", "credentials"}`."""
        told = self.credentials.to_json()
        return {"dialect": self.dialect, "url": self.url, "org": self.org, "credentials": told}


@dataclass(frozen=True, slots=True)
class Service:
    """A local service and its token."""

    url: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proxy:
    """The way for clients with built-in hosts: the proxy's URL, and the file of the authority to trust."""

    url: str
    ca: str


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox that `leadproof up` serves. What it prints with `--json` is `to_json()`.

    `connector` is None where one of the systems has no client of ours, `proxy` without `--tls`. `integration` is the
    file that it was started with.
    """

    crm: RunningSystem
    marketing: RunningSystem
    connector: Service | None
    control: Service
    seed: int
    proxy: Proxy | None = None
    integration: str = ""

    def to_json(self) -> dict[str, Any]:
        """`{"crm", "marketing", "connector", "control", "seed"}`, with `--tls` also `"proxy", "ca", "env"`; secrets
        are in it."""
        told = {
            "crm": self.crm.to_json(),
            "marketing": self.marketing.to_json(),
            "connector": asdict(self.connector) if self.connector is not None else None,
            "control": asdict(self.control),
            "seed": self.seed,
        }
        if self.proxy is None:
            return told
        it = self.proxy
        return {**told, "proxy": it.url, "ca": it.ca, "env": proxied(it.url, it.ca)}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Running:
        """Read `to_json`'s form; raises KeyError or TypeError where it is another."""
        return cls(
            _system(raw["crm"]),
            _system(raw["marketing"]),
            Service(**raw["connector"]) if raw["connector"] is not None else None,
            Service(**raw["control"]),
            raw["seed"],
            Proxy(raw["proxy"], raw["ca"]) if "proxy" in raw else None,
            raw.get("integration", ""),
        )

    def open_crm(self) -> Crm:
        """A client of the CRM org. Raises ServingRefused RUN818 where we have none."""
        it = self._spoken("crm", self.crm)
        return open_system("crm", it.dialect, Http(it.url), it.org, it.credentials)

    def open_marketing(self) -> Marketing:
        """A client of the marketing org. Raises ServingRefused RUN818 where we have none."""
        it = self._spoken("marketing", self.marketing)
        known = replace(it.credentials, login_url=it.credentials.instance_url)  # Pardot's login is Salesforce's
        return open_system("marketing", it.dialect, Http(it.url), it.org, known)

    def open_lab(self) -> Lab:
        """The sandbox's controls."""
        return Lab(Http(self.control.url), token=self.control.token)

    def sync(self, *, cycles: int = 1, until_quiet: bool = False) -> list[Mapping[str, Any]]:
        """Run cycles of the connector; one report each, as `service.py` documents them."""
        body: dict[str, Any] = {"until": "quiet"} if until_quiet else {"cycles": cycles}
        reports: list[Mapping[str, Any]] = self._ask("POST", "/sync", body)["cycles"]
        return reports

    def install(self) -> list[str]:
        """Add to the CRM what the connector needs; what was added, [] the second time."""
        added: list[str] = self._ask("POST", "/install")["added"]
        return added

    def reset(self) -> None:
        """Both systems back to the recipe, and the connector's memory emptied."""
        if self.connector is not None:
            self._ask("POST", "/reset")
            return
        lab = self.open_lab()
        try:
            lab.reset(self.seed)
        finally:
            lab.close()

    def status(self) -> Mapping[str, Any]:
        """The connector's: cycles so far, whether it runs by itself."""
        return self._ask("GET", "/status")

    def _spoken(self, side: Side, system: RunningSystem) -> RunningSystem:
        if system.dialect not in dialects(side):
            raise no_client(side, system.dialect)
        return system

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        if self.connector is None:
            self._spoken("crm", self.crm)
            self._spoken("marketing", self.marketing)
            raise ServingRefused("RUN818", "This sandbox runs without a connector.")
        wire = Http(self.connector.url, answer_seconds=SYNC_SECONDS)
        headers = {"authorization": f"Bearer {self.connector.token}", "content-type": "application/json"}
        try:
            told = b"" if body is None else json.dumps(body).encode()
            response = wire.send(Request(method, path, (), headers, told))
        except TransportFailed as failed:
            text = f"The sandbox at {self.connector.url} does not answer: {failed.text}."
            raise ServingRefused("RUN811", text, "Start it with `leadproof up`.") from failed
        finally:
            wire.close()
        return _body(f"{method} {self.connector.url}{path}", response)


def find_running(state_file: Path = STATE_FILE) -> Running:
    """The sandbox that runs in this folder. Raises ServingRefused: RUN811 none, RUN812 an unusable file."""
    try:
        text = state_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = f"No sandbox is running here: there is no {state_file}."
        raise ServingRefused("RUN811", text, "Start one with `leadproof up` in this folder.") from None
    except OSError as wrong:
        raise ServingRefused("RUN812", f"{state_file} can't be read: {wrong.strerror}.") from wrong
    try:
        return Running.from_json(json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        text = f"{state_file} is not what this version of leadproof writes: {wrong!r}."
        raise ServingRefused("RUN812", text, "Stop the sandbox and start it again.") from wrong


def another_running(state_file: Path = STATE_FILE) -> Running | None:
    """The sandbox that this folder's file names already, where something still answers there."""
    try:
        found = find_running(state_file)
    except ServingRefused:
        return None
    at = urlsplit(found.control.url)
    try:
        socket.create_connection((at.hostname or "", at.port or 0), timeout=1).close()
    except OSError:
        return None
    return found


def write_running(running: Running, state_file: Path) -> None:
    """Write it for this user's eyes only: the tokens are in it. What `up --json` prints, and the integration file."""
    state_file.parent.mkdir(parents=True, exist_ok=True)
    fresh = state_file.with_name(f"{state_file.name}.{os.getpid()}")
    # Created with its mode, and renamed: at no time can others read it, or we half of it.
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({**running.to_json(), "integration": running.integration}, file, indent=1)
    fresh.replace(state_file)


def remove_running(running: Running, state_file: Path) -> None:
    """Remove the file if it is still ours: a second sandbox in the same folder may have replaced it."""
    try:
        if find_running(state_file).connector == running.connector:
            state_file.unlink()
    except (ServingRefused, OSError):
        return


def _system(raw: Mapping[str, Any]) -> RunningSystem:
    return RunningSystem(raw["dialect"], raw["url"], raw["org"], Credentials(**raw["credentials"]))


def _body(operation: str, response: Response) -> dict[str, Any]:
    try:
        body = json.loads(response.body)
    except ValueError:
        body = None
    if isinstance(body, dict) and response.status < 400:
        return body
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        raise ServingRefused(str(error.get("code")), str(error.get("message")), str(error.get("fix", "")))
    raise ServingRefused("RUN814", f"{operation} answered {response.status}, and nothing of the connector's.")
