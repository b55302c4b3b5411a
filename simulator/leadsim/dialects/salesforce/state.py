"""What a Salesforce org remembers between calls: open queries, refresh tokens, bulk jobs. Part of every snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadsim.gateway.site import Site

SLOT = "salesforce"
OPEN_QUERIES = 50
JOBS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class OpenQuery:
    """A query whose further pages are asked for: the ids that it found, in order."""

    text: str
    ids: tuple[str, ...]
    deleted: bool
    user: str


@dataclass(slots=True)
class Job:
    """One bulk job. Data and results are texts; nobody changes them afterwards but by replacing them."""

    id: str
    kind: str
    api: str
    user: str
    made_at: str
    changed_at: str
    state: str
    info: dict[str, Any]
    data: str = ""
    results: dict[str, Any] = field(default_factory=dict)

    def copy(self) -> Job:
        """A job of its own."""
        return replace(self, info=dict(self.info), results=dict(self.results))


@dataclass(slots=True)
class State:
    """All of it, for one org."""

    queries: dict[str, OpenQuery] = field(default_factory=dict)
    refresh: dict[str, str | None] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def copy(self) -> State:
        """A state of its own: what a snapshot keeps."""
        jobs = {id: job.copy() for id, job in self.jobs.items()}
        return State(dict(self.queries), dict(self.refresh), jobs, dict(self.counts))

    def number(self, of: str) -> int:
        """The next number of a kind of thing: queries, jobs, batches."""
        self.counts[of] = self.counts.get(of, 0) + 1
        return self.counts[of]

    def open(self, locator: str, query: OpenQuery) -> None:
        """Keep a query open; the oldest of too many is closed."""
        self.queries[locator] = query
        while len(self.queries) > OPEN_QUERIES:
            del self.queries[next(iter(self.queries))]


def state_of(site: Site) -> State:
    """The state of an org, made at the first question."""
    held = site.jobs.get(SLOT)
    if not isinstance(held, State):
        held = site.jobs[SLOT] = State()
    return held
