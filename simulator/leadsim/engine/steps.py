"""An org's transactions, one after another: what a step did is kept whole, or it never happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from leadsim.engine.change import Caller, Change, Saved
from leadsim.engine.refusals import Refused
from leadsim.engine.transaction import Transaction

if TYPE_CHECKING:
    from leadsim.engine.records import Org

T = TypeVar("T")


class Steps:
    """The steps of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._together: list[dict[str, Any]] | None = None

    def run(self, by: Caller, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction. When it raises, the database, the counters, the draws and the journal are
        as they were before."""
        org = self._org
        transaction = Transaction(org, by)
        if self._together is not None:
            with self._undone_on_failure(org.store.savepoint, org.store.return_to_savepoint):
                result = work(transaction)
            org.store.release()
            self._together.extend(transaction.facts)
            return result
        with self._undone_on_failure(org.store.begin, org.store.rollback):
            result = work(transaction)
            self._commit()
        org.journal.extend(transaction.facts)
        return result

    def batch(self, changes: Sequence[Change], by: Caller, *, all_or_none: bool) -> list[Saved | Refused]:
        """The rows of a batch, in one transaction. A refused one leaves no trace; with `all_or_none` it undoes them
        all, and the others then say so (kind "conflict")."""
        try:
            return self.run(by, lambda transaction: _rows(transaction, changes, all_or_none))
        except _AllOrNone as stopped:
            return stopped.results

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let the steps inside be one transaction: they see each other's writes, and when the block raises, none of
        them has happened. A step that is refused inside undoes itself only. A block within a block is a part of it."""
        org = self._org
        if self._together is not None:
            told = len(self._together)
            try:
                with self._undone_on_failure(org.store.savepoint, org.store.return_to_savepoint):
                    yield
            except BaseException:  # not handled: what the block told is forgotten, whatever stopped it
                del self._together[told:]
                raise
            org.store.release()
            return
        self._together = []
        try:
            with self._undone_on_failure(org.store.begin, org.store.rollback):
                yield
                self._commit()
            org.journal.extend(self._together)
        finally:
            self._together = None

    def _commit(self) -> None:
        org = self._org
        org.kept.moving()
        org.store.write_out()
        org.store.commit()

    @contextmanager
    def _undone_on_failure(self, begin: Callable[[], None], undo: Callable[[], None]) -> Iterator[None]:
        org = self._org
        before, keyed = dict(org.counters), org.keyed.mark()
        begin()
        try:
            yield
        except BaseException:  # whatever stops a step, also an interrupt: half of it must not stay
            undo()
            org.counters.clear()
            org.counters.update(before)
            org.keyed.return_to(keyed)
            org.forget()
            raise


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
