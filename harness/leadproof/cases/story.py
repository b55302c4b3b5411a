"""What a run of a scenario told: verdict, findings, checks and traffic, in a form that two runs can be compared by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from leadproof.cases.har import Recorded
from leadproof.scenario.events import Event
from leadproof.scenario.runner import Outcome
from leadproof.transports.exchange import Exchange
from leadproof.transports.protocol import Request, Response

ORIGIN = "http://sandbox"
PLACEHOLDER = "{origin}"
Fact = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One finding, without what differs between folders: `code`, `title`, `cause`, `place`."""

    code: str
    level: str
    title: str
    cause: str
    place: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: its id, its verdict, what it found, and the first finding's code."""

    id: str
    said: str
    verdict: str
    finding: str
    found: str


@dataclass(frozen=True, slots=True)
class Story:
    """A run as a case keeps it."""

    verdict: str
    reason: str
    digest: str
    findings: tuple[Told, ...] = ()
    checks: tuple[Checked, ...] = ()
    facts: tuple[Fact, ...] = field(default=(), repr=False)

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, each once, in their order."""
        return list(dict.fromkeys(one.code for one in self.findings))

    def to_json(self) -> dict[str, Any]:
        """expected.json."""
        return {
            "verdict": self.verdict,
            "digest": self.digest,
            "findings": [
                {"code": one.code, "title": one.title, "cause": one.cause, "place": one.place} for one in self.findings
            ],
            "checks": [{"id": one.id, "verdict": one.verdict, "finding": one.finding} for one in self.checks],
        }


def story_of(outcome: Outcome) -> Story:
    """What the run told."""
    findings: dict[Told, None] = {}
    checks: list[Checked] = []
    facts: list[Fact] = []
    for event in outcome.events:
        if event.kind == "finding":
            findings.setdefault(_told(event.data["finding"]))
        elif event.kind == "check_finished":
            checks.append(_checked(event))
            # A check's own findings are told again as events; one that passed tells none.
        elif "fact" in event.data:
            facts.append(event.data["fact"])
    return Story(outcome.verdict, outcome.reason, outcome.digest, tuple(findings), tuple(checks), tuple(facts))


def _told(raw: Mapping[str, Any]) -> Told:
    place = raw["places"][0] if raw["places"] else {}
    if "file" in place:
        where = PurePath(str(place["file"])).name
    else:
        where = " ".join(str(place[key]) for key in ("org", "object", "field") if place.get(key))
    return Told(raw["code"], raw["level"], raw["title"], raw["cause"], where, raw["fix"])


def _checked(event: Event) -> Checked:
    data = event.data
    return Checked(data["id"], data["said"], data["verdict"], data["finding"] or "", str(data["found"]))


def traffic_of(facts: Iterable[Fact]) -> list[Recorded]:
    """The exchanges among the facts of a journal, which has no secrets in it and no ports."""
    return [_recorded(fact) for fact in facts if fact["kind"] == "exchange"]


def _recorded(fact: Fact) -> Recorded:
    request = Request(
        fact["method"],
        fact["path"],
        tuple((str(key), str(value)) for key, value in fact["query"]),
        dict(fact["request_headers"]),
        str(fact["request_body"]).encode(),
    )
    body = str(fact["response_body"]).replace(PLACEHOLDER, ORIGIN)
    response = Response(int(fact["status"]), dict(fact["response_headers"]), body.encode())
    who = {"org": str(fact["org"]), "actor": str(fact["actor"]), "user": str(fact["user"] or "")}
    return Recorded(Exchange(request, response), ORIGIN, str(fact["at"]), **who)
