"""A run's events gathered into scenarios, steps and checks: what the reports of a finished run are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadproof.scenario.events import Event

Json = Mapping[str, Any]


@dataclass(slots=True)
class Entry:
    """One step or check. `check` is its id, "" for a step that succeeded; `text`: what it did or compared."""

    number: int
    name: str
    said: str
    verdict: str
    text: str
    file: str
    line: int
    check: str = ""
    expected: str = ""
    found: str = ""
    rows: list[Json] = field(default_factory=list)
    findings: list[Json] = field(default_factory=list)
    exchanges: list[str] = field(default_factory=list)

    @property
    def finding(self) -> Json | None:
        """The likeliest cause."""
        return self.findings[0] if self.findings else None


@dataclass(slots=True)
class Told:
    """One scenario of a run."""

    id: str
    title: str
    file: str
    about: str = ""
    covers: list[str] = field(default_factory=list)
    verdict: str = "error"
    reason: str = ""
    digest: str = ""
    wall_seconds: float = 0.0
    entries: list[Entry] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    findings: list[Json] = field(default_factory=list)
    journey: Json | None = None
    fields: list[Json] = field(default_factory=list)
    calls: list[Json] = field(default_factory=list)

    @property
    def checks(self) -> list[Entry]:
        """The checks, and the steps that could not be done."""
        return [one for one in self.entries if one.check]

    @property
    def bad(self) -> list[Entry]:
        """What failed or could not be done."""
        return [one for one in self.entries if one.verdict in ("failed", "error")]


@dataclass(slots=True)
class Gathered:
    """Listens, and holds the run as far as it went. `comparable`: whether the same run gives the same digest; a
    connector of one's own on the wall's clock promises none (architecture.md "The connector")."""

    version: str = ""
    seed: str = ""
    over: str = ""
    again: str = ""
    comparable: bool = True
    verdict: str = "error"
    digest: str = ""
    wall_seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    left: int = 0
    scenarios: list[Told] = field(default_factory=list)
    prepared: list[Json] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        handler = getattr(self, f"_{event.kind}", None)
        if handler is not None:
            handler(event)

    @property
    def checks(self) -> list[Entry]:
        return [check for one in self.scenarios for check in one.checks]

    def _run_started(self, event: Event) -> None:
        self.version, self.seed = str(event.data["version"]), str(event.data["seed"])
        self.over, self.again = str(event.data["over"]), str(event.data.get("again", ""))
        self.comparable = bool(event.data.get("comparable", True))

    def _scenario_started(self, event: Event) -> None:
        data = event.data
        told = Told(str(event.scenario), data["name"], data["file"], data.get("about", ""), list(data["covers"]))
        self.scenarios.append(told)

    def _step_finished(self, event: Event) -> None:
        data, told = event.data, self.scenarios[-1]
        entry = Entry(
            event.step or 0,
            data["name"],
            data["said"],
            data["verdict"],
            data["text"],
            data["file"],
            data["line"],
            rows=list(data["rows"]),
        )
        if entry.verdict in ("error", "failed"):
            entry.check = f"{told.id}/{entry.name}@{entry.line}"
            entry.expected, entry.found = "the step can be done", entry.text
        told.entries.append(entry)

    def _check_finished(self, event: Event) -> None:
        data = event.data
        self.scenarios[-1].entries.append(
            Entry(
                event.step or 0,
                data["name"],
                data["said"],
                data["verdict"],
                data["compared"],
                data["file"],
                data["line"],
                check=data["id"],
                expected=data["expected"],
                found=data["found"],
                rows=list(data["rows"]),
                findings=list(data["findings"]),
                exchanges=list(data["exchanges"]),
            )
        )

    def _finding(self, event: Event) -> None:
        told, finding = self.scenarios[-1], event.data["finding"]
        told.findings.append(finding)
        if told.entries and told.entries[-1].number == event.step and finding not in told.entries[-1].findings:
            told.entries[-1].findings.append(finding)

    def _notice(self, event: Event) -> None:
        if self.scenarios:
            self.scenarios[-1].notices.append(str(event.data["text"]))

    def _scenario_finished(self, event: Event) -> None:
        told, data = self.scenarios[-1], event.data
        told.verdict, told.reason, told.digest = data["verdict"], data["reason"], data["digest"]
        told.wall_seconds = float(data["wall_seconds"])
        if told.verdict in ("error", "failed") and not told.bad:
            self._stage_not_set(told)

    def _stage_not_set(self, told: Told) -> None:
        """The scenario ended before its first step: it still has one line that says so."""
        cause = told.findings[0] if told.findings else None
        text = str(cause["cause"]) if cause else told.reason
        entry = Entry(0, "start", "start the sandbox", told.verdict, "start the sandbox", told.file, 1)
        entry.check, entry.expected, entry.found = f"{told.id}/start", "the scenario can start", text
        entry.findings = list(told.findings)
        told.entries.insert(0, entry)

    def _journey(self, event: Event) -> None:
        self.scenarios[-1].journey = dict(event.data)

    def _lead_fields(self, event: Event) -> None:
        self.scenarios[-1].fields = list(event.data["rows"])

    def _prepared(self, event: Event) -> None:
        """Most scenarios of a run have the same connection: it is held once, from where most of its fields existed."""
        for place, known in enumerate(self.prepared):
            if _terms(known) == _terms(event.data):
                fuller: Json = max(known, event.data, key=_described)
                self.prepared[place] = {**fuller, "scenario": known["scenario"]}
                return
        self.prepared.append({**event.data, "scenario": self.scenarios[-1].title})

    def _timeline(self, event: Event) -> None:
        self.scenarios[-1].calls = list(event.data["calls"])

    def _run_finished(self, event: Event) -> None:
        data = event.data
        self.verdict, self.digest, self.counts = data["verdict"], data["digest"], dict(data["counts"])
        self.wall_seconds = float(data["wall_seconds"])
        self.left = int(data.get("left", 0))


def _terms(prepared: Json) -> Json:
    """What the integration says, without what the orgs hold of it."""
    rules = ("thing", "crm", "marketing", "master", "direction", "overwrite")
    fields = [[row[name] for name in rules] for row in prepared["definitions"]]
    return {"orgs": [prepared["crm"], prepared["marketing"]], "fields": fields, "programs": prepared["programs"]}


def _described(prepared: Json) -> int:
    return sum(bool(row["types"]) for row in prepared["definitions"])
