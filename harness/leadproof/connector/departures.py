"""Deletes, merges and conversions are read before changes (sync-semantics.md "Conversion, deletes, merges")."""

from __future__ import annotations

from leadproof.connector import conversion, deletes, merges
from leadproof.connector.cycle import Cycle, Marks
from leadproof.connector.feeds import Slice
from leadproof.connector.kinds import Kind


def depart(cycle: Cycle, kind: Kind, page: Slice, marks: Marks) -> None:
    """Treat every record of the page that was merged, converted or deleted, or came back."""
    for side, records in page.records.items():
        merges.follow(cycle, kind, side, [one for one in records if one.deleted and one.merged_into], marks)
    marks.commit(cycle)
    conversion.follow(cycle, kind, [one for one in page.records["crm"] if one.converted_to and not one.deleted], marks)
    marks.commit(cycle)
    for side, records in page.records.items():
        deletes.revive(cycle, kind, side, [one for one in records if not one.deleted], marks)
        marks.commit(cycle)
        deletes.treat(cycle, kind, side, [one for one in records if one.deleted and not one.merged_into], marks)
        marks.commit(cycle)
