"""Finding an operation by method and path, as the vendor does: slashes too many don't matter, names in any case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from leadsim.dialects.paths import Place
from leadsim.gateway.messages import Answer, Request

Handler: TypeAlias = Callable[[Any], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `path` has {names}; below a version it is relative to /services/data/vNN.N. `does` is the word
    that faults select by; `raw`: the handler takes the call itself, not a session."""

    name: str
    method: str
    path: str
    does: str
    handler: Handler
    permission: str | None = None
    public: bool = False
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Where a request leads: the route and what the path names, or the methods that would have done."""

    route: Route | None
    params: dict[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()


class Router:
    """A tree of path segments. A literal segment wins over a name."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root: Place[Route] = Place()
        for route in routes:
            self._root.add(route.method, route.path, route)

    def find(self, method: str, segments: tuple[str, ...]) -> Found:
        """The route of a method and path. HEAD is GET without a body."""
        for values, node in self._walk(self._root, segments, ()):
            if not node.held:
                continue
            held = node.held.get("GET" if method == "HEAD" else method)
            if held is None:
                return Found(None, {}, tuple(sorted({*node.held, *(["HEAD"] if "GET" in node.held else [])})))
            route, names = held
            return Found(route, dict(zip(names, values, strict=True)))
        return Found(None)

    def _walk(
        self, node: Place[Route], segments: tuple[str, ...], values: tuple[str, ...]
    ) -> Iterable[tuple[tuple[str, ...], Place[Route]]]:
        if not segments:
            yield values, node
            return
        first, rest = segments[0], segments[1:]
        literal = node.literals.get(first)
        if literal is not None:
            yield from self._walk(literal, rest, values)
        if node.named is not None:
            yield from self._walk(node.named, rest, (*values, first))


METHOD = "_HttpMethod"


def method_of(request: Request) -> str:
    """The method that is meant: a client that knows no PATCH sends POST and names it (REST API guide, "Update")."""
    if request.method != "POST":
        return request.method
    return next((value.upper() for name, value in request.query if name == METHOD), "POST")


ROOTS = frozenset({"services", "id"})


def segments_of(request: Request) -> tuple[str, ...]:
    """The path's parts without the org's name and without empty ones: `/acme-crm//services/data/`."""
    parts = tuple(part for part in request.segments if part)
    return parts[1:] if parts and parts[0] not in ROOTS else parts
