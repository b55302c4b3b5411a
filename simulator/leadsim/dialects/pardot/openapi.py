"""The OpenAPI document of this dialect, from its tables."""

from __future__ import annotations

import re
from typing import Any

_NAMES = re.compile(r"\{(\w+)\}")


def document(org: str) -> dict[str, Any]:
    """OpenAPI 3.1: every operation with its path parameters; of versions 3 and 4 one path for each operation."""
    from leadsim.dialects.pardot.table import OUTSIDE, V4, V5

    paths: dict[str, dict[str, Any]] = {}
    for one in V5:
        _add(paths, f"/{org}/api/v5{one.path}", one.method, one.name, public=one.public)
    for one in OUTSIDE:
        _add(paths, f"/{org}{one.path}", one.method, one.name, public=one.public)
    for operations in V4.values():
        for one in operations.values():
            object, _, name = one.name.partition(" ")
            path = f"/{org}/api/{object}/version/{{version}}/do/{name}"
            for method in ("GET", "POST"):
                _add(paths, path, method, f"{one.name} by {method}", public=False)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Pardot business unit {org}", "version": "5"},
        "paths": paths,
        "components": {"securitySchemes": {"session": {"type": "http", "scheme": "bearer"}}},
    }


def _add(paths: dict[str, dict[str, Any]], path: str, method: str, name: str, *, public: bool) -> None:
    parameters = [
        {"name": one, "in": "path", "required": True, "schema": {"type": "string"}} for one in _NAMES.findall(path)
    ]
    paths.setdefault(path, {})[method.lower()] = {
        "operationId": name,
        "parameters": parameters,
        "security": [] if public else [{"session": []}],
        "responses": {"default": {"description": "As the vendor documents it"}},
    }
