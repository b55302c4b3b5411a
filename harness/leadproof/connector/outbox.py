"""The one way out: every remote write of a record is an intent first, and ends with a result that is certain.

After an unknown outcome the system is searched before anything is tried again (sync-semantics.md "Whose record is
it"); a retry carries the same idempotency key and the same condition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from leadproof.connector.cycle import Cycle
from leadproof.connector.intents import Intent
from leadproof.connector.value_table import Side
from leadproof.systems.failures import CallFailed
from leadproof.systems.ports import Capability, Record, WriteResult
from leadterms.criteria import Criteria, Ref, Row
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import same
from leadterms.values import plain


class Outbox:
    """The writes of one side. `born`: what makes this store's idempotency keys its own."""

    def __init__(self, cycle: Cycle, side: Side, born: str) -> None:
        self._cycle = cycle
        self._side = side
        self._system = cycle.system(side)
        self._born = born

    def send(self, intents: Sequence[Intent]) -> list[WriteResult]:
        """Write, in order; `unknown` is left only where the system could not be asked, and then the intent
        stays open. The others are closed by the caller, in the commit that stores what they mean.

        Raises the CallFailed of a call that definitely did nothing.
        """
        if not intents:
            return []
        self._open(intents)
        self._cycle.report.count(self._side, len(intents))
        try:
            results = self._system.write([intent.write for intent in intents])
        except Exception as failed:  # of whatever kind: an intent stays open unless nothing was done for certain
            if getattr(failed, "definite", True):
                with self._cycle.store.transaction():
                    self._cycle.store.intents.close([intent.id for intent in intents])
            raise
        return [self._certain(intent, result) for intent, result in zip(intents, results, strict=True)]

    def _open(self, intents: Sequence[Intent]) -> None:
        store = self._cycle.store
        number = store.intents.next_number()
        for intent in intents:
            intent.id = number
            intent.write = replace(intent.write, idempotency_key=f"{self._born}-{number}")
            number += 1
        with store.transaction():
            store.intents.open(intents)

    def _certain(self, intent: Intent, result: WriteResult) -> WriteResult:
        if result.outcome == "unknown" or (result.refusal is not None and not result.refusal.definite):
            try:
                return self.ask(intent)
            except CallFailed:
                return WriteResult("unknown", None, result.refusal)
        return result

    def ask(self, intent: Intent) -> WriteResult:
        """Find out whether a write was applied; if certainly not, do it now, once. Raises CallFailed."""
        applied = self._applied(intent)
        if applied is not None:
            return applied
        (again,) = self._system.write([intent.write])
        if again.outcome == "refused" and again.refusal is not None and again.refusal.kind == "gone":
            return WriteResult("deleted", intent.write.id) if intent.purpose == "delete" else again
        if again.refusal is not None and not again.refusal.definite:
            return WriteResult("unknown", None, again.refusal)
        return again

    def _applied(self, intent: Intent) -> WriteResult | None:
        write = intent.write
        if intent.purpose == "create":
            found = self._created(intent)
            return None if found is None else WriteResult("created", found.id, record=found)
        if Capability.IDEMPOTENCY in self._system.can:
            return None  # the repeated key answers the first result
        kind = self._cycle.kinds[intent.kind]
        written = [name for name in write.values if name in self._specs(write.object)]
        records = self._system.read(write.object, [str(write.id)], kind.fields(self._side, write.object, also=written))
        if intent.purpose == "delete":
            return None if records else WriteResult("deleted", write.id)
        if records and self._holds(records[0], intent):
            return WriteResult("updated", write.id, record=records[0])
        return None

    def _created(self, intent: Intent) -> Record | None:
        """The record that a create may have made: by the link field, which no other record can hold."""
        kind = self._cycle.kinds[intent.kind]
        link = kind.link_field(self._side)
        if link is None or link not in intent.write.values or link in intent.unfit:
            return None
        criteria = Criteria((Row(link, "=", intent.source),), Ref(1))
        object = intent.write.object
        found = self._system.find(object, criteria, kind.fields(self._side, object))
        return found[0] if len(found) == 1 else None

    def _holds(self, record: Record, intent: Intent) -> bool:
        specs = self._specs(intent.write.object)
        return all(
            plain(record.values.get(name)) == plain(value)
            if name in intent.unfit
            else same(specs[name], value, record.values.get(name))
            for name, value in intent.write.values.items()
        )

    def _specs(self, object: str) -> Mapping[str, FieldSpec]:
        schema = self._cycle.schemas.crm if self._side == "crm" else self._cycle.schemas.marketing
        return schema[object].fields
