"""The OpenAPI document of a table of operations (OpenAPI 3.1): written from what answers, so that it is true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from leadsim.dialects.operations import Operation
from leadsim.gateway.messages import JSON

Mode = Literal["validation", "serialization"]
SCHEMAS = "#/components/schemas/{model}"
ALWAYS = (400, 403)
WITH_LOGIN = (401, 429)
WITHOUT_LOGIN = (401,)
WITH_BODY = (413, 415)
FAULT = 503
SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "required": [{"token": []}, {"password": []}],
    "optional": [{}, {"token": []}, {"password": []}],
    "none": [{}],
}
SAYS = {
    400: "Something asked for is not right: every problem with its field and rule.",
    401: "No login, a wrong one, or an expired token.",
    403: "The caller's address is not on the allowlist, or the user may not do this.",
    404: "There is no such thing, or it is deleted.",
    409: "It stands against something that is there already.",
    412: "It was changed in between.",
    413: "The body is too large.",
    415: "The body is of another type.",
    423: "The record is locked.",
    429: "The org's calls of the day are used up.",
    503: "A fault that the sandbox was told to show.",
}
SEGMENT = {"type": "string", "minLength": 1}
HEADERS: dict[str, Any] = {
    "X-Quota": {"description": "Calls of the org's day: used/limit.", "schema": {"type": "string"}},
    "X-Time": {"description": "The sandbox's time.", "schema": {"type": "string", "format": "date-time"}},
}


def write_document(
    title: str,
    version: str,
    parts: Sequence[tuple[str, Iterable[Operation]]],
    error: type[BaseModel],
    not_simulated: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    """`parts`: (base path, its operations). What isn't simulated stands beside the paths, as `x-not-simulated`."""
    placed = [(base, operation) for base, operations in parts for operation in operations]
    schemas = _Schemas([operation for _, operation in placed], error)
    paths: dict[str, dict[str, Any]] = {}
    for base, operation in placed:
        paths.setdefault(base + operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic"},
            },
        },
        "x-not-simulated": [
            {"method": method, "path": path, "what": what} for (method, path), what in not_simulated.items()
        ],
    }


class _Schemas:
    """The JSON Schemas of all models, by model and direction."""

    def __init__(self, operations: list[Operation], error: type[BaseModel]) -> None:
        wanted: dict[tuple[type[BaseModel], Mode], None] = {(error, "serialization"): None}
        for operation in operations:
            for model in (operation.query, operation.body):
                if model is not None:
                    wanted[model, "validation"] = None
            for told in operation.answers.values():
                if told is not None:
                    wanted[told, "serialization"] = None
        self._references, document = models_json_schema(list(wanted), ref_template=SCHEMAS, by_alias=True)
        self.definitions: dict[str, Any] = document.get("$defs", {})
        self.error = self.of(error, "serialization")

    def of(self, model: type[BaseModel], mode: Mode) -> dict[str, Any]:
        """A reference to the model's schema."""
        return dict(self._references[model, mode])

    def resolved(self, model: type[BaseModel], mode: Mode) -> dict[str, Any]:
        """The schema itself."""
        name = self.of(model, mode)["$ref"].rpartition("/")[2]
        definition: dict[str, Any] = self.definitions[name]
        return definition


def _operation(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    written: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*_in_path(operation), *_in_query(operation, schemas), *_in_headers(operation)],
        "responses": _responses(operation, schemas),
        "security": SECURITY[operation.login],
    }
    if operation.body is not None:
        schema = schemas.of(operation.body, "validation")
        written["requestBody"] = {"required": True, "content": {kind: {"schema": schema} for kind in operation.media}}
    elif operation.media != (JSON,):
        rows: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
        content = {kind: {"schema": rows if kind == JSON else {"type": "string"}} for kind in operation.media}
        written["requestBody"] = {"required": True, "content": content}
    return written


def _in_path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": SEGMENT}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]


def _in_query(operation: Operation, schemas: _Schemas) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = schemas.resolved(operation.query, "validation")
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": field.get("description", ""),
            "schema": _parameter(field),
        }
        for name, field in schema["properties"].items()
    ]


def _parameter(field: Mapping[str, Any]) -> dict[str, Any]:
    """A query parameter is there or it isn't: it is never null."""
    kept = {key: value for key, value in field.items() if key not in ("anyOf", "title", "description", "default")}
    for choice in field.get("anyOf", ()):
        if choice.get("type") != "null":
            kept |= choice
    return kept


def _in_headers(operation: Operation) -> list[dict[str, Any]]:
    headers: list[tuple[str, str, dict[str, Any]]] = []
    if operation.conditional:
        told = 'The version it must still be at, such as `"3"`; 412 otherwise.'
        headers.append(("If-Match", told, {"type": "string", "pattern": r'^(\*|"[0-9]{1,18}")$'}))
    if operation.keyed:
        told = "The same key again with the same content does nothing more, and answers the same."
        headers.append(("Idempotency-Key", told, {"type": "string", "maxLength": 255, "pattern": "^[!-~]*$"}))
    return [
        {"name": name, "in": "header", "required": False, "description": told, "schema": schema}
        for name, told, schema in headers
    ]


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    refusals = [*ALWAYS, FAULT]
    refusals += WITH_LOGIN if operation.login == "required" else WITHOUT_LOGIN
    if operation.body is not None or operation.media != (JSON,):
        refusals += WITH_BODY
    told: dict[int, dict[str, Any]] = {
        status: _response(SAYS.get(status, "Refused."), schemas.error) for status in refusals
    }
    for status, model in operation.answers.items():
        if status >= 400:
            told[status] = _response(SAYS[status], schemas.error)
        elif model is None:
            told[status] = {"description": HTTPStatus(status).phrase, "headers": HEADERS}
        else:
            told[status] = _response(HTTPStatus(status).phrase, schemas.of(model, "serialization"))
    return {str(status): response for status, response in sorted(told.items())}


def _response(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "headers": HEADERS, "content": {JSON: {"schema": schema}}}
