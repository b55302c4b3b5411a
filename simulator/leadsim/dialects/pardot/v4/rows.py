"""The rows of a batch on their way: read alone, written together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.saving import of_engine
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.v4.prospects import create_row, update_row, upsert_row
from leadsim.engine.refusals import Refused

_WAYS = {"create": create_row, "update": update_row, "upsert": upsert_row}


@dataclass(frozen=True, slots=True)
class Row:
    """One prospect as it was sent."""

    given: dict[str, Any]


def write_rows(session: Session, object: PObject, way: str, rows: Sequence[Row]) -> dict[int, PardotRefused]:
    """Write all rows as one transaction; a refused one leaves no trace. The refusals by place."""
    refused: dict[int, PardotRefused] = {
        place: of_engine(failing, object, session.view) for place, failing in session.call.failing_rows().items()
    }
    session.view.lag_seconds = 0
    with session.call.org.together():
        for place, row in enumerate(rows):
            if place in refused:
                continue
            try:
                _WAYS[way](session, object, dict(row.given))
            except PardotRefused as failure:
                refused[place] = failure
            except Refused as failure:
                refused[place] = of_engine(failure, object, session.view)
    return refused
