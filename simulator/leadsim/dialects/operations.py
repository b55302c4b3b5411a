"""A table of operations that both answers and documents an API, so that its OpenAPI is true by construction.

One row says where an operation is, what it reads and what it can answer. The router finds it, pydantic reads its
query and body by the very models that the document shows, and whatever they do not know is refused. It stands on
plain functions: FastAPI's dispatch costs 100 us a request and more (performance.md "What costs what").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pydantic import BaseModel

from leadsim.dialects.paths import Place
from leadsim.gateway.call import Call, LoginNeed, Wanted
from leadsim.gateway.messages import JSON, Answer

Handler: TypeAlias = Callable[[Call, Any, Any], Answer]
"""(call, query, body) -> answer; query and body are instances of the operation's models, None where it has none."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of an API.

    `path` is relative to the API's base, with `{names}`; `does` is the word that faults select by; `answers` holds
    every status it can answer with beyond those that all operations share; `media` is what its body may be, by
    content type (None: not JSON, given to the handler as it came).
    """

    name: str
    method: str
    path: str
    does: str
    handler: Handler
    summary: str
    answers: Mapping[int, type[BaseModel] | None]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    media: tuple[str, ...] = (JSON,)
    sides: tuple[str, ...] = ("crm", "marketing")
    permission: str | None = None
    login: LoginNeed = "required"
    conditional: bool = False
    keyed: bool = False
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a method and path led: the operation, or the methods that would have done."""

    operation: Operation | None
    params: dict[str, str]
    allowed: tuple[str, ...] = ()


class Routes:
    """Finds operations by method and path segments. A literal segment wins over a name."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root: Place[Operation] = Place()
        for operation in operations:
            self._root.add(operation.method, operation.path, operation)

    def find(self, method: str, segments: tuple[str, ...]) -> Found:
        """`segments` below the API's base."""
        node = self._root
        values: list[str] = []
        for segment in segments:
            child = node.literals.get(segment)
            if child is None:
                child = node.named
                if child is None or not segment:
                    return Found(None, {})
                values.append(segment)
            node = child
        held = node.held.get(method)
        if held is None:
            return Found(None, {}, tuple(sorted(node.held)))
        operation, names = held
        return Found(operation, dict(zip(names, values, strict=True)))


def wanted(found: Found) -> Wanted:
    """What the gateway needs to know of an operation; of none, when nothing is at this address."""
    operation = found.operation
    if operation is None:
        return Wanted("", "any", handler=found)
    return Wanted(
        operation.name,
        operation.does,
        found.params,
        found.params.get("object"),
        operation.permission,
        operation.login,
        operation.login == "required",
        operation,
    )
