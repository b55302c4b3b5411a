"""The client of a sandbox's control API, `/_lab`: its clock, journal, faults, snapshots and orgs.

Exists for sandboxes only; a step that needs it is skipped on a live target (architecture.md "The rules of the
house", 9). Raises the failures of `leadproof.systems.failures`, with the system named "the sandbox".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

import orjson

from leadproof.names import Names
from leadproof.systems.native.responses import Answer, read, send
from leadproof.transports.protocol import Request, Transport

Fact: TypeAlias = Mapping[str, Any]
"""A fact of the journal; its keys stand in formats.md "Ports" and the engine's journal."""
FactKind: TypeAlias = Literal["exchange", "change", "decision", "fault", "note"]
ClockMode: TypeAlias = Literal["frozen", "virtual", "follow"]

FACTS = 10_000
"""Facts a page of the journal holds."""
SYSTEM = "the sandbox"


@dataclass(frozen=True, slots=True)
class Clock:
    """The sandbox's time and how it moves."""

    now: datetime
    mode: ClockMode


class Lab:
    """Controls one sandbox over a transport. `token` is needed from outside the process."""

    def __init__(self, transport: Transport, *, token: str = "") -> None:
        self._transport = transport
        self._headers = {"x-lab-token": token} if token else {}

    # --- state -----------------------------------------------------------------------------------

    def state(self) -> Mapping[str, Any]:
        """What the sandbox is: seed, clock, orgs."""
        return self._call("GET", "state").body

    def reset(self, seed: int | str | None = None) -> None:
        """Back to the state at the start; the journal goes on, with a fact that says so. With a seed everything
        is built anew as the recipe says, the journal and the files of a data folder too."""
        self._call("POST", "reset", json=None if seed is None else {"seed": seed})

    def save(self, name: str) -> None:
        """Save everything but the journal under a name."""
        self._call("POST", f"snapshots/{quote(name, safe='')}")

    def restore(self, name: str) -> None:
        """Back to a saved state."""
        self._call("POST", f"snapshots/{quote(name, safe='')}/restore")

    def fork(self, name: str) -> Mapping[str, Any]:
        """A second, independent sandbox at a saved state; answers where it is served."""
        return self._call("POST", f"snapshots/{quote(name, safe='')}/fork").body

    # --- clock -----------------------------------------------------------------------------------

    def clock(self) -> Clock:
        """The time now; asking doesn't move it."""
        return _clock(self._call("GET", "clock").body)

    def set_clock(self, mode: ClockMode) -> Clock:
        """Freeze the clock, let it move with requests (`virtual`), or let it follow the wall's."""
        return _clock(self._call("PATCH", "clock", json={"mode": mode}).body)

    def advance(self, seconds: int) -> Clock:
        """Move the clock forward."""
        return _clock(self._call("POST", "clock/advance", json={"seconds": seconds}).body)

    def wait_for_reads(self, orgs: Iterable[str]) -> bool:
        """Let the time pass after which reads of these orgs tell all that was written (sync-semantics.md "Cycles");
        whether there was any to wait for."""
        wanted = set(orgs)
        seconds = max((int(one["reads_lag_seconds"]) for one in self.orgs() if one["name"] in wanted), default=0)
        if seconds:
            self.advance(seconds + 1)  # what was written within the last second is older than the lag then, too
        return bool(seconds)

    # --- faults ----------------------------------------------------------------------------------

    def faults(self) -> Sequence[Mapping[str, Any]]:
        """The faults that are switched on."""
        found: list[Mapping[str, Any]] = self._call("GET", "faults").body["faults"]
        return found

    def add_fault(self, fault: Mapping[str, Any]) -> None:
        """Switch a fault on; its keys stand in formats.md "Scenario"."""
        self._call("POST", "faults", json=dict(fault))

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self._call("DELETE", "faults")

    # --- journal ---------------------------------------------------------------------------------

    def journal(
        self,
        *,
        kind: FactKind | None = None,
        org: str | None = None,
        object: str | None = None,
        id: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> Iterator[Fact]:
        """The facts after number `after` in their order, page by page; all unless `limit` says fewer."""
        filters = {"kind": kind, "org": org, "object": object, "id": id}
        query = [(key, value) for key, value in filters.items() if value is not None]
        left = limit
        while left is None or left > 0:
            size = FACTS if left is None else min(FACTS, left)
            page = self._call("GET", "journal", query=[*query, ("after", str(after)), ("limit", str(size))]).body
            yield from page["facts"]
            if page["next"] is None or not page["facts"]:
                return
            after = int(page["next"])
            left = None if left is None else left - len(page["facts"])

    def last_fact(self) -> int:
        """The number of the newest fact; 0 where there is none."""
        return int(self._call("GET", "journal/digest").body["last"])

    def clear_journal(self) -> None:
        """Forget the facts so far."""
        self._call("DELETE", "journal")

    def digest(self) -> str:
        """The digest of all facts so far (formats.md "The digest")."""
        return str(self._call("GET", "journal/digest").body["digest"])

    def verify(self, expectation: Mapping[str, Any]) -> Mapping[str, Any]:
        """Whether the journal holds the exchanges expected (count, order); if not, the nearest of each."""
        return self._call("POST", "journal/verify", json=dict(expectation)).body

    # --- orgs ------------------------------------------------------------------------------------

    def orgs(self) -> Sequence[Mapping[str, Any]]:
        """The orgs, by name."""
        found: list[Mapping[str, Any]] = self._call("GET", "orgs").body["orgs"]
        return found

    def add_org(self, name: str, recipe: Mapping[str, Any]) -> None:
        """Build one more org beside the others."""
        self._call("POST", "orgs", json={"name": name, "recipe": dict(recipe)})

    def drop_org(self, name: str) -> None:
        """Remove an org."""
        self._call("DELETE", f"orgs/{quote(name, safe='')}")

    def set_org(self, name: str, settings: Mapping[str, Any]) -> None:
        """Change an org's settings: allowlist, connector, quota, users, assignment_rules, duplicate_rules,
        default_owner, fields."""
        self._call("PATCH", f"orgs/{quote(name, safe='')}/settings", json=dict(settings))

    def names(self, org: str) -> Names:
        """What the org's vendor calls the engine's objects, fields and users."""
        return Names.from_json(self._call("GET", f"orgs/{quote(org, safe='')}/names").body)

    def rules(self, org: str) -> Mapping[str, Any]:
        """Who gets the org's leads, in the engine's ids: `default_owner` and `assignment_rules` as in a recipe."""
        return self._call("GET", f"orgs/{quote(org, safe='')}/rules").body

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()

    def _call(self, method: str, path: str, *, query: Sequence[tuple[str, str]] = (), json: object = None) -> Answer:
        operation = f"{method} /_lab/{path}"
        headers = dict(self._headers)
        body = b""
        if json is not None:
            headers["content-type"] = "application/json"
            body = orjson.dumps(json)
        request = Request(method, f"/_lab/{path}", tuple(query), headers, body)
        return read(SYSTEM, operation, send(self._transport, SYSTEM, operation, request))


def _clock(body: Mapping[str, Any]) -> Clock:
    return Clock(datetime.fromisoformat(body["now"]), body["mode"])
