"""What follows from a write: values that depend on others (before it is stored), and writes to other records (after)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadsim.engine.refusals import gone
from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.engine.stored import Stored
    from leadsim.engine.transaction import Transaction


def derive(transaction: Transaction, object: str, before: Stored | None, values: dict[str, Value]) -> None:
    """Fill the values that follow from others."""


def check_writable(transaction: Transaction, record: Stored, values: dict[str, Value]) -> None:
    """Refused("gone") for a lead that was converted: it goes on as its contact."""
    if record.values.get("IsConverted") is True:
        contact = record.values.get("ConvertedContact")
        raise gone(record.object, record.id, f"was converted; it goes on as contact {contact}")


def react(transaction: Transaction, before: Stored | None, after: Stored) -> None:
    """Write what follows from a record's creation (`before` is None) or change."""


def deleted(transaction: Transaction, record: Stored) -> None:
    """Write what follows from a deletion."""


def undeleted(transaction: Transaction, record: Stored) -> None:
    """Write what follows from an undeletion."""
