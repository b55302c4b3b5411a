"""Which fields of which object have look-up keys in their rows, and an index over them.

E-mail, owner, references, unique and external-id fields have keys from the start; any other field gets them when it
is first filtered on or ordered by. The index itself is made at the first such question (performance.md, 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadsim.engine.query import key_sql
from leadsim.engine.schema import keyed_from_start
from leadsim.engine.stored import Stored
from leadterms.fields import FieldSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadsim.engine.records import Org

CHUNK = 1000


class Keyed:
    """The keyed fields of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        # Replaced, never changed, so that `mark` can hold them.
        self._fields: dict[str, tuple[str, ...]] = {}
        self._indexed: frozenset[tuple[str, str]] = frozenset()

    def of(self, object: str) -> tuple[str, ...]:
        """The fields whose keys each row of this object carries."""
        fields = self._fields.get(object)
        if fields is None:
            specs = self._org.schema.get(object).fields.values()
            fields = tuple(spec.id for spec in specs if keyed_from_start(spec))
            self._fields = {**self._fields, object: fields}
        return fields

    def field_added(self, spec: FieldSpec) -> None:
        """A new field that is keyed from the start; no row has a value yet."""
        if keyed_from_start(spec) and spec.id not in self.of(spec.object):
            self._fields = {**self._fields, spec.object: (*self.of(spec.object), spec.id)}

    def need(self, object: str, fields: Iterable[str]) -> None:
        """Make sure that these fields have keys and indexes."""
        for field in fields:
            if (object, field) in self._indexed:
                continue
            if field not in self.of(object):
                self._fields = {**self._fields, object: (*self.of(object), field)}
                self._fill(object)
            name = f"key_{object}_{field}"
            self._org.store.make_index(name, object, ("object", key_sql(field), "seq"))
            self._indexed |= {(object, field)}

    def _fill(self, object: str) -> None:
        """Write the keys of all rows of an object anew."""
        codec, keyed, after = self._org.codec(object), self.of(object), 0
        while rows := self._org.store.rows_of(object, after, CHUNK):
            stored = [Stored(row, codec) for row in rows]
            self._org.store.rekey((one.seq, codec.keys(one.values, keyed)) for one in stored)
            after = stored[-1].seq

    def mark(self) -> tuple[dict[str, tuple[str, ...]], frozenset[tuple[str, str]]]:
        """What is keyed now: a question inside a transaction that is undone must be asked of the database again."""
        return self._fields, self._indexed

    def return_to(self, mark: tuple[dict[str, tuple[str, ...]], frozenset[tuple[str, str]]]) -> None:
        """Back to a mark."""
        self._fields, self._indexed = mark

    def state(self) -> dict[str, list[str]]:
        """The keyed fields by object, as plain JSON."""
        return {object: list(fields) for object, fields in sorted(self._fields.items())}

    def restore(self, state: dict[str, list[str]]) -> None:
        """Back to a saved state; which indexes are there is asked again."""
        self._fields = {object: tuple(fields) for object, fields in state.items()}
        self._indexed = frozenset()
