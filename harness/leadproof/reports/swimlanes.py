"""The lead's journey as a drawing: a lane for each place, stations in order, red where it first went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leadproof.reports.collected import Entry, Json, Told

LANES = {
    "form": "Form",
    "marketing": "Marketing",
    "connector": "Connector",
    "crm": "CRM",
    "owner": "Owner",
    "report": "Report",
}
CHECK_LANES = (("owner", "owner"), ("report", "report"), ("member", "crm"), ("import", "marketing"))
SHOWN = 7
"""Stations that are drawn, beside the one where it went wrong: of more, the first and the last ones. So many fit into
a wide window without scrolling."""
LEFT, STEP, LANE, TOP, LETTERS = 84, 103, 46, 14, 16
"""Pixels: the lanes' names, one station, one lane, above the first; letters that fit under a station."""
MARGIN, UNDER = 14, 14
"""Pixels: room for the last label, which is bold where it is red; what a lane has too much under the last label."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One station as drawn; `title` is read aloud and shown on hover."""

    x: int
    y: int
    label: str
    time: str
    title: str
    bad: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the template needs: sizes in pixels, the lanes that are used, the stops, and the line through them."""

    width: int
    height: int
    lanes: list[tuple[int, str]]
    stops: list[Stop]
    path: str
    summary: str


def draw(told: Told) -> Drawing | None:
    """The journey of a scenario's first person; None where there is none."""
    if told.journey is None:
        return None
    stations = _shortened(list(told.journey["stations"]))
    bad = next((entry for entry in told.bad if entry.name.startswith("check_")), None)
    if bad is not None:
        stations.append(_divergence(bad))
    used = [lane for lane in LANES if any(one["lane"] == lane for one in stations)]
    rows = {lane: TOP + number * LANE for number, lane in enumerate(used)}
    stops = [_stop(number, one, rows) for number, one in enumerate(stations)]
    path = "M" + " L".join(f"{one.x} {one.y}" for one in stops)
    lanes = [(rows[lane], LANES[lane]) for lane in used]
    told_aloud = ", then ".join(f"{LANES[one['lane']]}: {one['text']}" for one in stations)
    return Drawing(LEFT + len(stops) * STEP + MARGIN, TOP + len(used) * LANE - UNDER, lanes, stops, path, told_aloud)


def _shortened(stations: list[Json]) -> list[Json]:
    if len(stations) <= SHOWN:
        return stations
    head, tail = stations[: SHOWN // 2], stations[-(SHOWN - SHOWN // 2 - 1) :]
    left = len(stations) - len(head) - len(tail)
    between = {**head[-1], "text": f"{left} more changes", "gap": True}
    return [*head, between, *tail]


def _divergence(entry: Entry) -> Json:
    """The first check that did not hold, on the lane that it looked at."""
    lane = next((lane for word, lane in CHECK_LANES if word in entry.name), "")
    if not lane:
        lane = "marketing" if "in marketing" in entry.said else "crm"
    text = entry.name.removeprefix("check_").replace("_", " ")
    return {"lane": lane, "at": "", "text": f"{text}: {entry.found}", "record": f"expected {entry.expected}",
            "by": "", "bad": True}  # fmt: skip


def _stop(number: int, one: Json, rows: dict[str, int]) -> Stop:
    text = str(one["text"])
    title = " · ".join(part for part in (text, str(one["record"]), str(one["by"]), str(one["at"])) if part)
    return Stop(
        LEFT + number * STEP + STEP // 2,
        rows[one["lane"]],
        text if len(text) <= LETTERS else text[: LETTERS - 1] + "…",
        str(one["at"])[11:19],
        title,
        bool(one.get("bad")),
        bool(one.get("gap")),
    )


def any_drawn(scenarios: Sequence[Told]) -> bool:
    """Whether some scenario has a journey, so that the page explains how to read it."""
    return any(one.journey is not None for one in scenarios)
