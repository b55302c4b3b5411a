"""Whose record is it: which record a match must find, from keys and ids alone (sync-semantics.md "Whose record")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from leadproof.oracle.agreement import Agreement
from leadproof.oracle.doubts import Names
from leadproof.oracle.histories import FOREVER, Histories
from leadproof.oracle.links import Link, Links
from leadproof.oracle.standing import SIDES, SideName, other
from leadproof.oracle.timelines import Life

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Match:
    """What a search finds. `ambiguous`: several, or one that is linked elsewhere, and the policy picks none."""

    outcome: Literal["none", "one", "ambiguous"]
    life: Life | None = None
    others: tuple[Life, ...] = ()


class Matching:
    """Searches for a person on one side as it was at any moment."""

    def __init__(self, agreement: Agreement, histories: Histories, links: Links) -> None:
        self._agreement = agreement
        self._histories = histories
        self._links = links
        self._names: dict[int, Names] = {}
        self._index: dict[tuple[SideName, Key], list[Life]] = {}
        for side in SIDES:
            self._fill(side)

    def _fill(self, side: SideName) -> None:
        """Every key that a record ever held leads to it."""
        for life in self._links.people(side):
            for key in self._keys_of(side, life):
                self._index.setdefault((side, key), []).append(life)

    def holders(self, side: SideName, key: Key) -> list[Life]:
        """The records that ever held the key."""
        return self._index.get((side, key), [])

    def live(self, side: SideName, key: Key, n: int) -> list[Life]:
        """The live records that hold the key once fact `n` has happened, oldest first."""
        found = [
            life
            for life in self.holders(side, key)
            if life.live_at(n) and key in self._agreement.keys_at(side, life, n)
        ]
        return sorted(found, key=lambda life: (life.born.at, life.id))

    def search(self, seeker: SideName, life: Life, n: int, *, before: int | None = None) -> Match:
        """What the other side's search finds for `life` as everything stood at fact `n`.

        The keys are tried in their order; the first that finds somebody free decides, or the first that finds
        anybody where ambiguity is refused. A record that was linked with somebody else before fact `before` (default:
        `n`) is no candidate, but makes the match ambiguous. Contacts come before leads; where every contact is
        somebody else's, the leads are what is left to choose from."""
        side = other(seeker)
        passed: list[Life] = []
        for key in self._agreement.keys_at(seeker, life, n):
            found = [one for one in self.live(side, key, n) if not self._goes_first(side, one, n)]
            taken = {one.id for one in found if self.linked_elsewhere(side, one, life, before or n)}
            contacts = [one for one in found if one.object == "Contact"]
            group = found if all(one.id in taken for one in contacts) else contacts
            free = [one for one in group if one.id not in taken]
            if len(group) == 1 and free and not passed:
                return Match("one", free[0])
            passed += found
            if free or (group and self._agreement.people.ambiguous == "refuse"):
                return self._several(free, tuple(passed))
        return Match("ambiguous", None, tuple(passed)) if passed else Match("none")

    def _several(self, free: list[Life], found: tuple[Life, ...]) -> Match:
        policy = self._agreement.people.ambiguous
        if policy == "refuse" or not free:
            return Match("ambiguous", None, found)
        return Match("one", free[0] if policy == "oldest" else free[-1], found)

    def _goes_first(self, side: SideName, life: Life, n: int) -> bool:
        """Whether the connector took this record away for a partner that was gone at fact `n`: deletes are treated
        before anybody is matched."""
        return any(death.own and death.n > n for death in life.deaths()) and any(
            not link.end(other(side)).live_at(n) for link in self._links.of(side, life) if link.opened is not None
        )

    def linked_elsewhere(self, side: SideName, life: Life, seeker: Life, before: int) -> bool:
        """Whether a whole link with somebody else held this record before fact `before`. One that a merge ended held
        the merge's loser only."""
        return any(
            link.end(other(side)) is not seeker
            and link.begin(other(side)) is not seeker
            and _began(link) < before
            and link.end(other(side)).live_at(before)
            for link in self._links.of(side, life)
            if link.begin(side) is life or id(link) not in self._outlived_ids
        )

    def looks(self, opened: int, *lives: Life) -> list[int]:
        """The places at which the connector may have looked before it wrote fact `opened`, oldest first.

        Seen boundaries: where that cycle began, and the cycles before it that may not have decided these records.
        Hidden ones: after any outside edit of these records or of those that share their keys."""
        if self._histories.cycles is not None:
            starts: list[int] = []
            whom = self._called(lives)
            for span in reversed(self._histories.cycles):
                if span.start >= opened:
                    continue
                if starts and self._histories.decided(span, whom):
                    break
                starts.append(span.start)
            return starts[::-1] or [opened - 1]
        near = {id(one): one for life in lives for one in self._sharing(life)}
        moments = {edit.n for one in near.values() for edit in one.edits if not edit.own and edit.n < opened}
        return sorted(moments | {opened - 1})

    # --- merges ------------------------------------------------------------------------------------------------

    @cached_property
    def outlived(self) -> list[Link]:
        """Links whose record was merged into one that has a link of its own: the winner's link stays."""
        return [
            link
            for side in SIDES
            for link in self._links
            if link.begin(side) is not link.end(side)
            and link.begin(side).merged_into is not None
            and any(
                rival is not link and self._held(rival, side, link) for rival in self._links.of(side, link.end(side))
            )
        ]

    @cached_property
    def _outlived_ids(self) -> frozenset[int]:
        return frozenset(id(link) for link in self.outlived)

    def _held(self, rival: Link, side: SideName, link: Link) -> bool:
        """Whether a winner's link held when the connector read the merge that took the loser's `link`.

        In one cycle merges are treated before deletes: a link ends for a merge only where a cycle decided the delete
        before. Where that can't be known, what became of the loser's link tells it."""
        partner = rival.end(other(side))
        merged = link.begin(side).merged_at
        deaths = partner.deaths()
        if partner.live or not deaths or deaths[-1].own or merged is None:
            return partner.live
        between = self._histories.cycle_between(deaths[-1].n, merged, self.names(rival))
        if between is None:
            return True
        return not between.certain and not self._moved(link, side)

    def _moved(self, link: Link, side: SideName) -> bool:
        """Whether the partner of a merge's loser names the winner."""
        field_id = self._links.fields.crm_id if side == "crm" else self._links.fields.marketing_id
        return field_id is not None and link.end(other(side)).values.get(field_id) == link.end(side).id

    # --- names -------------------------------------------------------------------------------------------------

    def _sharing(self, life: Life) -> list[Life]:
        """The record, and every record of either side that ever held one of its keys."""
        side: SideName = "marketing" if life.object == self._agreement.marketing_object else "crm"
        found = [life]
        for key in self._keys_of(side, life):
            found += self.holders("crm", key) + self.holders("marketing", key)
        return found

    def _keys_of(self, side: SideName, life: Life) -> list[Key]:
        """Every key that the record ever held, in order."""
        fields = {spec.id for _, spec in self._agreement.keys(side, life.object)}
        moments = [edit.n for edit in life.edits if fields & edit.fields.keys()] or [life.born.n]
        return list(dict.fromkeys(key for n in moments for key in self._agreement.keys_at(side, life, n)))

    def names(self, link: Link) -> Names:
        """What calls the person of a link, on both sides and from its beginning to its end."""
        if id(link) not in self._names:
            chains = (*self._links.crm.chain(link.crm), *self._links.marketing.chain(link.marketing))
            self._names[id(link)] = self._called([life for _, life in chains])
        return self._names[id(link)]

    def _called(self, lives: Iterable[Life]) -> Names:
        """The ids and keys of these records, as doubts.py compares them."""
        found = set()
        for life in lives:
            side: SideName = "marketing" if life.object == self._agreement.marketing_object else "crm"
            found |= {life.id.casefold(), *(text for _, text in self._keys_of(side, life))}
        return frozenset(found)

    def name(self, side: SideName, life: Life) -> str:
        """What people call this person: its key, else its id."""
        return next((text for _, text in self._agreement.keys_at(side, life, FOREVER)), life.id)


def _began(link: Link) -> int:
    return link.opened if link.opened is not None else link.claims[0].n
