"""The headers that a call may carry: what its body is, conditions (RFC 9110, 13), and the key of a repeat.

A condition or a key that an operation doesn't honour is refused: who sends one counts on it.
"""

from __future__ import annotations

from leadsim.dialects.native.errors import BAD_HEADER, WRONG_MEDIA, NativeRefusal, problem
from leadsim.dialects.native.shapes.words import KEY_LIMIT
from leadsim.dialects.operations import Operation
from leadsim.engine.change import ANY_VERSION
from leadsim.gateway.messages import Request

# On a read these only spare bytes, so that a whole answer is right too (RFC 9110, 13.1.2 to 13.1.5).
_SPARING = frozenset({"if-none-match", "if-modified-since", "if-range"})
_ROWS = {"batch": "items[].idempotency_key", "setMembers": "items[].idempotency_key"}
_CHARSETS = ("utf-8", "utf8")


def check_headers(operation: Operation, request: Request) -> None:
    """Refuses what would be ignored. Raises `NativeRefusal`."""
    headers = request.headers
    for name in headers:
        if name.startswith("if-"):
            _check_condition(operation, name, headers[name])
    if "idempotency-key" in headers and not operation.keyed and operation.method != "GET" and operation.does != "query":
        place = _ROWS.get(operation.name)
        raise NativeRefusal(
            BAD_HEADER,
            "this operation does not honour an Idempotency-Key",
            fix=f"Give each row its own, as {place}" if place else "Leave it out",
            problems=[problem("Idempotency-Key", "not_honoured", "is not honoured by this operation")],
        )


def _check_condition(operation: Operation, name: str, value: str) -> None:
    if (name == "if-match" and operation.conditional) or (operation.method == "GET" and name in _SPARING):
        return
    title = "-".join(part.capitalize() for part in name.split("-"))
    raise NativeRefusal(
        BAD_HEADER,
        f"this operation does not honour {title}",
        fix="Send If-Match with the record's version" if operation.conditional else "Leave it out",
        problems=[problem(title, "not_honoured", "is not honoured by this operation", value)],
    )


def media_type(operation: Operation, request: Request) -> str:
    """The body's type, one of those that the operation reads, in UTF-8. Raises `NativeRefusal`."""
    media, _, parameters = request.headers.get("content-type", "").partition(";")
    media = media.strip().lower()
    if media not in operation.media:
        raise _media(f"content type {media or 'none'!r} is not what this operation reads", operation)
    if parameters:
        for parameter in parameters.split(";"):
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in _CHARSETS:
                raise _media(f"the charset {value.strip()!r} is not read here", operation, " in UTF-8")
    return media


def _media(text: str, operation: Operation, how: str = "") -> NativeRefusal:
    return NativeRefusal(WRONG_MEDIA, text, status=415, fix=f"Send {' or '.join(operation.media)}{how}")


def idempotency_key(request: Request) -> str:
    """The `Idempotency-Key` header; "" where there is none."""
    raw = request.headers.get("idempotency-key")
    if raw is None:
        return ""
    key = raw.strip()
    if not key or len(key) > KEY_LIMIT or not all("!" <= letter <= "~" for letter in key):
        text = f"has 1 to {KEY_LIMIT} characters, visible ASCII without spaces"
        raise NativeRefusal(
            BAD_HEADER,
            f"Idempotency-Key {text}",
            problems=[problem("Idempotency-Key", "key", text, key)],
        )
    return key


def if_version(request: Request) -> int | None:
    """The version that `If-Match` demands (RFC 9110, 13.1.1), `ANY_VERSION` for `*`; None where nothing is demanded."""
    raw = request.headers.get("if-match")
    if raw is None:
        return None
    tag = raw.strip()
    if tag == "*":
        return ANY_VERSION
    number = tag[1:-1] if len(tag) > 2 and tag[0] == tag[-1] == '"' else ""
    if not (number.isascii() and number.isdigit() and len(number) <= 18 and number[0] != "0"):
        raise NativeRefusal(
            BAD_HEADER,
            "If-Match is no entity tag of this API",
            fix='Send the record\'s version in quotes, such as If-Match: "3"',
            problems=[problem("If-Match", "entity_tag", 'is no version in quotes, such as "3"', tag)],
        )
    return int(number)
