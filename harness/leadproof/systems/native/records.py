"""Records of the native API as typed `Record`s: every value read by its field's type.

The specs come from describe, one object at a time, and are fetched again when an answer holds a field that
they don't know: somebody added it since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeAlias

import orjson

from leadproof.systems.ports import Record
from leadproof.systems.records import FieldChange
from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.fieldtypes import FIELD_TYPES, parse
from leadterms.refusals import ValueRefused
from leadterms.values import Value

_Reader: TypeAlias = Callable[[Any], Value]
_CONVERTED = "ConvertedContact"
_VALUES_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Described:
    """One object's describe, with how its fields are read and what stands for each where it is blank."""

    spec: ObjectSpec
    readers: Mapping[str, _Reader]
    blanks: dict[str, Value]
    _chosen: dict[tuple[str, ...], dict[str, Value]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @classmethod
    def of(cls, spec: ObjectSpec) -> Described:
        """Ready to read."""
        return cls(
            spec,
            {key: _reader(one) for key, one in spec.fields.items()},
            # a checkbox has no blank (sync-semantics.md "Whose value is it")
            {key: False if one.type == "checkbox" else None for key, one in spec.fields.items()},
        )

    def all_blank(self, fields: tuple[str, ...]) -> dict[str, Value]:
        """The values of a record in which these fields are blank, all of them for (). It is the caller's to copy.
        Raises ValueRefused for a field that the object lacks."""
        known = self._chosen.get(fields) if fields else self.blanks
        if known is None:
            unknown = next((one for one in fields if one not in self.blanks), None)
            if unknown is not None:
                text = f"{self.spec.id} holds a field {unknown!r} that its describe lacks"
                raise ValueRefused("definition", text)
            known = self._chosen[fields] = {one: self.blanks[one] for one in fields}
        return known


@lru_cache(maxsize=256)
def described(body: bytes) -> Described:
    """The body of a describe. Every cycle asks anew and nearly always gets the same text, which takes 2 ms to read.
    Raises as `ObjectSpec.from_json` does."""
    return Described.of(ObjectSpec.from_json(orjson.loads(body)))


@lru_cache(maxsize=32)
def described_all(body: bytes) -> tuple[Described, ...]:
    """The same of an answer that tells all objects."""
    return tuple(Described.of(ObjectSpec.from_json(one)) for one in orjson.loads(body)["objects"])


class Records:
    """Reads records. `fetch(object)` gets one object's describe; `owner` is the owner field's id."""

    def __init__(self, fetch: Callable[[str], Described], *, owner: str) -> None:
        self._fetch = fetch
        self._known: dict[str, Described] = {}
        self.owner = owner

    def learn(self, known: Described) -> None:
        """Take a describe that was fetched elsewhere."""
        self._known[known.spec.id] = known

    def spec(self, object: str) -> ObjectSpec:
        """The object's describe, fetched the first time."""
        return self._of(object).spec

    def wanted(self, object: str, fields: Sequence[str]) -> list[str]:
        """The fields to ask for: those named, and those that a `Record` states on its own; [] where that is all."""
        if not fields:
            return []
        asked = list(dict.fromkeys(fields))
        known = self._of(object).readers
        asked.extend(field for field in (self.owner, _CONVERTED) if field in known and field not in asked)
        # A whole record leaves the system as the text that it holds.
        return [] if known.keys() <= set(asked) else asked

    def record(self, raw: Mapping[str, Any], fields: Sequence[str] = ()) -> Record:
        """One record of an answer; only `fields` among its values, all if none is named."""
        name = raw["object"]
        written: Mapping[str, Any] = raw["values"]
        known = self._of(name)
        if not written.keys() <= known.readers.keys():
            known = self._again(name)
            if not fields:
                known.all_blank(tuple(written))  # which refuses what it still lacks
        # An answer leaves blank fields out; a `Record` has every field that was asked for.
        values = known.all_blank(tuple(fields)).copy()
        readers = known.readers
        for key, plain in written.items():
            if key in values:
                values[key] = readers[key](plain)
        return Record(
            object=name,
            id=raw["id"],
            values=values,
            modified=datetime.fromisoformat(raw["modified_at"]),
            deleted=raw["deleted"],
            merged_into=raw["merged_into"],
            created=datetime.fromisoformat(raw["created_at"]),
            modified_by=raw["modified_by"],
            owner=written.get(self.owner) or None,
            converted_to=written.get(_CONVERTED) or None,
            version=str(raw["version"]),
        )

    def change(self, object: str, raw: Mapping[str, Any]) -> FieldChange:
        """One entry of the audit trail."""
        field = raw["field"] or ""
        reader = self._of(object).readers.get(field, _as_text)
        return FieldChange(
            seq=raw["seq"],
            at=datetime.fromisoformat(raw["at"]),
            user=raw["user"],
            actor=raw["actor"],
            op=raw["op"],
            field=field,
            before=reader(raw["from"]),
            after=reader(raw["to"]),
            request=raw["request"],
        )

    def _of(self, object: str) -> Described:
        return self._known.get(object) or self._again(object)

    def _again(self, object: str) -> Described:
        self.learn(self._fetch(object))
        return self._known[object]


def _reader(spec: FieldSpec) -> _Reader:
    """How a stored value of this field is read. What the system holds is not validated again: text is text,
    and a choice or length that was allowed when it was written may be gone today."""
    kind = FIELD_TYPES[spec.type].kind
    if kind == "text" and spec.type != "formula":
        return _as_text
    lenient = replace(spec, restricted=False, length=None, required=False)
    known = lru_cache(maxsize=_VALUES_KEPT, typed=True)(partial(parse, lenient))
    # A list cannot be kept by its value; all else is text, true or false, and often the same: scores, stages, days.
    return lambda plain: parse(lenient, plain) if isinstance(plain, list) else known(plain)


def _as_text(plain: Any) -> Value:
    return plain if plain != "" else None
