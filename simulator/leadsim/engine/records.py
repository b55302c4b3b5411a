"""Org.save, the only write path: check -> match -> store -> journal -> react (architecture.md rule 2).

The steps of one transaction are in transaction.py, reading in reading.py; this is the org that has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import orjson

from leadsim.engine import engagement, members
from leadsim.engine.chance import Chance
from leadsim.engine.change import Caller, Change, Saved
from leadsim.engine.clock import Clock
from leadsim.engine.engagement import Answer, Sent, Submitted
from leadsim.engine.journal import Journal
from leadsim.engine.kept import Kept
from leadsim.engine.keyed import Keyed
from leadsim.engine.members import Member, MemberStatus, MemberWrite
from leadsim.engine.query import Order, Query
from leadsim.engine.reading import FieldChange, FoundPage, Reading
from leadsim.engine.refusals import Refused, gone
from leadsim.engine.reports import Report, make_report
from leadsim.engine.rules.bound import Bound
from leadsim.engine.rules.segmentation import Segments
from leadsim.engine.rules.settled import check_names
from leadsim.engine.schema import OrgKind, OrgSchema, Standard
from leadsim.engine.settings import Connector, OrgSettings, Stage
from leadsim.engine.steps import Steps
from leadsim.engine.store import Store
from leadsim.engine.stored import Codec, Stored
from leadsim.engine.transaction import Transaction
from leadsim.engine.users import Users
from leadsim.engine.views import named_view, read_view
from leadterms.criteria import Criteria
from leadterms.fields import FieldSpec
from leadterms.values import Value

BATCH_LIMIT = 200
T = TypeVar("T")


class Org:
    """One account of one simulated system."""

    def __init__(
        self,
        name: str,
        kind: OrgKind,
        settings: OrgSettings,
        *,
        clock: Clock,
        chance: Chance,
        journal: Journal,
        path: Path | None = None,
        standard: Standard | None = None,
    ) -> None:
        self.name = name
        self.kind: OrgKind = kind
        self.clock = clock
        self.chance = chance
        self.journal = journal
        self.schema = OrgSchema(kind, standard)
        self.store = Store(path)
        self.counters = chance.counters(name)
        self.ids = chance.stream(name, "id")
        self.keyed = Keyed(self)
        self.users = Users(self)
        self.segments = Segments(self)
        self.reading = Reading(self)
        self.steps = Steps(self)
        self.kept = Kept(self)
        # What a dialect must remember for this org (locators, jobs), as plain JSON; part of every snapshot.
        self.dialect_state: dict[str, Any] = {}
        self.epoch = 0  # the journal's number of the fact that it went back to a saved state; the counters go back too
        self._settings = settings
        self._codecs: dict[str, tuple[int, Codec]] = {}
        self._bound: tuple[int, Bound] | None = None

    # --- how it is set up ----------------------------------------------------------------------------------------

    @property
    def settings(self) -> OrgSettings:
        """How the org is set up. Replace it by `configure`."""
        return self._settings

    def take_settings(self, settings: OrgSettings) -> None:
        """Settings that were checked before: those of a saved state."""
        self._settings, self._bound = settings, None

    def configure(self, settings: OrgSettings, by: Caller) -> None:
        """Set the org up anew. Criteria that don't fit the fields are refused here, not at the next lead."""
        before, before_bound = self._settings, self._bound
        self.take_settings(settings)
        try:
            self.check_settings()
        except Refused:
            self._settings, self._bound = before, before_bound
            raise
        self.note("settings", by, settings=orjson.loads(settings.model_dump_json(exclude_defaults=True)))
        self.kept.setup()

    def forget(self) -> None:
        """Read users and lists anew: they were written, or a write of them was undone."""
        self.users.forget()
        self.segments.forget()

    def stages(self) -> list[Stage]:
        """The stages of the sales pipeline, in order."""
        return self._settings.pipeline or [
            Stage(name=name, probability=probability, closed=closed, won=won)
            for name, probability, closed, won in self.schema.standard.stages
        ]

    def set_connector(self, by: Caller, *, switched_on: bool | None = None, verified: bool | None = None) -> Connector:
        """Switch the MA org's CRM connector on or off, or mark it as verified; the journal says who did it."""
        connector = self._settings.connector.model_copy()
        if switched_on is not None:
            connector.switched_on = switched_on
        if verified is not None:
            connector.verified = verified
        if connector != self._settings.connector:
            self._settings = self._settings.model_copy(update={"connector": connector})
            self.note("connector", by, switched_on=connector.switched_on, verified=connector.verified)
            self.kept.setup()
        return connector

    def check_settings(self) -> None:
        """Refused("invalid") when a rule or form names objects or fields in a way that can never work."""
        check_names(self)
        for object in self.schema.objects:
            self.bound.assignment(object)
            self.bound.validation(object)
        for view in self._settings.views:
            read_view(self, view, Caller("", ""))
        if self.kind == "marketing":
            self.bound.scoring()
            self.bound.qualified()

    @property
    def bound(self) -> Bound:
        """The rules with bound criteria, for the schema of the day."""
        held = self._bound
        if held is None or held[0] != self.schema.version:
            held = self._bound = (self.schema.version, Bound(self))
        return held[1]

    def codec(self, object: str) -> Codec:
        """How the object's values are read and written. Raises Refused("unknown_object")."""
        held = self._codecs.get(object)
        if held is None or held[0] != self.schema.version:
            held = (self.schema.version, Codec(self.schema.get(object), self.clock.now))
            self._codecs[object] = held
        return held[1]

    def add_field(self, spec: FieldSpec, by: Caller) -> bool:
        """Add a custom field; False when the same one is there. Raises Refused (see OrgSchema.add_field)."""
        added = self.schema.add_field(spec)
        if added:
            self.keyed.field_added(spec)
            self.note("field_added", by, field=spec.to_json())
            self.kept.setup()
        return added

    def add_object(self, id: str, label: str, fields: Sequence[FieldSpec], by: Caller) -> bool:
        """Add a custom object with its fields; False when it is there."""
        added = self.schema.add_object(id, label, fields)
        if added:
            self.note("object_added", by, of=id, fields=[spec.to_json() for spec in fields])
            self.kept.setup()
        return added

    # --- writing -------------------------------------------------------------------------------------------------

    def save(self, change: Change, by: Caller) -> Saved:
        """Do one change. Raises Refused; then nothing of it was applied."""
        return self.step(by, lambda transaction: transaction.apply(change))

    def save_batch(self, changes: Sequence[Change], by: Caller, *, all_or_none: bool = False) -> list[Saved | Refused]:
        """Do up to 200 changes as one transaction, in order. A refused one leaves no trace; with `all_or_none` one
        refusal undoes them all, and the others then say so (kind "conflict")."""
        if len(changes) > BATCH_LIMIT:
            raise Refused("invalid", f"A batch has at most {BATCH_LIMIT} items, not {len(changes)}. Send several.")
        return self.steps.batch(changes, by, all_or_none=all_or_none)

    def step(self, by: Caller, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction. When it raises, the database, the counters, the draws and the journal are
        as they were before."""
        return self.steps.run(by, work)

    def together(self) -> AbstractContextManager[None]:
        """Let the steps inside be one transaction: they see each other's writes, and when the block raises, none of
        them has happened. A step that is refused inside undoes itself only."""
        return self.steps.together()

    def note(self, what: str, by: Caller, **more: Any) -> None:
        """A fact about the org itself: a field added, settings changed."""
        fact = {"org": self.name, "kind": "note", "what": what, "at": self.clock.text(), "actor": by.actor}
        self.journal.append({**fact, "user": by.user, "request": by.request, **more})

    # --- reading -------------------------------------------------------------------------------------------------

    def row(self, id: str) -> Stored | None:
        """A record by its id, whatever its state, or None."""
        row = self.store.get(id)
        return None if row is None else Stored(row, self.codec(row[1]))

    def get(self, object: str, id: str, *, deleted: bool = False) -> Stored:
        """A record. Raises Refused: unknown_object; gone when it isn't there or is deleted (unless asked for)."""
        self.schema.get(object)
        found = self.row(id)
        if found is None or found.object != object:
            raise gone(object, id)
        if found.deleted and not deleted:
            into = f"was merged into {found.merged_into}" if found.merged_into else "was deleted"
            raise gone(object, id, into)
        return found

    def lookup(self, object: str, field: str, value: Value, *, deleted: bool = False) -> list[Stored]:
        """Records of an object whose field has this value, compared as criteria do, by an index; oldest first."""
        return self.reading.lookup(object, field, value, deleted=deleted)

    def find(
        self,
        object: str,
        criteria: Criteria | None = None,
        order: Order = (),
        limit: int = 200,
        after: tuple[Any, ...] | None = None,
        *,
        deleted: bool = False,
    ) -> FoundPage:
        """A page of records that match; unbound criteria are bound. Raises Refused for criteria that don't fit."""
        return self.reading.find(Query(object, criteria, order, limit, after, deleted))

    def show_view(self, name: str, by: Caller, limit: int = 200, after: tuple[Any, ...] | None = None) -> FoundPage:
        """A page of a saved view, as its reader sees it. Raises Refused("invalid") when there is none of that name."""
        view = named_view(self, name)
        criteria = read_view(self, view, by)
        return self.find(view.object, criteria, tuple(view.order), limit, after)

    def changes(self, object: str, since: int | None = None, limit: int = 2000) -> tuple[list[Stored], int, bool]:
        """Records changed after the cursor, each once at its newest state, in order of modification, deleted and
        merged ones too; the next cursor; whether there are more."""
        return self.reading.changes(object, since or 0, limit)

    def history(self, object: str, id: str) -> list[FieldChange]:
        """Who changed which value of a record when, from what to what, by which request; oldest first."""
        return self.reading.history(self.get(object, id, deleted=True))

    def report(self, name: str) -> Report:
        """One of lead-source, campaign, hand-over, closed-loop, counted from the records."""
        return make_report(self, name)

    # --- campaigns, forms, e-mail --------------------------------------------------------------------------------

    def campaigns(self) -> list[tuple[Stored, tuple[MemberStatus, ...]]]:
        """All campaigns with their member statuses."""
        return members.campaigns(self)

    def campaign_named(self, name: str) -> str:
        """The id of a campaign given by id or name. Raises Refused("invalid") when there is none or several."""
        object, field = ("Campaign", "Name") if self.kind == "crm" else ("campaign", "name")
        found = self.row(name)
        if found is not None and found.object == object and not found.deleted:
            return found.id
        named = self.lookup(object, field, name)
        if len(named) != 1:
            raise Refused("invalid", f"There {'is no' if not named else 'are several'} {object} {name!r}.")
        return named[0].id

    def members(self, since: int | None = None, limit: int = 2000) -> tuple[list[Member], int, bool]:
        """Memberships changed after the cursor, removed ones too; the next cursor; whether there are more."""
        return members.changed_members(self, since, limit)

    def set_members(self, writes: Sequence[MemberWrite], by: Caller) -> list[Saved | Refused]:
        """Put people into campaigns, change their status, take them out: up to 200 as one transaction."""
        return members.set_members(self, writes, by)

    def submit_form(
        self, form: str, values: Mapping[str, object], by: Caller, *, captcha: str | None = None
    ) -> Submitted:
        """Hand in a form. Raises Refused with all that is wrong with it."""
        return engagement.submit_form(self, form, values, by, captcha=captcha)

    def answers(self, prospect: str, field: str, since: int = 0, limit: int = 200) -> tuple[list[Answer], int, bool]:
        """Every answer that a prospect gave to one field; the next cursor; whether there are more."""
        return engagement.answers(self, prospect, field, since, limit)

    def send_email(self, lists: Sequence[str], subject: str, by: Caller, *, body: str = "") -> Sent:
        """Record an e-mail to lists, de-duplicated, without those that must not get it. Nothing leaves the machine."""
        return engagement.send_email(self, lists, subject, by, body=body)

    def close(self) -> None:
        """Close the org's database."""
        self.store.close()
