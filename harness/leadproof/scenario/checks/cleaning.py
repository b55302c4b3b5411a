"""Cleaning up, and saying what is left (product.md A5)."""

from __future__ import annotations

from leadproof.findings import At, Finding, find
from leadproof.scenario.checks.delivery import records_on
from leadproof.scenario.people import Person
from leadproof.scenario.registry import Check, Result, failed, named, passed
from leadproof.scenario.stage import Removal, Stage
from leadproof.systems.failures import CallFailed
from leadproof.systems.ports import Write


@named("clean_up")
class CleanUp(Check):
    """Remove the dummy records of this scenario from every system; what could not be removed is listed by id."""

    def compare(self, stage: Stage) -> Result:
        removed, left = remove_all(stage)
        if not left:
            return passed(f"{removed} dummy records removed, none left")
        text = ", ".join(f"{one.org} {one.object} {one.id} ({one.reason})" for one in left)
        return failed("clean-up", "no dummy record left", f"{len(left)} left: {text}", findings=_causes(left))


def remove_all(stage: Stage) -> tuple[int, list[Removal]]:
    """Delete every record that stands for a person of the scenario, or that it made; answers how many, and those
    that could not be."""
    wanted: dict[tuple[str, str, str], None] = {}
    everybody: list[Person] = [one for who in stage.cast.values() for one in (who if isinstance(who, list) else [who])]
    for connected in stage.connections.values():
        for side in ("crm", "marketing"):
            for person in everybody:
                for record in records_on(connected, side, person):
                    wanted.setdefault((connected.system(side).name, record.object, record.id))
    for made in stage.made:
        wanted.setdefault(made)
    removed, left = 0, []
    for org, object, id in wanted:
        connected, side = stage.located(org)
        system = connected.system(side)
        try:
            if not system.read(object, [id], []):
                continue
            result = system.write([Write("delete", object, id=id)])[0]
        except CallFailed as failure:
            left.append(Removal(org, object, id, failure.text))
            continue
        if result.outcome == "deleted":
            removed += 1
        else:
            reason = result.refusal.text if result.refusal is not None else "the answer was lost"
            left.append(Removal(org, object, id, reason))
    return removed, left


def _causes(left: list[Removal]) -> list[Finding]:
    places = [At("", one.org, one.object, one.id) for one in left]
    return [find("RUN808", f"{len(left)} dummy records could not be removed: {left[0].reason}", places=places)]
