"""What a cycle needs before it moves anything: both systems' fields and users, the kinds, the criteria."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from leadproof.connector.cycle import Cycle
from leadproof.connector.kinds import Kind, Schemas, other_kind, person_kind
from leadproof.connector.matching import key_of
from leadproof.connector.metered import Metered
from leadproof.connector.users import UserMap
from leadproof.connector.value_table import Side
from leadproof.findings import Finding, find
from leadproof.integration import Integration, OtherObject
from leadproof.systems.organization import Connection
from leadproof.systems.ports import EVERY_ANSWER
from leadterms.criteria import Criteria, bind
from leadterms.refusals import CriteriaRefused

_USERS, _RULES, _FIELDS, _RIGHTS = "users", "integration", "fields", "permissions"


def read_schemas(
    integration: Integration, crm: Metered, marketing: Metered, crm_seen: Connection, marketing_seen: Connection
) -> Schemas:
    """Both schemas with the zone of each org's days: the integration's word before the system's."""

    def zone(org: str, seen: Connection, declared: str | None) -> str:
        settings = integration.orgs.get(org)
        return declared or (settings.time_zone if settings else None) or seen.time_zone or "UTC"

    systems = integration.systems
    sides: tuple[tuple[Side, Metered], ...] = (("crm", crm), ("marketing", marketing))
    return Schemas(
        crm.describe(),
        marketing.describe(),
        zone(systems.crm.org, crm_seen, systems.crm.time_zone),
        zone(systems.marketing.org, marketing_seen, systems.marketing.time_zone),
        frozenset(side for side, system in sides if EVERY_ANSWER.isdisjoint(system.can)),
    )


class Partners:
    """References between records follow the links, in each cycle anew; those to campaigns, the mapped campaigns."""

    def __init__(self) -> None:
        self._cycle: Cycle | None = None
        self._known: dict[tuple[str, str, Side], str] = {}

    def begin(self, cycle: Cycle) -> None:
        """From now on by the links of this cycle."""
        self._cycle = cycle
        self._known.clear()

    def __call__(self, object: str, id: str, target: Side) -> str | None:
        assert self._cycle is not None, "references are followed in a cycle"
        known = self._known.get((object, id, target))
        if known is not None:
            return known
        found = _partner_id(self._cycle, object, id, target)
        if found is not None:  # whom nobody is linked with yet, somebody may be later in this cycle
            self._known[object, id, target] = found
        return found


@dataclass(frozen=True, slots=True)
class Bound:
    """What the integration means for two schemas: the same in every cycle until one of them is described anew. `rules`:
    the integration's fingerprint. `odd`: findings about criteria; `unsynced`: about what is left out."""

    schemas: Schemas
    rules: str
    kinds: Mapping[str, Kind]
    partners: Partners
    deliver: Criteria | None
    imports: Mapping[str, Criteria]
    odd: Sequence[Finding]
    unsynced: Sequence[Finding]


def bound_to(integration: Integration, schemas: Schemas) -> Bound:
    """Bind the integration's kinds and criteria to the schemas; what cannot work is left out, with its finding."""
    odd: list[Finding] = []
    lacking: list[Finding] = []
    unsynced: list[Finding] = []
    partners = Partners()
    deliver, imports, extra = _bind_criteria(integration, schemas, odd)
    kinds = {"person": person_kind(integration, schemas, unsynced, extra)}
    others: tuple[tuple[Literal["account", "opportunity"], OtherObject | None], ...] = (
        ("account", integration.accounts),
        ("opportunity", integration.opportunities),
    )
    for name, other in others:
        if other is None:
            continue
        missing = [
            (side, object)
            for side, object, schema in (
                ("crm", other.crm, schemas.crm),
                ("marketing", other.marketing, schemas.marketing),
            )
            if object not in schema
        ]
        for side, object in missing:
            lacking.append(find("REF707", f"{name}: the {side} system has no object {object!r}; it is not synced."))
        if not missing:
            clears = integration.defaults.clears
            kinds[name] = other_kind(name, other, schemas, partners, unsynced, clears=clears)
    rules = _digest(integration.model_dump_json())
    return Bound(schemas, rules, kinds, partners, deliver, imports, odd, [*lacking, *unsynced])


def prepare_kinds(cycle: Cycle, bound: Bound) -> None:
    """The kinds of this cycle, with what there is to say about them."""
    bound.partners.begin(cycle)
    cycle.fold = key_of
    cycle.deliver_criteria, cycle.import_criteria = bound.deliver, bound.imports
    cycle.kinds.update(bound.kinds)
    for finding in (*bound.odd, *bound.unsynced):
        cycle.report.add(finding)


def _bind_criteria(
    integration: Integration, schemas: Schemas, odd: list[Finding]
) -> tuple[Criteria | None, dict[str, Criteria], dict[str, tuple[str, ...]]]:
    """The criteria of delivery and of import by object, and the fields that they need read."""
    people = integration.people
    extra: dict[str, tuple[str, ...]] = {}
    deliver: Criteria | None = None
    imports: dict[str, Criteria] = {}
    if people.deliver.criteria is not None:
        criteria = people.deliver.criteria.parsed()
        try:
            deliver = bind(criteria, schemas.marketing[people.marketing].fields)
            extra[people.marketing] = tuple(row.field for row in criteria.rows)
        except CriteriaRefused as unknown:
            odd.append(_refused_criteria(integration, unknown, "deliver"))
    if people.import_.criteria is not None:
        criteria = people.import_.criteria.parsed()
        refused: CriteriaRefused | None = None
        for object in [name for name in people.crm if name in schemas.crm]:
            try:
                imports[object] = bind(criteria, schemas.crm[object].fields)
            except CriteriaRefused as unknown:  # a field of leads that contacts lack: they are not imported by it
                refused = unknown
                continue
            extra[object] = tuple(row.field for row in criteria.rows)
        if refused is not None and not imports:
            odd.append(_refused_criteria(integration, refused, "import"))
    return deliver, imports, extra


def _refused_criteria(integration: Integration, refused: CriteriaRefused, part: str) -> Finding:
    place = integration.place("people", part)
    cause = f"`people.{part}`: {refused.text}; nothing is created by it."
    return find(refused.code, cause, places=[place] if place else [])


def _partner_id(cycle: Cycle, object: str, id: str, target: Side) -> str | None:
    if object.lower() == "campaign":
        return cycle.campaign_ids.get((target, id))
    for kind in cycle.kinds.values():
        if target == "marketing" and object in kind.crm_objects:
            link = cycle.store.links.by_crm(kind.name, object, [id]).get(id)
        elif target == "crm" and object == kind.marketing_object:
            link = cycle.store.links.by_marketing(kind.name, [id]).get(id)
        else:
            continue
        return None if link is None or link.gone else link.id_on(target)
    return None


def prepare_users(cycle: Cycle) -> None:
    """Read both user lists; whether they changed since the last cycle decides whose owners are tried again."""
    named = cycle.integration.users.map
    cycle.users = UserMap(cycle.crm.users(), cycle.marketing.users(), named)
    fingerprint = _digest(cycle.users.fingerprint())
    cycle.users_changed = cycle.store.state(_USERS) not in (None, fingerprint)
    if cycle.store.state(_USERS) != fingerprint:
        with cycle.store.transaction():
            cycle.store.set_state(_USERS, fingerprint)


def notice_rules(cycle: Cycle, rules: str, *, described_anew: bool, permissions: Sequence[Sequence[str]]) -> None:
    """A changed integration file (`rules` is its fingerprint), field or permission (of the connector's users) is no
    edit, but what waits is looked at again by the new rules."""
    fingerprints = {
        _RULES: rules,
        _RIGHTS: _digest(repr([sorted(one) for one in permissions])),
    }
    if described_anew:
        fingerprints[_FIELDS] = _digest(repr((cycle.schemas.crm, cycle.schemas.marketing)))
    changed = {key: told for key, told in fingerprints.items() if cycle.store.state(key) != told}
    known = {key for key in changed if cycle.store.state(key) is not None}
    cycle.rules_changed = bool(known)
    if changed:
        with cycle.store.transaction():
            for key, told in changed.items():
                cycle.store.set_state(key, told)
            if _RULES in known:
                cycle.store.forget_cursors()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def person(cycle: Cycle) -> Kind:
    return cycle.kinds["person"]
