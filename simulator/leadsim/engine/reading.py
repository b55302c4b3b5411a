"""Reading an org: by criteria, by key, what changed since, and a record's history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from leadsim.engine.query import Query, build, fields_of, refuse_moving
from leadsim.engine.refusals import Refused
from leadsim.engine.schema import SYSTEM_COLUMNS
from leadsim.engine.store import COLUMNS
from leadsim.engine.stored import Stored
from leadterms.criteria import Criteria, Ref, Row, bind
from leadterms.refusals import CriteriaRefused
from leadterms.values import Plain, Value, order_key

if TYPE_CHECKING:
    from leadsim.engine.records import Org

FAR_FUTURE = "9999"
PAGE = 2000
FEW = 200


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Records, and where the next page begins: the last record's keys in the query's order, then its seq; None when
    there are no more. `next` is made of plain JSON values."""

    records: list[Stored]
    next: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that one write changed (contract: GET .../history). `seq` is the write's place in the org; `cause`
    names what made the engine write it by itself: a merge, a form, an activity."""

    seq: int
    at: str
    user: str
    actor: str
    op: str
    field: str
    before: Plain
    after: Plain
    request: int | None
    cause: str | None = None


class Reading:
    """The reading side of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._stale_seconds = 0
        self._lookups: dict[tuple[str, str, bool], str] = {}  # their statements
        self._held: dict[tuple[str, bool], tuple[tuple[int, int], list[Stored]]] = {}
        self._newest: tuple[int, dict[str, int]] | None = None  # with the store's `writes` as they were then

    @contextmanager
    def stale(self, seconds: int) -> Iterator[None]:
        """Within it, reads see only what was written at least so long ago: the fault of a stale read."""
        self._stale_seconds = seconds
        try:
            yield
        finally:
            self._stale_seconds = 0

    def as_seen(self, record: Stored) -> Stored | None:
        """A record as a lagging read sees it: at its newest visible version, None before there is one."""
        until = self._visible_until()
        if until is None or record.modified_text[:-1] <= until:
            return record
        if record.created_text[:-1] > until:
            return None
        changes = [_Audit(*row) for row in self._org.store.history(record.seq)]
        return self.as_of(record, max((one.version for one in changes if one.at <= until), default=1))

    def _visible_until(self) -> str | None:
        """With a read lag, only what was written by then is seen (recipe: `reads_lag_seconds`)."""
        lag = max(self._org.settings.reads_lag_seconds, self._stale_seconds)
        if not lag:
            return None
        until = self._org.clock.now() - timedelta(seconds=lag)
        return until.astimezone(UTC).replace(tzinfo=None).isoformat()

    def find(self, query: Query) -> FoundPage:
        """A page of what matches."""
        org = self._org
        fields = org.schema.query_fields(query.object)
        query = self._bound(query)
        refuse_moving(query, fields)
        org.keyed.need(query.object, fields_of(query.criteria, query.order))
        query = replace(query, limit=query.limit + 1, created_until=self._visible_until())
        statement, values = build(query)
        codec = org.codec(query.object)
        records = [Stored(row, codec) for row in org.store.select(statement, values)]
        if len(records) < query.limit:
            return FoundPage(records, None)
        records.pop()
        return FoundPage(records, _cursor(query, records[-1]) if records else None)

    def _bound(self, query: Query) -> Query:
        fields = self._org.schema.query_fields(query.object)
        for name, _ in query.order:
            if name not in fields:
                raise Refused("invalid", f"{query.object} has no field {name!r} to order by.")
        if query.criteria is None:
            return query
        try:
            return replace(query, criteria=bind(query.criteria, fields))
        except CriteriaRefused as refused:
            raise Refused("invalid", f"{refused.text} {refused.fix}".strip(), code=refused.code) from None

    def plan(self, query: Query) -> list[str]:
        """How the database would run a query: for tests that prove an index is used."""
        query = self._bound(query)
        self._org.keyed.need(query.object, fields_of(query.criteria, query.order))
        statement, values = build(query)
        return self._org.store.plan(statement, values)

    def lookup(self, object: str, field: str, value: Value, *, deleted: bool) -> list[Stored]:
        """Records whose field has this value. Sees what was just written, whatever the read lag."""
        org, key = self._org, order_key(value)
        if key is None:
            return []
        org.keyed.need(object, (field,))
        asked = (object, field, deleted)
        known = self._lookups.get(asked)
        if known is None:
            query = Query(object, Criteria((Row(field, "=", value),), Ref(1)), (), PAGE, None, deleted)
            known = self._lookups[asked] = build(query)[0]
        rows = org.store.select(known, {"count": PAGE, "v1": key})
        if not rows:
            return []
        codec = org.codec(object)
        return [Stored(row, codec) for row in rows]

    def all_of(self, object: str, criteria: Criteria | None = None, *, deleted: bool = False) -> Iterator[Stored]:
        """All records of an object that match bound criteria, in the order of creation, whatever the read lag."""
        whole = self._few(object, deleted) if criteria is None else None
        return self._paged(object, criteria, deleted) if whole is None else iter(whole)

    def _few(self, object: str, deleted: bool) -> list[Stored] | None:
        """All records of an object of which there are few, read again only when something was written: campaigns,
        lists, forms and what the reports count are asked for in every cycle. None where there are many, or where time
        alone changes their values."""
        org = self._org
        codec = org.codec(object)
        state = (org.store.writes, org.schema.version)
        held = self._held.get((object, deleted))
        if held is not None and held[0] == state:
            return held[1]
        if codec.moves:
            return None
        statement, values = build(Query(object, None, (), FEW + 1, None, deleted))
        records = [Stored(row, codec) for row in org.store.select(statement, values)]
        if len(records) > FEW:
            return None
        self._held[object, deleted] = state, records
        return records

    def _paged(self, object: str, criteria: Criteria | None, deleted: bool) -> Iterator[Stored]:
        org = self._org
        codec = org.codec(object)
        org.keyed.need(object, fields_of(criteria, ()))
        after: tuple[Any, ...] | None = None
        while True:
            statement, values = build(Query(object, criteria, (), PAGE, after, deleted))
            rows = org.store.select(statement, values)
            for row in rows:
                yield Stored(row, codec)
            if len(rows) < PAGE:
                return
            after = (rows[-1][0],)

    def changes(self, object: str, since: int, limit: int) -> tuple[list[Stored], int, bool]:
        """A page of the change feed, by its own index: flat however many records there are."""
        codec = self._org.codec(object)
        until = self._visible_until() or FAR_FUTURE
        rows = self._org.store.changes(object, since, until, limit + 1)
        records = [Stored(row, codec) for row in rows[:limit]]
        return records, records[-1].mod if records else since, len(rows) > limit

    def newest(self) -> dict[str, int]:
        """By object, the cursor of its change feed behind the newest change, whether reads lag or not."""
        store = self._org.store
        if self._newest is None or self._newest[0] != store.writes:
            self._newest = store.writes, store.newest(orjson.dumps(list(self._org.schema.objects)).decode())
        return self._newest[1]

    def history(self, record: Stored) -> list[FieldChange]:
        """The audit trail. The values at creation aren't stored twice: they are what is left when all later changes
        are taken back from the present values."""
        changes = [_Audit(*row) for row in self._org.store.history(record.seq)]
        first, _ = self._unwound(record, changes, 1)
        created = [
            FieldChange(
                record.seq, record.created_text, record.created_by, record.created_actor, "create", field, None, value,
                record.created_request,
            )
            for field, value in sorted(first.items())
        ]  # fmt: skip
        later = [
            FieldChange(
                one.mod,
                one.at + "Z",
                one.user,
                one.actor,
                one.op,
                field,
                before,
                after,
                one.request,
                one.cause,
            )
            for one in changes
            for field, (before, after) in sorted(orjson.loads(one.fields).items())
        ]
        return created + later

    def last_cause(self, record: Stored) -> str | None:
        """What made the engine write the record's newest version; None for a caller's own write."""
        changes = self._org.store.history(record.seq)
        return None if not changes else _Audit(*changes[-1]).cause

    def as_of(self, record: Stored, version: int) -> Stored:
        """The record as it was at an earlier version."""
        if record.version == version:
            return record
        changes = [_Audit(*row) for row in self._org.store.history(record.seq)]
        values, last = self._unwound(record, changes, version)
        row = list(record.row)
        row[14] = orjson.dumps(values).decode()
        row[4], row[5], row[6] = version, 0, None
        if last is None:
            row[3], row[11], row[12] = record.seq, row[7], row[8]
        else:
            row[3], row[11], row[12] = last.mod, last.at, last.user
            row[5] = int(last.op in ("delete", "merge"))
        return Stored(tuple(row), self._org.codec(record.object))

    def _unwound(self, record: Stored, changes: list[_Audit], version: int) -> tuple[dict[str, Plain], _Audit | None]:
        values = dict(record.plain)
        for one in reversed(changes):
            if one.version <= version:
                return values, one
            for field, (before, _) in orjson.loads(one.fields).items():
                if before is None:
                    values.pop(field, None)
                else:
                    values[field] = before
        return values, None


@dataclass(frozen=True, slots=True)
class _Audit:
    """A row of the audit trail, as store.ChangeRow."""

    mod: int
    record: int
    op: str
    version: int
    at: str
    user: str
    actor: str
    request: int | None
    cause: str | None
    fields: str


def _cursor(query: Query, last: Stored) -> tuple[Any, ...]:
    keys = [
        last.row[COLUMNS.index(field)] if field in SYSTEM_COLUMNS else order_key(last.values.get(field))
        for field, _ in query.order
    ]
    return (*keys, last.seq)
