"""Finding an operation by method and path. Slashes too many don't matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeAlias

from leadsim.gateway.messages import Answer

Handler: TypeAlias = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `path` has {names}; of versions 3 and 4 it is what stands behind `do/`. `does` is the word that
    faults select by; `raw`: the handler takes the call itself, not a session."""

    name: str
    version: Literal[0, 4, 5]
    object: str
    method: str
    path: str
    does: str
    handler: Handler
    permission: str | None = None
    public: bool = False
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Where a request leads: the operation and what the path names; or why nowhere: the methods that would have done,
    what the vendor has there and the sandbox has not, the vendor's code."""

    operation: Operation | None
    params: dict[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    not_simulated: str = ""
    code: int = 0


class Router:
    """Operations by the form of their paths. A literal part wins over a name."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._by_length: dict[int, dict[tuple[str, ...], dict[str, Operation]]] = {}
        for operation in operations:
            form = tuple(operation.path.strip("/").split("/"))
            methods = self._by_length.setdefault(len(form), {}).setdefault(form, {})
            if operation.method in methods:
                raise ValueError(f"two operations at {operation.method} {operation.path}")
            methods[operation.method] = operation

    def find(self, method: str, parts: tuple[str, ...]) -> Found | None:
        """The operation at a path; None where no path has this form."""
        forms = self._by_length.get(len(parts), {})
        methods = forms.get(parts)
        form = parts
        if methods is None:
            for form, methods in forms.items():  # noqa: B007 the last one looked at is the one that fits
                if all(own == part or own.startswith("{") for own, part in zip(form, parts, strict=True)):
                    break
            else:
                return None
        assert methods is not None
        operation = methods.get("GET" if method == "HEAD" else method)
        if operation is None:
            return Found(None, {}, tuple(sorted(methods)))
        params = {own[1:-1]: part for own, part in zip(form, parts, strict=True) if own.startswith("{")}
        return Found(operation, {**params, "object": operation.object})


@cache
def _routers() -> tuple[Router, Router]:
    from leadsim.dialects.pardot.table import OUTSIDE, V5

    return Router(V5), Router(OUTSIDE)


def find(method: str, parts: tuple[str, ...]) -> Found:
    """What a method and a path (without the org's name) lead to."""
    five, outside = _routers()
    if parts[:2] == ("api", "v5"):
        led = five.find(method, parts[2:])
        return _refused_v5(parts[2:]) if led is None else _refused_method(led, parts[2:])
    found = outside.find(method, parts)
    if found is not None:
        return found
    return _v4(method, parts[1:]) if parts[:1] == ("api",) else Found(None)


def _refused_method(found: Found, parts: tuple[str, ...]) -> Found:
    """A path that is there, asked in a way that the vendor has and the sandbox has not."""
    from leadsim.dialects.pardot.table import REFUSED_ACTIONS

    what = REFUSED_ACTIONS.get(f"{parts[1]}/{{id}}", "") if len(parts) == 3 and found.allowed else ""
    return Found(None, not_simulated=what) if what else found


def _refused_v5(parts: tuple[str, ...]) -> Found:
    """What of version 5 is refused by name, or is not the vendor's."""
    from leadsim.dialects.pardot.table import REFUSED_ACTIONS, REFUSED_V5

    collection = parts[1] if parts[:1] == ("objects",) and len(parts) > 1 else (parts[0] if parts else "")
    if collection in REFUSED_V5:
        return Found(None, not_simulated=REFUSED_V5[collection])
    action = f"{collection}/{parts[-1]}" if parts else ""
    if action in REFUSED_ACTIONS:
        return Found(None, not_simulated=REFUSED_ACTIONS[action])
    return Found(None, code=205 if "do" in parts else 198)


def _v4(method: str, parts: tuple[str, ...]) -> Found:
    """/{object}/version/{n}/do/{operation}/{key}/{value}..."""
    from leadsim.dialects.pardot.table import REFUSED_V4, V4

    object = parts[0].casefold() if parts else ""
    operations = V4.get(object)
    if operations is None:
        return Found(None, not_simulated=REFUSED_V4.get(object, ""), code=2)
    if len(parts) < 3 or parts[1] != "version":
        return Found(None, code=2)
    if not parts[2].isdecimal():
        return Found(None, code=94)
    if parts[2] not in ("3", "4"):
        return Found(None, code=22)
    name = parts[4] if len(parts) > 4 and parts[3] == "do" else ""
    operation = operations.get(name.casefold())
    if operation is None:
        refused = REFUSED_V4.get(f"{object}/{name.casefold()}", "")
        return Found(None, not_simulated=refused, code=2)
    if method not in ("GET", "POST", "DELETE", "HEAD") or (method == "DELETE" and operation.does != "delete"):
        return Found(None, allowed=("GET", "POST"))
    keys = "\x1f".join(parts[5:])
    return Found(operation, {"object": operation.object, "version": parts[2], "keys": keys})
