"""An org as the vendor shows it: records with their numbers and fields, and rows made from the org's set-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from leadsim.dialects.pardot import computed
from leadsim.dialects.pardot.catalog import Catalog, PObject
from leadsim.dialects.pardot.ids import number_of, seq_of
from leadsim.dialects.pardot.made_rows import MADE_ROWS
from leadsim.dialects.pardot.neighbour import salesforce_users
from leadsim.dialects.pardot.standard import Field
from leadsim.engine.records import Org
from leadsim.engine.stored import Stored
from leadsim.gateway.call import STALE_SECONDS
from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.gateway.site import Site


class Record:
    """One row of one object. `stored` is the engine's record, `made` the values of a row made from the set-up."""

    __slots__ = ("made", "object", "stored", "view")

    def __init__(
        self, view: View, object: PObject, stored: Stored | None = None, made: dict[str, Any] | None = None
    ) -> None:
        self.view: View = view
        self.object = object
        self.stored = stored
        self.made = made or {}

    @property
    def number(self) -> int:
        """The record's id."""
        return int(self.made["id"]) if self.stored is None else number_of(self.stored.seq)

    @property
    def deleted(self) -> bool:
        """Whether it is in the recycle bin; a user, whether it was switched off."""
        if self.stored is None:
            return False
        return self.stored.deleted or (self.stored.object == "user" and self.stored.values.get("is_active") is not True)

    def get(self, field: Field) -> Any:
        """A field's value: int, float, str, bool, datetime, date, a list, or None."""
        source = field.source
        if source == "row":
            return self.made.get(field.key)
        if source == "-":
            return None
        stored = self.stored
        assert stored is not None
        if source == "field":
            return _shown(field, stored.values.get(field.key))
        if source == "seq":
            return self.number
        if source == "ref":
            return self.view.number(stored.values.get(field.key))
        if source == "at":
            return getattr(stored, field.key)
        if source == "by":
            return self.view.number(getattr(stored, field.key))
        if source == "bin":
            return stored.deleted
        return computed.MADE[field.key](self)

    def named(self, v5: str) -> Any:
        """A field's value by its v5 name."""
        return self.get(self.object.fields[v5])

    def related(self, field: Field) -> Record | None:
        """The record that an id points at, deleted ones too."""
        number = self.get(field)
        return self.view.find(self.view.catalog.objects[field.of], number) if isinstance(number, int) else None


def _shown(field: Field, value: Value) -> Any:
    if value is None:
        return False if field.type == "Boolean" else None
    if isinstance(value, Decimal):
        return int(value) if field.type == "Integer" else float(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if field.type == "Integer" and isinstance(value, str):
        return int(value) if value.isdecimal() else None
    return value


class View:
    """The whole org, for one request; as it was a while ago, where reads lag behind writes."""

    def __init__(
        self, org: Org, catalog: Catalog, *, stale: bool = False, site: Site | None = None, origin: str = ""
    ) -> None:
        self.org: Org = org
        self.catalog: Catalog = catalog
        self.zone = ZoneInfo(org.settings.time_zone)
        self.site = site
        self.origin = origin
        self._numbers: dict[str, int | None] = {}
        self.lag_seconds = max(org.settings.reads_lag_seconds, STALE_SECONDS if stale else 0)

    @property
    def now(self) -> datetime:
        """The org's time."""
        return self.org.clock.now()

    @property
    def seen_until(self) -> datetime:
        """What was written later is not seen."""
        return self.now - timedelta(seconds=self.lag_seconds)

    def number(self, id: Value) -> int | None:
        """What clients see of the engine's id of a record or user."""
        if not isinstance(id, str) or not id:
            return None
        if id not in self._numbers:
            row = self.org.row(id)
            self._numbers[id] = None if row is None else number_of(row.seq)
        return self._numbers[id]

    def engine_id(self, object: PObject, number: int) -> str | None:
        """The engine's id of the live record with this number."""
        found = self.find(object, number, written=True)
        return None if found is None or found.stored is None or found.deleted else found.stored.id

    def find(self, object: PObject, number: int, *, written: bool = False) -> Record | None:
        """The record with this number, whatever its state. `written`: as it is, not as a lagging read sees it."""
        if not object.table.engine:
            return next((one for one in self.rows(object) if one.number == number), None)
        if not 0 < seq_of(number) < 2**62:
            return None
        row = self.org.store.at(seq_of(number))
        if row is None or row[1] != object.table.engine:
            return None
        held = Stored(row, self.org.codec(object.table.engine))
        stored = held if written else self.seen(held)
        return None if stored is None or not self._shows(object, stored) else Record(self, object, stored)

    def _shows(self, object: PObject, stored: Stored) -> bool:
        """Whether a record is one of the collection's: of the engine's forms only those with a page are forms."""
        if object.table.v5 == "forms":
            return computed.is_hosted(self.org, stored)
        only = computed.ONLY.get(object.table.v5)
        return only is None or stored.values.get(only[0]) == only[1]

    def seen(self, stored: Stored) -> Stored | None:
        """A record as a read sees it now; None where it doesn't see it yet."""
        if not self.lag_seconds:
            return stored
        with self.org.reading.stale(self.lag_seconds):
            return self.org.reading.as_seen(stored)

    def rows(self, object: PObject) -> Iterator[Record]:
        """All rows of an object in the order of creation, deleted ones too."""
        if not object.table.engine:
            yield from (Record(self, object, made=made) for made in MADE_ROWS[object.table.v5](self))
            return
        for stored in self.org.reading.all_of(object.table.engine, deleted=True):
            seen = self.seen(stored)
            if seen is not None and self._shows(object, seen):
                yield Record(self, object, seen)

    @cached_property
    def salesforce_users(self) -> Mapping[str, str]:
        """The Salesforce ids of the org's users, where a Salesforce org of the sandbox has the same people."""
        return {} if self.site is None else salesforce_users(self.site)
