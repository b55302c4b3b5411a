"""An exchange as a client saw it: the request, and the response or the wire's failure. As text: NDJSON.

Secrets never get into it (quality.md "Security"): credentials and tokens are replaced by `{secret}`, in the
same way when recording and when comparing, so that a recording still replays.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from leadproof.transports.protocol import Request, Response, TransportFailed, WireKind

SECRET = "{secret}"
SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "x-lab-token"})
SECRET_KEYS = frozenset({"password", "client_secret", "access_token", "refresh_token", "token", "assertion"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """Exactly one of `response` and `failure` is set."""

    request: Request
    response: Response | None = None
    failure: TransportFailed | None = None


def redacted(exchange: Exchange) -> Exchange:
    """The same exchange without secrets."""
    return replace(
        exchange,
        request=redacted_request(exchange.request),
        response=exchange.response and _redacted_response(exchange.response),
    )


def redacted_request(request: Request) -> Request:
    """The request without secrets in headers, form, JSON or query."""
    return replace(
        request,
        headers=_headers(request.headers),
        body=_body(request.body, request.headers.get("content-type", "")),
        query=tuple((key, SECRET if key in SECRET_KEYS else value) for key, value in request.query),
    )


def _redacted_response(response: Response) -> Response:
    return replace(
        response,
        headers=_headers(response.headers),
        body=_body(response.body, response.headers.get("content-type", "")),
    )


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {k: SECRET if k.lower() in SECRET_HEADERS else v for k, v in headers.items()}


def _body(body: bytes, content_type: str) -> bytes:
    if not any(key.encode() in body for key in SECRET_KEYS):
        return body  # the usual case: nothing to parse
    if "json" in content_type:
        try:
            parsed = json.loads(body)
        except ValueError:
            return body
        return json.dumps(_hidden(parsed), ensure_ascii=False, separators=(",", ":")).encode()
    if "x-www-form-urlencoded" in content_type:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return urlencode([(k, SECRET if k in SECRET_KEYS else v) for k, v in pairs]).encode()
    return body


def _hidden(value: object) -> object:
    if isinstance(value, dict):
        return {k: SECRET if k in SECRET_KEYS and isinstance(v, str) else _hidden(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return value


def write_exchanges(path: Path, exchanges: Iterable[Exchange]) -> None:
    """One JSON object a line, redacted."""
    path.write_text("".join(as_line(e) for e in exchanges), encoding="utf-8", newline="\n")


def read_exchanges(path: Path) -> Iterator[Exchange]:
    """What `write_exchanges` or `Recording` wrote; raises ValueError naming the line that is no exchange."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield _from_json(json.loads(line))
            except (KeyError, TypeError, ValueError) as wrong:
                raise ValueError(f"{path}:{number}: not a recorded exchange: {wrong!r}") from wrong


def as_line(exchange: Exchange) -> str:
    """The exchange as one line of NDJSON, redacted."""
    told = redacted(exchange)
    request = told.request
    raw: dict[str, Any] = {
        "method": request.method,
        "path": request.path,
        "query": [list(pair) for pair in request.query],
        "headers": dict(request.headers),
        **_body_json(request.body),
    }
    if told.response is not None:
        response = told.response
        raw["response"] = {
            "status": response.status,
            "headers": dict(response.headers),
            **_body_json(response.body),
        }
    if told.failure is not None:
        raw["failure"] = {"kind": told.failure.kind, "definite": told.failure.definite}
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _body_json(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode("ascii")}


def _body_bytes(raw: Mapping[str, Any]) -> bytes:
    if "body_base64" in raw:
        return base64.b64decode(raw["body_base64"], validate=True)
    return str(raw["body"]).encode("utf-8")


def _from_json(raw: Mapping[str, Any]) -> Exchange:
    request = Request(
        raw["method"],
        raw["path"],
        tuple((str(key), str(value)) for key, value in raw["query"]),
        dict(raw["headers"]),
        _body_bytes(raw),
    )
    if "failure" in raw:
        failed = raw["failure"]
        kind = cast("WireKind", failed["kind"])
        return Exchange(request, failure=TransportFailed(kind, "recorded", definite=failed["definite"]))
    answer = raw["response"]
    return Exchange(request, Response(int(answer["status"]), dict(answer["headers"]), _body_bytes(answer)))
