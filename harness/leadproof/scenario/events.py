"""The one stream of events that a run emits; every report is a listener of it (formats.md "Events").

An event is a fact about the run, already finished. `n` counts from 1 in the order in which the listeners see
events, `at` is the sandbox's virtual time (ISO, UTC) or "" where no world is running. `data` holds the
kind's own keys, all of them plain JSON values; the keys of each kind stand in KINDS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Verdict = Literal["passed", "failed", "error", "skipped"]

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "run_started": ("seed", "version", "scenarios", "over", "jobs", "again", "comparable"),
        "scenario_started": ("name", "file", "covers"),
        "step_started": ("name", "said", "file", "line"),
        "step_finished": ("name", "said", "file", "line", "verdict", "text", "rows"),
        "check_finished": (
            "id",
            "name",
            "said",
            "verdict",
            "compared",
            "expected",
            "found",
            "file",
            "line",
            "finding",
            "findings",
            "rows",
            "exchanges",
        ),
        "finding": ("finding",),
        "exchange": ("fact",),
        "change": ("fact",),
        "decision": ("fact",),
        "fault": ("fact",),
        "progress": ("done", "total", "text"),
        "notice": ("level", "text"),
        "journey": ("person", "stations"),
        "timeline": ("calls",),
        "lead_fields": ("person", "rows"),
        "prepared": ("connection", "crm", "marketing", "definitions", "programs"),
        "scenario_finished": ("name", "file", "verdict", "reason", "digest", "seed", "wall_seconds"),
        "run_finished": ("verdict", "seed", "digest", "counts", "wall_seconds"),
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `scenario` is a scenario's id, `step` a step's number from 1, None outside of one."""

    kind: str
    n: int = 0
    at: str = ""
    scenario: str | None = None
    step: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """One line of the NDJSON report."""
        head = {
            "v": 1,
            "n": self.n,
            "kind": self.kind,
            "at": self.at,
            "scenario": self.scenario,
            "step": self.step,
        }
        return {**head, **self.data}


Listener = Callable[[Event], None]
