"""What is synced: persons, accounts, opportunities; and each mapping bound to both systems' fields.

A `Kind` is one sort of thing with its objects, link fields and match keys. A `Twin` is one mapping of one CRM
object with the two field definitions that it joins. Source: formats.md "Integration".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from leadproof.connector.value_table import Clears, Rights, Side
from leadproof.findings import At, Finding, find
from leadproof.integration import Integration, OtherObject
from leadproof.integration import Mapping as FieldRule
from leadterms.fields import FieldSpec, ObjectSpec, Schema
from leadterms.fieldtypes import FIELD_TYPES, blank, converter, parse, same
from leadterms.refusals import ConversionRefused, Place
from leadterms.values import Plain, Value, plain

Manner: TypeAlias = Literal["table", "sticky", "create_only", "append"]

Resolve: TypeAlias = Callable[[str, str, Side], str | None]
"""(object referred to, its id, the side to translate to) -> the partner's id, or None."""


class Waiting(Exception):
    """The record that a reference points at is not linked yet."""


@dataclass(frozen=True, slots=True)
class Twin:
    """One mapping of one CRM object: `crm` and `marketing` are the fields it joins."""

    id: str
    rights: Rights
    manner: Manner
    crm: FieldSpec
    marketing: FieldSpec
    to_crm: Mapping[str, str] | None
    to_marketing: Mapping[str, str] | None
    place: Place | None
    time_zone: str = "UTC"
    resolve: Resolve | None = None
    _ways: dict[Side, Callable[[Value], Value]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def spec(self, side: Side) -> FieldSpec:
        return self.crm if side == "crm" else self.marketing

    def carry(self, value: Value, target: Side) -> Value:
        """The other side's value as the target's field holds it. Raises ConversionRefused, Waiting."""
        if self.resolve is not None and not blank(value):
            source = self.marketing if target == "crm" else self.crm
            partner = self.resolve(str(source.refers_to), str(value), target)
            if partner is None:
                raise Waiting(f"{source.object}.{source.id} points at {value}, which is not linked")
            return partner
        way = self._ways.get(target)
        if way is None:
            way = self._ways[target] = self._converter(target)
        return way(value)

    def _converter(self, target: Side) -> Callable[[Value], Value]:
        """Made when the first value goes that way: many a mapping never carries one."""
        if target == "crm":
            return converter(self.marketing, self.crm, time_zone=self.time_zone, values=self.to_crm)
        return converter(self.crm, self.marketing, time_zone=self.time_zone, values=self.to_marketing)

    def agree(self, crm: Value, marketing: Value) -> bool:
        """`same` of sync-semantics.md: after conversion by the field's type; two blanks are the same."""
        if crm is None and marketing is None:
            return True
        crm_blank, marketing_blank = blank(crm), blank(marketing)
        if crm_blank or marketing_blank:
            # A checkbox has no blank: an absent one is false.
            if crm_blank != marketing_blank:
                return _unchecked(crm) and _unchecked(marketing) and "checkbox" in (self.crm.type, self.marketing.type)
            return True
        ways: tuple[tuple[Side, Value, Value], ...] = (("marketing", crm, marketing), ("crm", marketing, crm))
        for side, theirs, ours in ways:
            try:
                if same(self.spec(side), self.carry(theirs, side), ours):
                    return True
            except (ConversionRefused, Waiting):
                continue
        return False

    def moved(self, side: Side, half: Plain, value: Value) -> bool:
        """Whether a side's value is not the same as its half of the settled pair."""
        if plain(value) == half:
            return False
        spec = self.spec(side)
        return not same(spec, value, parse(spec, half))


def _unchecked(value: Value) -> bool:
    return blank(value) or value is False


@dataclass(frozen=True, slots=True)
class Kind:
    """`crm_objects` in the order in which a match is looked for: contacts before leads. `crm_link`: the CRM field
    that holds the marketing id, None where the org lacks it. `keys`: match keys, marketing field -> CRM field
    by object."""

    name: Literal["person", "account", "opportunity"]
    crm_objects: tuple[str, ...]
    marketing_object: str
    marketing_link: str
    crm_link: str | None
    keys: Mapping[str, Mapping[str, str]]
    twins: Mapping[str, tuple[Twin, ...]]
    owned: bool
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By object: fields that are read besides the mapped ones, those of the delivery and import criteria."""
    _fields: dict[tuple[Side, str, tuple[str, ...]], tuple[str, ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def objects(self, side: Side) -> tuple[str, ...]:
        return self.crm_objects if side == "crm" else (self.marketing_object,)

    def link_field(self, side: Side) -> str | None:
        return self.crm_link if side == "crm" else self.marketing_link

    def fields(self, side: Side, object: str, *, also: Iterable[str] = ()) -> tuple[str, ...]:
        """The fields to read of an object, each once, in a fixed order."""
        asked = (side, object, tuple(also))
        known = self._fields.get(asked)
        if known is None:
            known = self._fields[asked] = tuple(self._names(*asked))
        return known

    def _names(self, side: Side, object: str, also: tuple[str, ...]) -> dict[str, None]:
        names: dict[str, None] = {}
        if side == "crm":
            names.update((twin.crm.id, None) for twin in self.twins.get(object, ()))
            names.update((by_object[object], None) for by_object in self.keys.values() if object in by_object)
        else:
            names.update((twin.marketing.id, None) for twins in self.twins.values() for twin in twins)
            names.update((key, None) for key in self.keys)
        link = self.link_field(side)
        if link is not None:
            names[link] = None
        names.update((name, None) for name in self.extra.get(object, ()))
        names.update((name, None) for name in also)
        return names


@dataclass(frozen=True, slots=True)
class Schemas:
    """Both systems' fields, and the time zone of each org's days."""

    crm: Schema
    marketing: Schema
    crm_zone: str = "UTC"
    marketing_zone: str = "UTC"
    newest_only: frozenset[Side] = frozenset()
    """The sides whose API tells the newest answer of a field only."""


def person_kind(
    integration: Integration,
    schemas: Schemas,
    findings: list[Finding],
    extra: Mapping[str, tuple[str, ...]],
) -> Kind:
    """The persons of an integration; what cannot be synced is left out with its finding."""
    people = integration.people
    marketing = schemas.marketing[people.marketing]
    order = sorted(people.crm, key=lambda name: (name != "Contact", people.crm.index(name)))
    twins: dict[str, tuple[Twin, ...]] = {}
    keys: dict[str, dict[str, str]] = {key: {} for key in people.match}
    for object in order:
        rules = [
            rule
            for rule in integration.mappings(object)
            if rule.marketing_field is not None and not _meant_for_others(integration, schemas.crm, rule)
        ]
        bound = [_twin(rule, schemas, schemas.crm.get(object), marketing, findings) for rule in rules]
        twins[object] = tuple(twin for twin in bound if twin is not None and twin.rights.direction != "none")
        for rule in rules:
            if rule.marketing_field in keys:
                keys[str(rule.marketing_field)][object] = rule.crm_field
    crm_link = people.link.marketing_id_in_crm
    lacking = [name for name in order if name in schemas.crm and crm_link not in schemas.crm[name].fields]
    findings += [
        find(
            "CYC603",
            f"{name} has no field {crm_link}: the CRM cannot hold the marketing id of its {name}s.",
            places=[At(system="crm", object=name, field=crm_link)],
            fix="Run `leadproof install`, which adds the link field and the mapped custom fields.",
        )
        for name in lacking
    ]
    return Kind(
        name="person",
        crm_objects=tuple(name for name in order if name in schemas.crm),
        marketing_object=people.marketing,
        marketing_link=people.link.crm_id_in_marketing,
        crm_link=None if lacking else crm_link,
        keys=keys,
        twins=twins,
        owned=True,
        extra=extra,
    )


def _meant_for_others(integration: Integration, crm: Schema, rule: FieldRule) -> bool:
    """`crm: Rating` is said of every object that has it: one that lacks it is simply not meant."""
    having = [object for object in integration.people.crm if object in crm and rule.crm_field in crm[object].fields]
    by_one_name = isinstance(integration.fields[int(rule.loc[1])].crm, str)
    return bool(having) and rule.crm_object not in having and by_one_name


def other_kind(
    name: Literal["account", "opportunity"],
    declared: OtherObject,
    schemas: Schemas,
    resolve: Resolve,
    findings: list[Finding],
    *,
    clears: Clears,
) -> Kind:
    """Accounts or opportunities, which flow from the CRM to marketing; `clears` is the integration's default."""
    marketing = schemas.marketing[declared.marketing]
    twins = []
    for number, joined in enumerate(declared.fields):
        rule = FieldRule(
            id=joined.marketing,
            crm_object=declared.crm,
            crm_field=joined.crm,
            marketing_field=joined.marketing,
            master="crm",
            overwrite="never",
            direction="to_marketing",
            clears=clears,
            answers="replace",
            only_on=None,
            sticky=False,
            values_to_crm=None,
            values_to_marketing=joined.values,
            used_by=(),
            place=None,
            loc=(name, "fields", number),
        )
        twin = _twin(rule, schemas, schemas.crm.get(declared.crm), marketing, findings)
        if twin is not None:
            refers = twin.crm.type == "reference" and twin.marketing.type == "reference"
            twins.append(replace(twin, resolve=resolve) if refers else twin)
    return Kind(
        name=name,
        crm_objects=(declared.crm,),
        marketing_object=declared.marketing,
        marketing_link=declared.link,
        crm_link=None,
        keys={},
        twins={declared.crm: tuple(twins)},
        owned=False,
    )


def _twin(
    rule: FieldRule, schemas: Schemas, crm: ObjectSpec | None, marketing: ObjectSpec, findings: list[Finding]
) -> Twin | None:
    """The mapping bound to its fields; None, with a finding, where it cannot work."""
    crm_spec = crm.fields.get(rule.crm_field) if crm is not None else None
    marketing_spec = marketing.fields.get(str(rule.marketing_field))
    if crm_spec is None or marketing_spec is None:
        object, name, spec = (
            (rule.crm_object, rule.crm_field, crm)
            if crm_spec is None
            else (marketing.id, str(rule.marketing_field), marketing)
        )
        findings.append(_unknown(rule, object, name, spec, "crm" if crm_spec is None else "marketing"))
        return None
    manner: Manner = "table"
    if rule.answers == "append":
        manner = "append"
    elif rule.sticky:
        manner = "sticky"
    elif rule.only_on == "create":
        manner = "create_only"
    refused = _unsuitable(rule, manner, crm_spec, marketing_spec) or _untold(rule, schemas.newest_only)
    if refused is not None:
        findings.append(refused)
        return None
    dated = marketing_spec.type == "date"
    return Twin(
        id=rule.id,
        rights=Rights(rule.master, rule.overwrite, rule.direction, rule.clears),
        manner=manner,
        crm=crm_spec,
        marketing=marketing_spec,
        to_crm=rule.values_to_crm,
        to_marketing=rule.values_to_marketing,
        place=rule.place,
        # A day belongs to the org that keeps it as a day.
        time_zone=schemas.marketing_zone if dated else schemas.crm_zone,
    )


def _unknown(rule: FieldRule, object: str, name: str, spec: ObjectSpec | None, side: Side) -> Finding:
    places = [rule.place, At(system=side, object=object, field=name)]
    labelled = [one.id for one in spec.fields.values() if one.label == name] if spec is not None else []
    if labelled:
        return find(
            "MAP302", f"{name!r} is the label of {object}.{labelled[0]}.", places=places,
            fix=f"Write its id: {labelled[0]}.",
        )  # fmt: skip
    return find("MAP301", f"{object} has no field {name!r}; this mapping is not synced.", places=places)


def _unsuitable(rule: FieldRule, manner: Manner, crm: FieldSpec, marketing: FieldSpec) -> Finding | None:
    for writes, spec in ((rule.writes_crm, crm), (rule.writes_marketing, marketing)):
        if not writes:
            continue
        kind = FIELD_TYPES[spec.type]
        places = [rule.place, At(object=spec.object, field=spec.id)]
        if spec.read_only or kind.computed:
            return find(
                "MAP307", f"{spec.object}.{spec.id} ({spec.type}) cannot be written; the mapping is not synced.",
                places=places,
            )  # fmt: skip
        if manner == "append" and not kind.many_lines:
            return find(
                "MAP308", f"{spec.object}.{spec.id} is a {spec.type} field and cannot keep several answers.",
                places=places,
            )  # fmt: skip
    return None


def _untold(rule: FieldRule, newest_only: frozenset[Side]) -> Finding | None:
    """Several answers of a system that does not tell them: taking the value for them would lose some and repeat
    others, so nothing is synced."""
    source: Side = "marketing" if rule.writes_crm else "crm"
    if rule.answers != "append" or rule.direction == "none" or source not in newest_only:
        return None
    name = rule.marketing_field if source == "marketing" else f"{rule.crm_object}.{rule.crm_field}"
    whose = "The marketing tool" if source == "marketing" else "The CRM"
    return find("MAP317", f"{whose} tells the newest answer of {name} only; the mapping is not synced.",
                places=[rule.place])  # fmt: skip
