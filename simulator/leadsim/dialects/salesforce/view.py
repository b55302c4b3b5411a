"""An org as Salesforce shows it: records with the vendor's ids and fields, and rows made from the org's settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from leadsim.dialects.salesforce import computed, setup_rows
from leadsim.dialects.salesforce.catalog import Catalog, SField, SObject
from leadsim.dialects.salesforce.ids import numbers_of, org_id, read_id
from leadsim.engine.query import Order
from leadsim.engine.records import Org
from leadsim.engine.refusals import Refused
from leadsim.engine.stored import Stored
from leadterms.criteria import Criteria, Row
from leadterms.logic import every_row
from leadterms.values import Value

PAGE = 2000
USERS = {"User": "005", "Queue": "00G"}


class Record:
    """One row of one object. `stored` is the engine's record, `made` the values of a row made from settings."""

    __slots__ = ("made", "object", "stored", "view")

    def __init__(
        self, view: View, object: SObject, stored: Stored | None = None, made: dict[str, Value] | None = None
    ) -> None:
        self.view = view
        self.object = object
        self.stored = stored
        self.made = made or {}

    @property
    def id(self) -> str:
        """The record's id, 18 characters."""
        if self.stored is None:
            return str(self.made["Id"])
        return self.view.id_of(self.stored)

    def get(self, field: SField) -> Value:
        """A field's value: text, Decimal, bool, date, datetime, a set of choices, or None. Compound fields are None
        here; encoding.py shows them."""
        source = field.source
        if source == "stored":
            assert self.stored is not None
            return self.view.shown(field, self.stored.values.get(field.key))
        if source == "row":
            return self.made.get(field.key)
        if source == "column":
            assert self.stored is not None
            return self._column(field.key)
        if source == "computed":
            return computed.value(self, field)
        return None

    def named(self, name: str) -> Value:
        """A field's value by its API name; None where the object has no such field."""
        field = self.object.fields.get(name)
        return None if field is None else self.get(field)

    def parent(self, field: SField) -> Record | None:
        """The record that a reference points at, deleted ones too."""
        id = self.get(field)
        return self.view.by_id(id) if isinstance(id, str) else None

    def _column(self, column: str) -> Value:
        stored = self.stored
        assert stored is not None
        if column == "id":
            return self.view.id_of(stored)
        if column in ("created_by", "modified_by"):
            return self.view.user_id(getattr(stored, column))
        value: Value = getattr(stored, column)
        return value


class View:
    """The whole org, for one request. Parents are read once."""

    def __init__(self, org: Org, catalog: Catalog) -> None:
        self.org = org
        self.catalog = catalog
        self.ids = numbers_of(org.name)
        self.zone = ZoneInfo(org.settings.time_zone)
        self._read: dict[str, Record | None] = {}

    @property
    def now(self) -> datetime:
        """The org's time."""
        return self.org.clock.now()

    @property
    def org_id(self) -> str:
        """The org's own id."""
        return org_id(self.org.name)

    def id_of(self, stored: Stored) -> str:
        """A record's id. Users and queues have names in the engine, so theirs is made from their number."""
        prefix = USERS.get(stored.object)
        return stored.id if prefix is None else self.ids.make(prefix, stored.seq)

    def user_id(self, user: str) -> str:
        """The id of a user or queue that the engine knows by name; what is nobody's is the system's own user."""
        known = self.org.users.get(user)
        if known is not None:
            return self.ids.make(USERS["Queue" if known.queue else "User"], known.seq)
        stored = self.org.row(user)  # somebody who was deleted
        return self.id_of(stored) if stored is not None and stored.object in USERS else self.ids.make("005", 0)

    def engine_user(self, id: str) -> str | None:
        """The engine's name of the user or queue with this id."""
        record = self.by_id(id)
        return (
            record.stored.id
            if record is not None and record.stored is not None and record.object.name in ("User", "Group")
            else None
        )

    def shown(self, field: SField, value: Value) -> Value:
        """An engine's value as a client sees it."""
        if value is None:
            return False if field.type == "boolean" else None
        if field.type == "reference" and isinstance(value, str) and "User" in field.refers_to:
            return self.user_id(value)
        return value

    def by_id(self, id: str) -> Record | None:
        """The record with this id (15 or 18 characters), whatever its state."""
        long = read_id(id)
        if long is None:
            return None
        if long not in self._read:
            self._read[long] = self._find(long)
        return self._read[long]

    def forget(self) -> None:
        """Something was written: read again."""
        self._read.clear()

    def _find(self, long: str) -> Record | None:
        object = self.catalog.of_id(long)
        if object is None:
            return setup_rows.by_id(self, long)
        if object.engine in USERS:
            row = self._row(self.ids.number_of(long))
            stored = None if row is None else self.org.row(str(row[2]))
            found = (
                stored if stored is not None and stored.object == object.engine and self.id_of(stored) == long else None
            )
        else:
            found = self.org.row(long)
            if found is not None and found.object != object.engine:
                found = None
        return None if found is None else Record(self, object, found)

    def keyed(self, object: SObject, key: SField, value: str) -> list[Record]:
        """The records with a value in one of their fields; none for a value that no record could hold."""
        if not value.strip():
            return []
        try:
            return list(self.records(object, Criteria((Row(key.key, "=", value),), every_row(1))))
        except Refused:
            return []

    def _row(self, number: int) -> Sequence[object] | None:
        """The row with this number; none where another org's id was asked for."""
        return self.org.store.at(number) if number > 0 else None

    def records(
        self, object: SObject, criteria: Criteria | None = None, order: Order = (), *, deleted: bool = False
    ) -> Iterator[Record]:
        """The records of an object that match, in order; of an object made from settings: all rows."""
        if object.engine is None:
            yield from setup_rows.rows(self, object, criteria)
            return
        after = None
        while True:
            page = self.org.find(object.engine, criteria, order, PAGE, after, deleted=deleted)
            for stored in page.records:
                yield Record(self, object, stored)
            if page.next is None:
                return
            after = page.next
