"""`leadproof clean`, and what ends a live run in good order."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadproof.cli.endings import EXIT_FAILED, EXIT_NOTHING, EXIT_PASSED, CommandRefused

if TYPE_CHECKING:
    from leadproof.scenario.live import Live
    from leadproof.scenario.livejournal import LiveJournal

UNKNOWN_RUN = "RUN824"
REQUESTS = ("SIGTERM", "SIGHUP")
"""Signals that ask a process to end; not every system has both."""


def clean(
    run_id: Annotated[
        str, typer.Argument(metavar="RUN", help="Such as live-1; none: list those that left something.")
    ] = "",
) -> int:
    """Remove what an interrupted live run left behind; credentials from the environment, as in the run."""
    from leadproof.scenario.leftovers import clean as clean_run
    from leadproof.scenario.live import Live
    from leadproof.scenario.livejournal import runs, under_way

    known = {one.id: one for one in runs()}
    if not run_id:
        for one in known.values():
            keys = sum(len(entered.keys) for entered in one.left.values())
            told = f"{', '.join(one.left)}; {keys} dummy people" if one.left else "nothing was left"
            sys.stdout.write(f"{one.id}  {'still under way' if under_way(one.path) else told}\n")
        if not known:
            sys.stdout.write("No live run in this folder left anything behind.\n")
        return EXIT_PASSED
    if run_id not in known:
        there = ", ".join(known) or "none"
        text = f"No live run called {run_id} left anything behind in this folder; there are: {there}."
        raise CommandRefused(UNKNOWN_RUN, text, "leadproof clean", exit_code=EXIT_NOTHING)
    done = clean_run(known[run_id], Live())
    for cleaned in done:
        names = "".join(f"; left: {one.org} {one.object} {one.id} ({one.reason})" for one in cleaned.left)
        sys.stdout.write(f"{cleaned.scenario}: {cleaned.removed} dummy records removed{names}{cleaned.others}\n")
    if not done:
        sys.stdout.write(f"{run_id}: nothing was left\n")
    return EXIT_FAILED if any(one.left for one in done) else EXIT_PASSED


def unfinished() -> list[str]:
    """The runs of this folder that left something on the live systems and are not under way."""
    from leadproof.scenario.livejournal import runs, under_way

    return [one.id for one in runs() if one.left and not under_way(one.path)]


@contextmanager
def journalled(live: Live | None) -> Iterator[None]:
    """A run, in which a request to end is heeded as Ctrl-C is; a live one from its first write to its last removal:
    where something is left the command that removes it is told."""
    journal = live.journal if live is not None else None
    with _ended_by_request():
        try:
            yield
        finally:
            if journal is not None:
                _close(journal)


def _close(journal: LiveJournal) -> None:
    if journal.close():
        sys.stderr.write(f"Something of this run is left on the live systems.\n  fix: leadproof clean {journal.id}\n")


@contextmanager
def _ended_by_request() -> Iterator[None]:
    """SIGTERM, and the SIGHUP of a terminal that is closed, end the run as Ctrl-C does, once: whoever asks twice waits
    for the clean-up. (Ctrl-C ends that too.)"""
    if threading.current_thread() is not threading.main_thread():
        yield  # nobody sends signals there
        return

    def end(number: int, frame: Any) -> None:
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    known = [number for name in REQUESTS if (number := getattr(signal, name, None)) is not None]
    # Whoever ignores one, as nohup does, goes on ignoring it.
    before = {one: signal.getsignal(one) for one in known if signal.getsignal(one) is not signal.SIG_IGN}
    for one in before:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
