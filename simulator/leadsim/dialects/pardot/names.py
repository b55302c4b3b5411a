"""The engine's names and Pardot's (those of version 5): what of the two differs in one org."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadsim.dialects.names import Names
from leadsim.dialects.pardot.catalog import catalog_of
from leadsim.dialects.pardot.view import View

if TYPE_CHECKING:
    from leadsim.engine.records import Org


OWNER = "assignedToId"
"""A prospect's owner as it is read; written, it is `userId`."""


def names(org: Org) -> Names:
    """From the catalogue: collections, stored fields, and the users' numbers."""
    catalog = catalog_of(org.schema)
    view = View(org, catalog)
    fields = {
        engine: {key: one.v5 for key, one in object.by_engine.items() if one.v5 and key != one.v5}
        for engine, object in catalog.by_engine.items()
    }
    fields["prospect"]["owner"] = OWNER
    return Names(
        objects={engine: one.table.v5 for engine, one in catalog.by_engine.items() if engine != one.table.v5},
        fields={engine: told for engine, told in fields.items() if told},
        users={user.id: str(view.number(user.id)) for user in org.users},
    )


def names_v4(org: Org) -> dict[str, dict[str, str]]:
    """The same fields as versions 3 and 4 call them, where those have them: engine object -> engine field -> name."""
    catalog = catalog_of(org.schema)
    told = {
        engine: {key: one.v4 for key, one in object.by_engine.items() if one.v4 and key != one.v4}
        for engine, object in catalog.by_engine.items()
    }
    return {engine: fields for engine, fields in told.items() if fields}
