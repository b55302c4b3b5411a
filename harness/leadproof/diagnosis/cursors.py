"""Where the connector went on reading: a cursor that no answer gave it leaves out whatever lies before it.

Told before what the org answers to such a cursor (REF747), and before what was lost by it: both follow from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leadproof.diagnosis.calls import CONNECTOR
from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.contract import concerning
from leadproof.findings import At, Evidence, find
from leadproof.oracle.bodies import document

REFUSED_CURSOR = "REF747"


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A feed that was asked from further on than any answer had led: `last` is where the one before it ended."""

    org: str
    path: str
    since: int
    last: int
    gave: int
    asked: int


def look_at_cursors(case: Case) -> Iterator[Cause]:
    """The first feed that was read from too far on, where something was lost or such a cursor was refused."""
    ahead = next(_ahead(case), None)
    if ahead is None:
        return
    refused = any(call.code == REFUSED_CURSOR for call in case.calls.last(ahead.org))
    if not refused and not concerning(case):
        return
    text = (
        f"The connector asked {ahead.path} for what came after {ahead.since}, which no answer had given it: the answer "
        f"before ended at {ahead.last}. What changed in between it never reads."
    )
    proofs = [
        Evidence(f"{ahead.path} ended at {ahead.last}", ahead.org, ahead.gave),
        Evidence(f"{ahead.path} was asked since {ahead.since}", ahead.org, ahead.asked),
    ]
    fix = (
        "Keep the `next` of each answer as it came, and send it as `since` of the next reading: no step is added to it."
    )
    yield Cause(find("CYC627", text, places=[At(org=ahead.org)], evidence=proofs, fix=fix), Proof.PROVED)


def _ahead(case: Case) -> Iterator[_Ahead]:
    """Numbers only, that no answer of the org held as its end, and that lie behind the feed's own: a cursor from before
    the journal is nobody's mistake, one that lies further back reads something twice, and after an answer whose end
    the journal cut off nothing is known."""
    led: dict[tuple[str, str], tuple[int, int]] = {}
    given: dict[str, set[int]] = {case.org("crm"): set(), case.org("marketing"): set()}
    for fact in case.facts:
        if fact["kind"] != "exchange" or fact.get("actor") != CONNECTOR or fact["org"] not in given:
            continue
        feed = (str(fact["org"]), str(fact["path"]))
        since = _number({str(key): value for key, value in fact.get("query") or ()}.get("since"))
        if since is not None and feed in led and since > led[feed][0] and since not in given[feed[0]]:
            last, gave = led[feed]
            yield _Ahead(*feed, since, last, gave, int(fact["n"]))
        if fact["method"] != "GET" or int(fact.get("status") or 0) != 200:
            continue
        body, whole = document(fact.get("response_body"))
        following = _number(body.get("next")) if isinstance(body, dict) else None
        if not whole:
            del given[feed[0]]
        elif following is not None:
            given[feed[0]].add(following)
            led[feed] = max(led.get(feed, (0, 0)), (following, int(fact["n"])))


def _number(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and text.isdigit() else None
