"""One request and one answer as plain values: what the gateway and the dialects speak.

HTTP's framing (chunks, keep-alive, sockets) ends at `leadsim.gateway.edge`; behind it there are only these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote

import orjson

JSON = "application/json"
WireFault: TypeAlias = Literal["reset", "truncated", "refused", "timeout"]


@dataclass(slots=True)
class Request:
    """One whole request.

    `path` is decoded; `segments` are its parts, each decoded on its own, so that an encoded slash inside a key
    stays inside it. `query` keeps the order and the repeats of the wire. `headers` have lower-case names.
    `actor` is who the scope says is calling ("" where it says nothing), `peer` the socket's other end, and
    `org` the org that the port belongs to ("" where it belongs to none), behind the gateway's door the org that is
    asked. `raw_path` is the path as it was sent, `scheme` how (http or https): some vendors answer with whole
    addresses of their own.
    """

    method: str
    path: str
    segments: tuple[str, ...]
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    actor: str = ""
    peer: str = ""
    org: str = ""
    raw_path: str = ""
    scheme: str = "http"


@dataclass(slots=True)
class Answer:
    """One whole answer; `wire` says how it is lost on its way, if it is."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wire: WireFault | None = None

    @classmethod
    def json(cls, status: int, content: Any, headers: dict[str, str] | None = None) -> Answer:
        """An answer with a JSON body; `content` must be made of plain values."""
        return cls(status, orjson.dumps(content), {"content-type": JSON, **(headers or {})})


def read_scope(scope: Mapping[str, Any], body: bytes) -> Request:
    """The request of an ASGI `http` scope. Who calls stands in `scope["extensions"]["leadsim"]` alone, which
    only the transport or the listener can write (architecture.md "The rules of the house", 8)."""
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or b""
    if b"%" in raw:
        segments = tuple(unquote(part) for part in raw.decode("latin-1").partition("?")[0].split("/")[1:])
    else:
        segments = tuple(path.split("/")[1:])
    query_string: bytes = scope.get("query_string", b"")
    query = query_pairs(query_string.decode("latin-1")) if query_string else []
    client = scope.get("client")
    ours = (scope.get("extensions") or {}).get("leadsim") or {}
    return Request(
        method=scope["method"],
        path=path,
        segments=segments,
        query=query,
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
        actor=ours.get("actor", ""),
        peer=client[0] if client else "",
        org=ours.get("org", ""),
        raw_path=raw.decode("latin-1") if raw else path,
        scheme=scope.get("scheme", "http"),
    )


def query_pairs(query: str) -> list[tuple[str, str]]:
    """The names and values of a query. Most are plain, and cutting them here takes a fifth of `parse_qsl`'s time."""
    if "%" in query or "+" in query:
        return parse_qsl(query, keep_blank_values=True)
    cut = [part.partition("=") for part in query.split("&") if part]
    return [(name, value) for name, _, value in cut]
