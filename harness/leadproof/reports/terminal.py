"""The terminal report: a line for each check with what was compared, failures with their cause and fix.

Results go to stdout, progress to stderr (quality.md "Ease"). NO_COLOR and CI are honoured.
"""

from __future__ import annotations

import os
import shlex
import sys
from shutil import get_terminal_size
from typing import IO, TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leadproof.findings.telling import colour_paint, plain_paint
from leadproof.reports.collected import Entry, Gathered, Told
from leadproof.reports.failures import by_cause, failure_lines
from leadproof.scenario.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN_WIDTH, LEAST_WIDTH, WIDEST = 100, 40, 120
"""Columns of the failures: where there is no terminal; at least; at most."""
CAUSES_SHOWN = 12
"""Causes that are told in full; the reports hold all."""
NOTHING = 5
"""The exit code of a run that checked nothing (quality.md "Ease")."""
SIGNS = {"passed": "✓", "failed": "✗", "error": "!", "skipped": "–"}
STYLES = {"passed": "green", "failed": "bold red", "error": "bold magenta", "skipped": "yellow"}
ASCII_SIGNS = {"passed": "ok", "failed": "FAIL", "error": "ERROR", "skipped": "skip"}


def console(stream: IO[str]) -> Console:
    """A console for this stream; without colour where NO_COLOR is set or it is no terminal."""
    width = None if stream.isatty() else 120
    return Console(file=stream, highlight=False, soft_wrap=not stream.isatty(), width=width)


class Terminal:
    """Listens to a run and tells it, scenario by scenario, then the failures, then the verdict."""

    def __init__(self, gathered: Gathered, *, verbose: bool = False, out: IO[str] | None = None) -> None:
        self._run, self._verbose = gathered, verbose
        self._out = console(out or sys.stdout)
        encoding = (getattr(self._out.file, "encoding", None) or "utf-8").lower()
        self._signs = SIGNS if "utf" in encoding else ASCII_SIGNS
        self._bar = Bar(sys.stderr)

    def __call__(self, event: Event) -> None:
        if event.kind == "run_started":
            data = event.data
            self._out.print(f"[bold]leadproof[/] {data['version']}   seed [bold]{escape(str(data['seed']))}[/]\n")
        elif event.kind == "scenario_finished":
            self._bar.clear()
            self._scenario(self._run.scenarios[-1])
        elif event.kind == "scenario_started":
            self._bar.show(str(event.data["name"]))
        elif event.kind == "progress":
            self._bar.progress(int(event.data["done"]), int(event.data["total"]), str(event.data["text"]))

    # --- scenarios ---------------------------------------------------------------------------------------------

    def _scenario(self, told: Told) -> None:
        self._out.print(self._line(told.verdict, told.title, bold=True))
        for entry in told.entries:
            if entry.check:
                self._out.print(Text("  ").append_text(self._entry(entry)))
            elif self._verbose:
                text = Text(f"    {entry.said}", style="dim")
                self._out.print(text.append(f"  → {entry.text}" if entry.text else "", style="dim"))
            if self._verbose and entry.rows:
                self._out.print(Padding(field_table(entry.rows), (0, 0, 0, 6), expand=False))
        for notice in told.notices:
            self._out.print(Text(f"    note: {notice}", style="yellow"))

    def _line(self, verdict: str, text: str, *, bold: bool = False) -> Text:
        sign = Text(f"{self._signs[verdict]} ", style=STYLES[verdict])
        return sign.append(text, style="bold" if bold else "")

    def _entry(self, entry: Entry) -> Text:
        name = entry.name.removeprefix("check_").replace("_", " ")
        line = self._line(entry.verdict, f"{name:<14} ")
        if entry.verdict in ("passed", "skipped"):
            return line.append(entry.text, style="dim")
        return line.append(f"{entry.file}:{entry.line}", style="red")

    # --- the end -----------------------------------------------------------------------------------------------

    def finish(self, written: list[str], exit_code: int) -> None:
        """The failures in full, then the verdict on one line."""
        self._bar.clear()
        run = self._run
        self._failures()
        counts = ", ".join(f"{count} {name}" for name, count in run.counts.items() if count) or "nothing run"
        if run.left:
            counts += f", {run.left} not begun (--max-failures)"
        word = {"passed": "PASSED", "failed": "FAILED", "error": "ERROR", "skipped": "SKIPPED"}[run.verdict]
        checks = [one for one in run.checks if one.verdict != "skipped"]
        held = sum(1 for one in checks if one.verdict == "passed")
        self._out.print()
        if run.scenarios and exit_code == NOTHING:
            self._out.print("Nothing was checked, so nothing is proven: exit code 5.", style="bold yellow")
        self._out.print(
            Text(f" {word} ", style=f"reverse {STYLES[run.verdict]}")
            .append(f"  {_counted(len(run.scenarios), 'scenario')}: {counts}", style="not reverse bold default")
            .append(
                f"   {held} of {_counted(len(checks), 'check')} held   {run.wall_seconds:.1f} s",
                style="not reverse default",
            )
        )
        doubt = "" if run.comparable else " (not comparable)"
        self._out.print(f"  seed {run.seed}   digest {run.digest[:16]}{doubt}", markup=False)
        if written:
            self._out.print(f"  report {', '.join(written)}", markup=False)
        if exit_code and run.verdict != "passed":
            bad = next((one.file for one in run.scenarios if one.bad), None)
            if bad:
                self._out.print(f"  again  {_again(run.again, bad, run.seed)}", markup=False)

    def _failures(self) -> None:
        broken = by_cause(self._run)
        paint = colour_paint if self._out.is_terminal and not self._out.no_color else plain_paint
        width = min(max(get_terminal_size((PLAIN_WIDTH, 0)).columns, LEAST_WIDTH), WIDEST)
        for one in broken[:CAUSES_SHOWN]:
            self._out.file.write("\n")
            self._out.file.writelines(f"{line}\n" for line in failure_lines(one, self._signs, paint, width))
        left = broken[CAUSES_SHOWN:]
        if left:
            codes = ", ".join(dict.fromkeys(one.cause.code for one in left if one.cause is not None))
            count = _counted(sum(len(one.entries) for one in left), "failure")
            self._out.file.write(f"\n{count} more, of {_counted(len(left), 'cause')}: {codes}\n")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def place_text(place: Mapping[str, Any]) -> str:
    """`leadproof.yaml:12` or `acme-crm Lead.Phone led000001`."""
    if "file" in place:
        return f"{place['file']}:{place['line']}"
    thing = ".".join(one for one in (place["object"], place["field"]) if one)
    return " ".join(one for one in (place["org"] or place["system"], thing, place["record"]) if one)


def field_table(rows: list[Mapping[str, Any]]) -> Table:
    """The field table of one step or check: expected, marketing, CRM."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("", "expected", "marketing", "CRM"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        sign = Text(SIGNS[row["verdict"]], style=STYLES[row["verdict"]])
        cells = [_cell_text(row["marketing"]), _cell_text(row["crm"])]
        table.add_row(sign, Text(row["expected"] or row["remark"], style="dim"), *cells)
    return table


def _cell_text(cell: Mapping[str, Any] | None) -> Text:
    if cell is None:
        return Text("")
    return Text(f"{cell['field']} ", style="dim").append(str(cell["text"]), style="default")


class Bar:
    """Progress on stderr: one line that is drawn over on a terminal, a line for each scenario elsewhere."""

    WIDTH = 24

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        plain = bool(os.environ.get("CI")) or os.environ.get("TERM") == "dumb"
        self._live = stream.isatty() and not plain
        self._done, self._total = 0, 0

    def show(self, text: str) -> None:
        """What is being done now."""
        if self._live:
            filled = round(self.WIDTH * self._done / self._total) if self._total else 0
            bar = "━" * filled + "╌" * (self.WIDTH - filled)
            self._stream.write(f"\r\x1b[2K{bar} {self._done}/{self._total or '?'} {text[:60]}")
            self._stream.flush()

    def progress(self, done: int, total: int, text: str) -> None:
        """So many are done."""
        self._done, self._total = done, total
        if self._live:
            self.show(text)
        else:
            self._stream.write(f"[{done}/{total}] {text}\n")
            self._stream.flush()

    def clear(self) -> None:
        """Take the line away, so that results can be printed."""
        if self._live:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()


def _again(asked: str, file: str, seed: str) -> str:
    """The command that plays a failed scenario again; what was asked with more options is left to `retry`, which
    knows them."""
    options = {word for word in shlex.split(asked) if word.startswith("-")}
    return f"leadproof run {file} --seed {seed} -v" if options <= {"--seed", "-k", "--shard"} else "leadproof retry"
