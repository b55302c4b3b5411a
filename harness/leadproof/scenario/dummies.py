"""Whom a scenario may touch on live systems: the dummy people of its own run, and nobody who was there before.

product.md A5, quality.md "Live guard". Every write of the tester goes through `Watched`, so no step can forget it; the
connector's go through `Noted`. The run's own are the records whose ids these saw come into being, and those under an
address with the run's word in it, which nobody else enters. An address that a scenario itself names may be entered by
others too, so it makes nothing the run's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from leadproof.findings import At, find
from leadproof.scenario.registry import StepRefused
from leadproof.systems.failures import CallFailed
from leadproof.systems.outreach import Submission
from leadproof.systems.ports import System, Write, WriteResult
from leadterms.criteria import parse_criteria
from leadterms.fieldtypes import blank

if TYPE_CHECKING:
    from leadproof.scenario.connected import Connected
    from leadproof.scenario.livejournal import LiveJournal

SOMEBODY = "RUN823"
NOBODY = re.compile(r"[^@\s]+@(?:[a-z0-9-]+\.)+example", re.IGNORECASE)
"""RFC 2606: no mail goes under .example, so nobody real has such an address."""
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
Known = tuple[str, str, str]
"""(org, object, id)"""


@dataclass(slots=True)
class Dummies:
    """What one scenario entered on live systems. `word`: what only this run's addresses hold, "" where it has none;
    `keys`: the addresses, casefolded; `before`: the records that had one of them before the scenario entered it;
    `made`: those that its own writes and its connector's created; `unclaimed`: those found under one of the addresses
    of which nobody knows who made them; `journal`: where all of it is written down, for who must clean up after a run
    that was killed."""

    connections: Mapping[str, Connected]
    word: str = ""
    keys: dict[str, None] = field(default_factory=dict)
    before: dict[Known, None] = field(default_factory=dict)
    made: dict[Known, None] = field(default_factory=dict)
    unclaimed: dict[Known, None] = field(default_factory=dict)
    journal: LiveJournal | None = None

    def approach(self, org: str, object: str, key: object) -> None:
        """The scenario is about to enter this key. Raises StepRefused for one that may be a real person's."""
        if not isinstance(key, str) or blank(key) or key.strip().casefold() in self.keys:
            return
        if not NOBODY.fullmatch(key.strip()):
            raise _refused(org, object, "", f"{key!r} may be a real person's, who would be matched and then removed.")
        before = [one for one in self.standing(key.strip()) if one not in self.made]
        if self.journal is not None:
            self.journal.key(key.strip().casefold(), before)
        self.before.update(dict.fromkeys(before))
        self.keys[key.strip().casefold()] = None

    def note(self, known: Known) -> None:
        """A record that a call of the scenario or its connector made."""
        if known not in self.made and self.journal is not None:
            self.journal.made(known)
        self.made[known] = None

    def standing(self, key: str) -> list[Known]:
        """The records that have this key now, in every system of the scenario."""
        found: dict[Known, None] = {}
        for connected in self.connections.values():
            places = [("marketing", connected.prospect), *(("crm", one) for one in connected.people_objects)]
            for side, object in places:
                match_field = connected.match_field(side, object)
                if match_field:
                    system = connected.system(side)
                    having = parse_criteria({"rows": [[match_field, "=", key]]})
                    for record in system.find(object, having, [match_field]):
                        if not record.deleted and record.merged_into is None and record.converted_to is None:
                            found[(system.name, record.object, record.id)] = None
        return list(found)

    def note_standing(self, key: object) -> None:
        """An answer was lost: whoever has this key now and had it not before is taken for what the call made."""
        if not self.entered(key) or self._of_this_run(key):
            return
        with suppress(CallFailed):  # the clean-up asks again, and the address is noted
            for known in self.standing(str(key).strip()):
                if known not in self.before:
                    self.note(known)

    def entered(self, key: object) -> bool:
        """Whether the scenario entered this key."""
        return isinstance(key, str) and key.strip().casefold() in self.keys

    def claims(self, known: Known, key: object) -> bool:
        """Whether a record that has this key, or is linked to a dummy, is the run's own. What is not, and has one of
        its addresses all the same, is kept to be told of."""
        if known in self.before:
            return False
        if known in self.made or not isinstance(key, str) or blank(key):
            return True
        if not self.entered(key):
            return False  # one with a key of its own is somebody's
        if self._of_this_run(key):
            return True
        self.unclaimed[known] = None
        return False

    def _of_this_run(self, key: object) -> bool:
        """Whether nobody else enters this key."""
        return isinstance(key, str) and bool(self.word) and self.word in key.casefold()

    def touch(self, org: str, object: str, id: str | None) -> None:
        """The scenario is about to change or delete this record. Raises StepRefused if it was there before."""
        if id is not None and (org, object, id) in self.before:
            raise _refused(org, object, id, "it was there before this run, and only what the run made is changed.")


def _refused(org: str, object: str, id: str, why: str) -> StepRefused:
    cause = f"{org} {object}{' ' + id if id else ''}: {why}"
    return StepRefused(find(SOMEBODY, cause, places=[At("", org, object, id)]))


def _keys(write: Write, match_field: Callable[[str], str]) -> list[object]:
    """The match keys that a write enters."""
    return [write.values.get(match_field(write.object)), write.key[1] if write.key else None]


class Noted:
    """A live system as the connector writes to it: nothing is held back, and what it makes of the scenario's own people
    is noted by id."""

    def __init__(self, system: System, dummies: Dummies, match_field: Callable[[str], str]) -> None:
        self._system, self._dummies, self._match_field = system, dummies, match_field

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """As `System.write`."""
        results = self._system.write(writes)
        for one, result in zip(writes, results, strict=True):
            ours = [key for key in _keys(one, self._match_field) if self._dummies.entered(key)]
            if ours and result.outcome == "created" and result.id is not None:
                self._dummies.note((self._system.name, one.object, result.id))
            elif result.outcome == "unknown":
                for key in ours:
                    self._dummies.note_standing(key)
        return results


class Watched:
    """A live system as the tester writes to it: the port's own methods, after a look at whom they touch."""

    def __init__(self, system: System, dummies: Dummies, match_field: Callable[[str], str]) -> None:
        self._system, self._dummies, self._match_field = system, dummies, match_field

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """As `System.write`. Raises StepRefused before anything is sent, where one of them may not be."""
        for one in writes:
            self._dummies.touch(self._system.name, one.object, one.id)
            self._enter(one.object, _keys(one, self._match_field))
        results = self._system.write(writes)
        for one, result in zip(writes, results, strict=True):
            if result.outcome == "created" and result.id is not None:
                self._dummies.note((self._system.name, one.object, result.id))
            elif result.outcome == "unknown":
                for key in _keys(one, self._match_field):
                    self._dummies.note_standing(key)
        return results

    def submit_form(self, form_id: str, values: Mapping[str, str], *, captcha: str = "") -> Submission:
        """As `Marketing.submit_form`. Raises StepRefused before anything is sent."""
        # A form may ask under names of its own: whatever is an address in it counts as the key.
        addresses = [one for one in values.values() if ADDRESS.fullmatch(one.strip())]
        keys = [*addresses, values.get(self._match_field(""))]
        self._enter(f"form {form_id}", keys)
        system: Any = self._system  # steps ask for this of marketing only
        answer: Submission = system.submit_form(form_id, values, captcha=captcha)
        if answer.outcome in ("created", "unknown"):  # whose prospect it made stands under the address
            for key in keys:
                self._dummies.note_standing(key)
        return answer

    def convert(self, id: str, **told: Any) -> Any:
        """As `Crm.convert`, of a lead that the run made."""
        for object in ("Lead", "lead"):
            self._dummies.touch(self._system.name, object, id)
        system: Any = self._system  # steps ask for this of the CRM only
        made = system.convert(id, **told)
        for object in ("contact", "account", "opportunity"):
            became = getattr(made, f"{object}_id", None)
            if became is not None and told.get(f"{object}_id") is None:
                self._dummies.note((self._system.name, object.title(), became))
        return made

    def merge(self, object: str, winner: str, losers: Sequence[str]) -> Any:
        """As `System.merge`, of records that the run made."""
        for id in (winner, *losers):
            self._dummies.touch(self._system.name, object, id)
        return self._system.merge(object, winner, losers)

    def _enter(self, object: str, keys: Iterable[object]) -> None:
        for key in keys:
            self._dummies.approach(self._system.name, object, key)
