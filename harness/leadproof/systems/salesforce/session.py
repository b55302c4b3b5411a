"""One logged-in conversation with an org: its token, the way to a version's resources, and SOAP's envelope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import orjson

from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import BadAnswer, Unreachable
from leadproof.systems.ports import Called, json_or_none
from leadproof.systems.salesforce.errors import (
    SESSION_GONE,
    VendorError,
    beginning,
    decoded,
    errors_of,
    failure,
    refused_rows,
)
from leadproof.systems.salesforce.login import Login, calls_told, time_told
from leadproof.transports.protocol import Request, Response, Transport, TransportFailed

VERSION = "60.0"
"""The API's version where the credentials name none: Spring '24, which every org speaks."""
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
PARTNER = "urn:partner.soap.sforce.com"
OBJECT = "urn:sobject.partner.soap.sforce.com"
BAD_OAUTH_TOKEN = b"Bad_OAuth_Token"
"""How userinfo says that the session has ended, with status 403; SOAP says it in a fault, with 500."""


class Session:
    """Sends requests of one org with a valid token."""

    def __init__(self, transport: Transport, org: str, credentials: Credentials) -> None:
        self._transport = transport
        self._org = org
        self._login = Login(org, credentials, self._send)
        self.version = credentials.api_version or VERSION
        self.base = f"/services/data/v{self.version}"
        self.usage: tuple[int, int] | None = None
        """Calls of the day, (used, limit), as the newest answer told them (Sforce-Limit-Info)."""
        self._now: datetime | None = None

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send one REST request and return its decoded body (None for none); raises a `CallFailed` otherwise.

        `path` is below the version's resources, unless it begins with /services. A session that has ended is
        renewed once and the request repeated: it was turned away at the door, so it certainly did not apply.
        """
        full = path if path.startswith("/services/") else f"{self.base}/{path}"
        operation = f"{method} {full}"
        body = b"" if json is None else orjson.dumps(json)
        told = {"accept": "application/json", **(headers or {})}
        if json is not None:
            told["content-type"] = "application/json"
        response = self._authorised(
            operation, lambda token: Request(method, full, tuple(query), {**told, "authorization": token}, body)
        )
        if response.status >= 300:
            raise failure(self._org, operation, response, errors_of(response))
        return decoded(self._org, operation, response)

    def soap(self, call: str) -> ElementTree.Element:
        """Send one Partner SOAP call (its body's XML) and return the element that holds its results.
        Raises a `CallFailed`; a fault's code is read as REST's error codes are."""
        path = f"/services/Soap/u/{self.version}"
        operation = f"POST {path}"

        def request(token: str) -> Request:
            session = token.removeprefix("Bearer ")
            envelope = (
                f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{ENVELOPE}" '
                f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:urn="{PARTNER}" '
                f'xmlns:sobj="{OBJECT}"><soapenv:Header><urn:SessionHeader><urn:sessionId>{session}</urn:sessionId>'
                f"</urn:SessionHeader></soapenv:Header><soapenv:Body>{call}</soapenv:Body></soapenv:Envelope>"
            )
            told = {"content-type": "text/xml; charset=UTF-8", "soapaction": '""', "accept": "text/xml"}
            return Request("POST", path, (), told, envelope.encode())

        response = self._authorised(operation, request)
        root = self._xml(operation, response)
        fault = root.find(f".//{{{ENVELOPE}}}Fault")
        if fault is not None:
            raise failure(self._org, operation, response, [_fault(fault)])
        body = root.find(f"{{{ENVELOPE}}}Body")
        if response.status >= 300 or body is None or not len(body):
            raise failure(self._org, operation, response, [])
        return body[0]

    def as_it_is(self, request: Request) -> Called:
        """A request of somebody's own with this login, sent once, and the rows that were refused. Raises the
        `CallFailed` that it is."""
        told = {"authorization": f"Bearer {self.token()}", **request.headers}
        operation = f"{request.method} {request.path}"
        headers = {name: value for name, value in told.items() if value}
        response = self._send(operation, replace(request, headers=headers))
        if response.status >= 300:
            raise failure(self._org, operation, response, errors_of(response))
        return Called(response.status, refused_rows(json_or_none(response.body)))

    def token(self) -> str:
        """The access token; logs in if there is none."""
        return self._login.token()

    def time(self) -> datetime:
        """The org's time, as the newest answer told it. Raises BadAnswer where none ever did."""
        if self._now is None:
            raise BadAnswer(self._org, "the time", "no answer had the header Date")
        return self._now

    def close(self) -> None:
        """Close the transport and forget the token."""
        self._login.forget()
        self._transport.close()

    # --- the wire --------------------------------------------------------------------------------

    def _authorised(self, operation: str, request: Any) -> Response:
        renewed = False
        while True:
            response = self._send(operation, request(f"Bearer {self._login.token()}"))
            if not renewed and _session_is_gone(response) and self._login.renew():
                renewed = True
                continue
            return response

    def _send(self, operation: str, request: Request) -> Response:
        try:
            response = self._transport.send(request)
        except TransportFailed as failed:
            raise Unreachable(self._org, operation, failed.text, kind=failed.kind, definite=failed.definite) from failed
        self.usage = _usage(response) or self.usage
        self._now = time_told(response) or self._now
        return response

    def _xml(self, operation: str, response: Response) -> ElementTree.Element:
        if b"<!" in response.body:  # a document type: SOAP forbids it, and entities could be made to explode
            raise BadAnswer(self._org, operation, f"no SOAP answer: {beginning(response.body)}")
        try:
            return ElementTree.fromstring(response.body)  # noqa: S314  (no document type, as seen above)
        except ElementTree.ParseError as wrong:
            if response.status >= 500:
                raise failure(self._org, operation, response, []) from wrong
            raise BadAnswer(self._org, operation, f"no SOAP answer: {beginning(response.body)}") from wrong


def path_of(url: str) -> str:
    """The path of an address that the vendor gave (nextRecordsUrl), from /services on."""
    path = urlsplit(url).path
    return path[path.index("/services/") :]


def local(element: ElementTree.Element, name: str) -> str:
    """The text of the child with this local name; "" for none, for an empty and for a nil one."""
    for child in element:
        if child.tag.rpartition("}")[2] == name:
            return (child.text or "").strip()
    return ""


def children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """The children with this local name."""
    return [child for child in element if child.tag.rpartition("}")[2] == name]


def _fault(fault: ElementTree.Element) -> VendorError:
    """A fault; the code stands in the detail, and as `sf:CODE` in faultcode."""
    text = local(fault, "faultstring")
    for element in fault.iter():
        if element.tag.rpartition("}")[2] == "exceptionCode" and element.text:
            return VendorError(element.text.strip(), text.partition(": ")[2] or text)
    return VendorError(local(fault, "faultcode").rpartition(":")[2], text)


def _session_is_gone(response: Response) -> bool:
    if response.status == 401:
        return True
    told = {403: BAD_OAUTH_TOKEN, 500: SESSION_GONE.encode()}.get(response.status)
    return told is not None and told in response.body


def _usage(response: Response) -> tuple[int, int] | None:
    """Sforce-Limit-Info: api-usage=18/5000; per-app-api-usage=17/250(appName=x)."""
    told = response.headers.get("sforce-limit-info", "").partition("api-usage=")[2].partition(";")[0]
    return calls_told(told)
