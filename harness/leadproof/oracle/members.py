"""Campaign members: keyed by campaign and person, the status a mapping with its own master (sync-semantics.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from leadproof.integration import CampaignMapping
from leadproof.oracle.agreement import Agreement
from leadproof.oracle.histories import FOREVER, Histories
from leadproof.oracle.links import Link, Links
from leadproof.oracle.matching import Matching
from leadproof.oracle.rules import NAMES, Exchange, FieldRule
from leadproof.oracle.standing import SIDES, Edited, SideName, Standing, Wrote, explore, other
from leadproof.oracle.timelines import Life
from leadproof.oracle.tracks import Event, begin_of, steps_of
from leadproof.oracle.violations import Spot, Violation
from leadproof.systems.campaigns import Campaign
from leadterms.fields import FieldSpec
from leadterms.values import Value


@dataclass(frozen=True, slots=True)
class MemberFields:
    """The fields of a membership on one side."""

    object: str
    campaign: str
    people: tuple[str, ...]
    status: str


FIELDS: Mapping[SideName, MemberFields] = {
    "crm": MemberFields("CampaignMember", "Campaign", ("Contact", "Lead"), "Status"),
    "marketing": MemberFields("membership", "campaign", ("prospect",), "status"),
}


@dataclass(frozen=True, slots=True)
class MemberRule:
    """A status by the law of values; a membership that was removed follows `deletes`, and stays removed until
    somebody adds it again."""

    statuses: FieldRule
    propagate: bool

    def decide(self, row: Standing) -> Iterable[Standing]:
        if row.pair is None or (row.crm is None) == (row.marketing is None):
            return self.statuses.decide(row)
        gone: SideName = "crm" if row.crm is None else "marketing"
        mine, theirs = row.pair if gone == "crm" else (row.pair[1], row.pair[0])
        if mine is not None and self.propagate:
            said = f"{NAMES[gone]} took the person out of the campaign, and deletes propagate"
            return (row.written(other(gone), None).settled("removed", said),)
        if mine is not None or theirs is not None:
            said = f"{NAMES[gone]} took the person out of the campaign; the survivor stays and recreates nothing"
            return (row.left("removed", said),)
        return self.statuses.decide(Standing(row.crm, row.marketing))


@dataclass(frozen=True, slots=True)
class Held:
    """One side's memberships of one person in one campaign, and every id under which it is a person."""

    lives: list[Life]
    people: frozenset[str]


class Members:
    """Judges the memberships of mapped campaigns."""

    def __init__(self, agreement: Agreement, histories: Histories, links: Links, matching: Matching) -> None:
        self._agreement = agreement
        self._histories = histories
        self._links = links
        self._matching = matching
        self._campaigns = [pair for pair in map(self._pair, agreement.integration.campaigns) if pair]
        self._by_person = {side: self._of_people(side) for side in SIDES}
        self.judged = 0

    def _pair(self, terms: CampaignMapping) -> tuple[CampaignMapping, Campaign, Campaign] | None:
        crm = _named(self._histories.crm.campaigns, terms.crm)
        marketing = _named(self._histories.marketing.campaigns, terms.marketing)
        return (terms, crm, marketing) if crm is not None and marketing is not None else None

    def _of_people(self, side: SideName) -> dict[tuple[str, str], list[Life]]:
        """(campaign, person) -> its memberships. A membership of a converted lead is the contact's too."""
        fields = FIELDS[side]
        lives: dict[tuple[str, str], list[Life]] = {}
        for life in self._histories.of(side).lives.of(fields.object).values():
            people = {
                str(pair[1])
                for edit in life.edits
                for name, pair in edit.fields.items()
                if name in fields.people and pair[1]
            }
            for person in sorted(people):
                lives.setdefault((str(life.values.get(fields.campaign) or ""), person), []).append(life)
        return lives

    # --- judging ----------------------------------------------------------------------------------------------

    def judge(self, link: Link) -> Iterator[Violation]:
        """The memberships of one standing link in every mapped campaign."""
        for terms, crm, marketing in self._campaigns:
            held = (self._held("crm", link, crm), self._held("marketing", link, marketing))
            if held[0].lives or held[1].lives:
                self.judged += 1
                yield from self._campaign(link, terms, (crm, marketing), held)

    def unmapped(self) -> Iterator[Violation]:
        """Memberships that the connector wrote in campaigns that the integration does not map."""
        for side in SIDES:
            mapped = {crm.id if side == "crm" else marketing.id for _, crm, marketing in self._campaigns}
            fields = FIELDS[side]
            for life in self._histories.of(side).lives.of(fields.object).values():
                campaign = str(life.values.get(fields.campaign) or "")
                if life.born.own and campaign not in mapped:
                    place = Spot(side, fields.object, life.id)
                    because = "a campaign that is not mapped is not synced"
                    yield Violation("oracle.member", "", place, "no membership", f"one in {campaign}", because)

    def _held(self, side: SideName, link: Link, campaign: Campaign) -> Held:
        succession = self._links.crm if side == "crm" else self._links.marketing
        chain = [life for _, life in succession.chain(link.begin(side))]
        found = [life for one in chain for life in self._by_person[side].get((campaign.id, one.id), [])]
        return Held(list({life.id: life for life in found}.values()), frozenset(life.id for life in chain))

    def _campaign(
        self, link: Link, terms: CampaignMapping, campaigns: tuple[Campaign, Campaign], held: tuple[Held, Held]
    ) -> Iterator[Violation]:
        ends = self._ends(link, terms, campaigns, held)
        found = (_status("crm", held[0], FOREVER), _status("marketing", held[1], FOREVER))
        wrong = {end: [side for side in SIDES if _fold(end.of(side)) != _fold(_half(found, side))] for end in ends}
        best = min(ends, key=lambda end: len(wrong[end]))
        for side, one in zip(SIDES, held, strict=True):
            standing = [life for life in one.lives if _status_of(side, life, one.people, FOREVER)]
            if side in wrong[best]:
                wanted = " or ".join(dict.fromkeys(str(end.of(side) or "no membership") for end in ends))
                is_now = str(_half(found, side) or "no membership")
                yield self._wrong(link, side, one.lives[-1] if one.lives else None, wanted, is_now, best.said)
            elif len(standing) > 1 and any(life.born.own for life in standing):
                doubled = f"{len(standing)}"
                yield self._wrong(link, side, standing[-1], "one membership", doubled, "one person counts once")

    def ends_of(self, link: Link, campaign: str) -> tuple[Standing, ...]:
        """How a person's status in a mapped campaign (by the CRM's name) may stand at the end of a link, by the terms
        that this was made with; () where there is no membership."""
        for terms, crm, marketing in self._campaigns:
            held = (self._held("crm", link, crm), self._held("marketing", link, marketing))
            if terms.crm == campaign and (held[0].lives or held[1].lives):
                return self._ends(link, terms, (crm, marketing), held)
        return ()

    def _ends(
        self, link: Link, terms: CampaignMapping, campaigns: tuple[Campaign, Campaign], held: tuple[Held, Held]
    ) -> tuple[Standing, ...]:
        rule = MemberRule(
            FieldRule(_exchange(terms, campaigns), terms.master, "if_blank", "both", "keep"),
            propagate=self._agreement.people.deletes != "ignore",
        )
        begin = begin_of(link.opened, link.made, link.crm, link.marketing)
        events = [*_events("crm", held[0], begin), *_events("marketing", held[1], begin)]
        start = Standing(_status("crm", held[0], begin), _status("marketing", held[1], begin))
        whom = self._matching.names(link)
        return explore(start, rule, steps_of(self._histories, whom, begin, link.opened, link.made, events))

    def _wrong(
        self, link: Link, side: SideName, life: Life | None, expected: str, found: str, because: str
    ) -> Violation:
        fields = FIELDS[side]
        place = Spot(side, fields.object, life.id if life is not None else "", fields.status)
        person = self._matching.name("marketing", link.marketing_end)
        return Violation("oracle.member", person, place, expected, found, because)


def _named(campaigns: Iterable[Campaign], name: str) -> Campaign | None:
    return next((one for one in campaigns if name in (one.id, one.name)), None)


def _exchange(terms: CampaignMapping, campaigns: tuple[Campaign, Campaign]) -> Exchange:
    specs = [
        FieldSpec(
            FIELDS[side].object,
            FIELDS[side].status,
            "Status",
            "dropdown",
            choices=tuple(status.name for status in campaign.statuses),
            restricted=bool(campaign.statuses),
        )
        for side, campaign in zip(SIDES, campaigns, strict=True)
    ]
    if not terms.statuses:
        return Exchange(specs[0], specs[1])
    back = {crm: marketing for marketing, crm in reversed(terms.statuses.items())}
    return Exchange(specs[0], specs[1], to_crm=dict(terms.statuses), to_marketing=back)


def _events(side: SideName, held: Held, begin: int) -> Iterator[Event]:
    """What happened to a person's status: joined, moved on, taken out, brought along by a merge; by others, and by
    the connector."""
    for life in held.lives:
        before = _status_of(side, life, held.people, begin)
        for edit in life.edits:
            now = _status_of(side, life, held.people, edit.n)
            if edit.n > begin and now != before:
                yield edit.n, Wrote(side, now) if edit.own else Edited(side, now, edit.at)
            before = now if edit.n > begin else before


def _status(side: SideName, held: Held, n: int) -> Value:
    """The person's status once fact `n` had happened; None when it is no member."""
    found = [_status_of(side, life, held.people, n) for life in reversed(held.lives)]
    return next((status for status in found if status is not None), None)


def _status_of(side: SideName, life: Life, people: frozenset[str], n: int) -> str | None:
    """What one membership says of the person then; None where it was another's, or was not."""
    names = FIELDS[side]
    if not life.exists_at(n) or not any(life.at(field, n) in people for field in names.people):
        return None
    return _text(life.at(names.status, n))


def _text(value: object) -> str | None:
    return str(value) if value else None


def _half(pair: tuple[Value, Value], side: SideName) -> Value:
    return pair[0] if side == "crm" else pair[1]


def _fold(value: Value) -> str:
    return str(value or "").casefold()
