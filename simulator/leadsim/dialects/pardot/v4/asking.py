"""What a call of version 3 or 4 asks: its parameters, wherever they stand; and the answer in JSON or XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Literal, cast
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, quoteattr

import orjson

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.encoding import v4_value
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.session import Session, usage
from leadsim.dialects.pardot.standard import Field
from leadsim.dialects.pardot.view import Record
from leadsim.gateway.call import Call
from leadsim.gateway.messages import JSON, Answer, Request

Format = Literal["xml", "json"]
XML = "text/xml; charset=utf-8"
SHARED = ("format", "output", "user_key", "api_key")
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class Asked:
    """The parameters of one call: those of the path (read/id/5), of the query, and of a form. `taken` are those that
    somebody read; what is left at the end is refused."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.values: dict[str, str] = {}
        for name, value in (*_path_pairs(session.call), *session.request.query, *form_of(session.request)):
            if name in self.values and self.values[name] != value:
                raise PardotRefused(51, name)
            self.values[name] = value
        self._left = {name: None for name in self.values if name not in SHARED}

    def take(self, name: str) -> str | None:
        """A parameter's text, None where it was not given."""
        self._left.pop(name, None)
        return self.values.get(name)

    def rest(self) -> dict[str, str]:
        """All that nobody has taken yet; taken now."""
        found = {name: self.values[name] for name in self._left}
        self._left.clear()
        return found

    def end(self) -> None:
        """Refuses what nobody has taken."""
        if self._left:
            raise PardotRefused(5, ", ".join(self._left))

    @property
    def output(self) -> str:
        """How much is answered: full, simple, mobile or bulk."""
        output = self.values.get("output", "full")
        if output not in ("full", "simple", "mobile", "bulk"):
            raise PardotRefused(51, "output")
        return output


def format_of(request: Request) -> Format:
    """XML, unless JSON is asked for. Whatever else is asked for is XML too: a refusal has to be read."""
    asked = dict(request.query).get("format") or dict(_readable_form(request)).get("format") or "xml"
    return "json" if asked.lower() == "json" else "xml"


def check_format(request: Request) -> None:
    """Raises PardotRefused for a format that there isn't."""
    asked = dict(request.query).get("format") or dict(_readable_form(request)).get("format") or "xml"
    if asked.lower() not in ("xml", "json"):
        raise PardotRefused(51, "format")


def _path_pairs(call: Call) -> list[tuple[str, str]]:
    parts = call.params["keys"].split("\x1f") if call.params.get("keys") else []
    if len(parts) % 2:
        raise PardotRefused(36, parts[-1])
    return list(zip(parts[::2], parts[1::2], strict=True))


def form_of(request: Request) -> list[tuple[str, str]]:
    """The fields of a body. Raises PardotRefused for a body of another kind."""
    if not request.body:
        return []
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("", FORM):
        try:
            return parse_qsl(request.body.decode(), keep_blank_values=True)
        except UnicodeDecodeError:
            raise PardotRefused(71) from None
    if kind == MULTIPART:
        return [(name, text) for name, _, text in parts_of(request)]
    if kind == JSON and request.body.strip() in (b"", b"{}", b"null"):
        return []
    raise PardotRefused(151, kind)


def _readable_form(request: Request) -> list[tuple[str, str]]:
    try:
        return form_of(request)
    except PardotRefused:
        return []


def parts_of(request: Request) -> list[tuple[str, str, str]]:
    """The parts of a multipart body: name, file name ("" where it is no file), text. Raises PardotRefused."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    if not message.is_multipart():
        raise PardotRefused(166)
    found = []
    for part in cast("list[Message]", message.get_payload()):
        content = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise PardotRefused(166)
        try:
            found.append((name, part.get_filename() or "", content.decode("utf-8-sig")))
        except UnicodeDecodeError:
            raise PardotRefused(71) from None
    return found


# --- answers ----------------------------------------------------------------------------------------------------


def shown(record: Record, fields: Sequence[Field]) -> dict[str, Any]:
    """A record's fields as v4 names them."""
    zone = record.view.zone
    return {one.v4: v4_value(record.get(one), zone) for one in fields}


def answer(session: Session, content: Mapping[str, Any]) -> Answer:
    """A success: `{"@attributes": {"stat": "ok", "version": 1}, ...}`, or <rsp stat="ok" version="1.0">."""
    if format_of(session.request) == "json":
        body = {"@attributes": {"stat": "ok", "version": 1}, **content}
        return Answer(200, orjson.dumps(body), {"content-type": JSON, **usage(session.call)})
    return Answer(200, _document("ok", _elements(content)), {"content-type": XML, **usage(session.call)})


def refusal(failure: PardotRefused, request: Request) -> Answer:
    """A refused call, in the format that was asked for."""
    if format_of(request) == "json":
        attributes = {"stat": "fail", "version": 1, "err_code": failure.code}
        body = orjson.dumps({"@attributes": attributes, "err": failure.message})
        return Answer(failure.status, body, {"content-type": JSON, **failure.headers})
    error = f'<err code="{failure.code}">{escape(failure.message)}</err>'
    return Answer(failure.status, _document("fail", error), {"content-type": XML, **failure.headers})


def _document(stat: str, inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rsp stat="{stat}" version="1.0">{inner}</rsp>\n'.encode()


def elements_document(stat: str, content: Mapping[str, Any]) -> bytes:
    """A whole answer in XML."""
    return _document(stat, _elements(content))


def _elements(content: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in content.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if isinstance(value, Mapping):
        attributes = value.get("@attributes", {})
        written = "".join(f" {key}={quoteattr(str(one))}" for key, one in attributes.items())
        inner = _elements({key: one for key, one in value.items() if key != "@attributes"})
        return f"<{name}{written}>{inner}</{name}>"
    if value is None:
        return f"<{name} />"
    text = ("1" if value else "0") if isinstance(value, bool) else _number(value)
    return f"<{name}>{escape(_printable(text))}</{name}>"


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)


def _printable(text: str) -> str:
    """XML 1.0 has no control characters but tab and line ends."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")


def one_or_many(rows: list[dict[str, Any]]) -> Any:
    """The oddity of these versions: one result is an object, several are an array."""
    return rows[0] if len(rows) == 1 else rows


def fields_of(object: PObject, record: Record) -> list[Field]:
    """The fields of a record that are answered by default: custom fields only where it has a value."""
    return [
        one
        for one in object.v4_fields.values()
        if one.key not in HIDDEN and (not one.v5.endswith("__c") or record.get(one) not in (None, []))
    ]


# Shown as an object of their own.
HIDDEN = frozenset({"owner"})
