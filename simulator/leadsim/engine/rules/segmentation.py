"""Which lists a prospect stands on (product.md E): by criteria in real time, by hand, and taken off by others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from leadsim.engine.refusals import Refused
from leadsim.engine.settings import CriteriaText
from leadterms.criteria import Criteria
from leadterms.evaluation import Predicate, predicate
from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.engine.records import Org
    from leadsim.engine.stored import Stored


@dataclass(frozen=True, slots=True)
class Segment:
    """A list, ready to be asked. `fits` None: filled by hand."""

    id: str
    fits: Predicate | None
    removes_from: tuple[str, ...]


class Segments:
    """All lists of an org in the order of creation, read once and kept until a list or the schema changes."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._read: tuple[int, tuple[Segment, ...]] | None = None

    def forget(self) -> None:
        """A list was written: read them again at the next question."""
        self._read = None

    def all(self) -> tuple[Segment, ...]:
        """Every live list."""
        version = self._org.schema.version
        if self._read is None or self._read[0] != version:
            self._read = (
                version,
                tuple(segment_of(self._org, one) for one in self._org.reading.all_of("list")),
            )
        return self._read[1]


def segment_of(org: Org, record: Stored) -> Segment:
    """A list record, ready to be asked. Raises Refused("invalid") when its criteria can't be read or bound."""
    criteria = read_criteria(org, record.values)
    fits = None if criteria is None else predicate(criteria)
    return Segment(record.id, fits, read_names(record.values.get("removes_from")))


def read_criteria(org: Org, values: Mapping[str, Value]) -> Criteria | None:
    """A list's criteria, bound to the prospect's fields; None for a list that is filled by hand."""
    from leadsim.engine.rules.bound import bind_text

    written = values.get("criteria")
    if values.get("kind") != "dynamic":
        if written is not None:
            raise Refused("invalid", "list.criteria: only a list of kind 'dynamic' has criteria.")
        return None
    where = f"list {values.get('name')!r}"
    try:
        read = orjson.loads(str(written or ""))
        text = CriteriaText.model_validate(read)
    except ValueError:
        raise Refused("invalid", f'{where}: criteria must be JSON, {{"rows": [["score", ">=", "100"]]}}.') from None
    return bind_text(org, "prospect", text, where)


def read_names(written: Value) -> tuple[str, ...]:
    """The lists named in a field, one a line."""
    return tuple(name for name in str(written or "").split("\n") if name.strip())


def wanted_lists(
    segments: tuple[Segment, ...], prospect: Mapping[str, Value], by_hand: frozenset[str]
) -> tuple[list[str], list[str]]:
    """The lists that a prospect should stand on, and those that others take it from; in the order of the lists.

    A list that takes from others does so only when it isn't itself taken from by an earlier one."""
    removed: dict[str, None] = {}
    standing: list[str] = []
    for segment in segments:
        stands = segment.id in by_hand or (segment.fits is not None and segment.fits(prospect))
        if stands and segment.id not in removed:
            standing.append(segment.id)
            removed.update(dict.fromkeys(segment.removes_from))
    return [id for id in standing if id not in removed], list(removed)
