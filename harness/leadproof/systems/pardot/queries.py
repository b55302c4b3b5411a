"""Criteria as the filters that a query has: equality of a few fields. The rest is decided here, row by row.

A filter only narrows what is fetched: every row is held against the whole of the criteria, so none is too many.
Source: guide, v5 object pages ("Query": prospects filter by id, e-mail, Salesforce id, user and times).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leadproof.systems.pardot.describing import PROSPECT, Described
from leadproof.systems.pardot.standard import OWNER
from leadterms.criteria import Criteria, Row, bind, evaluate
from leadterms.fields import FieldSpec
from leadterms.logic import every_row
from leadterms.values import Value, plain

MOST_IDS = 200
"""Ids in one `idList`, so that the address stays well below 8 KB."""
MOST_LOOKUPS = 20
"""E-mail addresses looked up one by one; beyond that a scan of 1,000 a page is cheaper."""

Filters = tuple[tuple[str, str], ...]

_BY_VALUE: Mapping[str, str] = {"email": "email", "salesforceId": "salesforceId", OWNER: "userId"}


def bound(criteria: Criteria, known: Described) -> Criteria:
    """The criteria with typed values; a record's id may be named as well. Raises CriteriaRefused."""
    id = FieldSpec(known.spec.id, "id", "id", "single_line", read_only=True, system=True)
    return bind(criteria, {**known.spec.fields, "id": id})


def fits(criteria: Criteria, id: str, values: Mapping[str, Value]) -> bool:
    """Whether a record matches."""
    return evaluate(criteria, {**values, "id": id})


def filters_of(criteria: Criteria, object: str) -> Iterator[Filters]:
    """The queries whose results together hold every match; one without filters is a scan of all."""
    if criteria.logic == every_row(len(criteria.rows)):
        for row in criteria.rows:
            narrowed = _narrowed(row, object)
            if narrowed is not None:
                yield from narrowed
                return
    yield ()


def _narrowed(row: Row, object: str) -> list[Filters] | None:
    wanted = row.value if isinstance(row.value, tuple) else (row.value,)
    texts = [str(plain(one)) for one in wanted if one not in (None, "")]
    if row.operator not in ("=", "in") or not texts:
        return None
    if row.field == "id":
        ids = sorted({one for one in texts if one.isdigit()}, key=int)
        return [(("idList", ",".join(ids[start : start + MOST_IDS])),) for start in range(0, len(ids), MOST_IDS)]
    if object == PROSPECT and row.field in _BY_VALUE and len(texts) <= MOST_LOOKUPS:
        return [((_BY_VALUE[row.field], one),) for one in dict.fromkeys(texts)]
    return None
