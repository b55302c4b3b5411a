"""The score: what share of the planted mistakes is caught and rightly named, and how often a clean run cries wolf.

quality.md R8: caught 100 %, the cause named first in 95 %, among the first three in 99 %, no finding of level error in
500 clean runs. What is published is what was measured, misses by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from shlex import quote

from leadproof.mutation.clean import Alarm
from leadproof.mutation.mutants import Mutant
from leadproof.mutation.trials import Trial
from leadproof.version import VERSION

GOALS = {"caught": 100.0, "first": 95.0, "three": 99.0}
"""Percent, of quality.md R8."""


@dataclass(frozen=True)
class Score:
    """One measurement. `mutants` and `trials` belong together, place by place; `drawn`: how many mutants were to be
    tried, where time ran out before. `file`: where it is written; `only`: the -k that chose the kinds."""

    seed: str
    mutants: Sequence[Mutant]
    trials: Sequence[Trial]
    drawn: int
    clean: int
    alarms: Sequence[Alarm]
    file: str = "score.md"
    only: str = ""

    def part(self, fits: Callable[[Mutant], bool]) -> list[Trial]:
        """The trials of some mutants."""
        return [trial for mutant, trial in zip(self.mutants, self.trials, strict=True) if fits(mutant)]


def caught(trials: Iterable[Trial]) -> int:
    """How many were noticed."""
    return sum(1 for one in trials if one.fate == "caught")


def named(trials: Iterable[Trial], places: int) -> int:
    """How many were named rightly within the first places."""
    return sum(1 for one in trials if one.right is not None and one.right < places)


def percent(part: int, whole: int) -> str:
    """A share with one digit; "-" of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def markdown(score: Score) -> str:
    """The page docs/score.md."""
    lines = [
        f"# The score of {score.only}" if score.only else "# The score",
        "",
        "How often Leadproof notices a known mistake on the shipped checklist, and calls it by its right name. Written",
        f"by `{_command(score)}`,",
        f"version {VERSION}; do not edit it by hand.",
        "",
        "A mistake is *planted* in the integration, in the recipe or in the connector, one or two at a time. It is",
        "*caught* when a scenario that passes without it does not pass with it. It is *named rightly* when a cause of",
        "the first check that failed has one of the codes with which the kind of mistake is labelled, and points at",
        "the thing that was changed; of two mistakes at once, either. Kinds that are *held out* were not looked at",
        "while the diagnosis was written.",
        "",
        *_table(score),
        "",
        *_cut(score),
        "The goals: all caught, 95 % named first, 99 % among the first three, no error in a clean run.",
        "",
        *_groups(score),
        "",
        *_clean(score),
        "",
        *_misses(score),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _command(score: Score) -> str:
    """What measures the same again."""
    chosen = f" -k {quote(score.only)}" if score.only else ""
    alone = "" if any(len(one.parts) == 2 for one in score.mutants) else " --pairs 0"
    dirty = "" if score.clean else " --clean 0"
    return f"leadproof mutate{chosen}{alone}{dirty} --score docs/{score.file} --seed {score.seed}"


def _cut(score: Score) -> list[str]:
    if len(score.trials) == score.drawn:
        return []
    text = (
        f"Time ran out in this run: {len(score.trials)} of the {score.drawn} mutants that were drawn were tried, in an"
    )
    return [text, "order drawn by the seed, so that what was tried stands for the rest.", ""]


def _table(score: Score) -> list[str]:
    rows = [
        ("settings, one at a time", lambda one: len(one.parts) == 1 and not _defect(one) and not _hidden(one)),
        ("settings that were held out", lambda one: len(one.parts) == 1 and not _defect(one) and _hidden(one)),
        ("defects of the connector", lambda one: len(one.parts) == 1 and _defect(one)),
        ("two at once", lambda one: len(one.parts) == 2),
        ("all", lambda one: True),
    ]
    head = ["| | planted | caught | named first | among three |", "|---|---|---|---|---|"]
    return head + [_row(name, trials) for name, fits in rows if (trials := score.part(fits))]


def _row(name: str, trials: Sequence[Trial]) -> str:
    whole = len(trials)
    shares = (caught(trials), named(trials, 1), named(trials, 3))
    return f"| {name} | {whole} | " + " | ".join(f"{one} ({percent(one, whole)})" for one in shares) + " |"


def _defect(mutant: Mutant) -> bool:
    return any(part.site.defect for part in mutant.parts)


def _hidden(mutant: Mutant) -> bool:
    return any(part.kind.held_out for part in mutant.parts)


def _groups(score: Score) -> list[str]:
    groups = dict.fromkeys(part.kind.group for mutant in score.mutants for part in mutant.parts)
    lines = [
        "## By what was wrong",
        "",
        "| one at a time | planted | caught | named first | among three |",
        "|---|---|---|---|---|",
    ]
    for group in groups:
        trials = score.part(lambda one, group=group: len(one.parts) == 1 and one.parts[0].kind.group == group)  # type: ignore[misc]
        lines.append(_row(group, trials))
    return lines


def _clean(score: Score) -> list[str]:
    lines = ["## False alarms", ""]
    edited = "other seeds, and in four of five up to four edits of the files that are right"
    if not score.clean:
        return [*lines, "Not measured in this run."]
    lines.append(
        f"{score.clean} clean runs ({edited}): {len(score.alarms)} with a finding of level error or a failed check."
    )
    lines += [
        f"- run {one.seed}, {one.scenario} ({', '.join(one.edits) or 'no edit'}): {one.said}"
        for one in score.alarms[:40]
    ]
    return lines


def _misses(score: Score) -> list[str]:
    lines = ["## Misses", ""]
    found = False
    for trial in score.trials:
        if trial.fate == "caught" and trial.right == 0:
            continue
        found = True
        lines.append(f"- **{trial.mutant}** ({trial.says}): {_told(trial)}")
    return lines if found else [*lines, "None."]


def _told(trial: Trial) -> str:
    if trial.fate != "caught":
        return "survived"
    if trial.defect:
        return f"a defect of ours: {trial.defect}"
    place = f"named in place {trial.right + 1}" if trial.right is not None else "not named"
    codes = ", ".join(dict.fromkeys(code for code, _ in trial.causes[:3])) or "no cause"
    return f"{place}; `{trial.check}` said {codes}"
