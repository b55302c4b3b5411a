"""What an integration file may not say, although each of its parts is well formed.

`problems` and `warnings` need the file alone; `problems_with_schemas` needs what both systems describe;
`problems_with_orgs` needs the orgs of a recipe; `problems_together` looks at several connections of one marketing org.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingOf

from leadproof.integration.mapping import Mapping
from leadproof.integration.model import FieldMapping, Integration
from leadterms.fields import FieldSpec, Schema
from leadterms.refusals import Place, Problem
from leadterms.typetable import FIELD_TYPES

TWO_INTO_ONE = "MAP320"
TWO_MASTERS = "MAP321"
UNKNOWN_OBJECT = "MAP322"
KEY_NOT_MAPPED = "MAP323"
ANSWERS_NEED_DIRECTION = "MAP324"
VALUES_NOT_ONE_TO_ONE = "MAP325"
NO_PARTNER_FIELD = "MAP326"
NOT_WRITABLE = "MAP307"
NEEDS_MANY_LINES = "MAP308"
MOVES_NOTHING = "MAP313"
UNKNOWN_BASE = "CFG842"
SAME_ORG_TWICE = "CFG843"
UNKNOWN_ORG = "CFG838"


def problems(integration: Integration) -> list[Problem]:
    """What is refused at load."""
    found = list(_in_fields(integration))
    for crm_object in integration.people.crm:
        mappings = integration.mappings(crm_object)
        found += _two_into_one(mappings)
        found += _unmapped_keys(integration, crm_object, mappings)
        found += [problem for one in mappings for problem in _contradictions(one)]
    if integration.people.deliver_as.capitalize() not in integration.people.crm:
        text = f"`deliver_as: {integration.people.deliver_as}` names an object that `people.crm` does not sync."
        found.append(_at(integration, ("people", "deliver_as"), UNKNOWN_OBJECT, text, "Add it to people.crm."))
    return _once(found)


def warnings(integration: Integration) -> list[Problem]:
    """What is odd but allowed: a mapping that moves nothing after the record was created (MAP313)."""
    found = []
    for crm_object in integration.people.crm:
        for one in integration.mappings(crm_object):
            towards_master = (one.direction, one.master) in (("to_crm", "crm"), ("to_marketing", "marketing"))
            if towards_master and one.overwrite == "never" and one.answers == "replace" and not one.sticky:
                text = (
                    f"{crm_object}.{one.crm_field} <-> {one.marketing_field} goes {one.direction}, "
                    "whose side is the master, and overwrite is never: "
                    "nothing moves after the record was created."
                )
                found.append(_of(one, MOVES_NOTHING, text, "Say `overwrite: if_blank`, or leave it if that is meant."))
    return _once(found)


def problems_with_schemas(integration: Integration, crm: Schema, marketing: Schema) -> list[Problem]:
    """Targets that cannot be written (MAP307: read-only, formula, auto-number, statistics) or that cannot
    keep several answers (MAP308). Fields that do not exist are the doctor's (MAP301)."""
    found: list[Problem] = []
    person = marketing.get(integration.people.marketing)
    for crm_object in integration.people.crm:
        described = crm.get(crm_object)
        for one in integration.mappings(crm_object):
            for writes, fields, name in (
                (one.writes_crm, described, one.crm_field),
                (one.writes_marketing, person, one.marketing_field or ""),
            ):
                spec = fields.fields.get(name) if fields is not None else None
                if writes and spec is not None:
                    found += _unsuitable_target(one, spec)
    return _once(found)


def problems_together(integrations: Sequence[Integration]) -> list[Problem]:
    """Refusals over all connections of one marketing org: a marketing field that two of them master (MAP321),
    the same CRM org twice (CFG843). Only a field whose master is `marketing` may be shared."""
    found: list[Problem] = []
    orgs: dict[tuple[str, str], Integration] = {}
    masters: dict[tuple[str, str], tuple[Integration, Mapping]] = {}
    for integration in integrations:
        pair = (integration.systems.marketing.org, integration.systems.crm.org)
        if pair in orgs:
            text = f"The CRM org {pair[1]!r} is connected to {pair[0]!r} twice."
            found.append(_at(integration, ("systems", "crm"), SAME_ORG_TWICE, text, "Keep one of the two files."))
        orgs.setdefault(pair, integration)
        for crm_object in integration.people.crm:
            for one in integration.mappings(crm_object):
                if one.master == "marketing" or not one.writes_marketing or one.sticky:
                    continue
                first, _ = masters.setdefault((pair[0], str(one.marketing_field)), (integration, one))
                if first is not integration:
                    text = (
                        f"The marketing field {one.marketing_field!r} of {pair[0]} already takes "
                        f"its value from {first.systems.crm.org}; with a second master ({pair[1]}) "
                        "the two would overwrite each other in turns."
                    )
                    found.append(_of(one, TWO_MASTERS, text, "Say `master: marketing` in one of the two files."))
    return _once(found)


def problems_with_orgs(integration: Integration, orgs: MappingOf[str, str], recipe: str) -> list[Problem]:
    """Orgs that the recipe does not have, or has on the other side (CFG838). `orgs`: name -> crm or marketing."""
    found = []
    for side, system in (("crm", integration.systems.crm), ("marketing", integration.systems.marketing)):
        if orgs.get(system.org) == side:
            continue
        fitting = [name for name, kind in orgs.items() if kind == side]
        if system.org in orgs:
            text = f"{system.org} is a {orgs[system.org]} org in {recipe}, and `systems.{side}` names it."
        else:
            text = f"`systems.{side}` names the org {system.org!r}, which {recipe} does not have."
        found.append(_at(integration, ("systems", side, "org"), UNKNOWN_ORG, text, _near(system.org, fitting)))
    return found


def _near(name: str, known: Sequence[str]) -> str:
    from rapidfuzz.process import extractOne

    found = extractOne(name, known, score_cutoff=60)
    return f"Did you mean {found[0]}?" if found else f"It has: {', '.join(known) or 'none'}."


def _in_fields(integration: Integration) -> Iterator[Problem]:
    known = integration.people.crm
    for position, written in enumerate(integration.fields):
        loc = ("fields", position)
        for key in ("crm", "master"):
            per_object = getattr(written, key)
            for name in per_object if isinstance(per_object, dict) else ():
                if name not in known:
                    text = f"`{key}` names the object {name!r}, which `people.crm` does not sync."
                    yield _at(integration, (*loc, key, name), UNKNOWN_OBJECT, text, f"Objects: {', '.join(known)}.")
        yield from _one_sided(integration, loc, written)
        if written.extends is not None:
            bases = [one.marketing for one in integration.fields if one.marketing and not one.extends]
            if written.extends not in bases:
                text = f"`extends` names {written.extends!r}, which is no mapping's marketing field."
                yield _at(
                    integration,
                    (*loc, "extends"),
                    UNKNOWN_BASE,
                    text,
                    "Name one that does not extend another.",
                )


def _one_sided(integration: Integration, loc: tuple[str | int, ...], written: FieldMapping) -> Iterator[Problem]:
    if written.crm is None and written.marketing is None:
        yield _at(integration, loc, NO_PARTNER_FIELD, "A mapping names neither a CRM nor a marketing field.", "")
    elif (written.crm is None or written.marketing is None) and written.direction != "none":
        missing = "crm" if written.crm is None else "marketing"
        name = written.marketing if written.crm is None else written.crm
        text = f"The mapping of {name!r} has no {missing} field."
        yield _at(
            integration,
            loc,
            NO_PARTNER_FIELD,
            text,
            "Add it, or say `direction: none` (declared, not synced).",
        )


def _two_into_one(mappings: Sequence[Mapping]) -> Iterator[Problem]:
    crm_targets: dict[str, Mapping] = {}
    ids: dict[str, Mapping] = {}
    for one in mappings:
        fix = "Remove one of the two, or let only one of them write (direction)."
        first = ids.setdefault(one.id, one)
        if first is not one:
            text = f"Two mappings of {one.crm_object} have the marketing field {one.id!r}{_first(first)}."
            yield _of(one, TWO_INTO_ONE, text, "Remove one of the two.")
        if one.writes_crm:
            first = crm_targets.setdefault(one.crm_field, one)
            if first is not one:
                yield _of(
                    one,
                    TWO_INTO_ONE,
                    f"Two mappings write {one.crm_object}.{one.crm_field}{_first(first)}.",
                    fix,
                )


def _first(mapping: Mapping) -> str:
    return f" (the first in line {mapping.place.line})" if mapping.place else ""


def _unmapped_keys(integration: Integration, crm_object: str, mappings: Sequence[Mapping]) -> Iterator[Problem]:
    mapped = {one.marketing_field for one in mappings}
    for position, key in enumerate(integration.people.match):
        if key not in mapped:
            text = f"People are matched by {key!r}, but no mapping says which field of {crm_object} that is."
            fix = f"Add {{crm: ..., marketing: {key}}} to `fields`."
            yield _at(integration, ("people", "match", position), KEY_NOT_MAPPED, text, fix)


def _contradictions(one: Mapping) -> Iterator[Problem]:
    name = f"{one.crm_object}.{one.crm_field} <-> {one.marketing_field}"
    if one.answers == "append" and one.direction == "both":
        text = f"{name} keeps several answers (`answers: append`), which travel one way."
        yield _of(one, ANSWERS_NEED_DIRECTION, text, "Say `direction: to_crm` or `direction: to_marketing`.")
    back, forth = one.values_to_crm, one.values_to_marketing
    if back is not None and forth is not None and len(back) < len(forth) and one.writes_crm:
        shared = sorted(there for there in back if list(forth.values()).count(there) > 1)
        text = f"{name}: several CRM values become {', '.join(map(repr, shared))}, so there is no way back."
        yield _of(one, VALUES_NOT_ONE_TO_ONE, text, "Give each CRM value its own partner, or say `to_marketing`.")


def _unsuitable_target(one: Mapping, spec: FieldSpec) -> Iterator[Problem]:
    kind = FIELD_TYPES[spec.type]
    if spec.read_only or kind.computed:
        why = f"is a {spec.type} field" if kind.computed else "is read-only"
        away = "to_marketing" if spec.id == one.crm_field else "to_crm"
        text = f"{spec.object}.{spec.id} {why} and cannot be written: direction is {one.direction}."
        yield _of(one, NOT_WRITABLE, text, f"Say `direction: {away}`.")
    elif one.answers == "append" and not kind.many_lines:
        text = f"{spec.object}.{spec.id} shall keep several answers, but is a {spec.type} field."
        yield _of(one, NEEDS_MANY_LINES, text, "Use a multi_line field.")


def _of(one: Mapping, code: str, text: str, fix: str) -> Problem:
    return Problem(one.place or Place("<integration>", 1, 1), code, text, fix)


def _at(integration: Integration, loc: tuple[str | int, ...], code: str, text: str, fix: str) -> Problem:
    return Problem(integration.place(*loc) or Place("<integration>", 1, 1), code, text, fix)


def _once(found: Sequence[Problem]) -> list[Problem]:
    """A mapping of Lead and Contact is judged for both; what is wrong for the same reason is said once."""
    kept: dict[tuple[Place, str], Problem] = {}
    for problem in found:
        kept.setdefault((problem.place, problem.code if problem.place.line > 1 else problem.text), problem)
    return list(kept.values())
