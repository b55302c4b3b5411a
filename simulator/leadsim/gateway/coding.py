"""Bodies in a content coding (RFC 9110, 8.4.1): read in one place for all dialects, and never beyond a bound.

Which codings its vendor reads, a dialect says; a body in another one is refused, and so is one that is not what it
says it is.
"""

from __future__ import annotations

import zlib

from leadsim.gateway.messages import Request
from leadsim.gateway.refusal import CodingRefused, TooLarge, Undecodable

HEADER = "content-encoding"
GZIP_AND_DEFLATE = ("gzip", "x-gzip", "deflate")
# zlib's window and wrapper. HTTP's "deflate" is the zlib format, not the bare stream (RFC 9110, 8.4.1.2).
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def coding_of(request: Request) -> str:
    """The coding of the body, "" where there is none (or no body)."""
    coding = request.headers.get(HEADER, "").strip().lower() if request.body else ""
    return "" if coding == "identity" else coding


def decoded(body: bytes, coding: str, limit_bytes: int) -> bytes:
    """The plain body. Raises `CodingRefused` for a coding that nobody reads here, `Undecodable` for a body that is not
    whole or not in it, `TooLarge` for one that unpacks to more than the limit (no more than that is unpacked)."""
    if coding not in _WINDOWS:
        raise unread(coding)
    opened = zlib.decompressobj(_WINDOWS[coding])
    try:
        plain = opened.decompress(body, limit_bytes + 1)
    except zlib.error:
        raise _broken(coding) from None
    if len(plain) > limit_bytes:
        raise TooLarge("the request's body unpacks to too much", fix="Send it in several calls")
    if not opened.eof or opened.unused_data:
        raise _broken(coding)
    return plain


def unread(coding: str) -> CodingRefused:
    """What is said of a coding that is not read."""
    return CodingRefused(f"the content encoding {coding!r} is not read here", fix="Send the body as it is")


def _broken(coding: str) -> Undecodable:
    return Undecodable(
        f"the body is not in the content encoding {coding!r} that it claims",
        fix="Compress the whole body, or leave Content-Encoding out",
    )
