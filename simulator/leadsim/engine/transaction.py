"""One transaction of an org: one change, or the rows of a batch.

A refused row gives back its facts, its counters (draws, turns, sequence) and what it wrote. Nearly all refusals come
before anything is written, so a batch has one savepoint; only when a row is refused later is the batch taken back and
done again with a savepoint for each row, which costs as much as the writing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from leadsim.engine.change import ANY_VERSION, Change, Outcome, Saved
from leadsim.engine.conversion import convert
from leadsim.engine.merging import merge
from leadsim.engine.refusals import Problem, Refused, gone
from leadsim.engine.schema import keyed_from_start
from leadsim.engine.stored import Stored
from leadsim.engine.writing import Writing
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import blank, parse, same
from leadterms.refusals import ValueRefused


class _Mark(NamedTuple):
    """Where a row begins."""

    writes: int
    facts: int
    counters: dict[str, int]
    keyed: Any


class Transaction(Writing):
    """The changes of one step, as a caller asks for them."""

    def row(self, change: Change | Callable[[], Change], *, key: str = "", content: object = None) -> Saved | Refused:
        """One row of a batch: its refusal is an answer and leaves no trace. A change that depends on what is there
        is given as a function, with its idempotency key and what makes two of them the same."""
        org = self.org
        mark = self._mark()
        org.store.savepoint()
        try:
            saved = self.apply(change) if isinstance(change, Change) else self._once(key, content, change)
        except Refused as refused:
            org.store.return_to_savepoint()
            self._return_to(mark)
            return refused
        except BaseException:  # a half-written row must not stay, whatever stopped it
            org.store.return_to_savepoint()
            raise
        org.store.release()
        return saved

    def rows(self, changes: Sequence[Change]) -> list[Saved | Refused]:
        """The rows of a batch, in order: as `row` for each, without its savepoint as long as none is needed."""
        store, mark = self.org.store, self._mark()
        done: list[Saved | Refused] = []
        store.savepoint()
        try:
            for change in changes:
                before = self._mark()
                try:
                    done.append(self.apply(change))
                except Refused as refused:
                    if store.writes != before.writes:
                        break
                    self._return_to(before)
                    done.append(refused)
        except BaseException:  # as above, for the rows of a batch
            store.return_to_savepoint()
            raise
        if len(done) == len(changes):
            store.release()
            return done
        store.return_to_savepoint()
        self._return_to(mark)
        return [self.row(change) for change in changes]

    def _mark(self) -> _Mark:
        org = self.org
        return _Mark(org.store.writes, len(self.facts), org.counters.copy(), org.keyed.mark())

    def _return_to(self, mark: _Mark) -> None:
        """Give back the facts, the draws and what is known of the database's keys."""
        org = self.org
        del self.facts[mark.facts :]
        org.counters.clear()
        org.counters.update(mark.counters)
        org.keyed.return_to(mark.keyed)
        if org.store.writes != mark.writes:
            org.forget()

    def apply(self, change: Change) -> Saved:
        """One change. Raises Refused."""
        if not change.idempotency_key:
            return self._do(change)
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

    def _do(self, change: Change) -> Saved:
        self.latest.clear()
        self.reported = []
        self.allow = self.by.allow_duplicates or change.allow_duplicates
        if change.op == "create":
            if change.if_version is not None:
                raise Refused("invalid", "A create has no version to depend on (`if_version`).")
            return self._saved("created", self.create(change.object, change.values, assign=change.assign))
        self.org.schema.get(change.object)
        if change.op == "upsert":
            return self._upsert(change)
        record = self._target(change)
        _check_version(change, record)
        return _OPERATIONS[change.op](self, change, record)

    def _saved(self, outcome: Outcome, record: Stored) -> Saved:
        """The answer, with the record as the reactions left it."""
        return Saved(outcome, self.latest.get(record.id, record), tuple(self.reported))

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
        """The record with the change's key, if there is one. Raises Refused when the field is no key, the value is
        blank or unreadable, or several records have it."""
        assert change.key is not None
        field, raw = change.key
        spec = self.org.schema.get(change.object).fields.get(field)
        if spec is None or not keyed_from_start(spec) or spec.type in ("user", "reference"):
            text = f"{change.object}.{field} is no key: only unique, external-id and e-mail fields are."
            raise Refused("invalid", text)
        try:
            value = parse(spec, raw)
        except ValueRefused as refused:
            problem = Problem(change.object, None, field, raw, refused.rule, refused.text)
            raise Refused.of([problem]) from None
        if blank(value):
            raise Refused("invalid", f"The key {change.object}.{field} is blank; a blank key matches nothing.")
        found = self.org.lookup(change.object, field, value)
        if len(found) > 1:
            ids = tuple(one.id for one in found)
            text = f"{len(found)} records have {change.object}.{field} {raw!r}: {', '.join(ids[:5])}. Use an id."
            raise Refused("duplicate", text, matches=ids)
        return found

    def _upsert(self, change: Change) -> Saved:
        if change.key is None:
            raise Refused("invalid", f"upsert of {change.object} needs a key.")
        found = self._by_key(change)
        field, raw = change.key
        _check_key_value(self.org.schema.get(change.object).fields[field], raw, change.values)
        if found:
            _check_version(change, found[0])
            return _update(self, replace(change, assign=False), found[0])
        if change.if_version is not None:
            text = f"There is no {change.object} with {field} {raw!r} to be at a version. Nothing was created."
            raise Refused("conflict", text)
        record = self.create(change.object, {field: raw, **change.values}, assign=change.assign)
        return self._saved("created", record)


def _check_version(change: Change, record: Stored) -> None:
    """Raises Refused("conflict") when the record is not at the version that the change depends on."""
    if change.if_version not in (None, ANY_VERSION, record.version):
        text = f"{record.object} {record.id} is at version {record.version}, not {change.if_version}: "
        raise Refused("conflict", text + "somebody changed it since it was read. Read it again.")


def _check_key_value(spec: FieldSpec, raw: object, values: Mapping[str, object]) -> None:
    """Raises Refused("invalid") when an upsert's values give its own key another value: nobody would find it again."""
    if spec.id not in values:
        return
    given = values[spec.id]
    try:
        if same(spec, parse(spec, given), parse(spec, raw)):
            return
    except ValueRefused:
        return  # said with everything else that is wrong with the values
    text = f"{spec.object}.{spec.id} is {given!r} among the values, and {raw!r} as the upsert's key. Give it once."
    raise Refused.of([Problem(spec.object, None, spec.id, given, "key", text)])


Operation = Callable[[Transaction, Change, Stored], Saved]


def _update(transaction: Transaction, change: Change, record: Stored) -> Saved:
    after = transaction.update(record, change.values, assign=change.assign)
    return transaction._saved("unchanged" if after is record else "updated", after)


def _delete(transaction: Transaction, change: Change, record: Stored) -> Saved:
    return transaction._saved("deleted", transaction.delete(record))


def _undelete(transaction: Transaction, change: Change, record: Stored) -> Saved:
    after = transaction.undelete(record)
    return transaction._saved("unchanged" if after is record else "updated", after)


def _merge(transaction: Transaction, change: Change, loser: Stored) -> Saved:
    if change.into is None:
        raise Refused("invalid", "A merge needs the id of the record that stays (`into`).")
    winner = transaction.org.get(change.object, change.into)
    return transaction._saved("updated", merge(transaction, loser, winner))


def _convert(transaction: Transaction, change: Change, lead: Stored) -> Saved:
    return transaction._saved("updated", convert(transaction, lead, change.values))


_OPERATIONS: dict[str, Operation] = {
    "update": _update,
    "delete": _delete,
    "undelete": _undelete,
    "merge": _merge,
    "convert": _convert,
}


def _fingerprint(content: object) -> str:
    """What makes two writes the same for an idempotency key: all of the change but the key itself."""
    parts = {name: getattr(content, name) for name in _said(content)}
    option = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
    return sha256(orjson.dumps(parts, option=option, default=_plain_text)).hexdigest()


_SAID: dict[type, tuple[str, ...]] = {}


def _said(content: object) -> tuple[str, ...]:
    names = _SAID.get(type(content))
    if names is None:
        assert is_dataclass(content)
        names = tuple(one.name for one in fields(content) if one.name != "idempotency_key")
        _SAID[type(content)] = names
    return names


def _plain_text(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(value) if isinstance(value, frozenset | set) else str(value)
