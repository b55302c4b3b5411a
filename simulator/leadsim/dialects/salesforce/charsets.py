"""A body's text by the charset that its Content-Type names: a few charsets, those that clients write.

What Python calls a codec is more than that (some are no charsets, some fail in ways of their own), so it is not asked.
"""

from __future__ import annotations

import re

_KNOWN = re.compile(r"utf-?8|utf-?16(-?[lb]e)?|(us-)?ascii|iso[-_]8859-([1-9]|1[013456])|windows-125[0-8]", re.ASCII)


class CharsetRefused(ValueError):
    """A charset that is not read here, or a body that is not in its charset. `known`: the latter."""

    def __init__(self, charset: str, *, known: bool) -> None:
        super().__init__(f"the body is not in the charset {charset}")
        self.charset = charset
        self.known = known


def charset_of(content_type: str) -> str:
    """The charset that a Content-Type names, utf-8 where it names none."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"') or "utf-8"
    return "utf-8"


def text_of(body: bytes, content_type: str) -> str:
    """The body as text. Raises CharsetRefused."""
    charset = charset_of(content_type)
    if not _KNOWN.fullmatch(charset.lower()):
        raise CharsetRefused(charset, known=False)
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        raise CharsetRefused(charset, known=True) from None
