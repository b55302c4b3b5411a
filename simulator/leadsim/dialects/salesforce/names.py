"""The engine's names and Salesforce's: what of the two differs in one org."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadsim.dialects.names import Names
from leadsim.dialects.salesforce.session import catalog_of
from leadsim.dialects.salesforce.view import View

if TYPE_CHECKING:
    from leadsim.engine.records import Org


def names(org: Org) -> Names:
    """From the catalogue: objects, stored fields, and the users' ids."""
    catalog = catalog_of(org.schema)
    view = View(org, catalog)
    fields = {
        engine: {one.key: one.name for one in object.by_engine.values() if one.key != one.name}
        for engine, object in catalog.by_engine.items()
    }
    return Names(
        objects={engine: one.name for engine, one in catalog.by_engine.items() if engine != one.name},
        fields={engine: told for engine, told in fields.items() if told},
        users={user.id: view.user_id(user.id) for user in org.users},
    )
