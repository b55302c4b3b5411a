"""Who is linked with whom, as the histories show it.

A link begins when the connector writes one side's id into the other, or creates one side's record with it. It goes
on as the contact when the lead is converted, and as the winner when a record is merged
(sync-semantics.md "Conversion, deletes, merges").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from leadproof.oracle.histories import Histories
from leadproof.oracle.standing import SIDES, SideName
from leadproof.oracle.timelines import Life, Timelines


@dataclass(frozen=True, slots=True)
class Claim:
    """A moment at which one side's record named the other: `on` holds the id. `own`: the connector wrote it."""

    n: int
    crm: Life
    marketing: Life
    on: SideName
    own: bool


@dataclass(slots=True)
class Link:
    """One person's pair. `crm` and `marketing` are its records when it began; `made`: the side created for it.

    `opened` is the fact that first shows it; None while nothing but an id that somebody else wrote does."""

    crm: Life
    marketing: Life
    claims: list[Claim] = field(default_factory=list)
    opened: int | None = None
    made: SideName | None = None
    crm_end: Life = field(init=False)
    marketing_end: Life = field(init=False)

    def __post_init__(self) -> None:
        self.crm_end = self.crm
        self.marketing_end = self.marketing

    @property
    def whole(self) -> bool:
        """Whether both records still stand."""
        return self.crm_end.live and self.marketing_end.live

    def end(self, side: SideName) -> Life:
        """The record that one side is at the end."""
        return self.crm_end if side == "crm" else self.marketing_end

    def begin(self, side: SideName) -> Life:
        """The record that one side was when the link began."""
        return self.crm if side == "crm" else self.marketing


class Succession:
    """What became of a record: the contact of a converted lead, the winner of a merge."""

    def __init__(self, lives: Timelines, contact: str = "Contact") -> None:
        self._lives = lives
        self._contact = contact

    def chain(self, life: Life) -> list[tuple[int, Life]]:
        """The record and its successors, each with the fact from which on it stands for the person."""
        chain = [(life.born.n, life)]
        seen = {(life.object, life.id)}
        while (step := self._next(chain[-1][1])) is not None:
            if (step[1].object, step[1].id) in seen:
                break
            seen.add((step[1].object, step[1].id))
            chain.append(step)
        return chain

    def end(self, life: Life) -> Life:
        """The last of the chain."""
        return self.chain(life)[-1][1]

    def _next(self, life: Life) -> tuple[int, Life] | None:
        if life.converted_to is not None and life.converted_at is not None:
            contact = self._lives.get(self._contact, life.converted_to)
            if contact is not None:
                return max(life.converted_at, _end_of_request(life, contact, life.converted_at)), contact
        if life.merged_into is not None and life.merged_at is not None:
            winner = self._lives.get(life.object, life.merged_into)
            if winner is not None:
                return max(life.merged_at, _end_of_request(life, winner, life.merged_at)), winner
        return None


def _end_of_request(life: Life, successor: Life, n: int) -> int:
    """The last fact that the request which made fact `n` of `life` caused in its successor: a conversion or a
    merge is several facts, and none of them is an edit of its own."""
    request = next((edit.request for edit in life.edits if edit.n == n), None)
    if request is None:
        return n
    return max((edit.n for edit in successor.edits if edit.request == request), default=n)


@dataclass(frozen=True, slots=True)
class LinkFields:
    """Where the ids stand: the field of marketing's record that holds the CRM's id, and the other way round."""

    crm_id: str | None
    marketing_id: str | None


class Links:
    """Every link that the histories show, in the order in which they began."""

    def __init__(
        self, histories: Histories, crm_objects: tuple[str, ...], marketing_object: str, fields: LinkFields
    ) -> None:
        self.fields = fields
        self.crm_objects = crm_objects
        self.marketing_object = marketing_object
        self.crm = Succession(histories.crm.lives)
        self.marketing = Succession(histories.marketing.lives)
        self._histories = histories
        self.all: list[Link] = []
        self._of_crm: dict[tuple[str, str], list[Link]] = {}
        self._of_marketing: dict[str, list[Link]] = {}
        for claim in self._claims():
            self._take(claim)

    def __iter__(self) -> Iterator[Link]:
        return iter(self.all)

    def people(self, side: SideName) -> Iterator[Life]:
        """Every person record of one side that ever was, in order of object and birth."""
        if side == "marketing":
            yield from self._histories.marketing.lives.of(self.marketing_object).values()
            return
        for object in self.crm_objects:
            yield from self._histories.crm.lives.of(object).values()

    def of(self, side: SideName, life: Life) -> list[Link]:
        """The links that a record stood in, as itself or as a successor."""
        if side == "crm":
            return self._of_crm.get((life.object, life.id), [])
        return self._of_marketing.get(life.id, [])

    def _claims(self) -> list[Claim]:
        by_id = {id: life for object in self.crm_objects for id, life in self._histories.crm.lives.of(object).items()}
        people = self._histories.marketing.lives.of(self.marketing_object)
        found = [
            *_claims_on("marketing", people, by_id, self.fields.crm_id),
            *_claims_on("crm", by_id, people, self.fields.marketing_id),
        ]
        return sorted(found, key=lambda claim: (claim.n, claim.on))

    def _take(self, claim: Claim) -> None:
        crm_end, marketing_end = self.crm.end(claim.crm), self.marketing.end(claim.marketing)
        link = self._known(claim)
        if link is None:
            link = Link(claim.crm, claim.marketing)
            link.crm_end, link.marketing_end = crm_end, marketing_end
            self.all.append(link)
            for _, life in self.crm.chain(claim.crm):
                self._of_crm.setdefault((life.object, life.id), []).append(link)
            for _, life in self.marketing.chain(claim.marketing):
                self._of_marketing.setdefault(life.id, []).append(link)
        link.claims.append(claim)
        if claim.own and link.opened is None:
            self._open(link, claim)

    def _known(self, claim: Claim) -> Link | None:
        for link in self._of_marketing.get(claim.marketing.id, []):
            chain = [life for _, life in self.crm.chain(link.crm)]
            if any(life is claim.crm for life in chain):
                return link
        return None

    def _open(self, link: Link, claim: Claim) -> None:
        """The first thing the connector did for it: a creation of one side, or writing an id."""
        link.opened = claim.n
        for side in SIDES:
            life = claim.crm if side == "crm" else claim.marketing
            if life.born.own and self._made_for(link, side, life, claim.n):
                link.made = side
                link.opened = min(link.opened, life.born.n)

    def _made_for(self, link: Link, side: SideName, life: Life, n: int) -> bool:
        """Whether the record was created for this link, which fact `n` opens: no other began with it before."""
        return not any(
            held is not link and held.begin(side) is life and held.opened is not None and held.claims[0].n < n
            for held in self.of(side, life)
        )


def _claims_on(
    on: SideName, holders: Mapping[str, Life], named: Mapping[str, Life], field_id: str | None
) -> Iterator[Claim]:
    if field_id is None:
        return
    for holder in holders.values():
        for edit in holder.edits:
            pair = edit.fields.get(field_id)
            target = named.get(str(pair[1])) if pair is not None and pair[1] else None
            if target is None:
                continue
            crm, marketing = (holder, target) if on == "crm" else (target, holder)
            yield Claim(edit.n, crm, marketing, on, edit.own)
