"""Org.save, the only write path: check -> match -> store -> journal -> react (architecture.md rule 2).

The steps of one transaction are in transaction.py, reading in reading.py; this is the org that has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import orjson

from leadsim.engine import engagement, members
from leadsim.engine.chance import Chance
from leadsim.engine.change import Caller, Change, Outcome, Saved
from leadsim.engine.clock import Clock
from leadsim.engine.engagement import Answer, Sent, Submitted
from leadsim.engine.journal import Journal
from leadsim.engine.keyed import Keyed
from leadsim.engine.members import Member, MemberStatus, MemberWrite
from leadsim.engine.query import Order, Query
from leadsim.engine.reading import FieldChange, FoundPage, Reading
from leadsim.engine.refusals import Problem, Refused, gone
from leadsim.engine.reports import Report, make_report
from leadsim.engine.rules.bound import Bound
from leadsim.engine.rules.segmentation import Segments
from leadsim.engine.rules.settled import check_names
from leadsim.engine.schema import OrgKind, OrgSchema, Standard
from leadsim.engine.settings import Connector, OrgSettings, Stage
from leadsim.engine.store import Store
from leadsim.engine.stored import Codec, Stored
from leadsim.engine.transaction import Transaction
from leadsim.engine.users import Users
from leadsim.engine.views import named_view, read_view
from leadterms.criteria import Criteria
from leadterms.fields import FieldSpec
from leadterms.values import Value

__all__ = [
    "BATCH_LIMIT",
    "Answer",
    "Caller",
    "Change",
    "FieldChange",
    "FoundPage",
    "Member",
    "MemberStatus",
    "MemberWrite",
    "Order",
    "Org",
    "Outcome",
    "Problem",
    "Refused",
    "Report",
    "Saved",
    "Sent",
    "Stored",
    "Submitted",
]

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
        # What a dialect must remember for this org (locators, jobs), as plain JSON; part of every snapshot.
        self.dialect_state: dict[str, Any] = {}
        self._settings = settings
        self._together: list[dict[str, Any]] | None = None
        self._codecs: dict[str, tuple[int, Codec]] = {}
        self._bound: tuple[int, Bound] | None = None

    # --- how it is set up ----------------------------------------------------------------------------------------

    @property
    def settings(self) -> OrgSettings:
        """How the org is set up. Replace it by `configure`."""
        return self._settings

    def configure(self, settings: OrgSettings, by: Caller) -> None:
        """Set the org up anew. Criteria that don't fit the fields are refused here, not at the next lead."""
        before, before_bound = self._settings, self._bound
        self._settings, self._bound = settings, None
        try:
            self.check_settings()
        except Refused:
            self._settings, self._bound = before, before_bound
            raise
        self.note("settings", by, settings=orjson.loads(settings.model_dump_json(exclude_defaults=True)))
        self.keep_setup()

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
            self.keep_setup()
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
            self.keep_setup()
        return added

    def add_object(self, id: str, label: str, fields: Sequence[FieldSpec], by: Caller) -> bool:
        """Add a custom object with its fields; False when it is there."""
        added = self.schema.add_object(id, label, fields)
        if added:
            self.note("object_added", by, of=id, fields=[spec.to_json() for spec in fields])
            self.keep_setup()
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
        try:
            return self.step(by, lambda transaction: _rows(transaction, changes, all_or_none))
        except _AllOrNone as stopped:
            return stopped.results

    def step(self, by: Caller, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction. When it raises, the database, the counters, the draws and the journal are
        as they were before."""
        transaction = Transaction(self, by)
        if self._together is not None:
            with self._undone_on_failure(self.store.savepoint, self.store.return_to_savepoint):
                result = work(transaction)
            self.store.release()
            self._together.extend(transaction.facts)
            return result
        with self._undone_on_failure(self.store.begin, self.store.rollback):
            result = work(transaction)
            self.keep_state()
        self.store.commit()
        self.journal.extend(transaction.facts)
        return result

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let the steps inside be one transaction: they see each other's writes, and when the block raises, none of
        them has happened. A step that is refused inside undoes itself only."""
        self._together = []
        try:
            with self._undone_on_failure(self.store.begin, self.store.rollback):
                yield
                self.keep_state()
            self.store.commit()
            self.journal.extend(self._together)
        finally:
            self._together = None

    @contextmanager
    def _undone_on_failure(self, begin: Callable[[], None], undo: Callable[[], None]) -> Iterator[None]:
        before, keyed = dict(self.counters), self.keyed.mark()
        begin()
        try:
            yield
        except BaseException:
            undo()
            self.counters.clear()
            self.counters.update(before)
            self.keyed.return_to(keyed)
            self.forget()
            raise

    def keep_state(self) -> None:
        """Write what must survive a restart and moves with every write, when the org is kept in a file."""
        if self.store.path is not None:
            moving = {"counters": dict(self.counters), "at": self.clock.text(), "last": self.journal.last}
            self.store.set_state("moving", orjson.dumps(moving).decode())

    def keep_setup(self) -> None:
        """Write how the org is set up, when it is kept in a file."""
        if self.store.path is not None:
            self.store.set_state("setup", orjson.dumps(self.state()).decode())
            self.keep_state()

    def reopen(self) -> bool:
        """Take up an org that was kept in a file, and its time; False when it was never finished."""
        setup, moving = self.store.get_state("setup"), self.store.get_state("moving")
        if setup is None or moving is None:
            return False
        kept = orjson.loads(moving)
        self.restore_state({**orjson.loads(setup), "counters": kept["counters"]})
        self.clock.reach(datetime.fromisoformat(kept["at"]))
        self.journal.resume(kept["last"])
        return True

    def state(self) -> dict[str, Any]:
        """Counters, fields, keys and settings as plain JSON."""
        return {
            "counters": dict(self.counters),
            "schema": self.schema.state(),
            "keyed": self.keyed.state(),
            "settings": orjson.loads(self._settings.model_dump_json()),
            "dialect": orjson.loads(orjson.dumps(self.dialect_state)),
        }

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Back to a saved state; the database is restored apart."""
        self.counters.clear()
        self.counters.update(state["counters"])
        self.schema.restore(state["schema"])
        self.keyed.restore(state["keyed"])
        self._settings = OrgSettings.model_validate(state["settings"])
        self._bound = None
        self.dialect_state = orjson.loads(orjson.dumps(state.get("dialect", {})))
        self.forget()

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


class _AllOrNone(Exception):
    """A refusal inside an all-or-none batch: undoes the transaction and carries the answers out."""

    def __init__(self, results: list[Saved | Refused]) -> None:
        super().__init__("one row was refused")
        self.results = results


def _rows(transaction: Transaction, changes: Sequence[Change], all_or_none: bool) -> list[Saved | Refused]:
    results = transaction.rows(changes)
    refused = [number for number, result in enumerate(results, 1) if isinstance(result, Refused)]
    if all_or_none and refused:
        text = f"Not applied, because row {refused[0]} of this all-or-none batch was refused."
        raise _AllOrNone([one if isinstance(one, Refused) else Refused("conflict", text) for one in results])
    return results
