"""What a round of trials came to, for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any

from leadproof.mutation.mutants import Mutant
from leadproof.mutation.trials import Trial


def tell(trials: Sequence[Trial], mutants: Sequence[Mutant], out: IO[str], *, verbose: bool, left_out: int) -> None:
    """Survivors first, each with the check that would notice it; then those that were called by another name."""
    by_name = {one.name: one for one in mutants}
    caught = [one for one in trials if one.fate == "caught"]
    if verbose:
        for one in caught:
            out.write(f"caught    {one.mutant}\n          by {one.check}: {_causes(one)}\n")
    for one in trials:
        if one.fate == "survived":
            checks = ", ".join(dict.fromkeys(part.kind.check for part in by_name[one.mutant].parts))
            out.write(f"survived  {one.mutant}\n          {one.says}\n          would be noticed by: {checks}\n")
    for one in caught:
        if one.right != 0:
            where = "named further down" if one.right is not None else "not named"
            out.write(f"{where:<18}  {one.mutant}\n          by {one.check}: {_causes(one)}\n")
    first, three = right_within(caught, 1), right_within(caught, 3)
    out.write(
        f"{len(trials)} mutants: {len(caught)} caught, {len(trials) - len(caught)} survived; "
        f"rightly named first {first}, among three {three}\n"
    )
    if left_out:
        out.write(f"{left_out} scenarios stand on other files and were not asked\n")


def right_within(trials: Sequence[Trial], places: int) -> int:
    """How many were named rightly within the first places."""
    return sum(1 for one in trials if one.right is not None and one.right < places)


def _causes(trial: Trial) -> str:
    return "; ".join(f"{code} {cause}" for code, cause in trial.causes[:3]) or trial.defect or "no cause"


def told_json(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Every trial as plain JSON."""
    return [asdict(one) for one in trials]
