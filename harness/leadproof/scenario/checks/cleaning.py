"""Cleaning up, and saying what is left (product.md A5)."""

from __future__ import annotations

from leadproof.findings import At, Finding, find
from leadproof.scenario.checks.delivery import records_on
from leadproof.scenario.dummies import Known
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
            return passed(f"{removed} dummy records removed, none left{told_of_others(stage)}")
        text = ", ".join(f"{one.org} {one.object} {one.id} ({one.reason})" for one in left)
        return failed("clean-up", "no dummy record left", f"{len(left)} left: {text}", findings=causes_left(left))


def remove_all(stage: Stage) -> tuple[int, list[Removal]]:
    """Delete every record that stands for a person of the scenario, or that it made; answers how many, and those
    that could not be, or could not be looked for. On live systems only the run's own goes (`Dummies.claims`)."""
    removed = 0
    wanted, left = _standing(stage)
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


def told_of_others(stage: Stage) -> str:
    """The records under an address that the run entered which are not known to be its own: they stay, and are named."""
    if stage.dummies is None:
        return ""
    kinds = (
        ("there before this run", stage.dummies.before),
        (
            "under an address that others may enter too, and not made by this run as far as it knows",
            stage.dummies.unclaimed,
        ),
    )
    return "".join(f"; {who}, and left: {', '.join(' '.join(one) for one in them)}" for who, them in kinds if them)


def _standing(stage: Stage) -> tuple[dict[Known, None], list[Removal]]:
    """The records to remove, and where they could not be looked for: what one system does not answer must not keep
    what is known from being removed."""
    wanted: dict[Known, None] = {}
    unseen: list[Removal] = []
    dummies = stage.dummies
    everybody: list[Person] = [one for who in stage.cast.values() for one in (who if isinstance(who, list) else [who])]
    for connected in stage.connections.values():
        for side in ("crm", "marketing"):
            org = connected.system(side).name
            for person in everybody:
                try:
                    found = records_on(connected, side, person)
                except CallFailed as failure:
                    unseen.append(Removal(org, person.name, "", failure.text))
                    continue
                for record in found:
                    key = record.values.get(connected.match_field(side, record.object))
                    known = (org, record.object, record.id)
                    if dummies is None or dummies.claims(known, key):
                        wanted.setdefault(known)
    wanted.update(dict.fromkeys(stage.made))
    if dummies is not None:
        # Also those of whom only the address is known, because the answer to their creation was lost.
        for address in dummies.keys:
            try:
                wanted.update(dict.fromkeys(one for one in dummies.standing(address) if dummies.claims(one, address)))
            except CallFailed as failure:
                unseen.append(Removal(failure.system, address, "", failure.text))
        wanted.update(dict.fromkeys(dummies.made))
        for known in dummies.before:
            wanted.pop(known, None)
    return wanted, unseen


def causes_left(left: list[Removal]) -> list[Finding]:
    """Why the first of them could not be removed; `left` is not empty."""
    places = [At("", one.org, one.object, one.id) for one in left]
    return [find("RUN808", f"{len(left)} dummy records could not be removed: {left[0].reason}", places=places)]
