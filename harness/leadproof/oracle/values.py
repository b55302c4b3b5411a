"""Do the mapped fields of a link hold what the rules call for? (sync-semantics.md "Whose value is it")"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from leadproof.oracle.agreement import Agreement, Row, computed
from leadproof.oracle.histories import FOREVER, Histories
from leadproof.oracle.links import Link, Links
from leadproof.oracle.matching import Matching
from leadproof.oracle.standing import SIDES, Edited, Moved, SideName, Standing, Wrote, explore
from leadproof.oracle.timelines import Life, typed
from leadproof.oracle.tracks import Event, begin_of, steps_of
from leadproof.oracle.violations import Spot, Violation
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import blank, same
from leadterms.refusals import ConversionRefused
from leadterms.values import Value, plain

Chain: TypeAlias = list[tuple[int, Life]]
CHANGED_BACK = frozenset({"changed_back", "refused_clear", "erased_back"})


class Values:
    """Judges every row of every standing link."""

    def __init__(self, agreement: Agreement, histories: Histories, links: Links, matching: Matching) -> None:
        self._rows = agreement.rows
        self._histories = histories
        self._links = links
        self._matching = matching
        self.judged = 0

    def judge(self, link: Link) -> Iterator[Violation]:
        """The rows of one link, in the order of the marketing fields in the file."""
        crm = self._links.crm.chain(link.crm)
        marketing = self._links.marketing.chain(link.marketing)
        fields = dict.fromkeys(name for _, life in crm for name in self._rows.get(life.object, {}))
        begin = begin_of(link.opened, link.made, link.crm, link.marketing)
        for name in fields:
            last = self._rows.get(link.crm_end.object, {}).get(name)
            if last is None:
                continue  # a lead's field without a partner on the contact stops syncing
            self.judged += 1
            yield from self._row(link, name, last, crm, marketing, begin)

    def _row(
        self,
        link: Link,
        name: str,
        last: Row,
        crm: Chain,
        marketing: Chain,
        begin: int,
    ) -> Iterator[Violation]:
        ends = self._ends(link, name, last, crm, marketing, begin)
        found = (
            typed(last.exchange.crm, link.crm_end.values.get(last.exchange.crm.id)),
            typed(last.exchange.marketing, link.marketing_end.values.get(last.exchange.marketing.id)),
        )
        yield from self._compare(link, last, ends, found)

    def ends_of(self, link: Link, name: str) -> tuple[Row, tuple[Standing, ...]] | None:
        """How the row of a marketing field may stand at the end of a link, by the terms that this was made with; None
        where they do not map it. What the journal holds of the connector's own writes only chooses among them."""
        last = self._rows.get(link.crm_end.object, {}).get(name)
        if last is None:
            return None
        crm, marketing = self._links.crm.chain(link.crm), self._links.marketing.chain(link.marketing)
        begin = begin_of(link.opened, link.made, link.crm, link.marketing)
        return last, self._ends(link, name, last, crm, marketing, begin)

    def _ends(self, link: Link, name: str, last: Row, crm: Chain, marketing: Chain, begin: int) -> tuple[Standing, ...]:
        first = self._rows.get(link.crm.object, {}).get(name)
        timed = last.terms.master == "latest"
        start = self._start(link, first or last, name, begin)
        events = [
            *self._crm_events(crm, name, begin),
            *self._marketing_events(marketing, crm, name, last.exchange.marketing, begin),
        ]
        steps = steps_of(self._histories, self._matching.names(link), begin, link.opened, link.made, events)
        if not timed:
            start = replace(start, crm_at=None, marketing_at=None)
            steps = [replace(step, at=None) if isinstance(step, Edited | Moved) else step for step in steps]
        return explore(start, first.rule if first is not None else None, steps)

    def _start(self, link: Link, row: Row, name: str, begin: int) -> Standing:
        """The row before the first decision. A record that the sync is about to create holds nothing."""
        held: dict[SideName, tuple[Value, datetime | None]] = {}
        given: Value = None
        for side, life, spec in (
            ("crm", link.crm, row.exchange.crm),
            ("marketing", link.marketing, row.exchange.marketing),
        ):
            if link.made == side:
                held[link.made] = (None, None)
                if spec.read_only or spec.system or computed(spec):
                    given = typed(spec, life.at(spec.id, life.born.n))
                continue
            edits = [edit for edit in life.edits if spec.id in edit.fields and edit.n <= begin]
            value = typed(spec, life.at(spec.id, begin))
            known: SideName = "crm" if side == "crm" else "marketing"
            held[known] = (value, edits[-1].at if edits else life.born.at)
        return Standing(
            held["crm"][0],
            held["marketing"][0],
            None,
            held["crm"][1],
            held["marketing"][1],
            link.made,
            given,
        )

    def _crm_events(self, chain: Chain, name: str, begin: int) -> Iterator[Event]:
        """Outside edits of the CRM's half, and the moments at which it became another record."""
        before = None
        for place, after, until, life in _segments(chain, begin):
            row = self._rows.get(life.object, {}).get(name)
            since = chain[place][0]
            if place and since > begin:
                value = typed(row.exchange.crm, life.at(row.exchange.crm.id, since)) if row else None
                rule = row.rule if row else None
                yield since, Moved("crm", rule, value, _at(life, since), first=before is None)
            if row is not None:
                yield from _edits("crm", life, row.exchange.crm, after, until)
            before = row

    def _marketing_events(self, chain: Chain, crm: Chain, name: str, spec: FieldSpec, begin: int) -> Iterator[Event]:
        """The same for marketing, whose records can be merged; the rule is that of the CRM's record then."""
        for place, after, until, life in _segments(chain, begin):
            since = chain[place][0]
            if place and since > begin:
                current = [one for n, one in crm if n <= since] or [crm[0][1]]
                row = self._rows.get(current[-1].object, {}).get(name)
                rule = row.rule if row else None
                yield since, Moved("marketing", rule, typed(spec, life.at(spec.id, since)), _at(life, since))
            yield from _edits("marketing", life, spec, after, until)

    def _compare(
        self, link: Link, row: Row, ends: tuple[Standing, ...], found: tuple[Value, Value]
    ) -> Iterator[Violation]:
        wrong = {end: [side for side in SIDES if not _holds(row, side, end, found)] for end in ends}
        best = min(ends, key=lambda end: len(wrong[end]))
        if not wrong[best]:
            yield from self._needless(link, row, ends, found)
            return
        check = row.check
        if check == "oracle.value" and best.reason in CHANGED_BACK:
            check = "oracle.changed_back"
        for side in wrong[best]:
            spec = row.exchange.spec(side)
            wanted = dict.fromkeys(text_of(end.of(side)) for end in ends)
            yield Violation(
                check,
                self._matching.name("marketing", link.marketing_end),
                Spot(side, spec.object, link.end(side).id, spec.id),
                " or ".join(wanted),
                text_of(found[0 if side == "crm" else 1]),
                best.said,
            )

    def _needless(
        self, link: Link, row: Row, ends: tuple[Standing, ...], found: tuple[Value, Value]
    ) -> Iterator[Violation]:
        """Two spellings of one value are the same, so the connector leaves both; it copied one over the other."""
        for side, held, source in (("marketing", found[1], found[0]), ("crm", found[0], found[1])):
            target: SideName = "crm" if side == "crm" else "marketing"
            explained = [end for end in ends if end.of(target) == held]
            if explained or held != _carried(row, target, source):
                continue
            spec = row.exchange.spec(target)
            place = Spot(target, spec.object, link.end(target).id, spec.id)
            person = self._matching.name("marketing", link.marketing_end)
            because = "both sides held the same, compared by the field's type, so nothing is written"
            yield Violation(row.check, person, place, text_of(ends[0].of(target)), text_of(held), because)


def _carried(row: Row, to: SideName, value: Value) -> Value:
    try:
        return row.exchange.carried(to, value)
    except ConversionRefused:
        return None


def _holds(row: Row, side: SideName, end: Standing, found: tuple[Value, Value]) -> bool:
    return same(row.exchange.spec(side), end.of(side), found[0 if side == "crm" else 1])


def _edits(side: SideName, life: Life, spec: FieldSpec, after: int, until: int) -> Iterator[Event]:
    """What was written to one field while its record stood for the person: by others, and by the connector. Its
    creation by the sync is no event: the link's opening stands for it."""
    for edit in life.edits:
        own = edit.own and not computed(spec)
        if edit.own and edit is life.born:
            continue
        if after < edit.n <= until and spec.id in edit.fields:
            value = typed(spec, edit.fields[spec.id][1])
            yield edit.n, Wrote(side, value) if own else Edited(side, value, edit.at)


def _segments(chain: Chain, begin: int) -> Iterator[tuple[int, int, int, Life]]:
    """For each record that stood for the person: its place in the chain, after and until which fact, itself."""
    for place, (since, life) in enumerate(chain):
        until = chain[place + 1][0] if place + 1 < len(chain) else FOREVER
        yield place, max(begin, since if place else begin), until, life


def _at(life: Life, n: int) -> datetime:
    return max((edit.at for edit in life.edits if edit.n <= n), default=life.born.at)


def text_of(value: Value) -> str:
    """A value as a person reads it."""
    if blank(value):
        return "nothing"
    shown = plain(value)
    return ", ".join(shown) if isinstance(shown, list) else str(shown)
