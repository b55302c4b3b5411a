"""One call as the handlers see it: the org's view, what was asked, the addresses of things."""

from __future__ import annotations

from typing import Any

import orjson

from leadsim.dialects.pardot.catalog import PObject, catalog_of
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.view import View
from leadsim.gateway.call import Call
from leadsim.gateway.messages import JSON, Answer
from leadsim.gateway.strictness import LaxJson, check_json

ROOTS = ("api", "services", "l")


def segments_of(segments: tuple[str, ...]) -> tuple[str, ...]:
    """A path's parts without the org's name and without empty ones."""
    parts = tuple(part for part in segments if part)
    return parts[1:] if parts and parts[0] not in ROOTS else parts


class Session:
    """A call with everything that a handler needs."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.request = call.request
        self.catalog = catalog_of(call.org.schema)
        self.view = View(call.org, self.catalog, stale=call.stale, site=call.site, origin=self.origin)

    @property
    def object(self) -> PObject:
        """The object that the path names."""
        return self.catalog.objects[self.call.params["object"]]

    @property
    def origin(self) -> str:
        """The address that the client reached the org at."""
        first = self.request.segments[0] if self.request.segments else ""
        prefix = f"/{first}" if first == self.call.site.name else ""
        return f"{self.request.scheme}://{self.request.headers.get('host', '')}{prefix}"

    def query(self, *known: str) -> dict[str, str]:
        """The query's parameters. Raises PardotRefused for one that isn't known, or that stands twice."""
        found: dict[str, str] = {}
        for name, value in self.request.query:
            if name not in known:
                raise PardotRefused(5, name)
            if name in found:
                raise PardotRefused(51, name)
            found[name] = value
        return found

    def json(self) -> dict[str, Any]:
        """The body, an object. Raises PardotRefused."""
        return read_json(self.request.body, self.request.headers.get("content-type", ""))

    def answer(self, status: int, content: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """An answer with a JSON body, or with none."""
        if content is None:
            return Answer(status, b"", {**usage(self.call), **(headers or {})})
        return Answer(status, orjson.dumps(content), {"content-type": JSON, **usage(self.call), **(headers or {})})


def usage(call: Call) -> dict[str, str]:
    """x-api-usage, for those who ask: calls used of the day's."""
    if call.request.headers.get("x-return-api-usage", "").strip().lower() not in ("1", "true"):
        return {}
    quota = call.site.quota
    return {"x-api-usage": f"{quota.used}/{25_000 if quota.limit is None else quota.limit}"}


def read_json(body: bytes, content_type: str) -> dict[str, Any]:
    """A body of one JSON object. Raises PardotRefused."""
    if content_type and content_type.partition(";")[0].strip().lower() != JSON:
        raise PardotRefused(151, content_type.partition(";")[0].strip())
    if not body.strip():
        raise PardotRefused(152)
    try:
        content = orjson.loads(body)
        check_json(body)
    except (orjson.JSONDecodeError, LaxJson) as error:
        raise PardotRefused(150, getattr(error, "key", "")) from None
    if not isinstance(content, dict):
        raise PardotRefused(150)
    return content
