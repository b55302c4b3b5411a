"""A transport that answers as the vendor's guides document, and keeps what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from leadproof.systems.credentials import Credentials
from leadproof.systems.salesforce import SalesforceCrm, open_crm
from leadproof.transports import Request, Response, TransportFailed

Step: TypeAlias = Response | TransportFailed | Callable[[Request], Response]
BASE = "/services/data/v60.0"
TOKEN = "POST /services/oauth2/token"
NOW = {"date": "Mon, 02 Mar 2026 09:00:05 GMT", "sforce-limit-info": "api-usage=18/5000"}
KNOWN = Credentials("sync@acme.example", "pass", "key", "secret", security_token="TOKEN")


def ok(body: object, status: int = 200, **headers: str) -> Response:
    """A JSON response."""
    raw = b"" if body is None else json.dumps(body).encode()
    return Response(status, {"content-type": "application/json;charset=UTF-8", **NOW, **headers}, raw)


def errors(status: int, *codes: str, fields: list[str] | None = None) -> Response:
    """A REST error body: a list of codes with their messages."""
    body = [{"message": f"about {code}", "errorCode": code, **({"fields": fields} if fields else {})} for code in codes]
    return ok(body, status)


def token(number: int = 1) -> Response:
    """A granted login."""
    return ok(
        {"access_token": f"00D!t{number}", "instance_url": "https://acme.my.salesforce.com", "token_type": "Bearer"}
    )


def soap(body: str, status: int = 200) -> Response:
    """A SOAP envelope."""
    envelope = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
        'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    return Response(status, {"content-type": "text/xml;charset=UTF-8", **NOW}, envelope.encode())


def field(name: str, type: str = "string", **more: Any) -> dict[str, Any]:
    """One field of a describe, writable unless said."""
    told = {"name": name, "label": name, "type": type, "createable": True, "updateable": True, "nillable": True}
    return {**told, "filterable": True, "length": 80 if type == "string" else 0, **more}


READ_ONLY = {"createable": False, "updateable": False}
LEAD = {
    "name": "Lead",
    "label": "Lead",
    "deletable": True,
    "fields": [
        field("Id", "id", **READ_ONLY),
        field("IsDeleted", "boolean", **READ_ONLY),
        field("MasterRecordId", "reference", referenceTo=["Lead"], relationshipName="MasterRecord", **READ_ONLY),
        field("LastName", nillable=False),
        field("Email", "email", length=80),
        field("Description", "textarea", length=32000, filterable=False),
        field("AnnualRevenue", "currency", scale=2, precision=18),
        field("NumberOfEmployees", "int"),
        field("Status", "picklist", nillable=False, defaultedOnCreate=True, picklistValues=[
            {"active": True, "value": "Open", "label": "Offen", "defaultValue": True},
            {"active": False, "value": "Old", "label": "Alt", "defaultValue": False},
        ]),
        field("Topics__c", "multipicklist", restrictedPicklist=True, picklistValues=[
            {"active": True, "value": one, "label": one, "defaultValue": False} for one in ("A", "B")
        ]),
        field("DoNotCall", "boolean", nillable=False, defaultedOnCreate=True),
        field("Birthday__c", "date"),
        field("DemoAt__c", "datetime"),
        field("Key__c", externalId=True, unique=True, length=40),
        field("Full__c", calculated=True, **READ_ONLY),
        field("Number__c", autoNumber=True, **READ_ONLY),
        field("Address", "address", **READ_ONLY),
        field("OwnerId", "reference", referenceTo=["Group", "User"], relationshipName="Owner"),
        field("ConvertedContactId", "reference", referenceTo=["Contact"], **READ_ONLY),
        field("CreatedDate", "datetime", **READ_ONLY),
        field("CreatedById", "reference", referenceTo=["User"], **READ_ONLY),
        field("LastModifiedById", "reference", referenceTo=["User"], **READ_ONLY),
        field("SystemModstamp", "datetime", **READ_ONLY),
    ],
}  # fmt: skip


def id_of(number: int) -> str:
    """A lead's id, 18 characters."""
    return f"00Q{number:012d}AAA"


def lead(number: int = 1, **values: Any) -> dict[str, Any]:
    """One lead of a query's answer."""
    return {
        "attributes": {"type": "Lead", "url": f"{BASE}/sobjects/Lead/{id_of(number)}"},
        "Id": id_of(number),
        "CreatedDate": "2026-03-02T09:00:01.000+0000",
        "SystemModstamp": "2026-03-02T09:00:03.000+0000",
        "LastModifiedById": "005000000000001AAA",
        "IsDeleted": False,
        "MasterRecordId": None,
        "OwnerId": "005000000000002AAA",
        "ConvertedContactId": None,
        **values,
    }


def page(*records: dict[str, Any], following: str = "") -> Response:
    """A query's answer."""
    more = {"nextRecordsUrl": following} if following else {}
    return ok({"totalSize": len(records), "done": not following, **more, "records": list(records)})


class Documented:
    """Answers each "METHOD /path" with its steps in turn; the last one stays."""

    def __init__(self, script: dict[str, Step | list[Step]]) -> None:
        self._script: dict[str, list[Step]] = {
            key: list(steps) if isinstance(steps, list) else [steps]
            for key, steps in {
                TOKEN: token(),
                f"GET {BASE}/sobjects/Lead/describe": ok(LEAD),
                f"GET {BASE}/query": page(),
                **script,
            }.items()
        }
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        steps = self._script.get(f"{request.method} {request.path}")
        if steps is None:
            raise AssertionError(f"unexpected {request.method} {request.path}")
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        if isinstance(step, TransportFailed):
            raise step
        return step(request) if callable(step) else step

    def close(self) -> None:
        """Nothing to let go of."""

    def sent(self, end: str) -> list[Request]:
        """The requests to a path that ends so."""
        return [one for one in self.asked if one.path.endswith(end)]

    def queries(self, end: str = "/query") -> list[str]:
        """The SOQL that was asked."""
        return [dict(one.query)["q"] for one in self.sent(end)]

    def bodies(self, end: str) -> list[Any]:
        """The JSON bodies sent to a path that ends so."""
        return [json.loads(one.body) for one in self.sent(end)]


def client(script: dict[str, Step | list[Step]], known: Credentials = KNOWN) -> tuple[SalesforceCrm, Documented]:
    """A client of an org that answers so."""
    wire = Documented(script)
    return open_crm(wire, "acme-crm", known), wire
