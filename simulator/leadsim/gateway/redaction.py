"""Secrets never stand in a recorded exchange (quality.md "Security"): a stable placeholder stands there instead.

Two nets. By name: what stands under a secret's name in a query, a form or a JSON body, wherever it was sent to. By
value: the very secrets that the request presented or that its answer issued, wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PLACEHOLDER = "{secret}"
NAMES = ("password", "client_secret", "access_token", "refresh_token", "token", "secret", "assertion", "api_key")
_NAMED = "|".join(NAMES)
_JSON = re.compile(rf'("(?:{_NAMED})"\s*:\s*)"((?:[^"\\]|\\.)*)"?', re.IGNORECASE)
_FORM = re.compile(rf"((?:^|[&?])(?:{_NAMED})=)([^&\s]*)", re.IGNORECASE)
_WRITTEN = tuple(written for name in NAMES for written in (f'"{name}"', f"{name}="))
SHORTEST = 6
"""A shorter secret is replaced by name only: it would tear holes into innocent text."""


def suspicious(text: str) -> bool:
    """Whether one of the names may stand in the text: a cheap look that spares nearly all bodies the patterns."""
    low = text.lower()
    if not ("assword" in low or "secret" in low or "token" in low or "assertion" in low or "api_key" in low):
        return False
    return any(name in low for name in _WRITTEN)


def named(text: str) -> list[str]:
    """The values that stand under a secret's name: an answer may repeat them under another one."""
    if not suspicious(text):
        return []
    return [found[2] for pattern in (_JSON, _FORM) for found in pattern.finditer(text)]


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without its secrets."""
    if suspicious(text):
        text = _JSON.sub(rf'\1"{PLACEHOLDER}"', text)
        text = _FORM.sub(rf"\1{PLACEHOLDER}", text)
    return hide(text, secrets)


def hide(text: str, secrets: Iterable[str]) -> str:
    """The text without these very secrets."""
    for secret in secrets:
        if secret in text and len(secret) >= SHORTEST:
            text = text.replace(secret, PLACEHOLDER)
    return text


def redact_query(query: Iterable[tuple[str, str]], secrets: Iterable[str] = ()) -> list[list[str]]:
    """The query as sorted pairs, without its secrets."""
    known = tuple(secrets)
    return sorted([name, PLACEHOLDER if name.lower() in NAMES else redact(value, known)] for name, value in query)
