"""Accounts and opportunities: they flow from the CRM to marketing, each once (sync-semantics.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leadproof.integration import OtherObject
from leadproof.oracle.agreement import Agreement
from leadproof.oracle.histories import Histories
from leadproof.oracle.links import Links
from leadproof.oracle.rules import Exchange, FieldRule
from leadproof.oracle.standing import Edited, SideName, Standing, Wrote, explore
from leadproof.oracle.timelines import Life, typed
from leadproof.oracle.tracks import begin_of, steps_of
from leadproof.oracle.values import text_of
from leadproof.oracle.violations import Spot, Violation
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import same
from leadterms.refusals import ConversionRefused


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two objects: its terms, and the check that speaks for it."""

    check: str
    terms: OtherObject


class Companies:
    """Judges accounts and opportunities."""

    def __init__(self, agreement: Agreement, histories: Histories, links: Links) -> None:
        self._agreement = agreement
        self._histories = histories
        self._links = links
        self.judged = {"oracle.account": 0, "oracle.opportunity": 0}
        self._held: dict[str, dict[str, list[Life]]] = {}
        integration = agreement.integration
        self._kinds = [
            Kind(check, terms)
            for check, terms in (
                ("oracle.account", integration.accounts),
                ("oracle.opportunity", integration.opportunities),
            )
            if terms is not None
        ]

    def judge(self) -> Iterator[Violation]:
        """Every live CRM record of both objects, and whatever the connector wrote of them into the CRM."""
        for kind in self._kinds:
            partners = self._partners(kind)
            for life in self._histories.crm.lives.of(kind.terms.crm).values():
                yield from self._untouched(kind, life)
                if life.live:
                    self.judged[kind.check] += 1
                    yield from self._one(kind, life, partners.get(life.id, []))

    def _partners(self, kind: Kind) -> Mapping[str, list[Life]]:
        """CRM id -> the live marketing records that hold it."""
        if kind.check in self._held:
            return self._held[kind.check]
        found: dict[str, list[Life]] = {}
        self._held[kind.check] = found
        for life in self._histories.marketing.lives.of(kind.terms.marketing).values():
            crm_id = str(life.values.get(kind.terms.link) or "")
            if crm_id and life.live:
                found.setdefault(crm_id, []).append(life)
        return found

    def _untouched(self, kind: Kind, life: Life) -> Iterator[Violation]:
        mapped = {one.crm for one in kind.terms.fields}
        for edit in life.edits:
            if edit.own and (edit.op != "update" or mapped & edit.fields.keys()):
                because = "accounts and opportunities flow from the CRM to marketing only"
                place = Spot("crm", life.object, life.id)
                yield Violation(kind.check, "", place, "nothing written", f"{edit.op} by the connector", because)

    def _one(self, kind: Kind, life: Life, partners: list[Life]) -> Iterator[Violation]:
        name = str(life.values.get("Name") or life.id)
        if len(partners) != 1:
            if not partners and not self._complete(kind, life):
                return
            found = "none" if not partners else ", ".join(one.id for one in partners)
            because = f"each {kind.terms.crm} of the CRM stands once in marketing, linked by {kind.terms.link}"
            place = Spot("marketing", kind.terms.marketing)
            yield Violation(kind.check, name, place, f"one record for {life.id}", found, because)
            return
        for field in kind.terms.fields:
            crm = self._agreement.spec("crm", kind.terms.crm, field.crm)
            marketing = self._agreement.spec("marketing", kind.terms.marketing, field.marketing)
            if crm is None or marketing is None:
                continue
            if marketing.type == "reference":
                yield from self._reference(kind, name, (life, crm), (partners[0], marketing))
            else:
                exchange = Exchange(
                    crm,
                    marketing,
                    to_marketing=field.values,
                    zones=(self._histories.crm.time_zone, self._histories.marketing.time_zone),
                )
                yield from self._field(kind, name, exchange, life, partners[0])

    def _complete(self, kind: Kind, life: Life) -> bool:
        described = self._histories.marketing.schema.get(kind.terms.marketing)
        sources = {one.marketing: one.crm for one in kind.terms.fields}
        required = [one for one in (described.fields.values() if described else ()) if one.required]
        return described is not None and all(life.values.get(sources.get(one.id, "")) for one in required)

    def _field(self, kind: Kind, name: str, exchange: Exchange, life: Life, partner: Life) -> Iterator[Violation]:
        made: SideName | None = "marketing" if partner.born.own else None
        opened = partner.born.n if made else None
        begin = begin_of(opened, made, life, partner)
        events = [
            (edit.n, (Wrote if edit.own else Edited)(side, typed(spec, edit.fields[spec.id][1])))
            for side, spec, one in _sides(exchange, life, partner)
            for edit in one.edits
            if edit.n > begin and spec.id in edit.fields
        ]
        rule = FieldRule(exchange, "crm", "never", "to_marketing", self._agreement.integration.defaults.clears)
        held = typed(exchange.crm, life.at(exchange.crm.id, begin))
        there = None if made else typed(exchange.marketing, partner.at(exchange.marketing.id, begin))
        start = Standing(held, there, made=made)
        whom = frozenset({life.id.casefold(), partner.id.casefold()})
        ends = explore(start, rule, steps_of(self._histories, whom, begin, opened, made, events))
        found = typed(exchange.marketing, partner.values.get(exchange.marketing.id))
        if any(same(exchange.marketing, end.marketing, found) for end in ends) or _refused(exchange, ends):
            return
        wanted = " or ".join(dict.fromkeys(text_of(end.marketing) for end in ends))
        place = Spot("marketing", partner.object, partner.id, exchange.marketing.id)
        yield Violation(kind.check, name, place, wanted, text_of(found), ends[0].said)

    def _reference(
        self, kind: Kind, name: str, crm: tuple[Life, FieldSpec], marketing: tuple[Life, FieldSpec]
    ) -> Iterator[Violation]:
        """A reference names the partner of the record that the CRM's names."""
        target = str(crm[0].values.get(crm[1].id) or "")
        wanted = self._partner_of(str(crm[1].refers_to), target) if target else None
        found = str(marketing[0].values.get(marketing[1].id) or "")
        if wanted is not None and found != wanted:
            place = Spot("marketing", marketing[0].object, marketing[0].id, marketing[1].id)
            because = f"it names the partner of the CRM's {crm[1].refers_to} {target}"
            yield Violation(kind.check, name, place, wanted, found or "nothing", because)

    def _partner_of(self, object: str, id: str) -> str | None:
        if object in self._agreement.crm_objects:
            life = self._histories.crm.lives.get(object, id)
            links = self._links.of("crm", life) if life is not None else []
            return next((link.marketing_end.id for link in links if link.whole), None)
        for kind in self._kinds:
            if kind.terms.crm == object:
                partners = self._partners(kind).get(id, [])
                return partners[0].id if len(partners) == 1 else None
        return self._campaign(id)

    def _campaign(self, id: str) -> str | None:
        crm = {one.id: one.name for one in self._histories.crm.campaigns}
        marketing = {one.name: one.id for one in self._histories.marketing.campaigns}
        marketing |= {one.id: one.id for one in self._histories.marketing.campaigns}
        for terms in self._agreement.integration.campaigns:
            if terms.crm in (id, crm.get(id)):
                return marketing.get(terms.marketing)
        return None


def _sides(exchange: Exchange, crm: Life, marketing: Life) -> list[tuple[SideName, FieldSpec, Life]]:
    return [("crm", exchange.crm, crm), ("marketing", exchange.marketing, marketing)]


def _refused(exchange: Exchange, ends: tuple[Standing, ...]) -> bool:
    """Whether the CRM's value cannot be converted: a difference is right then."""
    try:
        exchange.carried("marketing", ends[0].crm)
    except ConversionRefused:
        return True
    return False
