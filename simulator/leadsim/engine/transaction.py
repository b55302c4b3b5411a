"""One transaction of an org: check -> match -> store -> journal -> react, for one change or a batch.

Facts are kept until the database has committed; a refused row gives back its facts, its counters (draws, turns,
sequence) and, by a savepoint, what it wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from leadsim.engine import reactions
from leadsim.engine.change import Caller, Change, Outcome, Saved
from leadsim.engine.refusals import Problem, Refused, gone
from leadsim.engine.rules.assignment import ASSIGNED_OBJECTS, choose_owner
from leadsim.engine.rules.matching import find_duplicates
from leadsim.engine.rules.validation import (
    check_references,
    check_required,
    check_rules,
    check_unique,
    read_values,
)
from leadsim.engine.schema import keyed_from_start
from leadsim.engine.store import COLUMNS
from leadsim.engine.stored import Stored
from leadsim.engine.users import USER_OBJECTS
from leadterms.fieldtypes import blank, parse
from leadterms.refusals import ValueRefused
from leadterms.values import Plain, Value, plain

if TYPE_CHECKING:
    from leadsim.engine.records import Org

Fields = dict[str, list[Plain]]
ID_LETTERS = 13


class Transaction:
    """The writes of one step."""

    def __init__(self, org: Org, by: Caller) -> None:
        self.org = org
        self.by = by
        self.facts: list[dict[str, Any]] = []
        self._stamp = org.clock.text()
        self._at = self._stamp.removesuffix("Z")
        self._reported: list[str] = []
        self._allow = by.allow_duplicates
        self._ignored = ""

    # --- a row ---------------------------------------------------------------------------------------------------

    def row(
        self, change: Change | Callable[[], Change], *, key: str = "", content: object = None
    ) -> Saved | Refused:
        """One row of a batch: its refusal is an answer and leaves no trace. A change that depends on what is there
        is given as a function, with its idempotency key and what makes two of them the same."""
        org = self.org
        facts, counters = len(self.facts), dict(org.counters)
        org.store.savepoint()
        try:
            saved = self.apply(change) if isinstance(change, Change) else self._once(key, content, change)
        except Refused as refused:
            org.store.return_to_savepoint()
            del self.facts[facts:]
            org.counters.clear()
            org.counters.update(counters)
            org.forget()
            return refused
        except BaseException:
            org.store.return_to_savepoint()
            raise
        org.store.release()
        return saved

    def apply(self, change: Change) -> Saved:
        """One change. Raises Refused."""
        return self._once(change.idempotency_key, change, lambda: change)

    def _once(self, key: str, content: object, make: Callable[[], Change]) -> Saved:
        """Do it, or answer as the first time when its idempotency key is known."""
        if not key:
            return self._do(make())
        slot, printed = f"{self.by.user}\x1f{key}", _fingerprint(content)
        known = self.org.store.remembered(slot)
        if known is not None:
            return self._replay(key, printed, known)
        saved = self._do(make())
        self.org.store.remember(slot, printed, saved.outcome, saved.record.seq, saved.record.version)
        return saved

    def _replay(self, key: str, printed: str, known: tuple[Any, ...]) -> Saved:
        _, earlier, outcome, seq, version = known
        if earlier != printed:
            raise Refused(
                "conflict",
                f"The idempotency key {key!r} was used before, for another write. "
                "Use a new key for each write, and the old one only to repeat it.",
            )
        row = self.org.store.at(seq)
        assert row is not None  # records are never removed
        record = Stored(row, self.org.codec(row[1]))
        return Saved(outcome, self.org.reading.as_of(record, version))

    @contextmanager
    def allowing_duplicates(self) -> Iterator[None]:
        """Duplicate rules only report meanwhile: the engine itself is at work."""
        before, self._allow = self._allow, True
        try:
            yield
        finally:
            self._allow = before

    @contextmanager
    def ignoring(self, id: str) -> Iterator[None]:
        """A record that no duplicate rule finds meanwhile: the lead that is being converted."""
        before, self._ignored = self._ignored, id
        try:
            yield
        finally:
            self._ignored = before

    def _do(self, change: Change) -> Saved:
        self._reported = []
        self._allow = self.by.allow_duplicates or change.allow_duplicates
        self.org.schema.get(change.object)
        if change.op == "create":
            record = self.create(change.object, change.values, assign=change.assign)
            return self._saved("created", record)
        if change.op == "upsert":
            return self._upsert(change)
        record = self._target(change)
        return _OPERATIONS[change.op](self, change, record)

    def _saved(self, outcome: Outcome, record: Stored) -> Saved:
        """The answer, with the record as the reactions left it."""
        row = self.org.store.at(record.seq)
        assert row is not None
        return Saved(outcome, Stored(row, self.org.codec(record.object)), tuple(self._reported))

    def _target(self, change: Change) -> Stored:
        if change.id is not None:
            return self.org.get(change.object, change.id, deleted=change.op == "undelete")
        if change.key is None:
            raise Refused("invalid", f"{change.op} of {change.object} needs an id or a key.")
        found = self._by_key(change)
        if not found:
            raise gone(change.object, f"with {change.key[0]} {change.key[1]!r}")
        return found[0]

    def _by_key(self, change: Change) -> list[Stored]:
        assert change.key is not None
        field, raw = change.key
        spec = self.org.schema.get(change.object).fields.get(field)
        if spec is None or not keyed_from_start(spec) or spec.type in ("user", "reference"):
            raise Refused(
                "invalid",
                f"{change.object}.{field} is no key: only unique, external-id and e-mail fields are.",
            )
        try:
            value = parse(spec, raw)
        except ValueRefused as refused:
            problem = Problem(change.object, None, field, raw, refused.rule, refused.text)
            raise Refused.of([problem]) from None
        if blank(value):
            raise Refused(
                "invalid", f"The key {change.object}.{field} is blank; a blank key matches nothing."
            )
        found = self.org.lookup(change.object, field, value)
        if len(found) > 1:
            ids = tuple(one.id for one in found)
            text = (
                f"{len(found)} records have {change.object}.{field} {raw!r}: {', '.join(ids[:5])}. Use an id."
            )
            raise Refused("duplicate", text, matches=ids)
        return found

    def _upsert(self, change: Change) -> Saved:
        if change.key is None:
            raise Refused("invalid", f"upsert of {change.object} needs a key.")
        found = self._by_key(change)
        field, raw = change.key
        if found:
            return self._update_change(replace(change, assign=False), found[0])
        record = self.create(change.object, {field: raw, **change.values}, assign=change.assign)
        return self._saved("created", record)

    def _update_change(self, change: Change, record: Stored) -> Saved:
        _check_version(change, record)
        after = self.update(record, change.values, assign=change.assign)
        return self._saved("unchanged" if after is record else "updated", after)

    def _delete_change(self, change: Change, record: Stored) -> Saved:
        _check_version(change, record)
        return self._saved("deleted", self.delete(record))

    def _undelete_change(self, change: Change, record: Stored) -> Saved:
        _check_version(change, record)
        after = self.undelete(record)
        return self._saved("unchanged" if after is record else "updated", after)

    # --- create --------------------------------------------------------------------------------------------------

    def create(
        self,
        object: str,
        raw: Mapping[str, object],
        *,
        assign: bool = False,
        system: bool = False,
        id: str | None = None,
        cause: str | None = None,
    ) -> Stored:
        """Make a record. `system`: the engine itself writes, also into read-only fields."""
        org = self.org
        spec = org.schema.get(object)
        given, problems = read_values(spec.fields, object, None, raw, system=system)
        values: dict[str, Value] = {
            field.id: field.default
            for field in spec.fields.values()
            if field.default is not None and field.id not in given
        }
        values.update({field: value for field, value in given.items() if not blank(value)})
        problems += reactions.derive(self, object, None, values, given, system=system)
        problems += check_required(spec.fields, object, None, values)
        self._check(object, None, given, values, problems, system=system)
        self._number(object, values)
        owner = self._owner(object, values, given, assign)
        record = self._insert(object, values, id)
        self._fact("create", record, {field: [None, value] for field, value in record.plain.items()})
        if owner is not None:
            self.decide("assignment", record, owner)
        self._decide_matches(record)
        reactions.react(self, None, record)
        return record

    def _check(
        self,
        object: str,
        record: Stored | None,
        given: Mapping[str, Value],
        values: dict[str, Value],
        problems: list[Problem],
        *,
        system: bool = False,
    ) -> None:
        """All that is wrong at once, then what stands in the way. The engine's own writes aren't judged by the
        org's validation rules: a score must not fail because a rule wants a telephone number."""
        org = self.org
        id, seq = (None, None) if record is None else (record.id, record.seq)
        whole = org.codec(object).compute(values)
        problems += check_references(org, object, id, dict(given))
        if not system:
            problems += check_rules(org, object, id, whole)
        unique, taken = check_unique(org, object, seq, id, dict(given))
        if problems:
            raise Refused.of(problems + unique)
        if unique:
            raise Refused(
                "duplicate", unique[0].text, problems=tuple(unique), matches=tuple(dict.fromkeys(taken))
            )
        for match in find_duplicates(org, object, seq, whole, given):
            ids = tuple(one.id for one in match.records if one.id != self._ignored)
            if not ids:
                continue
            if match.rule.action == "block" and not self._allow:
                text = f"Duplicate rule {match.rule.name!r}: {', '.join(ids[:5])} has the same {' and '.join(match.rule.match)}."
                raise Refused("duplicate", text, matches=ids)
            self._reported.extend(ids)

    def _number(self, object: str, values: dict[str, Value]) -> None:
        for field in self.org.schema.get(object).fields.values():
            if field.type == "auto_number":
                slot = f"number:{object}.{field.id}"
                number = self.org.counters.get(slot, 0) + 1
                self.org.counters[slot] = number
                values[field.id] = f"{number:06d}"

    def _owner(
        self, object: str, values: dict[str, Value], given: Mapping[str, Value], assign: bool
    ) -> dict[str, Any] | None:
        """Fill the owner; gives what the decision fact says, where the rules were asked."""
        field = self.org.schema.traits(object).owner
        if field is None or not blank(given.get(field)):
            return None
        if assign and object in ASSIGNED_OBJECTS:
            chosen = choose_owner(self.org, object, values, self.by.user)
            if chosen.owner is not None:
                values[field] = chosen.owner
            return {"owner": chosen.owner, "rule": chosen.rule, "because": chosen.because}
        if self.org.kind == "crm" and self.by.user in self.org.users:
            values[field] = self.by.user
        return None

    def _insert(self, object: str, values: dict[str, Value], id: str | None) -> Stored:
        org = self.org
        codec = org.codec(object)
        seq = self._next()
        whole = codec.compute(values)
        row = {
            "seq": seq, "object": object, "id": id or self._new_id(object), "mod": seq, "version": 1, "deleted": 0,
            "merged_into": None, "created_at": self._at, "created_by": self.by.user, "created_actor": self.by.actor,
            "created_request": self.by.request, "modified_at": self._at, "modified_by": self.by.user,
            "keys": codec.keys(whole, org.keyed.of(object)), "data": codec.text(values),
        }  # fmt: skip
        org.store.insert(row)
        if object in USER_OBJECTS:
            org.forget()
        return Stored(tuple(row[name] for name in COLUMNS), codec)

    def _new_id(self, object: str) -> str:
        return f"{self.org.schema.traits(object).prefix}{self.org.ids.letters(ID_LETTERS)}"

    def _next(self) -> int:
        number = self.org.counters.get("mod", 0) + 1
        self.org.counters["mod"] = number
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
        """Change a record's values; the same record comes back when nothing is different."""
        org, object = self.org, record.object
        spec = org.schema.get(object)
        given, problems = read_values(spec.fields, object, record.id, raw, system=system)
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
        problems += [
            one for one in check_required(spec.fields, object, record.id, values) if one.field in given
        ]
        self._check(object, record, changed, values, problems, system=system)
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
        org = self.org
        codec = org.codec(record.object)
        before = {field: plain(value) for field, value in codec.stable(record.values).items()}
        whole = codec.compute(values)
        after = {field: plain(value) for field, value in codec.stable(whole).items()}
        changed: Fields = {
            field: [before.get(field), after.get(field)]
            for field in sorted(before.keys() | after.keys())
            if before.get(field) != after.get(field)
        }
        state = record.deleted if deleted is None else deleted
        if not changed and state == record.deleted and op == "update":
            return record
        mod = self._next()
        new = dict(zip(COLUMNS, record.row, strict=True))
        new.update(
            mod=mod, version=record.version + 1, deleted=int(state), merged_into=merged_into, modified_at=self._at,
            modified_by=self.by.user, keys=codec.keys(whole, org.keyed.of(record.object)), data=codec.text(values),
        )  # fmt: skip
        org.store.update({**new, "of": record.seq})
        org.store.audit(
            {
                "mod": mod, "record": record.seq, "op": op, "version": record.version + 1, "at": self._at,
                "user": self.by.user, "actor": self.by.actor, "request": self.by.request, "cause": cause,
                "fields": orjson.dumps(changed).decode(),
            }
        )  # fmt: skip
        if record.object in USER_OBJECTS:
            org.forget()
        stored = Stored(tuple(new[name] for name in COLUMNS), codec)
        self._fact(
            op, stored, changed, {**(extra or {}), **({"merged_into": merged_into} if merged_into else {})}
        )
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
            raise gone(
                record.object, record.id, f"was merged into {record.merged_into}, which can't be undone"
            )
        given = {
            field: value
            for field, value in record.values.items()
            if field in self.org.schema.get(record.object).fields
        }
        self._check(record.object, record, given, dict(record.values), [])
        after = self._store(record, dict(record.values), "undelete", None, deleted=False)
        reactions.undeleted(self, after)
        return after

    def merge_away(self, record: Stored, winner: Stored) -> Stored:
        """Mark the loser of a merge."""
        return self._store(record, dict(record.values), "merge", None, deleted=True, merged_into=winner.id)

    # --- facts ---------------------------------------------------------------------------------------------------

    def _fact(
        self, op: str, record: Stored, fields: Mapping[str, Any], extra: Mapping[str, Any] | None = None
    ) -> None:
        fact = {
            "org": self.org.name, "kind": "change", "at": self._stamp, "actor": self.by.actor, "user": self.by.user,
            "request": self.by.request, "op": op, "object": record.object, "id": record.id, "version": record.version,
            "fields": dict(fields),
        }  # fmt: skip
        if extra:
            fact.update(extra)
        self.facts.append(fact)

    def decide(self, what: str, record: Stored, because: Mapping[str, Any]) -> None:
        """A fact about a decision that the org made by itself."""
        self.facts.append(
            {
                "org": self.org.name, "kind": "decision", "at": self._stamp, "actor": self.by.actor, "user": self.by.user,
                "request": self.by.request, "what": what, "object": record.object, "id": record.id,
                "because": dict(because),
            }
        )  # fmt: skip

    def _decide_matches(self, record: Stored) -> None:
        if self._reported:
            self.decide(
                "matching", record, {"same_as": list(dict.fromkeys(self._reported)), "action": "reported"}
            )


def _check_version(change: Change, record: Stored) -> None:
    if change.if_version is not None and change.if_version != record.version:
        raise Refused(
            "conflict",
            f"{record.object} {record.id} is at version {record.version}, not {change.if_version}: somebody changed it "
            "since it was read. Read it again.",
        )


def _fingerprint(content: object) -> str:
    """What makes two writes the same for an idempotency key: all of the change but the key itself."""
    assert is_dataclass(content)
    parts = {one.name: getattr(content, one.name) for one in fields(content) if one.name != "idempotency_key"}
    option = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
    return sha256(orjson.dumps(parts, option=option, default=_plain_text)).hexdigest()


def _plain_text(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(value) if isinstance(value, frozenset | set) else str(value)


def _merge_change(transaction: Transaction, change: Change, loser: Stored) -> Saved:
    from leadsim.engine.merging import merge

    _check_version(change, loser)
    if change.into is None:
        raise Refused("invalid", "A merge needs the id of the record that stays (`into`).")
    winner = transaction.org.get(change.object, change.into)
    return transaction._saved("updated", merge(transaction, loser, winner))


def _convert_change(transaction: Transaction, change: Change, lead: Stored) -> Saved:
    from leadsim.engine.conversion import convert

    _check_version(change, lead)
    return transaction._saved("updated", convert(transaction, lead, change.values))


_OPERATIONS: dict[str, Callable[[Transaction, Change, Stored], Saved]] = {
    "update": Transaction._update_change,
    "delete": Transaction._delete_change,
    "undelete": Transaction._undelete_change,
    "merge": _merge_change,
    "convert": _convert_change,
}
