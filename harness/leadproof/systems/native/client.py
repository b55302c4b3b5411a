"""What the clients of the native CRM and marketing APIs have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from leadproof.systems.campaigns import Campaign, Member, MemberWrite, Report, ReportName
from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import BadAnswer, Refused
from leadproof.systems.native import answers
from leadproof.systems.native.batches import BATCH, results_of
from leadproof.systems.native.records import Described, Records, described, described_all
from leadproof.systems.native.responses import Answer
from leadproof.systems.native.session import Session
from leadproof.systems.organization import Connection, Side, User
from leadproof.systems.ports import Called, Capability, Cursor, Page, Record, Write, WriteResult
from leadproof.systems.records import FieldChange
from leadproof.transports.protocol import Request, Transport
from leadterms.criteria import Criteria
from leadterms.fields import FieldSpec, Schema
from leadterms.refusals import LeadtermsError
from leadterms.values import Plain, plain

PAGE = 2000
"""Records a page of a query or the change feed holds at most."""

_Made = TypeVar("_Made")
_COMMON = frozenset(
    {
        Capability.BATCH,
        Capability.CONDITIONAL_WRITE,
        Capability.IDEMPOTENCY,
        Capability.CHANGES,
        Capability.HISTORY,
        Capability.RECYCLE_BIN,
        Capability.MERGE,
        Capability.DUPLICATE_RULES,
        Capability.MEMBERS,
        Capability.REPORTS,
        Capability.INSTALL,
        Capability.ANY_OF,
    }
)


class NativeSystem:
    """The port `System` over the native REST API of one org."""

    kind: Side
    owner_field: str
    call_codes: Mapping[str, str] = {}
    can: frozenset[Capability] = _COMMON

    def __init__(self, transport: Transport, org: str, credentials: Credentials) -> None:
        self.name = org
        self._session = Session(transport, org, credentials)
        self._base = f"/{quote(org, safe='')}/{self.kind}/v1"
        self._records = Records(self._fetch_object, owner=self.owner_field)

    # --- who and what ----------------------------------------------------------------------------

    def connect(self) -> Connection:
        """GET whoami."""
        return self._get("whoami", answers.as_connection)

    def access_token(self) -> str:
        """The session's own."""
        return self._session.token()

    def call(self, request: Request) -> Called:
        """A call of a program's own, below any path of the org."""
        return self._session.as_it_is(request)

    def describe(self) -> Schema:
        """GET objects with their fields, fetched anew."""
        answer = self._call("GET", "objects", query=[("with_fields", "true")])
        known = self._understood("GET objects", lambda: described_all(answer.raw))
        for one in known:
            self._records.learn(one)
        return {one.spec.id: one.spec for one in known}

    def users(self) -> list[User]:
        """GET users; on a CRM the queues are among them."""
        return self._get("users", lambda raw: [answers.as_user(u) for u in raw["users"]])

    def campaigns(self) -> list[Campaign]:
        """GET campaigns."""
        return self._get("campaigns", lambda raw: [answers.as_campaign(c) for c in raw["campaigns"]])

    def report(self, name: ReportName) -> Report:
        """GET reports/{name}."""
        return self._get(f"reports/{name}", lambda raw: answers.as_report(name, raw))

    # --- reading ---------------------------------------------------------------------------------

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """A GET for one id, queries of up to 200 ids for more."""
        if len(ids) == 1:
            found = self._read_one(object, ids[0], fields)
            return [found] if found is not None else []
        by_id: dict[str, Record] = {}
        for start in range(0, len(ids), BATCH):
            wanted = list(dict.fromkeys(ids[start : start + BATCH]))
            body = {"criteria": {"rows": [["id", "in", wanted]]}, "limit": len(wanted)}
            records, _ = self._query(object, fields, body)
            by_id.update((record.id, record) for record in records)
        return [by_id[one] for one in ids if one in by_id]

    def find(self, object: str, criteria: Criteria | None, fields: Sequence[str]) -> Iterator[Record]:
        """POST query, page by page."""
        body: dict[str, Any] = {"limit": PAGE}
        if criteria is not None and criteria.rows:
            body["criteria"] = criteria.to_json()
        while True:
            records, following = self._query(object, fields, body)
            yield from records
            if not following:
                return
            body["cursor"] = following

    def changes(self, object: str, since: Cursor | None, fields: Sequence[str], limit: int) -> Page[Record]:
        """GET changes/{object}; `limit` is cut to the API's largest page."""
        query = [("limit", str(min(limit, PAGE)))]
        if since:
            query.append(("since", since))
        wanted = self._records.wanted(object, fields)
        if wanted:
            query.append(("fields", ",".join(wanted)))
        return self._get(
            f"changes/{quote(object, safe='')}",
            lambda raw: Page(
                [self._records.record(r, fields) for r in raw["records"]],
                raw["next"] or since or "",
                raw["more"],
            ),
            query,
        )

    def history(self, object: str, id: str) -> list[FieldChange]:
        """GET records/{object}/{id}/history, oldest first."""
        return self._get(
            f"{_record_path(object, id)}/history",
            lambda raw: [self._records.change(object, change) for change in raw["changes"]],
        )

    def members(self, since: Cursor | None, limit: int) -> Page[Member]:
        """GET members."""
        query = [("limit", str(min(limit, PAGE)))]
        if since:
            query.append(("since", since))
        return self._get(
            "members",
            lambda raw: Page([answers.as_member(m) for m in raw["members"]], raw["next"] or since or "", raw["more"]),
            query,
        )

    # --- writing ---------------------------------------------------------------------------------

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """POST batch, 200 rows a request."""
        return results_of(
            [self._row(write) for write in writes],
            lambda rows: self._call("POST", "batch", json={"all_or_none": False, "items": rows}).body,
            self._records.record,
        )

    def set_members(self, writes: Sequence[MemberWrite]) -> list[WriteResult]:
        """POST members, 200 rows a request."""
        return results_of(
            [
                {
                    "op": write.op,
                    "campaign": write.campaign,
                    "person_object": write.person_object,
                    "person": write.person,
                    **({"status": write.status} if write.op == "set" else {}),
                    **({"idempotency_key": write.idempotency_key} if write.idempotency_key else {}),
                }
                for write in writes
            ],
            lambda rows: self._call("POST", "members", json={"items": rows}).body,
            self._records.record,
        )

    def undelete(self, object: str, id: str) -> Record:
        """POST records/{object}/{id}/undelete."""
        answer = self._call("POST", f"{_record_path(object, id)}/undelete")
        return self._made("undelete", answer, self._records.record)

    def merge(self, object: str, winner: str, losers: Sequence[str]) -> Record:
        """POST records/{object}/{winner}/merge."""
        answer = self._call("POST", f"{_record_path(object, winner)}/merge", json={"losers": list(losers)})
        return self._made("merge", answer, self._records.record)

    def install(self, fields: Sequence[FieldSpec]) -> list[str]:
        """POST objects/{object}/fields for each; what was there with the same definition is left alone."""
        added = []
        for field in fields:
            path = f"objects/{quote(field.object, safe='')}/fields"
            if self._call("POST", path, json=field.to_json()).status == 201:
                added.append(f"{field.object}.{field.id}")
        return added

    def close(self) -> None:
        """Close the transport."""
        self._session.close()

    # --- the way out -----------------------------------------------------------------------------

    def _row(self, write: Write) -> dict[str, Any]:
        values: dict[str, Plain] = {field: plain(value) for field, value in write.values.items()}
        if write.owner is not None:
            values[self.owner_field] = write.owner or None
        row: dict[str, Any] = {"op": write.op, "object": write.object, "id": write.id}
        if write.op != "delete":
            row.update(values=values, assign=write.assign)
        if write.key is not None:
            key, value = write.key
            row["key"] = [key, plain(value)]
        if write.idempotency_key:
            row["idempotency_key"] = write.idempotency_key
        if write.if_version is not None:
            row["if_version"] = int(write.if_version)
        if write.allow_duplicates:
            row["allow_duplicates"] = True
        return row

    def _read_one(self, object: str, id: str, fields: Sequence[str]) -> Record | None:
        wanted = self._records.wanted(object, fields)
        query = [("fields", ",".join(wanted))] if wanted else []
        try:
            answer = self._call("GET", _record_path(object, id), query=query)
        except Refused as refused:
            if refused.refusal.kind == "gone":
                return None
            raise
        return self._made(f"read {object}", answer, lambda raw: self._records.record(raw, fields))

    def _query(self, object: str, fields: Sequence[str], body: Mapping[str, Any]) -> tuple[list[Record], Cursor | None]:
        wanted = self._records.wanted(object, fields)
        asked = {"object": object, **body, **({"fields": wanted} if wanted else {})}
        answer = self._call("POST", "query", json=asked)
        return self._made(
            f"query {object}",
            answer,
            lambda raw: ([self._records.record(r, fields) for r in raw["records"]], raw["next"]),
        )

    def _fetch_object(self, object: str) -> Described:
        path = f"objects/{quote(object, safe='')}"
        answer = self._call("GET", path)
        return self._understood(f"GET {path}", lambda: described(answer.raw))

    def _get(
        self, path: str, make: Callable[[Mapping[str, Any]], _Made], query: Sequence[tuple[str, str]] = ()
    ) -> _Made:
        return self._made(f"GET {path}", self._call("GET", path, query=query), make)

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        json: object = None,
        public: bool = False,
    ) -> Answer:
        return self._session.call(method, f"{self._base}/{path}", query=query, json=json, public=public)

    def _made(self, operation: str, answer: Answer, make: Callable[[Mapping[str, Any]], _Made]) -> _Made:
        """What `make` reads from the answer."""
        return self._understood(operation, lambda: make(answer.body))

    def _understood(self, operation: str, make: Callable[[], _Made]) -> _Made:
        """What `make` reads; a body of another shape is a `BadAnswer`, not a crash."""
        try:
            return make()
        except (KeyError, TypeError, ValueError, AttributeError, LeadtermsError) as wrong:
            text = f"the answer is not what the API documents: {type(wrong).__name__}: {wrong}"
            raise BadAnswer(self.name, operation, text) from wrong


def _record_path(object: str, id: str) -> str:
    return f"records/{quote(object, safe='')}/{quote(id, safe='')}"
