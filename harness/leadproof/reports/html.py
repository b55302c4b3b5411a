"""The HTML report: one file that needs nothing else, no script, verdict first, failures grouped by cause."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadproof.reports.collected import Entry, Gathered, Told
from leadproof.reports.swimlanes import draw
from leadproof.reports.terminal import place_text
from leadproof.stopwatch import wall_date

if TYPE_CHECKING:
    from markupsafe import Markup

CODE = re.compile(r"`([^`]+)`")
WORDS = {"passed": "Passed", "failed": "Failed", "error": "Error", "skipped": "Skipped"}
VERDICT_TEXTS = {
    "passed": "Leads flow. Every check of this run held.",
    "failed": "Leads do not flow as they should. Below: what failed, why, and how to mend it.",
    "error": "The run could not say. Below: what was in the way.",
    "skipped": "Nothing was checked on this target.",
}


@dataclass(slots=True)
class Cause:
    """Failures that have the same likeliest cause."""

    code: str
    title: str
    fix: str
    entries: list[tuple[Told, Entry]] = field(default_factory=list)


def causes(run: Gathered) -> list[Cause]:
    """What failed, grouped by cause: the cause that breaks the most checks first, then by code."""
    groups: dict[str, Cause] = {}
    for told in run.scenarios:
        for entry in told.bad:
            cause = entry.finding
            code = str(cause["code"]) if cause is not None else ""
            title = str(cause["title"]) if cause is not None else "No cause is known yet"
            group = groups.setdefault(code, Cause(code, title, str(cause["fix"]) if cause is not None else ""))
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
        "words": WORDS,
        "sentence": VERDICT_TEXTS[run.verdict],
        "covers": [(row, _row_verdict(run, row)) for row in covers],
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
