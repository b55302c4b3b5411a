"""Can these settings work? What an org's rules and forms name, held against its objects and fields.

People are not looked at: a rule that gives leads to somebody who left is a mistake that real orgs have, and a sandbox
must be able to show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leadsim.engine.refusals import Refused

if TYPE_CHECKING:
    from leadsim.engine.records import Org


def check_names(org: Org) -> None:
    """Raises Refused("invalid") with every rule and form that names what the org doesn't have, or stands twice."""
    wrong = [*_repeated(org), *_rules(org), *_forms(org)]
    if wrong:
        raise Refused("invalid", f"{'; '.join(wrong)}.")


def _repeated(org: Org) -> Iterator[str]:
    settings = org.settings
    for what, names in (
        ("assignment rules", [rule.name for rule in settings.assignment_rules]),
        ("duplicate rules", [rule.name for rule in settings.duplicate_rules]),
        ("validation rules", [rule.name for rule in settings.validation_rules]),
        ("forms", [form.id for form in settings.forms]),
        ("stages", [stage.name for stage in settings.pipeline]),
        ("views", [view.name for view in settings.views]),
    ):
        for name in dict.fromkeys(name for place, name in enumerate(names) if name in names[:place]):
            yield f"two {what} are called {name!r}"


def _rules(org: Org) -> Iterator[str]:
    settings = org.settings
    for assigning in settings.assignment_rules:
        if assigning.object is not None:
            yield from _fields(org, f"assignment rule {assigning.name!r}", assigning.object, ())
    for duplicate in settings.duplicate_rules:
        where = f"duplicate rule {duplicate.name!r}"
        if not duplicate.match:
            yield f"{where} has no field to match"
        yield from _fields(org, where, duplicate.object, duplicate.match)
        for across in duplicate.across:
            yield from _fields(org, where, across, ())
    for validation in settings.validation_rules:
        named = () if validation.field is None else (validation.field,)
        yield from _fields(org, f"validation rule {validation.name!r}", validation.object, named)
    if settings.sync_behaviors:
        person = "Lead" if org.kind == "crm" else "prospect"
        yield from _fields(org, "sync_behaviors", person, list(settings.sync_behaviors))


def _forms(org: Org) -> Iterator[str]:
    forms = org.settings.forms
    if forms and org.kind == "crm":
        yield "a CRM has no forms"
        return
    for form in forms:
        where = f"form {form.id!r}"
        yield from _fields(org, where, "prospect", form.fields)
        for field in form.required:
            if field not in form.fields:
                yield f"{where} requires {field!r}, which it doesn't ask"


def _fields(org: Org, where: str, object: str, fields: Iterable[str]) -> Iterator[str]:
    spec = org.schema.objects.get(object)
    if spec is None:
        yield f"{where}: there is no object {object!r}"
        return
    for field in fields:
        if field not in spec.fields:
            yield f"{where}: {object} has no field {field!r}"
