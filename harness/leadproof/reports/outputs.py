"""`--report KIND=FILE`: which reports a run writes, and writing them when it has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from leadproof.reports.collected import Gathered
from leadproof.reports.github import write_github
from leadproof.reports.machine import NdjsonWriter, write_json, write_junit
from leadproof.scenario.events import Listener

KINDS = ("html", "junit", "json", "ndjson", "github")
FILELESS = "github"
DEFAULT: Mapping[str, str] = {"html": "leadproof-report.html", "junit": "leadproof-report.xml"}
NAMES: Mapping[str, str] = {**DEFAULT, "json": "leadproof-report.json", "ndjson": "leadproof-report.ndjson"}
"""Where a report goes that is asked for by its kind alone."""


class ReportRefused(Exception):
    """A report cannot be written: `code`, `text` and `fix` for people."""

    def __init__(self, code: str, text: str, fix: str) -> None:
        super().__init__(text)
        self.code, self.text, self.fix = code, text, fix


def parse_reports(written: Sequence[str]) -> list[tuple[str, Path | None]]:
    """`html=FILE` and so on; the kind alone has a file of its own, and `github` none. None gives the default ones.
    Raises ReportRefused (RUN805)."""
    if not written:
        return [(kind, Path(name)) for kind, name in DEFAULT.items()]
    asked: list[tuple[str, Path | None]] = []
    for one in written:
        kind, equals, name = one.partition("=")
        if one == FILELESS:
            asked.append((one, None))
            continue
        if kind not in KINDS or (equals and not name):
            text = f"--report {one!r} is not KIND or KIND=FILE."
            raise ReportRefused("RUN805", text, f"KIND is one of {', '.join(KINDS)}.")
        if name == "-":
            text = f"--report {one!r}: a report goes to a file; the run itself is told here."
            raise ReportRefused(
                "RUN805", text, f"Name a file, such as {kind}={NAMES.get(kind, 'leadproof-report.md')}."
            )
        asked.append((kind, Path(name or NAMES[kind])))
    return asked


@dataclass(slots=True)
class Outputs:
    """The reports of one run: `listeners` while it runs, `write` at its end."""

    asked: list[tuple[str, Path | None]]
    gathered: Gathered = field(default_factory=Gathered)

    def listeners(self) -> list[Listener]:
        """What must hear the events. Raises ReportRefused (RUN804) before anything runs if a file cannot be made."""
        listeners: list[Listener] = [self.gathered]
        for kind, path in self.asked:
            try:
                if kind == "ndjson" and path is not None:
                    listeners.append(NdjsonWriter(path))
                elif path is not None:
                    path.touch()
            except OSError as failure:
                raise _unwritable(path, failure) from None
        return listeners

    def write(self) -> list[Path]:
        """Write the files of the finished run; answers them in the order asked for."""
        for kind, path in self.asked:
            try:
                if kind == "github":
                    write_github(self.gathered, path)
                elif kind in _WRITERS and path is not None:
                    _WRITERS[kind](self.gathered, path)
            except OSError as failure:
                raise _unwritable(path, failure) from None
        return [path for _, path in self.asked if path is not None]

    @property
    def wants_pictures(self) -> bool:
        """Whether a report draws the leads' journeys."""
        return any(kind == "html" for kind, _ in self.asked)

    @property
    def wants_facts(self) -> bool:
        """Whether a report shows the journal's own facts."""
        return any(kind == "ndjson" for kind, _ in self.asked)


def _write_html(run: Gathered, path: Path) -> None:
    from leadproof.reports.html import write_html

    write_html(run, path)


_WRITERS: dict[str, Callable[[Gathered, Path], None]] = {"html": _write_html, "junit": write_junit, "json": write_json}


def _unwritable(path: Path | None, failure: OSError) -> ReportRefused:
    why = failure.strerror or str(failure)
    return ReportRefused(
        "RUN804", f"{path or failure.filename} cannot be written: {why}.", "Choose a folder that you may write to."
    )
