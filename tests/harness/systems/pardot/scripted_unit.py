"""A transport that answers with documented responses of a business unit, and keeps what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from leadproof.systems.credentials import Credentials
from leadproof.systems.pardot import PardotMarketing
from leadproof.transports import Request, Response, TransportFailed

Step: TypeAlias = Response | TransportFailed | Callable[[Request], Response]
NOW = "2026-03-02T10:00:00+00:00"
KNOWN = Credentials(
    username="sync@acme.example", password="geheim", client_id="key", client_secret="secret",
    business_unit_id="0Uv000000000001AAA",
)  # fmt: skip
CUSTOM_FIELDS = [
    {"id": 1, "name": "CRM record", "fieldId": "CRM_Record", "type": "Text", "isRequired": False},
    {"id": 2, "name": "Budget", "fieldId": "Budget", "type": "Number"},
    {"id": 3, "name": "Born", "fieldId": "Born", "type": "Date"},
    {"id": 4, "name": "Topics", "fieldId": "Topics", "type": "Multi-Select", "isUseValues": True},
    {"id": 5, "name": "Tier", "fieldId": "Tier", "type": "Dropdown", "isUseValues": True},
    {"id": 6, "name": "Said", "fieldId": "Said", "type": "Text", "isRecordMultipleResponses": True},
]
PLAIN_CUSTOM_FIELDS = [one for one in CUSTOM_FIELDS if one["fieldId"] not in ("Topics", "Said")]


def ok(body: object, status: int = 200, at: str = NOW, **headers: str) -> Response:
    """A JSON response at a time of the unit's clock."""
    raw = b"" if body is None else json.dumps(body).encode()
    return Response(status, {"content-type": "application/json", "x-time": at, **headers}, raw)


def v5_error(code: int, message: str, status: int = 400) -> Response:
    """An error of version 5."""
    return ok({"code": code, "message": message}, status)


def v4_error(code: int, message: str, status: int = 400) -> Response:
    """An error of version 4."""
    return ok({"@attributes": {"stat": "fail", "version": 1, "err_code": code}, "err": message}, status)


def page(*rows: Mapping[str, Any], token: str | None = None, at: str = NOW) -> Response:
    """A page of a query."""
    return ok({"nextPageToken": token, "nextPageUrl": None, "values": list(rows)}, at=at)


def prospect(id: int = 1, **values: Any) -> dict[str, Any]:
    """A prospect as a query tells it."""
    return {
        "id": id,
        "email": f"p{id}@acme.example",
        "createdAt": "2026-03-02T09:00:00+00:00",
        "updatedAt": "2026-03-02T09:30:00+00:00",
        "updatedById": 7,
        "assignedToId": None,
        "isDeleted": False,
        **values,
    }


class Unit:
    """Answers each "METHOD path" with its steps in turn; the last one stays. Paths of v5 without /api/v5/objects."""

    def __init__(
        self, script: Mapping[str, Step | list[Step]] | None = None, *, customs: bool = False, at: str = NOW
    ) -> None:
        self._script: dict[str, list[Step]] = {
            "POST /services/oauth2/token": [ok({"access_token": "t1", "token_type": "Bearer"}, at=at)],
            "GET custom-fields": [page(*(CUSTOM_FIELDS if customs else PLAIN_CUSTOM_FIELDS), at=at)],
        }
        self._script |= {key: steps if isinstance(steps, list) else [steps] for key, steps in (script or {}).items()}
        self.asked: list[Request] = []
        self.closed = False

    def client(self, credentials: Credentials = KNOWN) -> PardotMarketing:
        """A client of this unit."""
        return PardotMarketing(self, "acme-marketing", credentials)

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        key = f"{request.method} {request.path.removeprefix('/api/v5/objects/')}"
        steps = self._script.get(key)
        if steps is None:
            raise AssertionError(f"unexpected {key}")
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        if isinstance(step, TransportFailed):
            raise step
        return step(request) if callable(step) else step

    def close(self) -> None:
        self.closed = True

    def calls(self, key: str) -> list[Request]:
        """What was asked of "METHOD path"."""
        return [one for one in self.asked if f"{one.method} {one.path.removeprefix('/api/v5/objects/')}" == key]

    def queries(self, key: str) -> list[dict[str, str]]:
        """The query parameters of these calls."""
        return [dict(one.query) for one in self.calls(key)]

    def bodies(self, key: str) -> list[Any]:
        """The JSON bodies of these calls."""
        return [json.loads(one.body) for one in self.calls(key)]

    def forms(self, key: str) -> list[dict[str, str]]:
        """The form bodies of these calls."""
        return [dict(parse_qsl(one.body.decode(), keep_blank_values=True)) for one in self.calls(key)]
