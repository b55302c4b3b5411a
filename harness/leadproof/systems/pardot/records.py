"""Rows of version 5 as typed `Record`s."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from leadproof.systems.campaigns import Member
from leadproof.systems.pardot.describing import PROSPECT, Described, Json, moment
from leadproof.systems.pardot.standard import BY, DELETED, OWNER
from leadproof.systems.ports import Record
from leadterms.values import Value

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def record(known: Described, raw: Json, fields: Sequence[str] = ()) -> Record:
    """One record; `values` holds `fields`, or without any all that the object has. A merged prospect is a deleted one:
    the API does not tell into which."""
    named = fields or tuple(known.readers)
    values: dict[str, Value] = {
        name: known.readers[name](raw.get(name)) if name in known.readers else None for name in named
    }
    by, owner = raw.get(BY), raw.get(OWNER)
    return Record(
        object=known.spec.id,
        id=str(raw["id"]),
        values=values,
        modified=moment(raw["updatedAt"]) if raw.get("updatedAt") else _LONG_AGO,
        deleted=raw.get(DELETED) is True,
        merged_into=None,
        created=moment(raw["createdAt"]) if raw.get("createdAt") else _LONG_AGO,
        modified_by=str(by) if by is not None else "",
        owner=str(owner) if owner is not None else None,
    )


def member(raw: Json) -> Member | None:
    """A prospect as the member of its one campaign. Member statuses live in Salesforce, so there is none here."""
    if raw.get("campaignId") is None:
        return None
    return Member(
        id=f"{raw['campaignId']}-{raw['id']}",
        campaign=str(raw["campaignId"]),
        person_object=PROSPECT,
        person=str(raw["id"]),
        status="",
        responded=False,
        deleted=raw.get(DELETED) is True,
        modified=moment(raw["updatedAt"]),
    )
