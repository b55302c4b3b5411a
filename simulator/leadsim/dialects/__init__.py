"""How a vendor speaks: one package each, thin over the engine (architecture.md "Adding a vendor").

A dialect is found by listing this folder, and by the entry point `leadsim.dialects` for outsiders. Its package
offers `DIALECT`, an object of the protocol below. The gateway asks it which org a request is for, what the request
wants, and which credentials it presents; the dialect itself is asked to answer only what the gateway let through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from leadsim.gateway.call import Call, Wanted
    from leadsim.gateway.credentials import Presented
    from leadsim.gateway.faults import Target
    from leadsim.gateway.messages import Answer, Request
    from leadsim.gateway.refusal import GatewayRefusal

ENTRY_POINT = "leadsim.dialects"


class Dialect(Protocol):
    """One vendor's way of speaking. Every method is a plain function: one request is one uninterrupted step."""

    name: str
    hosts: tuple[str, ...]
    """The hosts that the vendor's clients have built in; "*.x" for every host below x. Empty: none."""
    codings: tuple[str, ...]
    """The content codings in which the vendor reads a request's body (leadsim.gateway.coding). Empty: none."""

    def org_of(self, request: Request, orgs: Sequence[str]) -> str | None:
        """Which of this dialect's orgs a request is for: by host, path, or credential (its secret not yet checked).
        None: it is not for this dialect, or doesn't say."""
        ...

    def wanted(self, request: Request, side: str) -> Wanted:
        """What the request wants of an org of this side (`crm` or `marketing`), from method and path alone."""
        ...

    def targets(self, wanted: Wanted, request: Request) -> Sequence[Target]:
        """What the call is about, for faults: the call as a whole first, then the rows of a batch. Asked only where
        faults are switched on; a body that cannot be read is no reason to fail here."""
        ...

    def presented(self, request: Request) -> Presented | None:
        """The credentials. Raises `LoginRefused` for those that cannot be read."""
        ...

    def refuse(self, refusal: GatewayRefusal, request: Request) -> Answer:
        """The gateway's refusal in this vendor's words, as the endpoint that was asked says them."""
        ...

    def answer(self, call: Call) -> Answer:
        """Answer what was let through. Raises only `GatewayRefusal`; the engine's refusals are answered here."""
        ...


@cache
def dialects() -> Mapping[str, Dialect]:
    """All dialects by name: those of this folder, then those of entry points. A name stands once."""
    found = {name: _own(name) for name in sorted(_own_names())}
    for point in entry_points(group=ENTRY_POINT):
        outsider: Dialect = point.load()
        found.setdefault(outsider.name, outsider)
    return found


class UnknownDialect(LookupError):
    """A recipe names a dialect that is not installed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no dialect {name!r} is installed; there are {', '.join(sorted(dialects()))}")


def dialect_named(name: str) -> Dialect:
    """The dialect of this name; only its own package is read. Raises `UnknownDialect`."""
    if name in _own_names():
        return _own(name)
    try:
        return dialects()[name]
    except KeyError:
        raise UnknownDialect(name) from None


@cache
def _own_names() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(__path__) if module.ispkg)


@cache
def _own(name: str) -> Dialect:
    dialect: Dialect = import_module(f"{__name__}.{name}").DIALECT
    return dialect
