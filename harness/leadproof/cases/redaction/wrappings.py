"""Text inside text: percent, base64, quoted-printable, JSON escapes, HTML entities, hexadecimal, gzip.

A change of the inner text is wrapped again as it was; where nothing inside changes, nothing outside does.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import quopri
import re
import zlib
from collections.abc import Callable
from urllib.parse import quote, unquote

Change = Callable[[str], str]
DEEPEST = 6
INFLATED = 16 * 1024 * 1024

_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/_=-])")
_SOFT = re.compile(r"=[0-9A-F]{2}|=\r?\n")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9A-Fa-f]+|amp|lt|gt|quot|apos|[a-z]{2,8});")
_ESCAPE = re.compile(r"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}){8,}(?![0-9A-Za-z])")


def through(text: str, change: Change, depth: int = 0) -> str:
    """`change` applied to the text and to what is wrapped in it, however deep (to a bound)."""
    if depth >= DEEPEST or len(text) < 3:
        return change(text)

    def inner(part: str) -> str:
        return through(part, change, depth + 1)

    for wrapped in (_percent, _quoted_printable, _entities, _escapes):
        told = wrapped(text, inner)
        if told is not None:
            return told
    return change(_tokens(text, inner))


def _percent(text: str, inner: Change) -> str | None:
    if not _PERCENT.search(text):
        return None
    plain = unquote(text, errors="surrogateescape")
    told = inner(plain)
    if plain == text or told == plain:
        return None
    return quote(told, safe="/?&=:,;()'*!$@+-._~ ", errors="surrogateescape")


def _quoted_printable(text: str, inner: Change) -> str | None:
    if not _SOFT.search(text):
        return None
    try:
        plain = quopri.decodestring(text.encode()).decode()
    except (UnicodeError, ValueError):
        return None
    told = inner(plain)
    if plain == text or told == plain:
        return None
    return quopri.encodestring(told.encode()).decode()


def _entities(text: str, inner: Change) -> str | None:
    if not _ENTITY.search(text):
        return None
    plain = html.unescape(text)
    told = inner(plain)
    if plain == text or told == plain:
        return None
    return html.escape(told, quote='"' not in text)


def _escapes(text: str, inner: Change) -> str | None:
    if not _ESCAPE.search(text):
        return None
    plain = _ESCAPE.sub(lambda found: chr(int(found[0][2:], 16)), text)
    plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    told = inner(plain)
    return None if told == plain else told


def _tokens(text: str, inner: Change) -> str:
    """What looks like base64 or hexadecimal and holds text."""
    text = _BASE64.sub(lambda found: _base64(found[0], inner), text)
    return _HEX.sub(lambda found: _hexadecimal(found[0], inner), text)


def _base64(token: str, inner: Change) -> str:
    bare = token.rstrip("=")
    web = "-" in bare or "_" in bare
    padded = bare + "=" * (-len(bare) % 4)
    try:
        data = base64.b64decode(padded, altchars=b"-_" if web else None, validate=True)
    except (binascii.Error, ValueError):
        return token
    packed = _inflated(data)
    plain = _text(packed if packed is not None else data)
    if plain is None:
        return token
    told = inner(plain)
    if told == plain:
        return token
    new = gzip.compress(told.encode(), mtime=0) if packed is not None else told.encode()
    made = base64.b64encode(new, altchars=b"-_" if web else None).decode()
    return made if token.endswith("=") or len(bare) % 4 == 0 else made.rstrip("=")


def _hexadecimal(token: str, inner: Change) -> str:
    plain = _text(bytes.fromhex(token))
    if plain is None:
        return token
    told = inner(plain)
    if told == plain:
        return token
    made = told.encode().hex()
    return made.upper() if token.upper() == token else made


def _inflated(data: bytes) -> bytes | None:
    if not data.startswith((b"\x1f\x8b", b"\x78\x9c", b"\x78\xda", b"\x78\x01")):
        return None
    try:
        return inflate(data)
    except (zlib.error, ValueError):
        return None


def inflate(data: bytes, window: int = 47) -> bytes:
    """gzip or zlib (47: whichever it is), bounded. Raises zlib.error, and ValueError beyond the bound."""
    opened = zlib.decompressobj(window)
    plain = opened.decompress(data, INFLATED)
    if opened.unconsumed_tail:
        raise ValueError("the body unpacks to more than a recording may hold")
    return plain


def _text(data: bytes) -> str | None:
    """Decoded, if it is text that a person could have written."""
    try:
        plain = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return plain if len(plain) > 2 and all(one.isprintable() or one in "\r\n\t" for one in plain) else None
