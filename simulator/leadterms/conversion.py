"""From one field's value to another's: once, by the pair of field types, without loss or not at all.

sync-semantics.md "Types". What is no loss: trailing zeros of a number, another spelling of a checkbox, the
order of a set, a date that becomes midnight in the org's time zone (and only such a midnight becomes a date).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from leadterms.fields import FieldSpec
from leadterms.refusals import ConversionRefused, ValueRefused
from leadterms.typetable import FIELD_TYPES, blank, parse, reader
from leadterms.values import Value, moment_text, plain

NO_WAY = "MAP303"  # the two types have no common meaning
NO_PARTNER = "MAP304"  # a choice without a partner on the other side
TOO_LONG = "MAP305"
LOSS = "MAP312"  # the target's rule refuses it, or it would not come back as it was

_CONVERSIONS_KEPT = 1_024


def convert(
    value: Value,
    source: FieldSpec,
    target: FieldSpec,
    *,
    time_zone: str = "UTC",
    values: Mapping[str, str] | None = None,
) -> Value:
    """The value as the target field holds it. `values` maps the source's choices to the target's; `time_zone`
    is the IANA name of the org whose days the dates are. A blank stays blank (in a checkbox: False).

    Raises ConversionRefused: MAP303 the types do not convert, MAP304 a choice has no partner, MAP305
    too long for the target, MAP312 the target refuses it or something would be lost."""
    if blank(value):
        return parse(target, None)
    if values is not None:
        value = _partner(_choices_in(value, source, target), source, target, values)
    carry = _CARRIERS.get((_kind(value), FIELD_TYPES[target.type].kind if target.type != "formula" else "text"))
    if carry is None:
        raise _no_way(source, target)
    if values is None and FIELD_TYPES[target.type].chosen and target.restricted:
        _check_partner(_choices_in(value, source, target), source, target)
    try:
        converted = parse(target, carry(value, source, target, time_zone))
    except ValueRefused as refused:
        raise ConversionRefused(
            TOO_LONG if refused.rule == "length" else LOSS,
            f"{source.object}.{source.id} does not fit into {target.object}.{target.id}: {refused.text}",
            refused.fix,
        ) from refused
    if values is None and FIELD_TYPES[source.type].chosen and source.restricted:
        _check_way_back(value, converted, source, target)
    return converted


def converter(
    source: FieldSpec, target: FieldSpec, *, time_zone: str = "UTC", values: Mapping[str, str] | None = None
) -> Callable[[Value], Value]:
    """`convert` for one pair of fields, made ready: whoever carries many values between them keeps this.

    Most values are texts on their way into a field of texts, where the target's own reader is all there is to do. All
    but free texts repeat themselves: scores, stages, days, choices."""
    whole = partial(convert, source=source, target=target, time_zone=time_zone, values=values)
    from_text, into_text = (
        FIELD_TYPES[spec.type].kind == "text" and spec.type != "formula" for spec in (source, target)
    )
    if values is None and from_text and into_text:
        read = reader(target)

        def carry(value: Value) -> Value:
            try:
                return read(value)
            except ValueRefused:
                return whole(value)  # which says what of it does not fit, and into what

        return carry
    known: dict[tuple[type, Value], Value] = {}

    def carry_again(value: Value) -> Value:
        asked = type(value), value  # 1 and true are equal, and are two values
        if asked in known:
            return known[asked]
        converted = whole(value)
        if len(known) < _CONVERSIONS_KEPT:
            known[asked] = converted
        return converted

    return carry_again


def _kind(value: Value) -> str:
    return _KINDS[type(value)]


def _name(spec: FieldSpec) -> str:
    return f"{spec.object}.{spec.id}"


def _no_way(source: FieldSpec, target: FieldSpec) -> ConversionRefused:
    return ConversionRefused(
        NO_WAY,
        f"{_name(source)} is a {source.type}; {_name(target)} is a {target.type}: there is no lossless way between.",
        "Map it to a field of the same type, or give the mapping direction: none.",
    )


def _loss(source: FieldSpec, target: FieldSpec, why: str, fix: str = "") -> ConversionRefused:
    return ConversionRefused(
        LOSS, f"{_name(source)} to {_name(target)} ({target.type}) would lose something: {why}", fix
    )


# --- choices ------------------------------------------------------------------------------------------------


def _choices_in(value: Value, source: FieldSpec, target: FieldSpec) -> Value:
    """Free text on its way into a set is the choices between its semicolons; a single choice may hold one."""
    if isinstance(value, str) and FIELD_TYPES[target.type].kind == "set" and not FIELD_TYPES[source.type].chosen:
        pieces = frozenset(piece.strip() for piece in value.split(";") if not blank(piece))
        if not pieces:
            raise _loss(source, target, f"{value!r} names no choice.", "Clear the value.")
        return pieces
    return value


def _choice_texts(value: Value) -> list[str]:
    if isinstance(value, frozenset | tuple):
        return sorted(value)
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(plain(value))]


def _partner(value: Value, source: FieldSpec, target: FieldSpec, values: Mapping[str, str]) -> Value:
    """The value translated by the mapping's value map; each choice needs a partner."""
    partners = []
    for text in _choice_texts(value):
        if text not in values:
            raise _without_partner(text, source, target, list(values), sorted(set(values.values())))
        partners.append(values[text])
    return frozenset(partners) if isinstance(value, frozenset | tuple) else partners[0]


def _check_partner(value: Value, source: FieldSpec, target: FieldSpec) -> None:
    for text in _choice_texts(value):
        if text not in target.choices:
            raise _without_partner(text, source, target, list(source.choices), list(target.choices))


def _check_way_back(value: Value, converted: Value, source: FieldSpec, target: FieldSpec) -> None:
    """A choice such as "12.50" or "Yes" becomes a number or a checkbox only where that is spelled like the choice."""
    if isinstance(value, str) and FIELD_TYPES[target.type].kind not in ("text", "set"):
        back = _choice_texts(converted)[0]
        if back != value:
            raise _loss(source, target, f"{value!r} would come back as {back!r}.", "Add it to the mapping's `values`.")


def _without_partner(
    text: str, source: FieldSpec, target: FieldSpec, here: list[str], there: list[str]
) -> ConversionRefused:
    return ConversionRefused(
        NO_PARTNER,
        f"{_name(source)} has the value {text!r}, which has no partner in {_name(target)}. "
        f"Values of {_name(source)}: {', '.join(here) or 'any text'}. "
        f"Values of {_name(target)}: {', '.join(there) or 'none'}.",
        f"Add {text!r} to the mapping's `values`, or to the choices of {_name(target)}.",
    )


# --- from kind to kind --------------------------------------------------------------------------------------


def _as_it_is(value: Value, source: FieldSpec, target: FieldSpec, time_zone: str) -> object:
    return value


def _to_text(value: Value, source: FieldSpec, target: FieldSpec, time_zone: str) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value)


def _set_to_text(value: Any, source: FieldSpec, target: FieldSpec, time_zone: str) -> object:
    items = sorted(value)
    if FIELD_TYPES[target.type].chosen and len(items) > 1:
        raise _loss(source, target, f"{len(items)} choices do not fit into one.", "Use a multi_select field.")
    if any(";" in item for item in items):
        raise _loss(source, target, "a choice has a semicolon, which separates the choices in text.", "Rename it.")
    return ";".join(items)


def _text_to_set(value: Value, source: FieldSpec, target: FieldSpec, time_zone: str) -> object:
    chosen = _choices_in(value, source, target)
    return chosen if isinstance(chosen, frozenset) else [value]


_LEADING_ZERO = re.compile(r"\s*[+-]?0\d")


def _text_to_number(value: Value, source: FieldSpec, target: FieldSpec, time_zone: str) -> object:
    if _LEADING_ZERO.match(str(value)):
        raise _loss(
            source,
            target,
            f"the zeros before {value!r} (is it a postal code or another identifier?).",
            "Map it to a text field.",
        )
    return value


def _checkbox_to_number(value: Value, source: FieldSpec, target: FieldSpec, time_zone: str) -> object:
    return Decimal(1) if value else Decimal(0)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _date_to_moment(value: Any, source: FieldSpec, target: FieldSpec, time_zone: str) -> object:
    day: date = value
    try:
        return datetime.combine(day, time(), _zone(time_zone)).astimezone(UTC)
    except OverflowError:
        raise _loss(source, target, f"{day.isoformat()} is outside the calendar in {time_zone}.") from None


def _moment_to_date(value: Any, source: FieldSpec, target: FieldSpec, time_zone: str) -> object:
    moment: datetime = value
    try:
        local = moment.astimezone(_zone(time_zone))
        midnight = datetime.combine(local.date(), time(), _zone(time_zone)).astimezone(UTC)
    except OverflowError:
        raise _loss(source, target, f"{moment_text(moment)} is outside the calendar in {time_zone}.") from None
    if midnight != moment:
        raise _loss(
            source,
            target,
            f"the time of day of {moment_text(moment)} (no midnight in {time_zone}).",
            "Map it to a date_time field.",
        )
    return local.date()


_KINDS: dict[type, str] = {
    str: "text",
    bool: "checkbox",
    int: "number",
    Decimal: "number",
    date: "date",
    datetime: "date_time",
    tuple: "set",
    frozenset: "set",
}
_CARRIERS: dict[tuple[str, str], Callable[[Value, FieldSpec, FieldSpec, str], object]] = {
    ("text", "text"): _as_it_is,
    ("text", "number"): _text_to_number,
    ("text", "date"): _as_it_is,
    ("text", "date_time"): _as_it_is,
    ("text", "checkbox"): _as_it_is,
    ("text", "set"): _text_to_set,
    ("number", "text"): _to_text,
    ("number", "number"): _as_it_is,
    ("number", "checkbox"): _as_it_is,
    ("date", "text"): _to_text,
    ("date", "date"): _as_it_is,
    ("date", "date_time"): _date_to_moment,
    ("date_time", "text"): _to_text,
    ("date_time", "date"): _moment_to_date,
    ("date_time", "date_time"): _as_it_is,
    ("checkbox", "text"): _to_text,
    ("checkbox", "number"): _checkbox_to_number,
    ("checkbox", "checkbox"): _as_it_is,
    ("set", "text"): _set_to_text,
    ("set", "set"): _as_it_is,
}
