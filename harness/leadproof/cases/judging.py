"""Replays a case with the connector under test and says FIXED, FAILED, ERROR, or PASSED where nothing ever failed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from leadproof.cases.case import BUILTIN, Case, read_case
from leadproof.cases.connectors import PLANTED, connector_named
from leadproof.cases.divergence import first_divergence
from leadproof.cases.mending import mended
from leadproof.cases.refusals import CaseDamaged, NotPossible
from leadproof.cases.story import Story, Told, story_of
from leadproof.processes import pool
from leadproof.scenario.document import Loaded, load_scenario
from leadproof.scenario.run import EXIT_ENVIRONMENT, EXIT_FAILED, EXIT_OURS, EXIT_PASSED, EXIT_USAGE
from leadproof.scenario.runner import Options, Outcome, run_scenario
from leadterms.refusals import LeadtermsError

Judgement = Literal["FIXED", "FAILED", "ERROR", "PASSED"]
JUDGEMENTS: tuple[Judgement, ...] = ("FIXED", "FAILED", "ERROR", "PASSED")
HOLDS = frozenset({"FIXED", "PASSED"})
"""Every check holds: where one failed when the case was recorded that is FIXED, and else PASSED, now as then."""
RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Replay:
    """How cases are replayed. `connector`: `recorded` is the one that the case was recorded with; `mended`: with the
    case's own mend laid over its files."""

    connector: str = "builtin"
    over: Literal["process", "http"] = "process"
    mended: bool = False


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one case. `divergence`: the first difference from the recording, "" where there is none;
    `connector` and `recorded_with`: which was tried, and which the case was recorded with."""

    path: str
    title: str
    judgement: Judgement
    reason: str
    findings: tuple[Told, ...] = ()
    divergence: str = ""
    same_digest: bool = False
    digest: str = ""
    exit_code: int = EXIT_PASSED
    expected: tuple[str, ...] = field(default=())
    connector: str = ""
    recorded_with: str = ""

    def to_json(self) -> dict[str, Any]:
        """One line of `--json`."""
        return {
            "case": self.path,
            "title": self.title,
            "verdict": self.judgement,
            "reason": self.reason,
            "expected": list(self.expected),
            "findings": [{"code": one.code, "title": one.title, "cause": one.cause} for one in self.findings],
            "divergence": self.divergence,
            "digest": self.digest,
            "same_digest": self.same_digest,
            "connector": self.connector,
            "recorded_with": self.recorded_with,
        }


def replay_all(
    paths: Sequence[Path], how: Replay, *, jobs: int = 1, progress: Callable[[int, int, Replayed], None] | None = None
) -> list[Replayed]:
    """Replay them all; results and calls of `progress` come in the order of the paths, whatever `jobs`."""
    done: list[Replayed] = []

    def note(one: Replayed) -> None:
        done.append(one)
        if progress is not None:
            progress(len(done), len(paths), one)

    if jobs <= 1 or len(paths) <= 1:
        for path in paths:
            note(replay_file(path, how))
        return done
    with pool(min(jobs, len(paths))) as workers:
        for future in [workers.submit(replay_file, path, how) for path in paths]:
            note(future.result())
    return done


def replay_file(path: Path, how: Replay) -> Replayed:
    """Replay one case; a case that cannot be read or used is an ERROR with its reason, never an exception."""
    try:
        return replay(read_case(path), how, str(path))
    except LeadtermsError as refused:
        text = f"{refused.text} [{refused.code}]"
        return Replayed(str(path), path.name, "ERROR", text, exit_code=EXIT_USAGE)


def replay(case: Case, how: Replay, path: str = "") -> Replayed:
    """Run the case's scenario and judge it. Raises CaseRefused where the case has none, or names no such connector."""
    if case.sheet.files is None:
        text = "The case holds traffic and no scenario, so it cannot be replayed as one."
        raise NotPossible(text, "Use --as systems or --as client.")
    used = mended(case) if how.mended else case
    name = recorded_connector(used.sheet.connector) if how.connector == RECORDED else how.connector
    outcome = play(used, over=how.over, connector=name, facts=False)
    judgement, reason = judge(case, story_of(outcome), outcome, name)
    same = outcome.digest == str(case.expected.get("digest", ""))
    divergence = ""
    if judgement == "FAILED" and not same:
        told = story_of(play(used, over=how.over, connector=name, facts=True))
        divergence = first_divergence(case, told)
    return Replayed(
        path,
        case.sheet.title,
        judgement,
        reason,
        story_of(outcome).findings,
        divergence,
        same,
        outcome.digest,
        _exit_code(judgement, outcome),
        tuple(case.sheet.expected.findings),
        name or BUILTIN,
        case.sheet.connector,
    )


def play(case: Case, *, over: Literal["process", "http"], connector: str, facts: bool) -> Outcome:
    """Run the case's scenario in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="leadproof-case-") as folder:
        from leadproof.drivers import Driver

        loaded = load_scenario(case.lay_out(Path(folder)))
        refuse_outside(loaded, Path(folder))
        made = connector_named(connector)
        if isinstance(made, Driver):
            over = "http"  # a program of somebody's speaks over sockets only
        return run_scenario(loaded, Options(seed=case.sheet.seed, over=over, facts=facts, connector=made))


def refuse_outside(loaded: Loaded, folder: Path) -> None:
    """Raises CaseDamaged for a scenario that refers to files beyond its case: a stranger's reads nothing of ours."""
    inside = folder.resolve()
    data = [str(getattr(step, "file", "")) for step in loaded.steps if step.step == "import_csv"]
    for name in (loaded.scenario.recipe, *loaded.scenario.integration_files, *data):
        if not (loaded.path.parent / name).resolve().is_relative_to(inside):
            raise CaseDamaged(f"The scenario refers to {name}, which is no part of the case.")


def recorded_connector(name: str) -> str:
    """The connector that a case names, if a case may: ours, or ours with a planted bug. Raises NotPossible for any
    other: whoever replays a stranger's case must not run what it says."""
    if name == BUILTIN or name.startswith(PLANTED):
        return name
    text = f"The case was recorded with the connector {name!r}, which a case cannot start by itself."
    raise NotPossible(text, f"If you trust it, say so: --connector {name!r}.")


def judge(case: Case, story: Story, outcome: Outcome, connector: str) -> tuple[Judgement, str]:
    """FIXED where everything holds that the scenario checks and something did not when it was recorded, PASSED where
    it held then too; FAILED where something fails, in the recorded way, in another, or for the first time; ERROR where
    the run ended before it could say. Where another connector was tried than the recorded one, FIXED says so."""
    wanted = case.sheet.expected
    failed_then = wanted.verdict in ("failed", "error")
    if story.verdict == "passed":
        holds = "every check holds"
        if (connector or BUILTIN) != case.sheet.connector:
            holds = f"{holds} with {connector or BUILTIN}; recorded with {case.sheet.connector}"
        elif wanted.verdict == "passed":
            holds = f"{holds}, as when recorded"
        return ("FIXED" if failed_then else "PASSED"), holds
    if failed_then and story.verdict == wanted.verdict and wanted.findings and wanted.findings[0] in story.codes:
        return "FAILED", f"still reproduces: {story.reason}"
    if story.verdict == "failed" or any(check.verdict == "failed" for check in story.checks):
        how = "fails in another way" if failed_then else f"fails now, and {wanted.verdict} when recorded"
        return "FAILED", f"{how} ({', '.join(story.codes) or 'no finding'}): {story.reason}"
    if outcome.ours:
        return "ERROR", f"a defect of Leadproof: {story.reason}"
    return "ERROR", f"cannot be judged: {story.reason or story.verdict}"


def _exit_code(judgement: Judgement, outcome: Outcome) -> int:
    if judgement != "ERROR":
        return EXIT_PASSED if judgement in HOLDS else EXIT_FAILED
    if outcome.ours:
        return EXIT_OURS
    return EXIT_USAGE if outcome.usage else EXIT_ENVIRONMENT


def exit_code(results: Sequence[Replayed]) -> int:
    """As `leadproof run`: 1 where one failed, else what kept one from being judged, else 0; a defect of ours first."""
    codes = {one.exit_code for one in results}
    return next((code for code in (EXIT_OURS, EXIT_FAILED, EXIT_USAGE, EXIT_ENVIRONMENT) if code in codes), EXIT_PASSED)
