"""A transport that answers with documented responses of the native API, and keeps what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from leadproof.transports import Request, Response, TransportFailed

Step: TypeAlias = Response | TransportFailed | Callable[[Request], Response]
TOKEN = {"access_token": "t1", "token_type": "Bearer", "expires_in": 3600}


def ok(body: object, status: int = 200, **headers: str) -> Response:
    """A JSON response."""
    return Response(status, {"content-type": "application/json", **headers}, json.dumps(body).encode())


def refused(status: int, kind: str, code: str = "REF701", **more: Any) -> Response:
    """An error body as the contract of the native API has it."""
    headers = more.pop("headers", {})
    error = {
        "code": code,
        "kind": kind,
        "message": f"{kind}!",
        "definite": True,
        "problems": [],
        "matches": [],
    }
    return ok({"error": {**error, **more}}, status, **headers)


def spec(object: str, field: str, type: str = "single_line", **more: Any) -> dict[str, Any]:
    """One field of a describe."""
    return {"object": object, "id": field, "label": field.lower(), "type": type, **more}


LEAD = {
    "id": "Lead",
    "label": "Lead",
    "fields": [
        spec("Lead", "LastName"),
        spec("Lead", "Email", "email"),
        spec("Lead", "Phone", "phone"),
        spec("Lead", "AnnualRevenue", "currency", scale=2),
        spec("Lead", "Rating", "dropdown", choices=["Hot"]),
        spec("Lead", "HasOptedOutOfEmail", "checkbox"),
        spec("Lead", "Birthdate", "date"),
        spec("Lead", "ConvertedDate", "date_time"),
        spec("Lead", "Products", "multi_select", choices=["A", "B"]),
        spec("Lead", "Owner", "user"),
        spec("Lead", "ConvertedContact", "reference"),
    ],
}


def record(id: str = "L1", **values: Any) -> dict[str, Any]:
    """One record's JSON."""
    return {
        "object": "Lead",
        "id": id,
        "version": 3,
        "created_at": "2026-03-02T09:00:01Z",
        "created_by": "sync",
        "modified_at": "2026-03-02T09:00:05Z",
        "modified_by": "kari.c",
        "deleted": False,
        "merged_into": None,
        "values": values,
    }


class Scripted:
    """Answers each (method, path) with its steps in turn; the last one stays."""

    def __init__(self, script: dict[str, Step | list[Step]]) -> None:
        self._script = {
            "POST /acme/oauth/token": [ok(TOKEN)],
            "GET /acme/crm/v1/objects/Lead": [ok(LEAD)],
            **{key: list(steps) if isinstance(steps, list) else [steps] for key, steps in script.items()},
        }
        self.asked: list[Request] = []
        self.closed = False

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
        self.closed = True

    def bodies(self, path: str) -> list[Any]:
        """The JSON bodies sent to a path that ends so."""
        return [json.loads(request.body) for request in self.asked if request.path.endswith(path)]
