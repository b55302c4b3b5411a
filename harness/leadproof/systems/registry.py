"""Which client speaks which vendor: one folder here per vendor, entry points for outsiders.

A vendor's package offers `open_crm` and/or `open_marketing`, each `(transport, org, credentials) -> client`.
Packages of others register themselves under the entry point group `leadproof.systems`
(architecture.md "Adding a vendor").
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Literal, cast, overload

from leadproof import systems
from leadproof.systems.credentials import Credentials
from leadproof.systems.organization import Side
from leadproof.systems.ports import Crm, Marketing
from leadproof.transports.protocol import Transport

GROUP = "leadproof.systems"


class UnknownDialect(ValueError):
    """No client speaks this dialect, or not on this side. `.code` is explained by `leadproof explain`."""

    code = "CFG870"

    def __init__(self, side: Side, dialect: str, known: list[str]) -> None:
        self.side, self.dialect, self.known = side, dialect, known
        names = ", ".join(known) or "none"
        super().__init__(f"No {side} client speaks {dialect!r}. Known for {side}: {names}.")


def dialects(side: Side) -> list[str]:
    """The names of the vendors that have a client for this side, sorted."""
    return [name for name in sorted(_packages()) if hasattr(_package(name), f"open_{side}")]


@overload
def open_system(
    side: Literal["crm"], dialect: str, transport: Transport, org: str, credentials: Credentials
) -> Crm: ...
@overload
def open_system(
    side: Literal["marketing"], dialect: str, transport: Transport, org: str, credentials: Credentials
) -> Marketing: ...
def open_system(side: Side, dialect: str, transport: Transport, org: str, credentials: Credentials) -> Crm | Marketing:
    """A client of that vendor over the transport; nothing is sent yet. Raises `UnknownDialect`."""
    opening = getattr(_package(dialect), f"open_{side}", None) if dialect in _packages() else None
    if opening is None:
        raise UnknownDialect(side, dialect, dialects(side))
    return cast("Crm | Marketing", opening(transport, org, credentials))


@cache
def _packages() -> Mapping[str, EntryPoint | None]:
    """The vendors by name, with the entry point of those that are not ours. Read once: asking the installed
    distributions takes longer than anything a client does."""
    own = [module.name for module in pkgutil.iter_modules(systems.__path__) if module.ispkg]
    return {**dict.fromkeys(own), **{entry.name: entry for entry in entry_points(group=GROUP)}}


@cache
def _package(name: str) -> ModuleType:
    entry = _packages()[name]
    return importlib.import_module(f"{systems.__name__}.{name}") if entry is None else cast("ModuleType", entry.load())
