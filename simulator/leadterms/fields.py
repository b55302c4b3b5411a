"""A field's definition, an object's, and their JSON form: what `describe` answers.

product.md "Words": a field has an id (its API name) and a label; the two differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeAlias

from leadterms.refusals import ValueRefused
from leadterms.values import Value, plain


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of one object. `length` in characters, `scale` in digits after the point; None = the type's
    own limit. `restricted`: only `choices` are allowed. `refers_to`: the object that a reference points
    at."""

    object: str
    id: str
    label: str
    type: str
    required: bool = False
    unique: bool = False
    external_id: bool = False
    length: int | None = None
    scale: int | None = None
    choices: tuple[str, ...] = ()
    restricted: bool = True
    default: Value = None
    read_only: bool = False
    formula: Mapping[str, Any] | None = None
    refers_to: str | None = None
    system: bool = False

    def to_json(self) -> dict[str, Any]:
        """The describe form: every key, in the order of the definition, values plain."""
        described = {name: getattr(self, name) for name in _KEYS}
        described["choices"] = list(self.choices)
        described["default"] = plain(self.default)
        described["formula"] = dict(self.formula) if self.formula is not None else None
        return described

    @classmethod
    def from_json(cls, described: Mapping[str, Any]) -> FieldSpec:
        """Read the describe form; keys that have a default may be absent.
        Raises ValueRefused("definition") naming the key that is unknown, missing or wrong."""
        from leadterms.typetable import FIELD_TYPES, parse  # the table stands on this module

        spec = cls(**_checked(described))
        if spec.type not in FIELD_TYPES:
            raise _definition(
                f"field {spec.object}.{spec.id} has the unknown type {spec.type!r}.",
                f"Types: {', '.join(FIELD_TYPES)}.",
            )
        if spec.default is None:
            return spec
        return replace(spec, default=parse(spec, spec.default) if spec.default != "" else None)


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """One object of an org: its fields by id, in the order of the describe."""

    id: str
    label: str
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """`{"id", "label", "fields": [...]}`."""
        return {
            "id": self.id,
            "label": self.label,
            "fields": [spec.to_json() for spec in self.fields.values()],
        }

    @classmethod
    def from_json(cls, described: Mapping[str, Any]) -> ObjectSpec:
        """Read `to_json`'s form. Raises ValueRefused("definition")."""
        specs = [FieldSpec.from_json(one) for one in described.get("fields", [])]
        return cls(described["id"], described.get("label", described["id"]), {spec.id: spec for spec in specs})


Schema: TypeAlias = Mapping[str, ObjectSpec]

_KEYS = tuple(one.name for one in fields(FieldSpec))


def _definition(text: str, fix: str = "") -> ValueRefused:
    return ValueRefused("definition", text[:1].upper() + text[1:], fix)


def _checked(described: Mapping[str, Any]) -> dict[str, Any]:
    """The keys with their Python types; what is absent or null keeps its default."""
    for key in ("object", "id", "type"):
        if not isinstance(described.get(key), str) or not described[key].strip():
            raise _definition(f"a field's definition needs {key!r}, as text.")
    read: dict[str, Any] = {"label": described["id"]}
    for key, raw in described.items():
        if key not in _READERS:
            raise _definition(f"a field's definition has no key {key!r}.", f"Its keys: {', '.join(_KEYS)}.")
        if raw is not None:
            wanted, fits, take = _READERS[key]
            if not fits(raw):
                name = f"{described['object']}.{described['id']}"
                raise _definition(f"{key!r} of field {name} must be {wanted}, not {raw!r}.")
            read[key] = raw if take is None else take(raw)
    return read


def _is_flag(raw: object) -> bool:
    return raw is True or raw is False


def _is_size(raw: object) -> bool:
    return type(raw) is int and raw >= 0


def _is_text(raw: object) -> bool:
    return isinstance(raw, str)


def _is_texts(raw: object) -> bool:
    return isinstance(raw, list | tuple) and all(isinstance(one, str) for one in raw)


_FLAG = ("true or false", _is_flag, None)
_SIZE = ("a whole number from 0", _is_size, None)
_TEXT = ("text", _is_text, None)
_Reader: TypeAlias = tuple[str, Callable[[object], bool], Callable[[Any], Any] | None]
# A definition is read for every field of every describe, so each key has its reader ready.
_READERS: dict[str, _Reader] = {
    **dict.fromkeys(("object", "id", "label", "type", "refers_to"), _TEXT),
    **dict.fromkeys(("required", "unique", "external_id", "restricted", "read_only", "system"), _FLAG),
    **dict.fromkeys(("length", "scale"), _SIZE),
    "choices": ("a list of texts", _is_texts, tuple),
    "formula": ("a mapping such as {concat: [...]}", lambda raw: isinstance(raw, Mapping), dict),
    "default": ("a value", lambda _: True, None),
}
