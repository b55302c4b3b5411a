"""Traffic as HAR 1.2, which browsers and proxies read and write, to and from exchanges of ours.

What HAR has no word for stands in keys that begin with an underscore, as its specification allows: which org and
actor, and a failure of the wire (HAR says status 0).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

from leadproof.cases.refusals import NoHar
from leadproof.transports.exchange import Exchange
from leadproof.transports.protocol import Request, Response, TransportFailed, WireKind

VERSION = "1.2"
NO_TIME = "1970-01-01T00:00:00Z"
BODY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange and who had it. `origin`: scheme, host and port; `at`: when, ISO; `org`, `actor` and `user` are the
    sandbox's words, "" where nobody knows."""

    exchange: Exchange
    origin: str
    at: str = NO_TIME
    org: str = ""
    actor: str = ""
    user: str = ""

    @property
    def request(self) -> Request:
        """What was asked."""
        return self.exchange.request

    @property
    def response(self) -> Response | None:
        """What was answered; None where the wire failed."""
        return self.exchange.response

    @property
    def host(self) -> str:
        """The host that was asked, without its port."""
        return urlsplit(self.origin).hostname or ""


def write_har(recorded: Iterable[Recorded], creator: str) -> bytes:
    """The log, deterministic: sorted keys, no wall times."""
    entries = [_entry(one) for one in recorded]
    log = {"log": {"version": VERSION, "creator": {"name": "leadproof", "version": creator}, "entries": entries}}
    return orjson.dumps(log, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def read_har(data: bytes) -> list[Recorded]:
    """The exchanges of a log, in its order. Raises NoHar, naming the entry that cannot be read."""
    try:
        raw = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
        log = raw["log"]
        version, entries = str(log["version"]), list(log["entries"])
    except (KeyError, TypeError, ValueError) as wrong:
        raise NoHar(f"The traffic is no HAR: {wrong}.") from wrong
    if version.split(".")[0] != "1":
        raise NoHar(f"The traffic is HAR {version}; this reads 1.2.")
    found: list[Recorded] = []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(_recorded(entry))
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise NoHar(f"Entry {number} of the traffic cannot be read: {wrong!r}.") from wrong
    return found


def _entry(one: Recorded) -> dict[str, Any]:
    request = one.request
    query = f"?{urlencode(request.query)}" if request.query else ""
    entry: dict[str, Any] = {
        "startedDateTime": one.at,
        "time": 0,
        "request": {
            "method": request.method,
            "url": f"{one.origin}{request.path}{query}",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(request.headers.items()),
            "queryString": _pairs(request.query),
            "headersSize": -1,
            "bodySize": len(request.body),
        },
        "response": _response(one.response),
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
    }
    if request.body:
        entry["request"]["postData"] = _post(request)
    failure = one.exchange.failure
    if failure is not None:
        entry["_failure"] = {"kind": failure.kind, "definite": failure.definite}
    entry.update({f"_{key}": value for key in ("org", "actor", "user") if (value := getattr(one, key))})
    return entry


def _response(response: Response | None) -> dict[str, Any]:
    if response is None:
        response = Response(0, {}, b"")
    mime = response.headers.get("content-type", "")
    content: dict[str, Any] = {"size": len(response.body), "mimeType": mime, **_text(response.body)}
    return {
        "status": response.status,
        "statusText": _phrase(response.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(response.headers.items()),
        "content": content,
        "redirectURL": response.headers.get("location", ""),
        "headersSize": -1,
        "bodySize": len(response.body),
    }


def _post(request: Request) -> dict[str, Any]:
    told = _text(request.body)
    if "encoding" in told:  # HAR has it for answers only
        told = {"text": told["text"], "_encoding": told["encoding"]}
    return {"mimeType": request.headers.get("content-type", BODY), "params": [], **told}


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _recorded(entry: Mapping[str, Any]) -> Recorded:
    asked, answered = entry["request"], entry["response"]
    url = urlsplit(str(asked["url"]))
    query = [(str(one["name"]), str(one["value"])) for one in asked.get("queryString", [])]
    headers = _headers(asked.get("headers", []))
    post = asked.get("postData") or {}
    request = Request(
        str(asked["method"]).upper(),
        url.path or "/",
        tuple(parse_qsl(url.query, keep_blank_values=True) if url.query else query),
        headers,
        _sent(post),
    )
    failed = entry.get("_failure")
    told = {key: str(entry.get(f"_{key}", "")) for key in ("org", "actor", "user")}
    origin = f"{url.scheme}://{url.netloc}"
    at = str(entry.get("startedDateTime", NO_TIME))
    if failed or not int(answered["status"]):
        kind = cast("WireKind", (failed or {}).get("kind", "reset"))
        failure = TransportFailed(kind, "recorded", definite=bool((failed or {}).get("definite", False)))
        return Recorded(Exchange(request, failure=failure), origin, at, **told)
    content = answered.get("content") or {}
    body = _bytes(str(content.get("text") or ""), str(content.get("encoding") or ""))
    response = Response(int(answered["status"]), _headers(answered.get("headers", [])), body)
    return Recorded(Exchange(request, response), origin, at, **told)


def _headers(pairs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Lower-case names; repeated lines are one list (RFC 9110, 5.3). HTTP/2's own (":path") are no headers."""
    headers: dict[str, str] = {}
    for one in pairs:
        name, value = str(one["name"]).lower(), str(one["value"])
        if not name.startswith(":"):
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _sent(post: Mapping[str, Any]) -> bytes:
    text = str(post.get("text") or "")
    if text or not post.get("params"):
        return _bytes(text, str(post.get("_encoding") or ""))
    return urlencode([(str(one["name"]), str(one.get("value", ""))) for one in post["params"]]).encode()


def _bytes(text: str, encoding: str) -> bytes:
    if encoding != "base64":
        return text.encode("utf-8")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as wrong:
        raise ValueError(f"no base64: {wrong}") from wrong
