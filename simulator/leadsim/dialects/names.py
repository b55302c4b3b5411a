"""What a dialect calls the engine's objects, fields and users.

The journal and the oracle speak the engine's ids, clients the vendor's; only what differs is listed. A dialect whose
names differ offers `names(org) -> Names` in its package; the control API serves them (`GET /_lab/orgs/{org}/names`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadsim.dialects import Dialect
    from leadsim.engine.records import Org


@dataclass(frozen=True, slots=True)
class Names:
    """The engine's names -> the vendor's. `fields` is by the engine's object; `users` by the engine's user id."""

    objects: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)


def names_of(dialect: Dialect, org: Org) -> Names:
    """The names of an org; none where the dialect speaks the engine's own."""
    package = sys.modules.get(type(dialect).__module__.rpartition(".")[0])
    ask = getattr(package, "names", None)
    return ask(org) if callable(ask) else Names()
