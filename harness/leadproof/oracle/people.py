"""Links, delivery and duplicates: is every person where it must be, once, and tied to the right record?"""

from __future__ import annotations

from collections.abc import Iterator

from leadproof.oracle.agreement import Agreement
from leadproof.oracle.histories import FOREVER, Histories
from leadproof.oracle.links import Link, Links
from leadproof.oracle.matching import Matching
from leadproof.oracle.standing import SIDES, SideName, other
from leadproof.oracle.timelines import Life
from leadproof.oracle.violations import Spot, Violation
from leadterms.refusals import ConversionRefused

SYSTEM = {"crm": "the CRM", "marketing": "marketing"}


class People:
    """Judges links and the existence of people; deletes.py judges what happened to survivors."""

    def __init__(self, agreement: Agreement, histories: Histories, links: Links, matching: Matching) -> None:
        self._agreement = agreement
        self._histories = histories
        self._links = links
        self._matching = matching
        self._lost = {id(link) for link in matching.outlived}
        self._submissions = _submissions(histories)
        self.judged = 0

    def standing(self) -> list[Link]:
        """The links that hold at the end: both records stand, and no winner of a merge displaced them."""
        return [link for link in self._links if link.whole and id(link) not in self._lost]

    def judge(self) -> Iterator[Violation]:
        """Every violation about links, delivery and duplicates."""
        standing = self.standing()
        self.judged = len(standing)
        yield from self._one_partner(standing)
        for link in standing:
            yield from self._mutual(link)
            yield from self._legitimate(link)
        linked = {(side, id(link.end(side))) for link in standing for side in SIDES}
        for side in SIDES:
            for life in self._links.people(side):
                if life.born.own:
                    yield from self._single(side, life)
                if life.live and (side, id(life)) not in linked:
                    self.judged += 1
                    yield from self._unlinked(side, life)

    # --- links that are there ------------------------------------------------------------------------------

    def _one_partner(self, standing: list[Link]) -> Iterator[Violation]:
        for side in SIDES:
            partners: dict[int, list[Link]] = {}
            for link in standing:
                if link.opened is not None:
                    partners.setdefault(id(link.end(side)), []).append(link)
            for links in partners.values():
                if len({id(link.end(other(side))) for link in links}) > 1:
                    life = links[0].end(side)
                    ids = ", ".join(link.end(other(side)).id for link in links)
                    yield self._about(
                        "oracle.link",
                        side,
                        life,
                        "one partner",
                        f"several: {ids}",
                        "a candidate that is already linked elsewhere is no candidate",
                    )

    def _mutual(self, link: Link) -> Iterator[Violation]:
        fields = self._links.fields
        for side, field_id in (("marketing", fields.crm_id), ("crm", fields.marketing_id)):
            holder = link.end("crm" if side == "crm" else "marketing")
            named = link.end("marketing" if side == "crm" else "crm")
            if field_id is None or self._agreement_lacks(side, holder, field_id):
                continue
            found = str(holder.values.get(field_id) or "")
            if found != named.id and not _outside_wrote(holder, field_id):
                place = Spot(side, holder.object, holder.id, field_id)
                yield Violation(
                    "oracle.link",
                    self._matching.name("marketing", link.marketing_end),
                    place,
                    named.id,
                    found or "nothing",
                    "both sides of a link name each other",
                )

    def _agreement_lacks(self, side: str, holder: Life, field_id: str) -> bool:
        return self._agreement.spec("crm" if side == "crm" else "marketing", holder.object, field_id) is None

    def _legitimate(self, link: Link) -> Iterator[Violation]:
        """The connector linked or created it: was that the right record, and was it due?"""
        if link.opened is None:
            return
        looks = self._matching.looks(link.opened, link.crm, link.marketing)
        if link.made is not None:
            source = link.begin(other(link.made))
            born = [n for n in looks if source.exists_at(n)] or looks[-1:]
            if not any(self._due(other(link.made), source, n) for n in born):
                yield self._about(
                    "oracle.delivered",
                    link.made,
                    link.begin(link.made),
                    "no record",
                    "a record that the connector created",
                    self._rule(other(link.made)),
                )
            return
        if any(not claim.own for claim in link.claims):
            return
        if not any(self._would_match(link, n) for n in looks):
            yield self._about(
                "oracle.link",
                "marketing",
                link.marketing,
                "a record that the match finds",
                f"{link.crm.object} {link.crm.id}",
                "a link comes from the stored link, the CRM id that marketing holds, or the match key "
                f"({', '.join(self._agreement.people.match)}; ambiguous: {self._agreement.people.ambiguous})",
            )

    def _would_match(self, link: Link, n: int) -> bool:
        """Whether marketing's person finds this CRM record: two leads of one person are ambiguous whichever side
        asks, while of two prospects with one key the first to ask may have it."""
        match = self._matching.search("marketing", link.marketing, n, before=link.opened)
        return match.life is link.crm

    # --- records that are not linked --------------------------------------------------------------------------

    def _unlinked(self, side: SideName, life: Life) -> Iterator[Violation]:
        match = self._matching.search(side, life, FOREVER, before=FOREVER)
        if match.outcome == "one" and match.life is not None:
            back = self._matching.search(other(side), match.life, FOREVER, before=FOREVER)
            if back.life is life and side == "marketing":
                yield self._about(
                    "oracle.link",
                    side,
                    life,
                    f"a link with {match.life.object} {match.life.id}",
                    "no link",
                    f"its match key ({', '.join(self._agreement.people.match)}) finds exactly that record",
                )
            return
        if match.outcome == "none" and self._must_exist(side, life):
            target = other(side)
            yield self._about(
                "oracle.delivered",
                side,
                life,
                f"a record in {SYSTEM[target]}",
                "none",
                self._rule(side),
            )

    def _must_exist(self, side: SideName, life: Life) -> bool:
        if not self._due(side, life, FOREVER) or not self._complete(side, life):
            return False
        ended = [link for link in self._links.of(side, life) if not link.whole or id(link) in self._lost]
        if not ended:
            return True
        died = max(_died(link, other(side)) for link in ended)
        return side == "marketing" and any(n > died for n in self._submissions.get(life.id, ()))

    def _complete(self, side: SideName, life: Life) -> bool:
        """Whether the target would take it: every required field gets a value. A value that cannot be converted is
        refused alone, and the other fields go on."""
        target = other(side)
        rows = self._agreement.rows
        crm_object = life.object if side == "crm" else self.delivered_as
        target_object = self._agreement.marketing_object if side == "crm" else crm_object
        filled: set[str] = set()
        for row in rows.get(crm_object, {}).values():
            if row.terms.direction not in ("both", f"to_{target}"):
                continue
            source = row.exchange.spec(side)
            try:
                value = row.exchange.carried(target, self._agreement.values_at(side, life, FOREVER)[source.id])
            except ConversionRefused:
                continue
            if value is not None:
                filled.add(row.exchange.spec(target).id)
        described = self._histories.of(target).schema.get(target_object)
        fields = described.fields.values() if described is not None else ()
        return all(
            spec.id in filled or spec.default is not None for spec in fields if spec.required and not spec.system
        )

    @property
    def delivered_as(self) -> str:
        """The CRM object as which a new person is delivered."""
        return str(self._agreement.people.deliver_as).capitalize()

    # --- duplicates ---------------------------------------------------------------------------------------------

    def _single(self, side: SideName, life: Life) -> Iterator[Violation]:
        """The connector created this record: was there already one of the same person?"""
        n = life.born.n
        sources = [link.begin(other(side)) for link in self._links.of(side, life)]
        for key in self._agreement.keys_at(side, life, n):
            looks = [
                at
                for at in self._matching.looks(n, life, *sources)
                if not sources or any(self._was_seen(other(side), source, key, at) for source in sources)
            ]
            first = looks[0] if looks else n - 1
            for twin in self._matching.live(side, key, n - 1):
                if twin is not life and (twin.born.own or twin.live_at(first)):
                    yield self._about(
                        "oracle.single",
                        side,
                        life,
                        f"the existing {twin.object} {twin.id}",
                        f"a second record, {life.id}",
                        f"one person ({key[0]} {key[1]}) has one record, whatever the letter case, retries or restarts",
                    )
                    return

    def _was_seen(self, side: SideName, source: Life, key: tuple[str, str], n: int) -> bool:
        return source.exists_at(n) and key in self._agreement.keys_at(side, source, n)

    # --- words ----------------------------------------------------------------------------------------------------

    def _due(self, side: SideName, life: Life, n: int) -> bool:
        if side == "marketing":
            return self._agreement.due_in_crm(life, n)
        return self._agreement.due_in_marketing(life, n)

    def _rule(self, side: SideName) -> str:
        if side == "marketing":
            when = self._agreement.people.deliver.when
            return f"deliver: {when} decides which of marketing's people are created in the CRM"
        return f"import: {self._agreement.people.import_.when} decides which CRM records marketing gets"

    def _about(self, check: str, side: SideName, life: Life, expected: str, found: str, because: str) -> Violation:
        place = Spot(side, life.object, life.id)
        return Violation(check, self._matching.name(side, life), place, expected, found, because)


def _outside_wrote(life: Life, field_id: str) -> bool:
    """Whether somebody else changed the id last: what the stored link makes of that is not laid down."""
    writers = [edit.own for edit in life.edits if field_id in edit.fields]
    return bool(writers) and not writers[-1]


def _died(link: Link, side: SideName) -> int:
    """The last fact that took this half of a link away: its record's delete, or the merge that it lost."""
    lives = (link.begin(side), link.end(side))
    return max((edit.n for life in lives for edit in life.edits if edit.op in ("delete", "merge")), default=0)


def _submissions(histories: Histories) -> dict[str, list[int]]:
    """Prospect id -> where its form answers stand."""
    found: dict[str, list[int]] = {}
    for life in histories.marketing.lives.of("submission").values():
        found.setdefault(str(life.values.get("prospect") or ""), []).append(life.born.n)
    return found
