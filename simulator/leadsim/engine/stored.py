"""One record as it stands in the store, and how its JSON text becomes typed values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

import orjson

from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.fieldtypes import FIELD_TYPES, reader
from leadterms.values import Plain, Value, order_key, plain

_SEQ, _OBJECT, _ID, _MOD, _VERSION, _DELETED, _MERGED = range(7)
_CREATED_AT, _CREATED_BY, _CREATED_ACTOR, _CREATED_REQUEST = range(7, 11)
_MODIFIED_AT, _MODIFIED_BY, _KEYS, _DATA = range(11, 15)


class Moment(Protocol):
    """Tells the org's time."""

    def __call__(self) -> datetime: ...


class Codec:
    """How the values of one object are read from and written to JSON text, at one version of the schema."""

    def __init__(self, spec: ObjectSpec, now: Moment) -> None:
        self.spec = spec
        self._now = now
        self._readers = {id: _reader(field) for id, field in spec.fields.items()}
        fields = list(spec.fields.values())
        self._computed = [field for field in fields if field.type == "formula"]
        self._formulas = frozenset(field.id for field in self._computed)
        self._moving = frozenset(one.id for one in self._computed if one.formula and "days_since" in one.formula)
        self.computes = bool(self._computed)
        self.moves = bool(self._moving)
        """Whether values change by themselves, as time goes by."""
        self._not_plain = self._formulas.union(id for id, read in self._readers.items() if read is not None)
        # What a write asks of the fields, found once for a version of the schema.
        self.inputs = {field.id: reader(field) for field in fields}
        closed = {field.id for field in fields if field.read_only or FIELD_TYPES[field.type].computed}
        self.writable = {id: read for id, read in self.inputs.items() if id not in closed}
        self.defaults: dict[str, Value] = {field.id: field.default for field in fields if field.default is not None}
        self.required = [field for field in fields if field.required]
        self.required_ids = frozenset(field.id for field in self.required)
        self.numbered = [field.id for field in fields if field.type == "auto_number"]
        self.unique = frozenset(field.id for field in fields if field.unique)
        self.pointing = frozenset(field.id for field in fields if field.type in ("reference", "user"))

    def values(self, plain_values: Mapping[str, Any]) -> dict[str, Value]:
        """Typed values of the stored fields, and of the formulas. Blank fields are absent."""
        readers = self._readers
        values = {
            field: value if (reader := readers.get(field)) is None else reader(value)
            for field, value in plain_values.items()
        }
        return self.compute(values) if self._computed else values

    def compute(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values with those of the formulas (formats.md "Recipe")."""
        computed = dict(values)
        for field in self._computed:
            value = _formula(field, computed, self.spec, self._now)
            if value is not None:
                computed[field.id] = value
            else:
                computed.pop(field.id, None)
        return computed

    def recorded(self, values: Mapping[str, Value]) -> dict[str, Plain]:
        """The plain values that the journal and the audit trail speak of: formulas too, but for those that change
        by themselves as time goes by."""
        recorded: dict[str, Any] = dict(values)
        # Most values are text or ticks, their own JSON form. (In whatever order: no key is added.)
        for field in self._not_plain.intersection(values):
            recorded[field] = plain(values[field])
        for field in self._moving:
            recorded.pop(field, None)
        return recorded

    def text(self, recorded: Mapping[str, Plain]) -> str:
        """The JSON text that is stored, from what is recorded: formulas are made anew at each reading."""
        if self._formulas:
            recorded = {field: value for field, value in recorded.items() if field not in self._formulas}
        return orjson.dumps(recorded).decode()

    def keys(self, values: Mapping[str, Value], keyed: tuple[str, ...]) -> str:
        """The order keys of the fields that are looked up, as JSON text."""
        keys = {field: order_key(value) for field in keyed if (value := values.get(field)) is not None}
        return orjson.dumps(keys).decode() if keys else "{}"


_READERS: dict[str, Callable[[Any], Value] | None] = {
    "text": None,
    "checkbox": None,
    "number": Decimal,
    "date": date.fromisoformat,
    "date_time": datetime.fromisoformat,
    "set": frozenset,
}


def _reader(field: FieldSpec) -> Callable[[Any], Value] | None:
    if field.type == "statistics":
        return datetime.fromisoformat if field.scale is None else Decimal
    return _READERS[FIELD_TYPES[field.type].kind]


def _formula(field: FieldSpec, values: Mapping[str, Value], spec: ObjectSpec, now: Moment) -> Value:
    assert field.formula is not None
    kind, argument = next(iter(field.formula.items()))
    if kind == "concat":
        # A part that is no field's id stands for itself: a space, a comma.
        parts = [_shown(values.get(name)) if name in spec.fields else name for name in _names(argument)]
        return "".join(parts).strip() or None
    if kind == "sum":
        numbers = [value for name in argument if isinstance(value := values.get(name), Decimal)]
        return sum(numbers, Decimal(0)) if numbers else None
    value = values.get(argument if isinstance(argument, str) else argument[0])
    if isinstance(value, datetime):
        return Decimal((now().date() - value.astimezone(UTC).date()).days)
    return Decimal((now().date() - value).days) if isinstance(value, date) else None


def _names(argument: Any) -> list[str]:
    return [argument] if isinstance(argument, str) else list(argument)


def _shown(value: Value) -> str:
    shown = plain(value)
    return ", ".join(shown) if isinstance(shown, list) else str(shown) if shown is not None else ""


class Stored:
    """A record: object, id, seq, version, values, who made and changed it and when, deleted, merged_into.

    `values` are typed and hold only the fields that aren't blank; `plain` are the same in JSON form. Both are
    made when they are first asked for, because a page of 2,000 records often goes out as it is stored."""

    __slots__ = ("_codec", "_plain", "_row", "_values")

    def __init__(self, row: tuple[Any, ...], codec: Codec, values: dict[str, Value] | None = None) -> None:
        self._row = row
        self._codec = codec
        self._plain: dict[str, Plain] | None = None
        self._values = values

    @property
    def object(self) -> str:
        """The object's id."""
        value: str = self._row[_OBJECT]
        return value

    @property
    def id(self) -> str:
        """The record's id."""
        value: str = self._row[_ID]
        return value

    @property
    def seq(self) -> int:
        """Its place in the org's order of creation."""
        value: int = self._row[_SEQ]
        return value

    @property
    def mod(self) -> int:
        """Its place in the org's order of modification: the cursor of the change feed."""
        value: int = self._row[_MOD]
        return value

    @property
    def version(self) -> int:
        """1 at creation, one more with each write that changed something."""
        value: int = self._row[_VERSION]
        return value

    @property
    def deleted(self) -> bool:
        """Whether it is in the bin (or merged away)."""
        return bool(self._row[_DELETED])

    @property
    def merged_into(self) -> str | None:
        """The id of the record that won a merge against this one."""
        value: str | None = self._row[_MERGED]
        return value

    @property
    def created_at(self) -> datetime:
        """When it was made, in UTC."""
        return datetime.fromisoformat(self._row[_CREATED_AT] + "Z")

    @property
    def created_by(self) -> str:
        """The user who made it."""
        value: str = self._row[_CREATED_BY]
        return value

    @property
    def created_actor(self) -> str:
        """The actor that made it."""
        value: str = self._row[_CREATED_ACTOR]
        return value

    @property
    def created_request(self) -> int | None:
        """The journal's number of the request that made it."""
        value: int | None = self._row[_CREATED_REQUEST]
        return value

    @property
    def modified_at(self) -> datetime:
        """When it was last changed, in UTC."""
        return datetime.fromisoformat(self._row[_MODIFIED_AT] + "Z")

    @property
    def modified_by(self) -> str:
        """The user who changed it last."""
        value: str = self._row[_MODIFIED_BY]
        return value

    @property
    def created_text(self) -> str:
        """`created_at` as 2026-03-02T09:00:00Z."""
        return f"{self._row[_CREATED_AT]}Z"

    @property
    def modified_text(self) -> str:
        """`modified_at` as 2026-03-02T09:00:00Z."""
        return f"{self._row[_MODIFIED_AT]}Z"

    @property
    def plain(self) -> Mapping[str, Plain]:
        """The fields that aren't blank, in JSON form."""
        if self._plain is None:
            if self._codec.computes:
                self._plain = {field: plain(value) for field, value in self.values.items()}
            else:
                self._plain = orjson.loads(self._row[_DATA])
        return self._plain

    @property
    def values(self) -> Mapping[str, Value]:
        """The fields that aren't blank, typed."""
        if self._values is None:
            self._values = self._codec.values(orjson.loads(self._row[_DATA]))
        return self._values

    @property
    def text(self) -> str:
        """`plain` as JSON text; as it is stored, where nothing is computed."""
        if self._codec.computes:
            return orjson.dumps(self.plain).decode()
        value: str = self._row[_DATA]
        return value

    @property
    def row(self) -> tuple[Any, ...]:
        """The columns, in the order of the table."""
        return self._row

    def __repr__(self) -> str:
        state = " deleted" if self.deleted else ""
        return f"<Stored {self.object} {self.id} v{self.version}{state}>"
