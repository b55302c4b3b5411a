"""Removing what an interrupted live run left behind: what its journal names, in the orgs that it names."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from leadproof.scenario.checks.cleaning import remove_all, told_of_others
from leadproof.scenario.document import load_scenario
from leadproof.scenario.live import Live, LiveRefused, open_live_stage, org_ids
from leadproof.scenario.livejournal import FORMAT, Entered, LiveJournal, LiveRun, StillRunning
from leadproof.scenario.stage import Removal

OTHER_ORG = "RUN825"
OTHER_FORMAT = "RUN827"
STILL_RUNNING = "RUN826"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of one scenario's leftovers."""

    scenario: str
    removed: int
    left: tuple[Removal, ...]
    others: str


def clean(run: LiveRun, live: Live) -> list[Cleaned]:
    """Remove the leftovers of every scenario of a run; its file goes when nothing is left. Raises LiveRefused where
    the environment reaches another org than the run did, the run has not ended, or its file is another version's;
    DocumentRefused; CallFailed. What was removed until then stays noted."""
    if run.format != FORMAT:
        raise LiveRefused(
            OTHER_FORMAT,
            f"{run.path} is of format {run.format}; this version reads format {FORMAT}.",
            "Clean up with the version of Leadproof that made the run.",
        )
    try:
        journal = LiveJournal.resume(run)
    except StillRunning:
        text = f"{run.id} is still under way, and removes its records itself."
        raise LiveRefused(STILL_RUNNING, text, "Wait for its end, or end it by Ctrl-C.") from None
    done = []
    try:
        for id, entered in run.left.items():
            cleaned = _clean(id, entered, replace(live, journal=None), run.word)
            done.append(cleaned)
            if not cleaned.left:
                journal.cleaned(id)
    finally:
        journal.close()
    return done


def _clean(id: str, entered: Entered, live: Live, word: str) -> Cleaned:
    if not entered.keys and not entered.made:
        return Cleaned(id, 0, (), "")  # it was interrupted before it entered anything
    gone = _gone(Path(entered.file))
    if gone:
        return Cleaned(id, 0, _by_hand(entered, word, gone), "")
    loaded = load_scenario(Path(entered.file))
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leadproof-")))
        stage = open_live_stage(loaded, live, "", None, work, stack)
        reached = org_ids(stage.connections)
        if reached != entered.orgs:
            wanted, found = (", ".join(f"{name} {org}" for name, org in one.items()) for one in (entered.orgs, reached))
            raise LiveRefused(
                OTHER_ORG,
                f"The run was on {wanted}; the environment now leads to {found}.",
                "Set the variables to what they were during the run.",
            )
        assert stage.dummies is not None
        stage.dummies.word = word
        stage.dummies.keys.update(entered.keys)
        stage.dummies.before.update(entered.before)
        stage.dummies.made.update(entered.made)
        removed, left = remove_all(stage)
        return Cleaned(id, removed, tuple(left), told_of_others(stage))


def _gone(file: Path) -> str:
    """The scenario's file, or the first of its integrations' that is no longer there; "" where all are."""
    if not file.exists():
        return str(file)
    integrations = (file.parent / name for name in load_scenario(file).scenario.integration_files)
    return next((str(one) for one in integrations if not one.exists()), "")


def _by_hand(entered: Entered, word: str, gone: str) -> tuple[Removal, ...]:
    """What the run's file names, where nothing says any more how its systems are reached."""
    why = f"{gone} is gone, which names the systems: put it back, or remove the record by hand"
    made = [Removal(*known, why) for known in entered.made]
    orgs = ", ".join(f"{name} {id}" for name, id in entered.orgs.items())
    others = [Removal(orgs, "everybody with the address", key, why) for key in entered.keys if word and word in key]
    return (*made, *others)
