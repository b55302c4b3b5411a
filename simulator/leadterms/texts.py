"""The types that are text: how each is read (product.md F). `parse` in typetable.py is the way in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from leadterms.fields import FieldSpec
from leadterms.refusals import ValueRefused
from leadterms.values import Value, decimal_text

LONGEST: Mapping[str, int] = MappingProxyType(
    {
        "single_line": 255,
        "multi_line": 32_000,
        "auto_number": 40,
        "dropdown": 255,
        "multi_select": 255,
        "radio": 255,
        "user": 255,
        "email": 254,
        "phone": 40,
        "messaging": 255,
        "social": 1_000,
        "address": 1_000,
        "url": 2_048,
        "formula": 32_000,
        "reference": 255,
    }
)
"""Characters that a field of the type holds where the field itself sets no length."""

_KNOWN = 2_048
"""Values that are remembered as read. Enough for the rows of a page, which are read several times on their way; more
would hold as much memory as the records themselves (performance.md P13)."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def text_of(spec: FieldSpec, raw: object) -> str:
    """The raw value as text; numbers are taken as they are written, because fields are text first."""
    if type(raw) is str:
        return raw
    if isinstance(raw, str):
        return str(raw)
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        return decimal_text(raw)
    raise wrong_type(spec, raw, "a text")


def wrong_type(spec: FieldSpec, raw: object, wanted: str) -> ValueRefused:
    return ValueRefused("type", f"{spec.object}.{spec.id} ({spec.type}) needs {wanted}, not {shown(raw)}.")


def shown(raw: object) -> str:
    text = repr(raw)
    return text if len(text) <= 60 else text[:57] + "..."


def _check_length(spec: FieldSpec, text: str) -> None:
    limit = spec.length if spec.length is not None else LONGEST[spec.type]
    if len(text) > limit:
        raise ValueRefused(
            "length",
            f"{spec.object}.{spec.id} holds {limit} characters; this value has {len(text)}.",
            "Shorten the value, or make the field longer.",
        )


def _check_characters(spec: FieldSpec, text: str) -> None:
    found = _UNWRITABLE.search(text)
    if found:
        raise ValueRefused(
            "character",
            f"{spec.object}.{spec.id} has the control character U+{ord(found[0]):04X} at position {found.start() + 1}.",
            "Remove it; it often comes from a damaged export.",
        )


def many_lines(spec: FieldSpec, raw: object) -> Value:
    if raw is None:
        return None
    text = text_of(spec, raw)
    if not text or text.isspace():
        return None
    if not text.isprintable():
        _check_characters(spec, text)
    _check_length(spec, text)
    return text


def one_line(spec: FieldSpec, raw: object) -> Value:
    if raw is None:
        return None
    text = text_of(spec, raw)
    if not text or text.isspace():
        return None
    if not text.isprintable():
        _check_characters(spec, text)
        if "\n" in text or "\r" in text:
            raise ValueRefused(
                "line",
                f"{spec.object}.{spec.id} ({spec.type}) is one line; this value has a line break.",
                "Remove the break, or use a multi_line field.",
            )
    _check_length(spec, text)
    return text


def trimmed(spec: FieldSpec, raw: object) -> Value:
    """Names of things (users, records): space around them never means anything."""
    text = one_line(spec, raw)
    return text.strip() if isinstance(text, str) else None


_COMMON_EMAIL = re.compile(
    r"[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}\Z"
)


def _common_email(text: str) -> bool:
    """Whether it is an address as nearly all are, which nobody needs to look at closely. It has no space around it."""
    return _COMMON_EMAIL.match(text) is not None and "--" not in text and text.index("@") <= 64 and len(text) <= 254


@lru_cache(maxsize=_KNOWN)
def _email_fault(text: str) -> str:
    """Why this is no e-mail address (RFC 5321, 5322, 6531), or nothing. No name server is asked."""
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as refused:
        return str(refused)
    return ""


def email(spec: FieldSpec, raw: object) -> Value:
    text = one_line(spec, raw)
    if not isinstance(text, str):
        return None
    text = text.strip()
    fault = "" if _common_email(text) else _email_fault(text)
    if fault:
        raise ValueRefused(
            "email",
            f"{spec.object}.{spec.id}: {shown(text)} is no e-mail address: {fault}",
            "Correct the address.",
        )
    return text


_URL = re.compile(r"(?:https?://[^\s/?#]+|[^\s/?#:@]+\.[^\s/?#:@.]+(?::\d{1,5})?)(?:[/?#]\S*)?\Z", re.IGNORECASE)


def url(spec: FieldSpec, raw: object) -> Value:
    text = one_line(spec, raw)
    if not isinstance(text, str):
        return None
    text = text.strip()
    if not _URL.match(text):
        raise ValueRefused(
            "url",
            f"{spec.object}.{spec.id}: {shown(text)} is no web address.",
            "Write it as https://www.acme.example or www.acme.example.",
        )
    return text


def _check_choice(spec: FieldSpec, text: str) -> None:
    if not spec.restricted or text in spec.choices:
        return
    from rapidfuzz.process import extractOne

    near = extractOne(text.casefold(), [choice.casefold() for choice in spec.choices], score_cutoff=70)
    allowed = ", ".join(spec.choices[:20]) + (", ..." if len(spec.choices) > 20 else "")
    raise ValueRefused(
        "choice",
        f"{spec.object}.{spec.id} has no choice {shown(text)}; its choices: {allowed or 'none'}.",
        f"Did you mean {spec.choices[near[2]]!r}?" if near else "Use one of them, or add the choice to the field.",
    )


def choice(spec: FieldSpec, raw: object) -> Value:
    text = one_line(spec, raw)
    if isinstance(text, str):
        _check_choice(spec, text)
    return text


def choices(spec: FieldSpec, raw: object) -> Value:
    if raw is None:
        return None
    if isinstance(raw, str):
        items: list[object] = [*raw.split(";")]
    elif isinstance(raw, list | tuple | set | frozenset):
        items = list(raw)
    else:
        raise wrong_type(spec, raw, "a list of choices, or text with semicolons between them")
    chosen = set()
    for item in items:
        text = one_line(spec, item)
        if isinstance(text, str):
            text = text.strip()
            _check_choice(spec, text)
            chosen.add(text)
    return frozenset(chosen) or None


@lru_cache(maxsize=_KNOWN)
def e164(text: str, region: str | None = None) -> str | None:
    """A telephone number in E.164 (with ";ext=5" where it has an extension), or None where the text is no
    possible international number. `region` ("NO") reads numbers without a country code. ITU-T E.164; RFC
    3966."""
    import phonenumbers

    written = text.strip()
    if written.startswith("00") and region is None:
        written = "+" + written[2:]
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    shown = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return f"{shown};ext={number.extension}" if number.extension else shown
