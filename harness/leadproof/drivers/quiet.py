"""Waiting for quiet: nobody changes anything, and the connector has looked at both sides since the last change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leadproof.drivers.driven import Place
from leadproof.sandbox import CONNECTOR
from leadproof.stopwatch import Stopwatch

LOOK_EVERY = 0.05
"""Seconds between two looks into the journal."""
READING_POSTS = ("/query", "/token", "/query/", "/do/query", "/do/read", "/revoke")
"""How paths end that are posted to without writing: queries and logins."""


@dataclass(slots=True)
class Watched:
    """What the journal has told so far. `looked`: orgs that the connector has read since the last change."""

    position: int
    looked: set[str] = field(default_factory=set)
    called: bool = False
    since: Stopwatch = field(default_factory=Stopwatch)

    def take(self, fact: Mapping[str, Any]) -> None:
        """One more fact."""
        self.position = int(fact["n"])
        if fact["kind"] == "change" or _write_attempt(fact):
            self.looked.clear()
            self.since = Stopwatch()
        elif fact["kind"] == "exchange" and fact["actor"] == CONNECTOR and int(fact["status"]) < 400:
            self.called = True
            self.looked.add(str(fact["org"]))


def wait_for_quiet(
    place: Place,
    after: int,
    *,
    quiet_seconds: float,
    deadline_seconds: float,
    must_look: bool,
    ended: Callable[[], bool] = lambda: False,
) -> Watched | None:
    """Wait until nothing was changed or tried for `quiet_seconds`; with `must_look` the connector must have read
    both orgs since the last change. None when the deadline came first or `ended` says that there is nobody left
    to wait for. Facts up to number `after` are of the past.
    """
    watched = Watched(after)
    wanted = {place.crm, place.marketing}
    whole, pause = Stopwatch(), threading.Event()
    while True:
        for fact in place.sandbox.lab.journal(after=watched.position):
            watched.take(fact)
        if watched.since.seconds >= quiet_seconds and (not must_look or watched.looked >= wanted):
            return watched
        if whole.seconds >= deadline_seconds or ended():
            return None
        pause.wait(LOOK_EVERY)


def _write_attempt(fact: Mapping[str, Any]) -> bool:
    """A call that would have changed something and was refused."""
    if fact["kind"] != "exchange" or fact["method"] in ("GET", "HEAD", "OPTIONS") or int(fact["status"]) < 400:
        return False
    return not str(fact["path"]).rstrip("/").endswith(READING_POSTS)
