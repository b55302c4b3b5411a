"""An integration in other names: as a tree, before it is read as a model.

Everything that names an object or a field is renamed, and nothing else: labels, user names, campaigns and the
choices of picklists are the orgs' own words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from leadproof.names import Renaming

Tree: TypeAlias = dict[str, Any]
_Rename: TypeAlias = Callable[[str], str]


def renamed(tree: Tree, crm: Renaming, marketing: Renaming, *, of: Tree | None = None) -> Tree:
    """The tree, or a part of one, in other names. `of`: the whole integration that a part belongs to, which tells
    whose fields are meant where the part does not."""
    people = {**((of or {}).get("people") or {}), **(tree.get("people") or {})}
    objects = _listed(people.get("crm"), ["Lead", "Contact"])
    persons = str(people.get("marketing") or "prospect")
    names = _Names(crm, marketing, objects, persons)
    parts: dict[str, Callable[[Any], Any]] = {
        "people": names.people,
        "fields": lambda rows: [names.mapping(row) for row in rows] if isinstance(rows, list) else rows,
        "accounts": names.other,
        "opportunities": names.other,
    }
    return {key: parts[key](part) if key in parts and part is not None else part for key, part in tree.items()}


class _Names:
    def __init__(self, crm: Renaming, marketing: Renaming, objects: Sequence[str], persons: str) -> None:
        self.crm, self.marketing = crm, marketing
        self.objects, self.persons = objects, persons

    def prospect_field(self, name: Any) -> Any:
        return self.marketing.field(self.persons, name) if isinstance(name, str) else name

    def person_field(self, name: Any) -> Any:
        """A field of the CRM's people: as the first object that has another name for it says."""
        if not isinstance(name, str):
            return name
        told = [self.crm.field(object, name) for object in self.objects]
        return next((one for one in told if one != name), name)

    def people(self, part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        done = dict(part)
        _change(done, "crm", lambda one: [self.crm.object(name) for name in one] if isinstance(one, list) else one)
        _change(done, "marketing", self.marketing.object)
        _change(done, "match", lambda one: [self.prospect_field(key) for key in one] if isinstance(one, list) else one)
        _change(done, "link", self._link)
        _change(done, "deliver", lambda one: _criteria(one, self.prospect_field))
        _change(done, "import", lambda one: _criteria(one, self.person_field))
        return done

    def _link(self, part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        done = dict(part)
        _change(done, "crm_id_in_marketing", self.prospect_field)
        _change(done, "marketing_id_in_crm", self.person_field)
        return done

    def mapping(self, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        done = dict(row)
        _change(done, "crm", self._crm_side)
        _change(done, "marketing", self.prospect_field)
        _change(done, "extends", self.prospect_field)
        if isinstance(row.get("master"), dict):
            done["master"] = {self.crm.object(object): side for object, side in row["master"].items()}
        return done

    def _crm_side(self, named: Any) -> Any:
        """One name for every object, or one for each; one that becomes several is said for each."""
        if isinstance(named, dict):
            return {self.crm.object(object): self.crm.field(object, one) for object, one in named.items()}
        told = {self.crm.object(object): self.crm.field(object, named) for object in self.objects}
        return next(iter(told.values())) if len(set(told.values())) == 1 else told

    def other(self, part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        done = dict(part)
        crm, marketing = str(part.get("crm") or ""), str(part.get("marketing") or "")
        _change(done, "crm", self.crm.object)
        _change(done, "marketing", self.marketing.object)
        _change(done, "link", lambda one: self.marketing.field(marketing, one))
        if isinstance(part.get("fields"), list):
            done["fields"] = [self._joined(row, crm, marketing) for row in part["fields"]]
        return done

    def _joined(self, row: Any, crm: str, marketing: str) -> Any:
        if not isinstance(row, dict):
            return row
        done = dict(row)
        _change(done, "crm", lambda one: self.crm.field(crm, one))
        _change(done, "marketing", lambda one: self.marketing.field(marketing, one))
        return done


def _change(part: Tree, key: str, rename: Callable[[Any], Any]) -> None:
    if part.get(key) is not None:
        part[key] = rename(part[key])


def _criteria(part: Any, rename: _Rename) -> Any:
    """`{when, criteria: {rows: [[field, operator, value]]}}`."""
    if not isinstance(part, dict) or not isinstance(part.get("criteria"), dict):
        return part
    return {**part, "criteria": renamed_rows(part["criteria"], rename)}


def renamed_rows(criteria: Tree, rename: _Rename) -> Tree:
    """Criteria as written, with the fields of their rows renamed."""
    rows = criteria.get("rows")
    if not isinstance(rows, list):
        return criteria
    done = [[rename(row[0]), *row[1:]] if isinstance(row, list) and row else row for row in rows]
    return {**criteria, "rows": done}


def _listed(named: Any, unsaid: list[str]) -> list[str]:
    return [str(one) for one in named] if isinstance(named, list) and named else unsaid
