"""The field types in one table, and what is done by type: reading, comparing, blank.

`parse` is on the way of every write, so it is one dictionary look-up and one function per type; the libraries
for telephone numbers and e-mail addresses are imported when the first unusual value needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from leadterms import quantities, texts
from leadterms.fields import FieldSpec
from leadterms.texts import e164
from leadterms.values import Value


@dataclass(frozen=True, slots=True)
class FieldType:
    """One type of field. `kind` is what its values are in Python: text, number, date, date_time, checkbox or
    set. `longest`: characters allowed where the field sets no length. `chosen`: its values come from
    `choices`. `computed`: the system fills it, nobody writes it. `many_lines`: a text that may hold line
    breaks."""

    name: str
    kind: str
    parse: Callable[[FieldSpec, object], Value]
    key: Callable[[Value], Any]
    longest: int = 0
    chosen: bool = False
    computed: bool = False
    many_lines: bool = False


def parse(spec: FieldSpec, raw: object) -> Value:
    """Read a JSON value or a text as the field's type. Blank text is None (in a checkbox: False).

    Raises ValueRefused with the rule that was broken: type, length, scale, range, choice, email, url, line,
    character. Whether a value is required or writable is the writer's question, not the type's."""
    return _PARSERS[spec.type](spec, raw)


def reader(spec: FieldSpec) -> Callable[[object], Value]:
    """`parse` for one field, made ready: whoever reads many values of it keeps this.

    Most values are short printable text in a text field, and such a text is its own value. Looking at it here, instead
    of going through the four functions of `parse`, takes about half the time."""
    read = partial(_PARSERS[spec.type], spec)
    if spec.type not in _AS_WRITTEN:
        return read
    limit = length_limit(spec)
    allowed = frozenset(spec.choices) if FIELD_TYPES[spec.type].chosen and spec.restricted else None

    def read_text(raw: object) -> Value:
        if (
            type(raw) is str
            and 0 < len(raw) <= limit
            and raw.isprintable()
            and not raw.isspace()
            and (allowed is None or raw in allowed)
        ):
            return raw
        return read(raw)

    return read_text


def blank(value: Value) -> bool:
    """Empty, missing or whitespace only; 0 and false are not (sync-semantics.md "Whose value is it")."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    return isinstance(value, tuple | frozenset) and not value


def same(spec: FieldSpec, a: Value, b: Value) -> bool:
    """Whether two values of this field are the same by its type; two blanks are.

    Phone numbers compare in E.164 (what has no country code: by its digits), e-mail addresses and user names
    trimmed and casefolded, texts of many lines whatever their line ends."""
    if a is b or (a == b and type(a) is type(b)):
        return True
    if blank(a) or blank(b):
        return blank(a) and blank(b)
    key = _KEYS[spec.type]
    return bool(key(a) == key(b))


def length_limit(spec: FieldSpec) -> int:
    """How many characters the field holds: its own length, else its type's."""
    return spec.length if spec.length is not None else FIELD_TYPES[spec.type].longest


def _formula(spec: FieldSpec, raw: object) -> Value:
    """What a formula gives: text for `concat`, a number for the others (formats.md "Recipe")."""
    if spec.formula is not None and "concat" not in spec.formula:
        return quantities.number(spec, raw)
    return texts.many_lines(spec, raw)


def _statistic(spec: FieldSpec, raw: object) -> Value:
    """What the system counts or stamps: a number where the field has a scale, else a moment."""
    return quantities.moment(spec, raw) if spec.scale is None else quantities.number(spec, raw)


def exact(value: Value) -> Any:
    return value


def casefolded(value: Value) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value


def line_ends(value: Value) -> Any:
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def phone_key(value: Value) -> Any:
    if not isinstance(value, str):
        return value
    international = e164(value)
    if international is not None:
        return international
    digits = "".join(character for character in value if character.isdigit())
    return digits if len(digits) >= 5 else value.strip().casefold()


def _text(
    name: str, read: Callable[[FieldSpec, object], Value], key: Callable[[Value], Any] = exact, **traits: bool
) -> FieldType:
    return FieldType(name, "text", read, key, texts.LONGEST[name], **traits)


FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType(
    {
        one.name: one
        for one in (
            _text("single_line", texts.one_line),
            _text("multi_line", texts.many_lines, line_ends, many_lines=True),
            FieldType("number", "number", quantities.number, exact),
            _text("auto_number", texts.one_line, computed=True),
            FieldType("percent", "number", quantities.number, exact),
            FieldType("currency", "number", quantities.number, exact),
            FieldType("date", "date", quantities.day, exact),
            FieldType("date_time", "date_time", quantities.moment, exact),
            FieldType("checkbox", "checkbox", quantities.checkbox, exact),
            _text("dropdown", texts.choice, chosen=True),
            FieldType("multi_select", "set", texts.choices, exact, texts.LONGEST["multi_select"], chosen=True),
            _text("radio", texts.choice, chosen=True),
            _text("user", texts.trimmed, casefolded),
            _text("email", texts.email, casefolded),
            _text("phone", texts.one_line, phone_key),
            _text("messaging", texts.one_line),
            _text("social", texts.one_line),
            _text("address", texts.many_lines, line_ends, many_lines=True),
            _text("url", texts.url),
            _text("formula", _formula, computed=True, many_lines=True),
            FieldType("statistics", "number", _statistic, exact, computed=True),
            _text("reference", texts.trimmed),
        )
    }
)
# Types whose text is kept as it is written: neither trimmed nor matched against a pattern.
_AS_WRITTEN = frozenset(
    name for name, one in FIELD_TYPES.items() if one.parse in (texts.one_line, texts.many_lines, texts.choice)
)
_PARSERS: dict[str, Callable[[FieldSpec, object], Value]] = {name: one.parse for name, one in FIELD_TYPES.items()}
_KEYS: dict[str, Callable[[Value], Any]] = {name: one.key for name, one in FIELD_TYPES.items()}
