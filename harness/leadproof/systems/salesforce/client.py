"""The port `Crm` over a Salesforce org's REST and SOAP APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from leadproof.systems.campaigns import Campaign, Member, MemberStatus, MemberWrite, Report, ReportName
from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import BadAnswer, CallFailed, Refused
from leadproof.systems.organization import AssignmentRule, Connection, Organization, Quota, Side, User
from leadproof.systems.ports import Called, Capability, Cursor, Page, Record, Refusal, Write, WriteResult
from leadproof.systems.records import Converted, FieldChange
from leadproof.systems.salesforce import history, installing, members
from leadproof.systems.salesforce.changes import ORDER, Reading
from leadproof.systems.salesforce.describing import Described, Json
from leadproof.systems.salesforce.errors import CALLS
from leadproof.systems.salesforce.records import Records
from leadproof.systems.salesforce.session import Session, path_of
from leadproof.systems.salesforce.soap import convert_lead, merge_records, undelete_record
from leadproof.systems.salesforce.soql import LONGEST, listed, quoted, select, wheres
from leadproof.systems.salesforce.writing import write_all
from leadproof.transports.protocol import Request, Transport
from leadterms.criteria import Criteria
from leadterms.fields import FieldSpec, Schema
from leadterms.refusals import LeadtermsError

PAGE = 2000
"""Rows that the vendor answers at once at most."""
READ = 200
"""Ids in one query: with 18 characters each they fit beside every field's name."""
OBJECTS = ("Account", "Campaign", "CampaignMember", "Contact", "Lead", "Opportunity", "User")
"""The standard objects that leads flow through; an org has hundreds, and describing one costs a call."""
CUSTOM = "__c"
DEVELOPERS = "Developer Edition"
NOT_READABLE = "NOT_READABLE"

_Made = TypeVar("_Made")


class SalesforceCrm:
    """A client of one org. It speaks the vendor's ids only."""

    kind: Side = "crm"
    owner_field = "OwnerId"
    call_codes = CALLS
    can: frozenset[Capability] = frozenset(
        {
            Capability.BATCH,
            Capability.CHANGES,
            Capability.HISTORY,
            Capability.RECYCLE_BIN,
            Capability.MERGE,
            Capability.DUPLICATE_RULES,
            Capability.MEMBERS,
            Capability.CONVERT,
            Capability.INSTALL,
        }
    )

    def __init__(self, transport: Transport, org: str, credentials: Credentials) -> None:
        self.name = org
        self._session = Session(transport, org, credentials)
        self._records = Records(self._fetch_object)
        self._converted_status = ""

    # --- who and what ----------------------------------------------------------------------------

    def connect(self) -> Connection:
        """userinfo, the org's time zone and its limits. The vendor tells nobody the address that it sees."""
        who = self._session.call("GET", "/services/oauth2/userinfo")
        limits = self._session.call("GET", "limits")
        return self._made("GET limits", lambda: self._connection(who, limits))

    def organization(self) -> Organization:
        """The org's id; a sandbox, and a developer's edition, is no production."""
        (raw,) = self._query(select("Organization", ("Id", "IsSandbox", "OrganizationType")))
        rehearsal = raw["IsSandbox"] is True or raw["OrganizationType"] == DEVELOPERS
        return Organization(raw["Id"], production=not rehearsal)

    def access_token(self) -> str:
        """The session's own."""
        return self._session.token()

    def call(self, request: Request) -> Called:
        """A call of a program's own, of any endpoint that answers JSON."""
        return self._session.as_it_is(request)

    def describe(self) -> Schema:
        """The standard objects of lead flow and every custom one, fetched anew."""
        listed = self._session.call("GET", "sobjects")
        names = self._made("GET sobjects", lambda: [one["name"] for one in listed["sobjects"] if _is_wanted(one)])
        for name in names:
            self._records.learn(self._fetch_object(name))
        return {name: self._records.of(name).spec for name in names}

    def users(self) -> list[User]:
        """The users, and the queues that may own leads."""
        users = self._query(select("User", ("Id", "Username", "Name", "Email", "IsActive"), tail="ORDER BY Id"))
        queues = self._query(select("Group", ("Id", "Name", "DeveloperName"), "Type = 'Queue'", "ORDER BY Id"))
        return self._made(
            "query User",
            lambda: [
                *(User(u["Id"], u["Username"], u["Name"] or "", u["Email"] or "", u["IsActive"], False) for u in users),
                *(User(q["Id"], q["DeveloperName"] or q["Name"], q["Name"] or "", "", True, True) for q in queues),
            ],
        )

    def campaigns(self) -> list[Campaign]:
        """Campaigns with their members' statuses, in their order."""
        found = self._query(select("Campaign", ("Id", "Name"), tail="ORDER BY CreatedDate, Id"))
        fields = ("CampaignId", "Label", "HasResponded", "SortOrder")
        rows = self._query(select("CampaignMemberStatus", fields, tail="ORDER BY CampaignId, SortOrder"))
        statuses: dict[str, list[MemberStatus]] = {}
        for row in rows:
            statuses.setdefault(row["CampaignId"], []).append(MemberStatus(row["Label"], row["HasResponded"] is True))
        return [Campaign(one["Id"], one["Name"], tuple(statuses.get(one["Id"], ()))) for one in found]

    def report(self, name: ReportName) -> Report:
        """The vendor's reports are what an org's people made of them: none answers the port's question."""
        text = f"Salesforce has no report {name} of its own."
        raise Refused(self.name, f"report {name}", Refusal(NOT_READABLE, text, None, "invalid", True))

    def assignment_rules(self) -> list[AssignmentRule]:
        """The API names the active rule and not its entries: not readable."""
        text = "Salesforce's API tells the name of the active assignment rule, not its criteria and assignees."
        raise Refused(self.name, "assignment rules", Refusal(NOT_READABLE, text, None, "invalid", True))

    def default_owner(self) -> str | None:
        """Stands in the set-up pages (Lead Settings) only; None."""
        return None

    # --- reading ---------------------------------------------------------------------------------

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Queries of up to 200 ids."""
        by_id: dict[str, Record] = {}
        unique = list(dict.fromkeys(one for one in ids if one.isalnum() and len(one) in (15, 18)))
        wanted = self._records.of(object).wanted(fields) if unique else []
        for start in range(0, len(unique), READ):
            where = f"Id IN {listed(unique[start : start + READ])}"
            by_id.update((one["Id"], self._record(object, one, fields)) for one in self._query(
                select(object, wanted, where)))  # fmt: skip
        return [by_id[one] for one in ids if one in by_id]

    def find(self, object: str, criteria: Criteria | None, fields: Sequence[str]) -> Iterator[Record]:
        """A query, page by page; a list too long for one address becomes several."""
        known = self._records.of(object)
        wanted = known.wanted(fields)
        room = LONGEST - len(quote(select(object, wanted), safe=""))
        for where in wheres(criteria, known.spec.fields, room):
            for raw in self._pages("query", select(object, wanted, where, "ORDER BY CreatedDate, Id")):
                yield self._record(object, raw, fields)

    def changes(self, object: str, since: Cursor | None, fields: Sequence[str], limit: int) -> Page[Record]:
        """See changes.py."""
        wanted = self._records.of(object).wanted(fields)
        rows, reading, more = self._changed(object, wanted, since, limit)
        return Page([self._record(object, raw, fields) for raw in rows], reading.cursor(), more)

    def history(self, object: str, id: str) -> list[FieldChange]:
        """See history.py; a deleted record's life is told too."""
        known = self._records.of(object)
        fields = list(dict.fromkeys(("CreatedById", *known.wanted(()))))
        found = list(self._pages("queryAll", select(object, fields, f"Id = {quoted(id)}")))
        if not found:
            gone = Refusal("NOT_FOUND", f"There is no {object} {id}.", None, "gone", True)
            raise Refused(self.name, f"history of {object}", gone)
        asked = history.question(object, id)
        rows = self._query(asked) if asked is not None else []
        return self._made(f"query {object}", lambda: history.as_changes(known, found[0], rows))

    def members(self, since: Cursor | None, limit: int) -> Page[Member]:
        """The changes of CampaignMember."""
        rows, reading, more = self._changed(members.OBJECT, members.FIELDS, since, limit)
        told = self._made("query CampaignMember", lambda: [members.as_member(raw) for raw in rows])
        return Page(told, reading.cursor(), more)

    # --- writing ---------------------------------------------------------------------------------

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """See writing.py; what was stored is read back, 200 rows a call, as the vendor answers with ids only."""
        return self._with_records(writes, write_all(self._session, writes))

    def set_members(self, writes: Sequence[MemberWrite]) -> list[WriteResult]:
        """See members.py."""
        return members.set_members(writes, self._query, lambda rows: write_all(self._session, rows))

    def undelete(self, object: str, id: str) -> Record:
        """SOAP's undelete."""
        undelete_record(self._session, self.name, id)
        return self._one(object, id)

    def merge(self, object: str, winner: str, losers: Sequence[str]) -> Record:
        """SOAP's merge."""
        merge_records(self._session, self.name, object, winner, losers)
        return self._one(object, winner)

    def convert(
        self,
        lead_id: str,
        *,
        account_id: str | None = None,
        contact_id: str | None = None,
        opportunity: str | None = None,
    ) -> Converted:
        """SOAP's convertLead, with the first status that the org counts as converted."""
        return convert_lead(
            self._session,
            self.name,
            lead_id,
            status=self._status_of_converted(),
            account_id=account_id,
            contact_id=contact_id,
            opportunity=opportunity,
        )

    def install(self, fields: Sequence[FieldSpec]) -> list[str]:
        """Tooling's CustomField for each; what was there with the same type is left alone."""
        added = []
        for spec in fields:
            there = self._fetch_object(spec.object).spec.fields.get(spec.id)
            body = installing.field_body(spec)
            if body is None or (there is not None and not installing.fits(spec, there)):
                refusal = installing.not_installable(spec) if there is None else installing.clash(spec, there)
                raise Refused(self.name, f"install {spec.object}.{spec.id}", refusal)
            if there is None:
                self._session.call("POST", "tooling/sobjects/CustomField", json=body)
                added.append(f"{spec.object}.{spec.id}")
                self._records.forget(spec.object)
        return added

    def close(self) -> None:
        """Close the transport."""
        self._session.close()

    # --- the way out -----------------------------------------------------------------------------

    def _connection(self, who: Json, limits: Json) -> Connection:
        day = limits["DailyApiRequests"]
        limit, left = int(day["Max"]), int(day["Remaining"])
        return Connection(
            user=who["user_id"],
            actor="",
            address="",
            # Whoever is answered may use the API; what may be written is told object by object, when it is written.
            permissions=("api", "write"),
            quota=Quota(limit, limit - left, left, None),
            time=self._session.time(),
            time_zone=who["zoneinfo"],
            org=self.name,
            kind="crm",
        )

    def _status_of_converted(self) -> str:
        if not self._converted_status:
            rows = self._query(select("LeadStatus", ("ApiName",), "IsConverted = true", "ORDER BY SortOrder LIMIT 1"))
            self._converted_status = str(rows[0]["ApiName"]) if rows else ""
        return self._converted_status

    def _with_records(self, writes: Sequence[Write], results: list[WriteResult]) -> list[WriteResult]:
        """The results with the records as they are stored now. A reading that fails leaves them out: the writes
        themselves are certain."""
        kept: dict[str, list[str]] = {}
        for write, result in zip(writes, results, strict=True):
            if result.id is not None and result.refusal is None and write.op != "delete":
                kept.setdefault(write.object, []).append(result.id)
        found: dict[tuple[str, str], Record] = {}
        try:
            for object, ids in kept.items():
                found.update(((object, one.id), one) for one in self.read(object, ids, ()))
        except CallFailed:
            pass
        return [
            WriteResult(result.outcome, result.id, result.refusal, found.get((write.object, result.id or "")))
            for write, result in zip(writes, results, strict=True)
        ]

    def _one(self, object: str, id: str) -> Record:
        found = self.read(object, [id], ())
        if not found:
            raise BadAnswer(self.name, f"read {object}", f"{object} {id} was changed and cannot be read")
        return found[0]

    def _changed(
        self, object: str, fields: Sequence[str], since: Cursor | None, limit: int
    ) -> tuple[list[Json], Reading, bool]:
        size = min(limit, PAGE)
        try:
            reading = Reading.of(since)
        except (KeyError, TypeError, ValueError) as wrong:
            text = f"the cursor is not one of this client's: {wrong}"
            raise BadAnswer(self.name, f"changes of {object}", text) from wrong
        rows = list(self._pages("queryAll", select(object, fields, reading.where(), f"{ORDER} LIMIT {size}")))
        more = len(rows) == size
        fresh, following = self._made(f"queryAll {object}", lambda: reading.take(rows, more=more))
        return fresh, following, more

    def _query(self, soql: str) -> list[Json]:
        return list(self._pages("query", soql))

    def _pages(self, resource: str, soql: str) -> Iterator[Json]:
        answer = self._session.call("GET", resource, query=(("q", soql),))
        while True:
            records, following = self._made(resource, lambda: _page(answer))  # noqa: B023  (called at once)
            yield from records
            if not following:
                return
            answer = self._session.call("GET", path_of(following))

    def _record(self, object: str, raw: Json, fields: Sequence[str]) -> Record:
        return self._made(f"query {object}", lambda: self._records.record(object, raw, fields))

    def _fetch_object(self, object: str) -> Described:
        path = f"sobjects/{quote(object, safe='')}/describe"
        raw = self._session.call("GET", path)
        return self._made(f"GET {path}", lambda: Described.of(raw))

    def _made(self, operation: str, make: Callable[[], _Made]) -> _Made:
        """What `make` reads of an answer; a body of another shape is a `BadAnswer`, not a crash."""
        try:
            return make()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, LeadtermsError) as wrong:
            text = f"the answer is not what the API documents: {type(wrong).__name__}: {wrong}"
            raise BadAnswer(self.name, operation, text) from wrong


def _page(answer: Any) -> tuple[list[Json], str]:
    return answer["records"], "" if answer["done"] else str(answer["nextRecordsUrl"])


def _is_wanted(raw: Json) -> bool:
    """Whether an object of the global describe takes part in lead flow."""
    if not raw.get("queryable"):
        return False
    return raw["name"] in OBJECTS or (bool(raw.get("custom")) and str(raw["name"]).endswith(CUSTOM))
