"""What a round of trials came to, for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import IO, Any

from leadproof.library import checklist
from leadproof.mutation.mutants import Mutant
from leadproof.mutation.noticing import Notice, notice_of
from leadproof.mutation.trials import Trial
from leadproof.scenario.document import shown_path


def tell(
    trials: Sequence[Trial],
    mutants: Sequence[Mutant],
    out: IO[str],
    *,
    verbose: bool,
    left_out: int,
    width: int = 100,
) -> None:
    """Those that were called by another name, then survivors by what would notice them, then the count."""
    by_name = {one.name: one for one in mutants}
    caught = [one for one in trials if one.fate == "caught"]
    survived = [one for one in trials if one.fate == "survived"]
    lines: list[str] = []
    if verbose and caught:
        lines += ["Caught:", ""]
        for one in caught:
            lines += _told(one, by_name, width, f"by {one.check}: {_causes(one)}")
        lines.append("")
    misnamed = [one for one in caught if one.right != 0]
    if misnamed:
        lines += ["Caught, but another cause was named first:", ""]
        for one in misnamed:
            where = "the right one further down" if one.right is not None else "the right one not at all"
            lines += _told(one, by_name, width, f"{one.check} named {_causes(one)}; {where}")
        lines.append("")
    lines += _survivors(survived, by_name, width)
    first, three = right_within(caught, 1), right_within(caught, 3)
    counted = (
        f"{len(trials)} mistake{'s' * (len(trials) != 1)} planted: {len(caught)} caught, {len(survived)} survived."
    )
    if caught:
        counted += f" Of those caught, the right cause was told first for {first}, among the first three for {three}."
    lines += _wrapped(counted, width)
    if left_out:
        lines += _wrapped(f"{left_out} scenarios stand on other files and were not asked.", width)
    out.writelines(f"{line}\n" for line in lines)


def _survivors(survived: Sequence[Trial], by_name: Mapping[str, Mutant], width: int) -> list[str]:
    """Grouped by what a scenario would have to do, in the order in which each is first needed."""
    if not survived:
        return []
    groups: dict[Notice, list[Trial]] = {}
    for one in survived:
        for notice in dict.fromkeys(notice_of(part.kind) for part in by_name[one.mutant].parts):
            groups.setdefault(notice, []).append(one)
    head = "Survived: your scenarios pass with the mistake in place. A scenario would notice if it did this:"
    lines = [*_wrapped(head, width), ""]
    for notice, trials in groups.items():
        lines += _wrapped(f"- {notice.does}", width, "", "  ")
        lines += _wrapped(f"as in: {notice.shown_by}", width, "    ") if notice.shown_by else []
        for one in trials:
            lines += _told(one, by_name, width)
        lines.append("")
    shown = next((one.shown_by for one in groups if one.shown_by), "")
    if shown:
        play = f"`leadproof run -k {shown} -v` plays such a scenario"
        lines += _wrapped(f"{play}; the files are in {shown_path(checklist())}.", width)
    return [*lines, ""]


def _told(trial: Trial, by_name: Mapping[str, Mutant], width: int, more: str = "") -> list[str]:
    """A mutant's name, which says where, and what the mistake is; `more` on lines of its own."""
    says = "; ".join(part.kind.says for part in by_name[trial.mutant].parts)
    lines = _wrapped(f"{trial.mutant}: {says}", width, "    ", "      ")
    return lines + (_wrapped(more, width, "      ") if more else [])


def _wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Lines that fit, the first one and the rest with their indents."""
    after = first if rest is None else rest
    return wrap(text, width, initial_indent=first, subsequent_indent=after, break_long_words=False,
                break_on_hyphens=False)  # fmt: skip


def right_within(trials: Sequence[Trial], places: int) -> int:
    """How many were named rightly within the first places."""
    return sum(1 for one in trials if one.right is not None and one.right < places)


def _causes(trial: Trial) -> str:
    return "; ".join(f"{code} {cause}" for code, cause in trial.causes[:3]) or trial.defect or "no cause"


def told_json(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Every trial as plain JSON."""
    return [asdict(one) for one in trials]
