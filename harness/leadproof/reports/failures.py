"""What failed, as text: the checks of one cause together, then the cause as `leadproof doctor` tells it.

Everything is bounded: the first checks of a cause, the likeliest cause in full, four others by name. The HTML report
holds the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import wrap

from leadproof.findings import At, Finding
from leadproof.findings.telling import Paint, told_lines
from leadproof.reports.collected import Entry, Gathered, Told
from leadproof.scenario.document import shown_path
from leadterms.refusals import Place

CHECKS_SHOWN = 3
"""Checks of one cause that are told with what was expected and found."""
OTHERS_SHOWN = 4
NEAREST_SHOWN = 3
VALUE_LINES = 5
"""Lines of a value that was expected or found."""
LABEL = 16
"""Columns before a value."""


@dataclass(slots=True)
class Broken:
    """The checks, and steps that could not be done, that have the same likeliest cause."""

    cause: Finding | None
    entries: list[tuple[Told, Entry]] = field(default_factory=list)


def by_cause(run: Gathered) -> list[Broken]:
    """What did not pass, in the order of the run; a cause stands where it was first met."""
    groups: dict[tuple[str, str], Broken] = {}
    for told in run.scenarios:
        for entry in told.bad:
            cause = Finding.from_json(entry.finding) if entry.finding is not None else None
            groups.setdefault(_same(cause, told, entry), Broken(cause)).entries.append((told, entry))
    return list(groups.values())


def _same(cause: Finding | None, told: Told, entry: Entry) -> tuple[str, str]:
    """What is equal for checks with one cause: the code with the line of a file, where there is one."""
    if cause is None:
        return told.id, str(entry.number)
    place = next((one for one in cause.places if isinstance(one, Place)), None)
    own = place is not None and place.file != entry.file  # the check's own line says nothing about the cause
    return cause.code, str(place) if own else cause.cause


def failure_lines(broken: Broken, signs: dict[str, str], paint: Paint, width: int) -> Iterator[str]:
    """The checks and their cause."""
    scenario = ""
    for told, entry in broken.entries[:CHECKS_SHOWN]:
        if told.id != scenario:
            scenario = told.id
            title, *rest = _wrapped(told.title, width, 2)
            yield f"{paint(signs[entry.verdict], entry.verdict)} {paint(title, 'bold')}"
            yield from (f"  {paint(line, 'bold')}" for line in rest)
        yield from _entry_lines(entry, broken.cause, paint, width)
    yield from _others_broken(broken.entries[CHECKS_SHOWN:], width)
    yield ""
    _, first = broken.entries[0]
    nearest = [("nearest", line) for line in first.exchanges[:NEAREST_SHOWN]]
    if broken.cause is None:
        yield from (f"  nearest: {line}" for _, line in nearest)
        return
    others = _others(
        broken.cause, [Finding.from_json(one) for _, entry in broken.entries for one in entry.findings[1:]]
    )
    more = [*nearest, *(("or", f"{one.code} {one.title}") for one in others)]
    cause = replace(broken.cause, places=_places(broken.cause, first))
    yield from told_lines(cause, paint, lambda path: shown_path(Path(path)), width, more)


def _places(cause: Finding, entry: Entry) -> tuple[Place | At, ...]:
    """Without the line of the check or step itself, which was told above, where the cause has a line of its own."""
    own = [one for one in cause.places if isinstance(one, Place) and _is_at(one, entry)]
    if sum(isinstance(one, Place) for one in cause.places) == len(own):
        return cause.places
    return tuple(one for one in cause.places if one not in own)


def _is_at(place: Place, entry: Entry) -> bool:
    return place.line == entry.line and shown_path(Path(place.file)) == entry.file


def _entry_lines(entry: Entry, cause: Finding | None, paint: Paint, width: int) -> Iterator[str]:
    """Where, which check or step, what was expected and found; what the cause says stands below it, once."""
    yield f"  {paint('-->', 'frame')} {entry.file}:{entry.line}"
    kind = "check" if entry.name.startswith("check_") else "step"
    lines = [(kind, entry.said.removeprefix("check "), "plain")]
    if cause is None or entry.found != cause.cause:
        lines += [("expected", entry.expected, "passed"), ("found", entry.found, "failed")]
    for label, text, style in lines:
        for number, line in enumerate(_value(text, width)):
            yield f"      {label if number == 0 else '':<{LABEL - 6}}{paint(line, style)}"


def _others_broken(entries: Sequence[tuple[Told, Entry]], width: int) -> Iterator[str]:
    """By their places: the same file's name once."""
    if not entries:
        return
    lines: dict[str, list[str]] = {}
    for _, entry in entries:
        lines.setdefault(entry.file, []).append(str(entry.line))
    places = "; ".join(f"{file}:{', '.join(numbers)}" for file, numbers in lines.items())
    for number, line in enumerate(_wrapped(f"and {len(entries)} more of the same cause: {places}", width, 6)):
        yield f"  {'...' if number == 0 else '   '} {line}"


def _others(cause: Finding, rest: Sequence[Finding]) -> list[Finding]:
    """Other causes that the checks may have; the same cause seen elsewhere is none."""
    known, found = {cause.code}, []
    for one in rest:
        if one.code not in known:
            known.add(one.code)
            found.append(one)
    return found[:OTHERS_SHOWN]


def _value(text: str, width: int) -> list[str]:
    lines = [part for line in text.splitlines() or [""] for part in _wrapped(line, width, LABEL)]
    return lines if len(lines) <= VALUE_LINES else [*lines[: VALUE_LINES - 1], "..."]


def _wrapped(text: str, width: int, indent: int) -> list[str]:
    return wrap(text, max(24, width - indent), break_long_words=False, break_on_hyphens=False) or [""]
