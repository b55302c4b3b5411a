"""How a bug gets into the connector: a subclass of it in which one part is another.

defects.py and reported.py say which parts; the connector itself knows nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

from leadproof.connector import connector as steps
from leadproof.connector.connector import Connector
from leadproof.connector.cycle import Cycle
from leadproof.connector.metered import Metered
from leadproof.connector.outbox import Outbox
from leadproof.connector.users import UserMap
from leadproof.connector.value_table import Row
from leadproof.systems.organization import Side

Connecting: TypeAlias = type[Connector]
Defect: TypeAlias = Callable[[Connecting], Connecting]


def with_members(base: Connecting, **members: Any) -> Connecting:
    """The connector with these attributes or methods instead of its own."""
    return cast("Connecting", type("Broken", (base,), members))


def with_rows(base: Connecting, rows: Sequence[Row]) -> Connecting:
    """Another value table."""
    return with_members(base, rows=tuple(rows))


def with_step(base: Connecting, step: steps.Step, instead: steps.Step) -> Connecting:
    """One step of the cycle replaced."""
    return with_members(base, steps=tuple(instead if one is step else one for one in base.steps))


def with_meter(base: Connecting, meter: type[Metered]) -> Connecting:
    """Both systems read and written through another meter."""

    def make(self: Connector, side: Side) -> Metered:
        return meter(side, self.crm if side == "crm" else self.marketing)

    return with_members(base, meter=make)


def with_outbox(base: Connecting, outbox: type[Outbox], **told: Any) -> Connecting:
    """Writes go out by another outbox; `told` is set on each that is made."""

    def make(self: Connector, cycle: Cycle, side: Side, born: str) -> Outbox:
        made = outbox(cycle, side, born)
        for name, value in told.items():
            setattr(made, name, value)
        return made

    return with_members(base, make_outbox=make)


class PlantedUsers(UserMap):
    """A map of users that knows what the right one knows, for a subclass to answer otherwise."""

    def __init__(self, right: UserMap) -> None:
        self.__dict__.update(right.__dict__)
