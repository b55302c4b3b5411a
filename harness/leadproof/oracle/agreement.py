"""What the integration file calls for, bound to what both systems describe: the oracle's only other source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from leadproof.integration import Integration
from leadproof.integration import Mapping as FieldTerms
from leadproof.integration.model import CriteriaPart
from leadproof.oracle.histories import Histories
from leadproof.oracle.links import LinkFields
from leadproof.oracle.rules import ConsentRule, Exchange, FieldRule, SourceRule
from leadproof.oracle.standing import Rule, SideName
from leadproof.oracle.timelines import Life, typed
from leadterms.criteria import Criteria, bind, evaluate
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, blank
from leadterms.values import Value


@dataclass(frozen=True, slots=True)
class Row:
    """One mapping of one CRM object that the oracle judges: its terms, its two fields and its rule."""

    terms: FieldTerms
    exchange: Exchange
    rule: Rule
    check: str


class Agreement:
    """The integration's terms over the fields that exist. A mapping of a field that no system has is left out:
    the doctor names it, and no value can be judged."""

    def __init__(self, integration: Integration, histories: Histories) -> None:
        self.integration = integration
        self.people = integration.people
        self.crm_objects: tuple[str, ...] = tuple(integration.people.crm)
        self.marketing_object = integration.people.marketing
        self._histories = histories
        self._keys: dict[tuple[SideName, str], tuple[tuple[str, FieldSpec], ...]] = {}

    @cached_property
    def link_fields(self) -> LinkFields:
        """The id fields, each only where its object has it."""
        link = self.people.link
        on_marketing = self.spec("marketing", self.marketing_object, link.crm_id_in_marketing) is not None
        on_crm = any(self.spec("crm", object, link.marketing_id_in_crm) for object in self.crm_objects)
        return LinkFields(
            link.crm_id_in_marketing if on_marketing else None, link.marketing_id_in_crm if on_crm else None
        )

    def spec(self, side: SideName, object: str, field_id: str) -> FieldSpec | None:
        """The field as the system describes it, or None."""
        described = self._histories.of(side).schema.get(object)
        return described.fields.get(field_id) if described is not None else None

    @cached_property
    def rows(self) -> Mapping[str, Mapping[str, Row]]:
        """CRM object -> marketing field -> row, for the mappings that both systems can hold."""
        return {object: self._rows_of(object) for object in self.crm_objects}

    @cached_property
    def appended(self) -> Mapping[str, Mapping[str, FieldTerms]]:
        """CRM object -> marketing field -> terms, for mappings that keep several answers."""
        return {
            object: {
                str(terms.marketing_field): terms
                for terms in self.integration.mappings(object)
                if terms.answers == "append" and terms.marketing_field and terms.direction != "none"
            }
            for object in self.crm_objects
        }

    def _rows_of(self, object: str) -> dict[str, Row]:
        rows = {}
        for terms in self.integration.mappings(object):
            if terms.marketing_field is None or terms.answers == "append":
                continue
            exchange = self.exchange(object, terms)
            if exchange is None or _unrecorded(exchange.crm) or _unrecorded(exchange.marketing):
                continue
            rows[terms.marketing_field] = _row(terms, exchange)
        return rows

    def exchange(self, object: str, terms: FieldTerms) -> Exchange | None:
        """Both fields of a mapping; None where a system lacks one."""
        crm = self.spec("crm", object, terms.crm_field)
        marketing = self.spec("marketing", self.marketing_object, str(terms.marketing_field))
        if crm is None or marketing is None:
            return None
        zones = (self._histories.crm.time_zone, self._histories.marketing.time_zone)
        return Exchange(crm, marketing, terms.values_to_crm, terms.values_to_marketing, zones)

    # --- keys ------------------------------------------------------------------------------------------

    def keys(self, side: SideName, object: str) -> tuple[tuple[str, FieldSpec], ...]:
        """The match keys in the integration's order, each with the field that holds it on one side; a key that no
        mapping carries to this object is left out."""
        known = self._keys.get((side, object))
        if known is None:
            known = self._keys[side, object] = tuple(self._key_fields(side, object))
        return known

    def _key_fields(self, side: SideName, object: str) -> Iterator[tuple[str, FieldSpec]]:
        for key in self.people.match:
            field_id = key if side == "marketing" else self._crm_field(object, key)
            spec = self.spec(side, object, field_id) if field_id else None
            if spec is not None:
                yield key, spec

    def _crm_field(self, object: str, marketing_field: str) -> str | None:
        for terms in self.integration.mappings(object):
            if terms.marketing_field == marketing_field:
                return terms.crm_field
        return None

    def keys_at(self, side: SideName, life: Life, n: int) -> tuple[tuple[str, str], ...]:
        """The match keys that a record held, in the integration's order: which one, and its text trimmed and
        casefolded. Blank ones match nothing and are left out."""
        held = []
        for key, spec in self.keys(side, life.object):
            text = key_text(typed(spec, life.at(spec.id, n)))
            if text is not None:
                held.append((key, text))
        return tuple(held)

    # --- who is due ------------------------------------------------------------------------------------

    @cached_property
    def _deliver(self) -> Criteria | None:
        return self._bound("marketing", self.marketing_object, self.people.deliver.criteria)

    def _bound(self, side: SideName, object: str, part: CriteriaPart | None) -> Criteria | None:
        described = self._histories.of(side).schema.get(object)
        if part is None or described is None:
            return None
        return bind(part.parsed(), described.fields)

    def values_at(self, side: SideName, life: Life, n: int) -> dict[str, Value]:
        """Every field of a record, typed, once fact `n` had happened."""
        described = self._histories.of(side).schema.get(life.object)
        names = described.fields if described is not None else ()
        return self._values(side, life, n, names)

    def _values(self, side: SideName, life: Life, n: int, names: Iterable[str]) -> dict[str, Value]:
        fields = self._histories.of(side).schema[life.object].fields
        return {name: typed(fields[name], life.at(name, n)) for name in names}

    def matches(self, criteria: Criteria, side: SideName, life: Life, n: int) -> bool:
        """Whether a record met bound criteria as it stood at fact `n`; only the fields that they name are read."""
        names = dict.fromkeys(row.field for row in criteria.rows)
        return evaluate(criteria, self._values(side, life, n, names))

    def due_in_crm(self, life: Life, n: int) -> bool:
        """Whether the delivery rule delivers this marketing record as it stood at fact `n`."""
        when = self.people.deliver.when
        if when == "assigned":
            return not blank(typed(_ANY_TEXT, life.at("owner", n)))
        if when == "qualified":
            return self._deliver is not None and self.matches(self._deliver, "marketing", life, n)
        return when == "all"

    def due_in_marketing(self, life: Life, n: int) -> bool:
        """Whether the import rule takes this CRM record as it stood at fact `n`."""
        rule = self.people.import_
        if rule.when == "none" or not self.keys_at("crm", life, n):
            return False
        if rule.when == "all":
            return True
        criteria = self._bound("crm", life.object, rule.criteria)
        return criteria is not None and self.matches(criteria, "crm", life, n)


_ANY_TEXT = FieldSpec("", "", "", "single_line")


def key_text(value: Value) -> str | None:
    """A key as it is compared: the text as it is written, trimmed and casefolded, as systems search; None for a
    blank."""
    return None if blank(value) else str(value).strip().casefold() or None


def _unrecorded(spec: FieldSpec) -> bool:
    """Whether a field's value moves without a change of its record (the days since a date, what the system counts):
    no history has it."""
    return spec.type == "statistics" or (spec.formula is not None and "days_since" in spec.formula)


def computed(spec: FieldSpec) -> bool:
    """Whether the system fills the field: then its changes are never the connector's, also in its own writes."""
    return bool(FIELD_TYPES[spec.type].computed)


def _row(terms: FieldTerms, exchange: Exchange) -> Row:
    if terms.sticky:
        return Row(terms, exchange, ConsentRule(exchange, terms.master, terms.direction), "oracle.consent")
    if terms.only_on == "create":
        return Row(terms, exchange, SourceRule(exchange, terms.direction), "oracle.source")
    rule = FieldRule(exchange, terms.master, terms.overwrite, terms.direction, terms.clears)
    return Row(terms, exchange, rule, "oracle.value")
