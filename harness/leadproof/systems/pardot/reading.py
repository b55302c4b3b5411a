"""Reading records of version 5: pages by token, one record, and what a stale cache leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leadproof.systems.failures import BadAnswer, Refused
from leadproof.systems.pardot.changes import Reading
from leadproof.systems.pardot.describing import CUSTOM_FIELD_FIELDS, PROSPECT, Described, Json, described
from leadproof.systems.pardot.errors import PAGE_TOKEN
from leadproof.systems.pardot.freshness import Freshness
from leadproof.systems.pardot.queries import MOST_IDS
from leadproof.systems.pardot.session import CUT, Session
from leadproof.systems.pardot.standard import DELETED, OBJECTS
from leadproof.systems.ports import Cursor, Refusal

PAGE = 1000
"""Records a page holds at most."""


class Reader:
    """Rows of one business unit as the API gives them, with confirmed writes over stale ones."""

    def __init__(self, session: Session, org: str) -> None:
        self._session = session
        self._org = org
        self._known: dict[str, Described] = {}
        self.fresh = Freshness()

    def of(self, object: str) -> Described:
        """The object's definition; the unit's custom fields are fetched the first time. Raises Refused for an object
        that this client does not know."""
        if object not in self._known:
            if object not in OBJECTS:
                text = f"Account Engagement has no object {object}; known are {', '.join(OBJECTS)}"
                raise Refused(self._org, object, Refusal("51", text, None, "invalid", True))
            self._known[object] = self._described(object)
        return self._known[object]

    def learn(self) -> Mapping[str, Described]:
        """Every object, custom fields fetched anew."""
        self._known = {name: self._described(name) for name in OBJECTS}
        return self._known

    def pages(self, path: str, fields: str, query: Sequence[tuple[str, str]] = ()) -> Iterator[Json]:
        """All rows of a query, in the order of their ids. A sequence of page tokens ends after 100,000 rows; what is
        left is asked for anew, behind the last id."""
        first = [("fields", fields), ("limit", str(PAGE)), *query, ("orderBy", "id")]
        asked = first
        while True:
            rows, token = self._page(path, asked)
            yield from rows
            if token:
                asked = [("fields", fields), ("nextPageToken", token)]
            elif self._session.warning == CUT and rows:
                asked = [*first, ("idGreaterThan", str(rows[-1]["id"]))]
            else:
                return

    def query(self, object: str, fields: Sequence[str], filters: Sequence[tuple[str, str]]) -> Iterator[Json]:
        """The live rows of a query, completed by single readings where a field asks for them."""
        known = self.of(object)
        asked = ",".join(known.asked(fields, single=False))
        for row in self.pages(known.spec.id, asked, filters):
            current = self.fresh.over(object, row)
            if current.get(DELETED) is not True:
                yield self.completed(known, current, fields)

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Json]:
        """The live rows among these ids."""
        known = self.of(object)
        numbers = sorted({id for id in ids if id.isdigit()}, key=int)
        if len(numbers) == 1:
            one = self._one(known, numbers[0], fields)
            rows = [one] if one is not None else []
        else:
            rows = []
            for start in range(0, len(numbers), MOST_IDS):
                rows += self.query(object, fields, [("idList", ",".join(numbers[start : start + MOST_IDS]))])
        seen = {str(row["id"]) for row in rows}
        rows += self.fresh.missing(object, [id for id in numbers if id not in seen])
        return [row for row in rows if row.get(DELETED) is not True]

    def changes(
        self, object: str, since: Cursor | None, fields: Sequence[str], limit: int
    ) -> tuple[list[Json], Reading, bool]:
        """The next page of what changed, where to go on, and whether there is more: the reading has another page, or
        was cut off after 100,000 rows."""
        known = self.of(object)
        reading = Reading.of(since)
        if not reading.token:
            reading = reading.begun(self._session.now)
        asked = [("fields", ",".join(known.asked(fields, single=False)))]
        first = [("limit", str(min(limit, PAGE)))]
        try:
            more = [] if reading.token else first
            rows, token = self._page(known.spec.id, [*asked, *reading.query(), *more])
        except Refused as refused:
            if not reading.token or refused.refusal.code not in {str(code) for code in PAGE_TOKEN}:
                raise
            reading = reading.again()
            rows, token = self._page(known.spec.id, [*asked, *reading.query(), *first])
        current = [self.fresh.over(object, row) for row in rows]
        # Completed before they are compared: an edit within the second of the last one may be of such a field only.
        cut = self._session.warning == CUT
        whole = [row if row.get(DELETED) else self.completed(known, row, fields) for row in current]
        found, further = (reading.cut() if cut else reading).take(whole, token)
        return found, further, bool(token) or cut

    def completed(self, known: Described, row: Json, fields: Sequence[str]) -> Json:
        """The row with the fields that only the reading of one record tells, if one of them is wanted."""
        if not known.single_only.intersection(fields or known.readers):
            return row
        single = self._one(known, str(row["id"]), fields)
        return single if single is not None else row

    def _one(self, known: Described, id: str, fields: Sequence[str]) -> Json | None:
        query = [("fields", ",".join(known.asked(fields or tuple(known.readers), single=True)))]
        try:
            _, body = self._session.v5("GET", f"{known.spec.id}/{id}", query=query)
        except Refused as refused:
            if refused.refusal.kind == "gone":
                return None
            raise
        return self.fresh.over(known.spec.id, self._row(body))

    def _page(self, path: str, query: Sequence[tuple[str, str]]) -> tuple[list[Json], str]:
        _, body = self._session.v5("GET", path, query=query)
        self.fresh.forget_older(self._session.now)
        if not isinstance(body, Mapping) or not isinstance(body.get("values"), list):
            raise BadAnswer(self._org, f"GET {path}", "an answer to a query that has no `values`")
        return [self._row(row) for row in body["values"]], str(body.get("nextPageToken") or "")

    def _row(self, raw: Any) -> Json:
        if not isinstance(raw, Mapping) or raw.get("id") is None:
            raise BadAnswer(self._org, "read", "a record that has no `id`")
        return raw

    def _described(self, object: str) -> Described:
        customs = self.pages("custom-fields", CUSTOM_FIELD_FIELDS) if object == PROSPECT else ()
        return described(object, customs)
