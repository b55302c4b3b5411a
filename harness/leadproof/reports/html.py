"""The HTML report: one file that needs nothing else, no script, verdict first, failures grouped by cause."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadproof.reports.collected import Entry, Gathered, Json, Told
from leadproof.reports.programchart import chart, grouped
from leadproof.reports.swimlanes import draw
from leadproof.reports.terminal import place_text
from leadproof.stopwatch import wall_date

if TYPE_CHECKING:
    from markupsafe import Markup

CODE = re.compile(r"`([^`]+)`")
WORDS = {"passed": "Passed", "failed": "Failed", "error": "Error", "skipped": "Skipped"}
MASTERS = {"crm": "CRM", "marketing": "Marketing", "latest": "Latest edit"}
DIRECTIONS = {"both": "both ways", "to_crm": "to the CRM", "to_marketing": "to marketing", "none": "not synced", "": ""}
OVERWRITES = {"always": "always", "if_blank": "blanks only", "never": "never", "": ""}
VERDICT_TEXTS = {
    "passed": "Leads flow. Every check of this run held.",
    "failed": "Leads do not flow as they should. Below: what failed, why, and how to mend it.",
    "error": "The run could not say. Below: what was in the way.",
    "skipped": "Nothing was checked on this target.",
}


ROWS = {
    "A1": "dummy lead and campaign",
    "A2": "lead flow",
    "A3": "data, both ways",
    "A4": "reporting",
    "A5": "clean up",
    "B1": "install module",
    "B2": "field list",
    "B3": "definitions",
    "B4": "default fields",
    "B5": "custom fields",
    "B6": "users",
    "B7": "data set upload",
    "B8": "program chart",
    "B9": "several CRM orgs",
    "B10": "people to ask",
    "B11": "lead or contact",
    "C1": "connection",
    "C2": "user names",
    "C3": "assignment rules",
    "C4": "field settings",
    "C5": "master and replica",
    "D": "data quality",
    "E": "lists and segmentation",
    "F": "structure of the CRM",
}
"""The rows of the checklist (product.md A to F) in a few words."""


@dataclass(slots=True)
class Cause:
    """Failures that have the same likeliest cause, which the same thing mends. `says`: the cause in its own words,
    where all of them have the same."""

    code: str
    title: str
    fix: str
    patch: str = ""
    evidence: list[Json] = field(default_factory=list)
    entries: list[tuple[Told, Entry]] = field(default_factory=list)

    @property
    def says(self) -> str:
        told = {str(entry.finding["cause"]) for _, entry in self.entries if entry.finding is not None}
        return told.pop() if len(told) == 1 else ""

    @property
    def scenarios(self) -> list[tuple[Told, list[Entry]]]:
        """What failed, by scenario."""
        return [(told, [one for _, one in group]) for told, group in _by_scenario(self.entries)]


def _charts(run: Gathered) -> list[Json]:
    """The connections whose campaigns are drawn: of those with the same campaigns the first."""
    told: list[Json] = []
    for one in run.prepared:
        if one["programs"] and all(one["programs"] != other["programs"] for other in told):
            told.append(one)
    return told


def _by_scenario(entries: list[tuple[Told, Entry]]) -> Iterator[tuple[Told, list[tuple[Told, Entry]]]]:
    for _, group in groupby(entries, key=lambda one: one[0].id):
        found = list(group)
        yield found[0][0], found


def causes(run: Gathered) -> list[Cause]:
    """What failed, grouped by cause: the cause that breaks the most checks first, then by code."""
    groups: dict[tuple[str, str], Cause] = {}
    for told in run.scenarios:
        for entry in told.bad:
            cause = entry.finding
            code, fix = (str(cause["code"]), str(cause["fix"])) if cause is not None else ("", "")
            group = groups.get((code, fix))
            if group is None:
                group = Cause(code, "No cause is known yet", fix)
                if cause is not None:
                    group.title, group.patch = str(cause["title"]), str(cause["patch"] or "")
                    group.evidence = list(cause["evidence"])
                groups[code, fix] = group
            group.entries.append((told, entry))
    return sorted(groups.values(), key=lambda one: (-len(one.entries), one.code))


def render(run: Gathered) -> str:
    """The whole page. Every value is escaped; the policy in its head allows no script and no other origin."""
    from jinja2 import Environment, StrictUndefined

    def text_of(name: str) -> str:
        return (files("leadproof.reports") / name).read_text(encoding="utf-8")

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["place"] = place_text
    environment.filters["draw"] = draw
    environment.filters["chart"] = chart
    environment.filters["grouped"] = grouped
    environment.filters["code"] = _code
    environment.filters["keys"] = lambda said: str(said).partition(": ")[2]
    environment.filters["plain_name"] = lambda name: str(name).removeprefix("check_").replace("_", " ")
    covers = sorted({one for told in run.scenarios for one in told.covers}, key=_row_order)
    style = text_of("report.css")
    context: dict[str, Any] = {
        "run": run,
        "style": style,
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        "causes": causes(run),
        "charts": _charts(run),
        "words": WORDS,
        "masters": MASTERS,
        "directions": DIRECTIONS,
        "overwrites": OVERWRITES,
        "sentence": VERDICT_TEXTS[run.verdict],
        "covers": [(row, ROWS.get(row, ""), _row_verdict(run, row)) for row in covers],
        "date": wall_date(),
    }
    return environment.from_string(text_of("report.html.j2")).render(context)


def _code(text: str) -> Markup:
    """Escaped text, with what stands in backquotes set as code."""
    from markupsafe import Markup, escape

    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


def _row_order(row: str) -> tuple[str, int, str]:
    digits = row[1:]
    return row[:1], int(digits) if digits.isdigit() else 0, row


def _row_verdict(run: Gathered, row: str) -> str:
    """The worst verdict of the scenarios that cover a row of the checklist."""
    held = {told.verdict for told in run.scenarios if row in told.covers}
    return next(one for one in ("error", "failed", "skipped", "passed") if one in held)


def write_html(run: Gathered, path: Path) -> None:
    """The page, UTF-8."""
    path.write_text(render(run), encoding="utf-8")
