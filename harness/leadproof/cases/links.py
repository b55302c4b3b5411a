"""before/connector.json: what a connector knew when the recording began.

One that a scenario starts knows nothing. A connector of somebody's keeps its memory to itself. The links are in both
systems, in the two fields that the integration names (sync-semantics.md "Memory"); what it last agreed on, its cursors
and its open intents are nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from leadproof.cases.har import Recorded
from leadproof.integration import Integration
from leadproof.names import Names

Fact = Mapping[str, Any]
PERSON = "person"
_IDS = ("id", "Id", "ID")
LINKS = "links"
TABLES = ("cursors", "intents", "set_aside", "memberships", "delivered")
NOT_TOLD = ("settled pairs", *TABLES)
"""What no system tells of a connector: the values that it last agreed on, and where it stood."""


@dataclass(frozen=True, slots=True)
class LinkFields:
    """Where the links stand: the two orgs, the objects that hold people, and the field of each with the other's id."""

    crm_org: str
    marketing_org: str
    crm_objects: tuple[str, ...]
    marketing_object: str
    marketing_id_in_crm: str
    crm_id_in_marketing: str


@dataclass(frozen=True, slots=True)
class Linked:
    """One pair; `told_by`: the sides whose records say so ("both", "crm", "marketing"); `crm_object` "" where only
    marketing's record was seen."""

    crm_object: str
    crm_id: str
    marketing_id: str
    told_by: str

    def to_json(self) -> dict[str, str]:
        """As in before/connector.json, without what nobody knows."""
        return {
            "kind": PERSON,
            "crm_object": self.crm_object,
            "crm_id": self.crm_id,
            "marketing_id": self.marketing_id,
            "told_by": self.told_by,
        }


def link_fields(integration: Integration, names: Mapping[str, Names] | None = None) -> LinkFields:
    """The link fields of an integration, in the vendors' words; in the engine's where an org's `names` are given."""
    people, systems = integration.people, integration.systems
    crm, marketing = ((names or {}).get(one.org, Names()).to_engine for one in (systems.crm, systems.marketing))
    first = people.crm[0]
    return LinkFields(
        systems.crm.org,
        systems.marketing.org,
        tuple(crm.object(one) for one in people.crm),
        marketing.object(people.marketing),
        crm.field(first, people.link.marketing_id_in_crm),
        marketing.field(people.marketing, people.link.crm_id_in_marketing),
    )


def links_of_facts(facts: Iterable[Fact], fields: LinkFields) -> list[Linked]:
    """The links that the records of a journal's changes hold, once all of the facts have happened."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for fact in facts:
        if fact["kind"] != "change":
            continue
        key = (str(fact["org"]), str(fact["object"]), str(fact["id"]))
        if fact["op"] == "delete":
            rows.pop(key, None)
            continue
        rows.setdefault(key, {}).update({name: after for name, (_, after) in fact["fields"].items()})
    from_crm = [
        (object, id, str(other))
        for (org, object, id), values in rows.items()
        if org == fields.crm_org and object in fields.crm_objects and (other := values.get(fields.marketing_id_in_crm))
    ]
    from_marketing = [
        (str(other), id)
        for (org, object, id), values in rows.items()
        if org == fields.marketing_org
        and object == fields.marketing_object
        and (other := values.get(fields.crm_id_in_marketing))
    ]
    return _together(from_crm, from_marketing)


def links_of_traffic(recorded: Sequence[Recorded], fields: LinkFields) -> list[Linked]:
    """The links that the systems told before anybody wrote them in this very recording. JSON alone is read."""
    from_crm: dict[tuple[str, str, str], None] = {}
    from_marketing: dict[tuple[str, str], None] = {}
    written: set[str] = set()
    for one in recorded:
        written |= set(_under(_json(one.request.body), (fields.marketing_id_in_crm, fields.crm_id_in_marketing)))
        if one.response is None or one.response.status >= 400:
            continue
        for object, id, values in _records(_json(one.response.body)):
            other, crm_id = (values.get(name) for name in (fields.marketing_id_in_crm, fields.crm_id_in_marketing))
            if other and str(other) not in written and object in ("", *fields.crm_objects):
                from_crm.setdefault((object, id, str(other)))
            # Pardot's records don't say what they are, and its users have a Salesforce id too: the path says.
            person = fields.marketing_object in ([object] if object else one.request.path.split("/"))
            if crm_id and str(crm_id) not in written and person:
                from_marketing.setdefault((str(crm_id), id))
    return _together(list(from_crm), list(from_marketing))


def memory_json(links: Sequence[Linked] = (), unknown: Sequence[str] = ()) -> bytes:
    """before/connector.json: the links, empty tables, and under `unknown` which of them nobody could tell."""
    told = {**{name: [] for name in TABLES}, LINKS: [one.to_json() for one in links], "unknown": list(unknown)}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def _together(from_crm: list[tuple[str, str, str]], from_marketing: list[tuple[str, str]]) -> list[Linked]:
    told = set(from_marketing)
    found = [
        Linked(object, crm_id, other, "both" if (crm_id, other) in told else "crm")
        for object, crm_id, other in from_crm
    ]
    known = {(one.crm_id, one.marketing_id) for one in found}
    found += [Linked("", crm_id, id, "marketing") for crm_id, id in from_marketing if (crm_id, id) not in known]
    return sorted(found, key=lambda one: (one.crm_object, one.crm_id, one.marketing_id))


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _records(tree: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(object, id, values) of everything in an answer that has an id; the values beside it, or below `values`."""
    if isinstance(tree, list):
        for one in tree:
            yield from _records(one)
    if not isinstance(tree, dict):
        return
    id = next((tree[key] for key in _IDS if isinstance(tree.get(key), str | int)), None)
    if id is not None:
        below = tree.get("values")
        attributes = tree.get("attributes")
        object = tree.get("object") or (attributes.get("type") if isinstance(attributes, dict) else "") or ""
        yield str(object), str(id), below if isinstance(below, dict) else tree
    for one in tree.values():
        yield from _records(one)


def _under(tree: Any, names: Sequence[str]) -> Iterator[str]:
    """What stands under these keys, anywhere."""
    if isinstance(tree, list):
        for one in tree:
            yield from _under(one, names)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            if key in names and isinstance(value, str | int):
                yield str(value)
            yield from _under(value, names)
