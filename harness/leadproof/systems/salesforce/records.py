"""Records of the vendor's JSON as typed `Record`s, and the describes that they are read by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from leadproof.systems.ports import Record
from leadproof.systems.salesforce.describing import Described, Json, moment
from leadterms.values import Value

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Records:
    """Reads records. `fetch(object)` gets one object's describe, which is kept until `learn` brings a newer one."""

    def __init__(self, fetch: Callable[[str], Described]) -> None:
        self._fetch = fetch
        self._known: dict[str, Described] = {}

    def learn(self, known: Described) -> None:
        """Take a describe that was fetched elsewhere."""
        self._known[known.spec.id] = known

    def forget(self, object: str) -> None:
        """The object's fields changed: ask again."""
        self._known.pop(object, None)

    def of(self, object: str) -> Described:
        """The object's describe, fetched the first time."""
        if object not in self._known:
            self.learn(self._fetch(object))
        return self._known[object]

    def record(self, object: str, raw: Json, fields: Sequence[str] = ()) -> Record:
        """One record; `values` holds `fields`, or without any all that the object has."""
        known = self.of(object)
        named: Mapping[str, Any] | Sequence[str] = fields or known.readers
        values: dict[str, Value] = {
            name: known.readers[name](raw.get(name)) if name in known.readers else None for name in named
        }
        stamp = raw.get("SystemModstamp") or raw.get("LastModifiedDate")
        return Record(
            object=object,
            id=raw["Id"],
            values=values,
            modified=moment(stamp) if stamp else _LONG_AGO,
            deleted=raw.get("IsDeleted") is True,
            merged_into=raw.get("MasterRecordId") or None,
            created=moment(raw["CreatedDate"]) if raw.get("CreatedDate") else _LONG_AGO,
            modified_by=raw.get("LastModifiedById") or "",
            owner=raw.get("OwnerId") or None,
            converted_to=raw.get("ConvertedContactId") or None,
            version=str(stamp) if stamp else None,
        )
