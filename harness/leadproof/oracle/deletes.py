"""Deletes and merges: what must become of the survivor (sync-semantics.md "Conversion, deletes, merges")."""

from __future__ import annotations

from collections.abc import Iterator

from leadproof.oracle.agreement import Agreement
from leadproof.oracle.histories import Histories
from leadproof.oracle.links import Link, Links
from leadproof.oracle.matching import Matching
from leadproof.oracle.standing import SIDES, SideName, other
from leadproof.oracle.timelines import Edit, Life
from leadproof.oracle.violations import Spot, Violation

SYSTEM = {"crm": "the CRM", "marketing": "marketing"}


class Deletes:
    """Judges survivors, and whatever the connector deleted."""

    def __init__(
        self, agreement: Agreement, histories: Histories, links: Links, matching: Matching, lost: list[Link]
    ) -> None:
        self._policy = agreement.people.deletes
        self._links = links
        self._matching = matching
        self._lost = {id(link) for link in lost}
        self._submissions = {
            life.born.n: str(life.values.get("prospect") or "")
            for life in histories.marketing.lives.of("submission").values()
        }

    def judge(self) -> Iterator[Violation]:
        """Every survivor of a delete, every loser of a merge, and every record that the connector deleted."""
        for link in self._links:
            if id(link) in self._lost:
                # Its CRM record is another link's by now; what is left to judge is the loser's marketing record.
                yield from self._survivor("crm", link.crm.edits[-1], link.marketing_end)
                continue
            for side in SIDES:
                gone, survivor = link.end(side), link.end(other(side))
                death = _last_death(gone)
                if death is not None and not death.own and gone.deleted and gone.merged_into is None:
                    yield from self._survivor(side, death, survivor)
                    yield from self._recreated(side, death, survivor, link)
        for side in SIDES:
            for life in self._links.people(side):
                death = _last_death(life)
                if death is not None and death.own and life.deleted:
                    yield from self._killed(side, life, death)

    def _survivor(self, gone: SideName, death: Edit, survivor: Life) -> Iterator[Violation]:
        if self._policy != "ignore" and survivor.live:
            because = f"deletes: {self._policy}: it was deleted in {SYSTEM[gone]}, so its partner goes too"
            yield self._wrong(other(gone), survivor, "deleted", "still there", because)

    def _killed(self, side: SideName, life: Life, death: Edit) -> Iterator[Violation]:
        """The connector may delete only the survivor of somebody else's delete, and only where that is wanted."""
        caused = self._policy != "ignore" and any(
            (cause := _last_death(link.end(other(side)))) is not None and cause.n < death.n
            for link in self._links.of(side, life)
        )
        merged = self._policy != "ignore" and any(id(link) in self._lost for link in self._links.of(side, life))
        if not caused and not merged:
            because = f"deletes: {self._policy}: the connector deletes only the partner of a deleted record"
            if self._policy == "ignore":
                because = "deletes: ignore: the survivor stays"
            yield self._wrong(side, life, "still there", "deleted by the connector", because)

    def _recreated(self, gone: SideName, death: Edit, survivor: Life, link: Link) -> Iterator[Violation]:
        """A tombstone blocks creation by edits: only a form answer given after the delete is delivered as new."""
        for later in self._links.of(other(gone), survivor):
            if later is link or later.made != gone or later.begin(gone).born.n < death.n:
                continue
            created = later.begin(gone)
            answered = gone == "crm" and any(
                person == survivor.id and death.n < n < created.born.n for n, person in self._submissions.items()
            )
            if not answered:
                because = "the link of a deleted record is a tombstone: edits of the survivor never recreate it"
                yield self._wrong(gone, created, "no new record", "created again by the connector", because)

    def _wrong(self, side: SideName, life: Life, expected: str, found: str, because: str) -> Violation:
        place = Spot(side, life.object, life.id)
        return Violation("oracle.deletes", self._matching.name(side, life), place, expected, found, because)


def _last_death(life: Life) -> Edit | None:
    deaths = life.deaths()
    return deaths[-1] if deaths else None
