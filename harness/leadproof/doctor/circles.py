"""C5: fields that feed each other in a circle, over mappings and formulas: a value would run round for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from leadproof.findings import At, Finding, find
from leadproof.integration import Integration
from leadterms.fields import FieldSpec, Schema

Spot: TypeAlias = tuple[str, str, str]
"""Side, object, field."""
Edges: TypeAlias = dict[Spot, list[Spot]]


def look_at_circles(integration: Integration, crm: Schema, marketing: Schema) -> list[Finding]:
    """MAP364 for each circle that a formula closes. A mapping both ways is none: it settles (sync-semantics.md "Whose
    value is it")."""
    person = integration.people.marketing
    edges: Edges = {}
    formulas: list[tuple[Spot, Spot]] = []
    for side, schema, objects in (("crm", crm, integration.people.crm), ("marketing", marketing, [person])):
        for object in objects:
            for spec in schema[object].fields.values() if object in schema else ():
                target = (side, object, spec.id)
                formulas += [((side, object, source), target) for source in _sources(spec, schema[object].fields)]
    for source_spot, target_spot in formulas:
        edges.setdefault(source_spot, []).append(target_spot)
    for object in integration.people.crm:
        for mapping in integration.mappings(object):
            if mapping.marketing_field is None:
                continue
            here, there = ("crm", object, mapping.crm_field), ("marketing", person, mapping.marketing_field)
            if mapping.writes_marketing:
                edges.setdefault(here, []).append(there)
            if mapping.writes_crm:
                edges.setdefault(there, []).append(here)
    return list(_circles(integration, edges, formulas))


def _circles(integration: Integration, edges: Edges, formulas: list[tuple[Spot, Spot]]) -> Iterator[Finding]:
    told: set[frozenset[Spot]] = set()
    for source, target in formulas:
        back = _path(edges, target, source)
        if back is None or frozenset(back) in told:
            continue
        told.add(frozenset(back))
        names = " -> ".join(f"{side} {object}.{field}" for side, object, field in [source, *back])
        on_the_way = {spot[2] for spot in back}
        places = [
            integration.place(*mapping.loc)
            for mapping in integration.mappings(integration.people.crm[0])
            if {mapping.crm_field, mapping.marketing_field} <= on_the_way | {source[2]}
        ]
        at = At(target[0], "", target[1], "", target[2])
        yield find("MAP364", f"These fields feed each other: {names}.", places=[*places, at])


def _path(edges: Edges, start: Spot, goal: Spot) -> list[Spot] | None:
    """The shortest way from one field to another along what is written, both included."""
    ways: dict[Spot, list[Spot]] = {start: [start]}
    waiting = [start]
    for spot in waiting:
        if spot == goal:
            return ways[spot]
        for following in edges.get(spot, ()):
            if following not in ways:
                ways[following] = [*ways[spot], following]
                waiting.append(following)
    return None


def _sources(spec: FieldSpec, fields: Mapping[str, FieldSpec]) -> list[str]:
    """The fields that a formula reads."""
    return list(dict.fromkeys(one for one in _texts(spec.formula or {}) if one in fields and one != spec.id))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for inner in part.values():
            yield from _texts(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _texts(inner)
