"""Writing records inside a transaction: check -> match -> store -> journal -> react, and nothing else writes.

The engine's own writes (reactions, merges, conversions) come through the same methods with `system=True`: they may
fill read-only fields, and the org's own validation rules don't judge them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson

from leadsim.engine import reactions
from leadsim.engine.change import Caller
from leadsim.engine.refusals import Problem, Refused, gone
from leadsim.engine.rules.assignment import ASSIGNED_OBJECTS, Assignment, choose_owner
from leadsim.engine.rules.matching import find_duplicates
from leadsim.engine.rules.validation import (
    check_references,
    check_required,
    check_rules,
    check_unique,
    read_values,
)
from leadsim.engine.stored import Codec, Stored
from leadsim.engine.users import USER_OBJECTS
from leadterms.fieldtypes import blank
from leadterms.values import Plain, Value

if TYPE_CHECKING:
    from leadsim.engine.records import Org

ID_LETTERS = 13
NOTHING: frozenset[str] = frozenset()


class Writing:
    """The writes of one transaction, and the facts about them, which the journal gets when it is committed."""

    def __init__(self, org: Org, by: Caller) -> None:
        self.org = org
        self.by = by
        self.facts: list[dict[str, Any]] = []
        self.latest: dict[str, Stored] = {}
        stamp = org.clock.text()
        self._at = stamp.removesuffix("Z")
        # What all facts of this transaction say.
        self._told = {"org": org.name, "at": stamp, "actor": by.actor, "user": by.user, "request": by.request}
        self.reported: list[str] = []
        self.allow = by.allow_duplicates
        self._ignored = ""

    @contextmanager
    def allowing_duplicates(self) -> Iterator[None]:
        """Duplicate rules only report meanwhile: the engine itself is at work."""
        before, self.allow = self.allow, True
        try:
            yield
        finally:
            self.allow = before

    @contextmanager
    def ignoring(self, id: str) -> Iterator[None]:
        """A record that no duplicate rule finds meanwhile: the lead that is being converted."""
        before, self._ignored = self._ignored, id
        try:
            yield
        finally:
            self._ignored = before

    # --- create --------------------------------------------------------------------------------------------------

    def create(
        self,
        object: str,
        raw: Mapping[str, object],
        *,
        assign: bool = False,
        system: bool = False,
        id: str | None = None,
    ) -> Stored:
        """Make a record. Raises Refused."""
        org = self.org
        codec = org.codec(object)
        given, problems = read_values(codec, object, None, raw, system=system)
        # What `parse` has read is None where it is blank, or an empty set.
        values = dict(codec.defaults)
        for field in codec.defaults.keys() & given.keys():
            del values[field]
        if all(given.values()):
            values |= given
        else:
            values |= {field: value for field, value in given.items() if value is not None and value != NOTHING}
        problems += reactions.derive(self, object, None, values, given, system=system)
        if not codec.required_ids <= values.keys():
            problems += check_required(codec.required, None, values)
        self._check(codec, None, given, values, problems, system=system)
        for field in codec.numbered:
            slot = f"number:{object}.{field}"
            number = org.counters[slot] = org.counters.get(slot, 0) + 1
            values[field] = f"{number:06d}"
        owner = self._owner(object, values, given, assign)
        record = self._insert(codec, values, id)
        if owner is not None:
            self.decide("assignment", record, owner)
        self._decide_matches(record)
        reactions.react(self, None, record)
        return record

    def _check(
        self,
        codec: Codec,
        record: Stored | None,
        given: Mapping[str, Value],
        values: dict[str, Value],
        problems: list[Problem],
        *,
        system: bool = False,
    ) -> None:
        """All that is wrong at once, then what stands in the way."""
        org, object = self.org, codec.spec.id
        id, seq = (None, None) if record is None else (record.id, record.seq)
        whole = codec.compute(values) if codec.computes else values
        problems += check_references(org, codec, id, given)
        if not system:
            problems += check_rules(org, object, id, whole)
        unique, taken = check_unique(org, codec, seq, id, given)
        if problems:
            raise Refused.of(problems + unique)
        if unique:
            raise Refused("duplicate", unique[0].text, problems=tuple(unique), matches=tuple(dict.fromkeys(taken)))
        for match in find_duplicates(org, object, seq, whole, given):
            ids = tuple(one.id for one in match.records if one.id != self._ignored)
            if ids and match.rule.action == "block" and not self.allow:
                same = " and ".join(match.rule.match)
                text = f"Duplicate rule {match.rule.name!r}: {', '.join(ids[:5])} has the same {same}."
                raise Refused("duplicate", text, matches=ids)
            self.reported.extend(ids)

    def _owner(
        self, object: str, values: dict[str, Value], given: Mapping[str, Value], assign: bool
    ) -> Assignment | None:
        """Fill the owner; gives what the decision fact says, where the rules were asked. An owner that is given
        stands: sync-semantics.md "Whose lead is it" passes one only when it means it."""
        field = self.org.schema.traits(object).owner
        if field is None or not blank(given.get(field)):
            return None
        if assign and object in ASSIGNED_OBJECTS:
            chosen = choose_owner(self.org, object, values, self.by.user)
            if chosen["owner"] is not None:
                values[field] = chosen["owner"]
            return chosen
        if self.org.kind == "crm" and self.by.user in self.org.users:
            values[field] = self.by.user
        return None

    def _insert(self, codec: Codec, values: dict[str, Value], id: str | None) -> Stored:
        org, by, object = self.org, self.by, codec.spec.id
        seq = self._next()
        whole = codec.compute(values) if codec.computes else values
        recorded = codec.recorded(whole)
        row = (
            seq, object, id or self._new_id(object, seq), seq, 1, 0, None, self._at, by.user, by.actor,
            by.request, self._at, by.user, codec.keys(whole, org.keyed.of(object)), codec.text(recorded),
        )  # fmt: skip
        org.store.insert(row)
        if object in USER_OBJECTS:
            org.forget()
        record = self.latest[row[2]] = Stored(row, codec, whole)
        self._fact("create", record, {field: (None, value) for field, value in recorded.items()})
        return record

    def _new_id(self, object: str, seq: int) -> str:
        schema = self.org.schema
        if schema.standard.new_id is not None:
            return schema.standard.new_id(object, seq)
        return f"{schema.traits(object).prefix}{self.org.ids.letters(ID_LETTERS)}"

    def _next(self) -> int:
        counters = self.org.counters
        number = counters["mod"] = counters.get("mod", 0) + 1
        return number

    # --- change --------------------------------------------------------------------------------------------------

    def update(
        self,
        record: Stored,
        raw: Mapping[str, object],
        *,
        assign: bool = False,
        system: bool = False,
        op: str = "update",
        cause: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Stored:
        """Change a record's values; the same record comes back when nothing is different. `cause` goes into the
        audit trail, `extra` into the fact. Raises Refused."""
        org, object = self.org, record.object
        codec = org.codec(object)
        given, problems = read_values(codec, object, record.id, raw, system=system)
        values = dict(record.values)
        for field, value in given.items():
            if blank(value):
                values.pop(field, None)
                given[field] = None
            else:
                values[field] = value
        if not system:
            reactions.check_writable(record)
        problems += reactions.derive(self, object, record, values, given, system=system)
        changed = {field: value for field, value in given.items() if value != record.values.get(field)}
        problems += check_required([one for one in codec.required if one.id in given], record.id, values)
        self._check(codec, record, changed, values, problems, system=system)
        owner = self._owner(object, values, given, assign) if assign else None
        after = self._store(record, values, op, cause, extra)
        if owner is not None:
            self.decide("assignment", after, owner)
        if after is not record:
            self._decide_matches(after)
            reactions.react(self, record, after)
        return after

    def _store(
        self,
        record: Stored,
        values: dict[str, Value],
        op: str,
        cause: str | None,
        extra: Mapping[str, Any] | None = None,
        *,
        deleted: bool | None = None,
        merged_into: str | None = None,
    ) -> Stored:
        """Write a new version, its audit row and its fact; nothing when nothing is different."""
        org, by = self.org, self.by
        codec = org.codec(record.object)
        before = codec.recorded(record.values)
        whole = codec.compute(values) if codec.computes else values
        after = codec.recorded(whole)
        fields: dict[str, list[Plain]] = {
            field: [before.get(field), after.get(field)]
            for field in sorted(before.keys() | after.keys())
            if before.get(field) != after.get(field)
        }
        state = record.deleted if deleted is None else deleted
        if not fields and state == record.deleted and op == "update":
            return record
        mod, version = self._next(), record.version + 1
        keys = codec.keys(whole, org.keyed.of(record.object))
        row = (
            *record.row[:3], mod, version, int(state), merged_into, *record.row[7:11], self._at, by.user, keys,
            codec.text(after),
        )  # fmt: skip
        org.store.update(row)
        org.store.audit(
            (
                mod,
                record.seq,
                op,
                version,
                self._at,
                by.user,
                by.actor,
                by.request,
                cause,
                orjson.dumps(fields).decode(),
            )
        )
        if record.object in USER_OBJECTS:
            org.forget()
        stored = self.latest[record.id] = Stored(row, codec, whole)
        more = {**(extra or {}), **({"merged_into": merged_into} if merged_into else {})}
        self._fact(op, stored, fields, more)
        return stored

    def delete(self, record: Stored, *, cause: str | None = None) -> Stored:
        """Put a record into the bin, with what can't be without it."""
        after = self._store(record, dict(record.values), "delete", cause, deleted=True)
        reactions.deleted(self, record)
        return after

    def undelete(self, record: Stored) -> Stored:
        """Take a record out of the bin, with what went with it; unique values may be taken by now."""
        if not record.deleted:
            return record
        if record.merged_into is not None:
            raise gone(record.object, record.id, f"was merged into {record.merged_into}, which can't be undone")
        codec = self.org.codec(record.object)
        given = {field: value for field, value in record.values.items() if field in codec.unique}
        self._check(codec, record, given, dict(record.values), [], system=True)
        after = self._store(record, dict(record.values), "undelete", None, deleted=False)
        reactions.undeleted(self, after)
        return after

    def merge_away(self, record: Stored, winner: Stored) -> Stored:
        """Mark the loser of a merge."""
        return self._store(record, dict(record.values), "merge", None, deleted=True, merged_into=winner.id)

    # --- facts ---------------------------------------------------------------------------------------------------

    def _fact(self, op: str, record: Stored, fields: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> None:
        fact = {
            **self._told, "kind": "change", "op": op, "object": record.object, "id": record.id,
            "version": record.version, "fields": fields,
        }  # fmt: skip
        if extra:
            fact.update(extra)
        self.facts.append(fact)

    def decide(self, what: str, record: Stored, because: Mapping[str, Any]) -> None:
        """A fact about a decision that the org made by itself."""
        self.facts.append(
            {
                **self._told, "kind": "decision", "what": what, "object": record.object, "id": record.id,
                "because": dict(because),
            }
        )  # fmt: skip

    def _decide_matches(self, record: Stored) -> None:
        if self.reported:
            same = list(dict.fromkeys(self.reported))
            self.decide("matching", record, {"same_as": same, "action": "reported"})
