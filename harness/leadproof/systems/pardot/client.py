"""The port `Marketing` over the API of Account Engagement.

What the vendor's API does not have is refused by name (`NotSimulated`) and not among `can`: field history, member
statuses (they live in Salesforce; a prospect has one campaign), every answer of a form (activities tell that one was
given, not what), reports, merging.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NoReturn, TypeVar

from leadproof.systems.campaigns import Campaign, Member, MemberWrite, Report, ReportName
from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import BadAnswer, CallFailed, NotSimulated, Refused
from leadproof.systems.organization import Connection, ConnectorStatus, Side, User
from leadproof.systems.outreach import Answer, EmailSent, Form, MarketingList, Submission
from leadproof.systems.pardot import forms, records
from leadproof.systems.pardot.describing import PROSPECT, Json
from leadproof.systems.pardot.errors import CALLS
from leadproof.systems.pardot.identity import connection
from leadproof.systems.pardot.prospects import Prospects
from leadproof.systems.pardot.queries import bound, filters_of, fits
from leadproof.systems.pardot.reading import Reader
from leadproof.systems.pardot.session import Session
from leadproof.systems.pardot.standard import OWNER
from leadproof.systems.ports import Called, Capability, Cursor, Page, Record, Refusal, Write, WriteResult
from leadproof.systems.records import FieldChange
from leadproof.transports.protocol import Request, Transport
from leadterms.criteria import Criteria
from leadterms.fields import Schema
from leadterms.refusals import LeadtermsError

_Made = TypeVar("_Made")
_USER_FIELDS = "id,username,firstName,lastName,email,isDeleted,salesforceId"


class PardotMarketing:
    """The port `Marketing` of one business unit."""

    kind: Side = "marketing"
    owner_field = OWNER
    call_codes = CALLS
    can: frozenset[Capability] = frozenset(
        {Capability.BATCH, Capability.CHANGES, Capability.RECYCLE_BIN, Capability.FORMS, Capability.LISTS}
    )

    def __init__(self, transport: Transport, org: str, credentials: Credentials) -> None:
        self.name = org
        self._credentials = credentials
        self._session = Session(transport, org, credentials)
        self._reader = Reader(self._session, org)
        self._prospects = Prospects(self._session, self._reader, org)

    # --- who and what ----------------------------------------------------------------------------

    def connect(self) -> Connection:
        """Salesforce's userinfo, then the unit's users and account. The vendor tells no address that it saw."""
        return self._made("connect", lambda: connection(self._session, self.name, self._credentials, self._users()))

    def access_token(self) -> str:
        """Salesforce's access token."""
        return self._session.token()

    def call(self, request: Request) -> Called:
        """A call of a program's own, of any version of the API."""
        return self._session.as_it_is(request)

    def describe(self) -> Schema:
        """The standard table, and the unit's custom fields, fetched anew."""
        return self._made("describe", lambda: {name: one.spec for name, one in self._reader.learn().items()})

    def users(self) -> list[User]:
        """GET users, those in the recycle bin as inactive ones."""
        return self._made("GET users", lambda: [_user(raw) for raw in self._users()])

    def campaigns(self) -> list[Campaign]:
        """GET campaigns. None has statuses: they belong to Salesforce's campaigns."""
        return self._made(
            "GET campaigns",
            lambda: [
                Campaign(str(raw["id"]), str(raw["name"]), ()) for raw in self._reader.pages("campaigns", "id,name")
            ],
        )

    def lists(self) -> list[MarketingList]:
        """GET lists. What makes a list dynamic the API does not tell."""
        return self._made(
            "GET lists",
            lambda: [
                MarketingList(str(raw["id"]), str(raw["name"]), raw.get("isDynamic") is True, None)
                for raw in self._reader.pages("lists", "id,name,isDynamic")
            ],
        )

    # --- reading ---------------------------------------------------------------------------------

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """One GET for one id, `idList` for more."""
        known = self._reader.of(object)
        asked = fields or tuple(known.readers)
        rows = self._made(
            f"read {object}",
            lambda: [records.record(known, row, fields) for row in self._reader.read(object, ids, asked)],
        )
        by_id = {one.id: one for one in rows}
        return [by_id[id] for id in ids if id in by_id]

    def find(self, object: str, criteria: Criteria | None, fields: Sequence[str]) -> Iterator[Record]:
        """Queries narrowed by what the API can filter, each row held against the whole criteria. A prospect that was
        created a moment ago is found though the cache does not hold it yet; one of somebody else's may be missed for
        up to a minute, unless it is looked up by e-mail, which version 4 answers without a cache."""
        known = self._reader.of(object)
        wanted = bound(criteria or Criteria(), known)
        asked = list(
            dict.fromkeys((*(fields or known.readers), *(row.field for row in wanted.rows if row.field != "id")))
        )
        found = self._made(f"find {object}", lambda: self._found(object, wanted, asked))
        for one in found:
            yield one if not fields else _only(one, fields)

    def changes(self, object: str, since: Cursor | None, fields: Sequence[str], limit: int) -> Page[Record]:
        """GET by `updatedAt`, deleted ones included (`Reader.changes`)."""
        known = self._reader.of(object)
        asked = fields or tuple(known.readers)

        def page() -> Page[Record]:
            rows, further, more = self._reader.changes(object, since, asked, limit)
            return Page([records.record(known, row, fields) for row in rows], further.cursor(), more)

        return self._made(f"changes of {object}", page)

    def members(self, since: Cursor | None, limit: int) -> Page[Member]:
        """Each prospect as the member of its campaign, without a status."""

        def page() -> Page[Member]:
            rows, further, more = self._reader.changes(PROSPECT, since, ("campaignId",), limit)
            found = [one for one in map(records.member, rows) if one is not None]
            return Page(found, further.cursor(), more)

        return self._made("members", page)

    # --- writing ---------------------------------------------------------------------------------

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """Prospects only: what else there is comes from Salesforce, or is made in the application."""
        return self._prospects.write(writes)

    def undelete(self, object: str, id: str) -> Record:
        """POST version 4's upsert by id, which takes an archived prospect out of the recycle bin."""
        if object != PROSPECT:
            self._lacks(f"undelete of a {object}")
        return self._prospects.undelete(id)

    def set_members(self, writes: Sequence[MemberWrite]) -> list[WriteResult]:
        """PATCH the prospect's one campaign; a status, or leaving without another campaign, is refused."""
        return self._prospects.set_campaigns(writes)

    # --- forms -----------------------------------------------------------------------------------

    def forms(self) -> list[Form]:
        """GET form-handlers and their fields: to these a program can post as a visitor's browser does."""
        return self._made("forms", lambda: [one.form for one in forms.handlers(self._reader)])

    def submit_form(self, form_id: str, values: Mapping[str, str], *, captcha: str = "") -> Submission:
        """POST to the form handler's public address, without a login; a refusal raises nothing."""
        try:
            return self._made(f"form {form_id}", lambda: forms.submit(self._session, self._reader, form_id, values))
        except Refused as refused:
            return Submission("refused", None, None, refused.refusal)
        except CallFailed as failed:
            if failed.definite:
                raise
            lost = Refusal(failed.code, failed.text, None, "fault", False)
            return Submission("unknown", None, None, lost)

    # --- what the vendor's API does not have -----------------------------------------------------

    def connector_status(self) -> ConnectorStatus:
        """No public call tells it."""
        self._lacks("the state of the Salesforce connector")

    def answers(self, id: str, field: str, since: Cursor | None) -> Page[Answer]:
        """Activities tell that a form was sent and when, not what was in it."""
        self._lacks("every answer that a prospect gave")

    def history(self, object: str, id: str) -> list[FieldChange]:
        """Only the application's audit page shows it."""
        self._lacks("the history of a record's fields")

    def report(self, name: ReportName) -> Report:
        """Reports are pages of the application."""
        self._lacks(f"the report {name}")

    def send_email(self, lists: Sequence[str], subject: str) -> EmailSent:
        """A list e-mail can be scheduled, but whom it reached is not told before it has really been sent."""
        self._lacks("an e-mail whose recipients are told and that is not sent")

    def merge(self, object: str, winner: str, losers: Sequence[str]) -> Record:
        """Prospects are merged in the application only."""
        self._lacks("merging")

    def close(self) -> None:
        """Close the transport."""
        self._session.close()

    # --- inside ----------------------------------------------------------------------------------

    def _found(self, object: str, wanted: Criteria, asked: Sequence[str]) -> list[Record]:
        known = self._reader.of(object)
        found: dict[str, Record] = {}
        for filters in filters_of(wanted, object):
            rows = list(self._reader.query(object, asked, filters))
            if object == PROSPECT and not rows:
                rows = self._prospects.uncached(filters, asked)
            found.update((one.id, one) for one in (records.record(known, row, asked) for row in rows))
        for row in self._reader.fresh.created(object, found):
            one = records.record(known, row, asked)
            found[one.id] = one
        live = [one for one in found.values() if not one.deleted and fits(wanted, one.id, one.values)]
        return sorted(live, key=lambda one: (one.created, int(one.id) if one.id.isdigit() else 0))

    def _users(self) -> list[Json]:
        try:
            return list(self._reader.pages("users", _USER_FIELDS, [("deleted", "all")]))
        except Refused:  # a unit whose users have no recycle bin: then those who left are not told
            return list(self._reader.pages("users", _USER_FIELDS))

    def _made(self, operation: str, make: Callable[[], _Made]) -> _Made:
        """What `make` reads from answers; one of another shape is a `BadAnswer`, not a crash."""
        try:
            return make()
        except (KeyError, TypeError, ValueError, AttributeError, LeadtermsError) as wrong:
            text = f"the answer is not what the API documents: {type(wrong).__name__}: {wrong}"
            raise BadAnswer(self.name, operation, text) from wrong

    def _lacks(self, what: str) -> NoReturn:
        text = f"the API of Account Engagement does not have {what}"
        raise NotSimulated(self.name, what, text)


def _user(raw: Json) -> User:
    name = " ".join(str(raw[part]) for part in ("firstName", "lastName") if raw.get(part))
    user_name = str(raw.get("username") or raw.get("email") or raw["id"])
    return User(str(raw["id"]), user_name, name, str(raw.get("email") or ""), raw.get("isDeleted") is not True, False)


def _only(one: Record, fields: Sequence[str]) -> Record:
    from dataclasses import replace

    return replace(one, values={name: one.values.get(name) for name in fields})
