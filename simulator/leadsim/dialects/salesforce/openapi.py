"""The OpenAPI document of this dialect, from its table of routes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from leadsim.dialects.salesforce.routing import Route

_NAMES = re.compile(r"\{(\w+)\}")


def document(org: str, data: Iterable[Route], outside: Iterable[Route]) -> dict[str, Any]:
    """OpenAPI 3.1: every operation, its path parameters, and that its refusals are the vendor's lists."""
    paths: dict[str, dict[str, Any]] = {}
    for route in data:
        path = f"/{org}/services/data/v{{version}}{route.path.rstrip('/')}"
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, path)
    for route in outside:
        path = f"/{org}{route.path}"
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Salesforce org {org}", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": {"session": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(route: Route, path: str) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in _NAMES.findall(path)
    ]
    return {
        "operationId": route.name,
        "parameters": parameters,
        "security": [] if route.public else [{"session": []}],
        "responses": {"default": {"description": "As the vendor documents it"}},
    }
