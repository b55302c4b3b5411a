"""One call as the handlers see it: the org's view, the API version, the addresses of things, the shared headers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

import orjson

from leadsim.dialects.salesforce.catalog import Catalog, SObject
from leadsim.dialects.salesforce.charsets import CharsetRefused, charset_of, text_of
from leadsim.dialects.salesforce.errors import ApiRefused, not_simulated, refused
from leadsim.dialects.salesforce.state import State, state_of
from leadsim.dialects.salesforce.view import Record, View
from leadsim.engine.schema import OrgSchema
from leadsim.gateway.call import Call
from leadsim.gateway.messages import Answer
from leadsim.gateway.quota import Quota
from leadsim.gateway.strictness import LaxJson, check_json

JSON_UTF8 = "application/json;charset=UTF-8"
UNLIMITED_CALLS = 15_000_000
NOT_SIMULATED_BODIES: Mapping[str, str] = {
    "application/xml": "A REST body in XML",
    "text/xml": "A REST body in XML",
    "multipart/form-data": "A REST body of several parts (files)",
}
"""What the vendor takes besides JSON, and this sandbox does not."""
_CATALOGS: WeakKeyDictionary[OrgSchema, Catalog] = WeakKeyDictionary()


def catalog_of(schema: OrgSchema) -> Catalog:
    """The org's catalogue; made anew when its schema has changed."""
    held = _CATALOGS.get(schema)
    if held is None or held.version != schema.version:
        held = _CATALOGS[schema] = Catalog(schema)
    return held


class Session:
    """A call with everything that a handler needs."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.request = call.request
        self.version = call.params.get("version", "59.0")
        self.catalog = catalog_of(call.org.schema)
        self.view = View(call.org, self.catalog)

    @property
    def base(self) -> str:
        """Where this version's resources are."""
        return f"/services/data/v{self.version}"

    @property
    def state(self) -> State:
        """What the org remembers between calls."""
        return state_of(self.call.site)

    def next_id(self, prefix: str, of: str) -> str:
        """The id of the next thing of a kind that is no record: a job, a batch, an open query."""
        return self.view.ids.make(prefix, self.state.number(of))

    @property
    def origin(self) -> str:
        """The address that the client reached the org at."""
        return origin_of(self.request.scheme, self.request.headers.get("host", ""), self.prefix)

    @property
    def prefix(self) -> str:
        """The org's own part of the path, where the client wrote it."""
        first = self.request.segments[0] if self.request.segments else ""
        return f"/{first}" if first == self.call.site.name else ""

    def url_of(self, record: Record) -> str | None:
        """The address of a record."""
        return f"{self.base}/sobjects/{record.object.name}/{record.id}"

    def object(self, name: str) -> SObject:
        """An object by the name in a path. Raises ApiRefused."""
        found = self.catalog.get(name)
        if found is None:
            raise refused("NOT_FOUND", "The requested resource does not exist")
        return found

    def json(self) -> Any:
        """The body. Raises ApiRefused when it can't be read."""
        said = self.header("content-type")
        check_media_type(said)
        return read_json(self.request.body if charset_of(said).lower() == "utf-8" else self.text().encode())

    def text(self) -> str:
        """The body in the charset that it says it is in. Raises ApiRefused for one that is not read."""
        try:
            return text_of(self.request.body, self.header("content-type"))
        except CharsetRefused as unfit:
            if unfit.known:
                raise refused("JSON_PARSER_ERROR", f"Invalid {unfit.charset} in the HTTP entity body") from None
            text = f"Charset '{unfit.charset}' is not supported by this resource"
            raise refused("UNSUPPORTED_MEDIA_TYPE", text) from None

    def header(self, name: str, default: str = "") -> str:
        """A request header; `name` in lower case."""
        return self.request.headers.get(name, default)

    def answer(self, status: int, content: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """An answer with a JSON body, or with none."""
        shared = {"sforce-limit-info": limit_info(self.call.site.quota), **(headers or {})}
        if content is None:
            return Answer(status, b"", shared)
        return Answer(status, orjson.dumps(content), {"content-type": JSON_UTF8, **shared})


def limit_info(quota: Quota) -> str:
    """Sforce-Limit-Info: calls used of the day's."""
    return f"api-usage={quota.used}/{UNLIMITED_CALLS if quota.limit is None else quota.limit}"


def origin_of(scheme: str, host: str, prefix: str) -> str:
    """The address that further calls go to."""
    return f"{scheme}://{host}{prefix}"


def check_media_type(told: str) -> None:
    """Raises ApiRefused for a body that says it is something else than JSON; one that says nothing is taken for it."""
    kind = told.partition(";")[0].strip().lower()
    if kind in ("", "application/json"):
        return
    if kind in NOT_SIMULATED_BODIES:
        raise not_simulated(NOT_SIMULATED_BODIES[kind])
    raise refused("UNSUPPORTED_MEDIA_TYPE", f"MediaType of '{kind}' is not supported by this resource")


def read_json(body: bytes) -> Any:
    """A body of JSON. Raises ApiRefused with the vendor's complaint."""
    if not body.strip():
        raise refused("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.")
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise refused("JSON_PARSER_ERROR", _complaint(body, error)) from None
    try:
        check_json(body)
    except LaxJson as lax:
        if not lax.key:
            raise refused("JSON_PARSER_ERROR", lax.args[0]) from None
        raise refused("INVALID_FIELD", f"Duplicate field specified: {lax.key}", fields=(lax.key,)) from None
    return read


def _complaint(body: bytes, error: orjson.JSONDecodeError) -> str:
    text = error.doc or body.decode("utf-8", "replace")
    place = f"at [line:{error.lineno}, column:{error.colno}]"
    if error.pos >= len(text):
        return f"Unexpected end-of-input {place}"
    letter = text[error.pos]
    return f"Unexpected character ('{letter}' (code {ord(letter)})) {place}"


def object_body(content: Any) -> dict[str, Any]:
    """A body that must be an object. Raises ApiRefused."""
    if not isinstance(content, dict):
        found = "START_ARRAY" if isinstance(content, list) else f"VALUE_{type(content).__name__.upper()}"
        raise refused("JSON_PARSER_ERROR", f"Cannot deserialize instance of sobject from {found} value")
    return content


def check_keys(body: Iterable[str], known: Collection[str]) -> None:
    """Raises ApiRefused for a key that a body may not have."""
    unknown = [name for name in body if name not in known]
    if unknown:
        raise refused("JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}" at [line:1, column:1]')


@lru_cache(maxsize=1024)
def quoted(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def error_answer(failure: ApiRefused) -> Answer:
    """A refused REST call."""
    body = orjson.dumps([error.rest() for error in failure.errors])
    return Answer(failure.status, body, {"content-type": JSON_UTF8})
