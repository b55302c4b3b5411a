"""/query and /queryAll: SOQL over REST, page by page."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from leadsim.dialects.salesforce.errors import ApiRefused, refused
from leadsim.dialects.salesforce.session import Session
from leadsim.dialects.salesforce.soql.failures import QueryRefused
from leadsim.dialects.salesforce.soql.grammar import parse
from leadsim.dialects.salesforce.soql.planning import plan
from leadsim.dialects.salesforce.soql.plans import Plan
from leadsim.dialects.salesforce.soql.running import Runner
from leadsim.dialects.salesforce.state import OpenQuery
from leadsim.dialects.salesforce.view import Record
from leadsim.gateway.messages import Answer

DEFAULT_PAGE, SMALLEST_PAGE = 2000, 200
LOCATOR_PREFIX = "01g"
_LOCATOR = re.compile(r"(01g[A-Za-z0-9]{15})-(\d+)\Z")


def query(session: Session) -> Answer:
    """GET /query?q="""
    return _first(session, deleted=False)


def query_all(session: Session) -> Answer:
    """GET /queryAll?q=: deleted and merged records too."""
    return _first(session, deleted=True)


def _first(session: Session, *, deleted: bool) -> Answer:
    parameters = dict(session.request.query)
    if "explain" in parameters and "q" not in parameters:
        raise refused("NOT_SIMULATED", "Query plans (explain) are not simulated by this sandbox.")
    if "q" not in parameters:
        raise refused("MALFORMED_QUERY", "A query string has to be specified")
    try:
        return session.answer(200, run(session, parameters["q"], deleted=deleted, page=_page_size(session)))
    except QueryRefused as failed:
        raise of_query(failed) from None


def of_query(failed: QueryRefused) -> ApiRefused:
    """A refused query as a refused call."""
    return refused(failed.code, failed.text, status=failed.status)


def planned(session: Session, text: str) -> Plan:
    """The plan of a query. Raises QueryRefused."""
    return plan(parse(text), session.catalog)


def runner(session: Session, text: str, *, deleted: bool) -> Runner:
    """What runs a query's plan."""
    return Runner(session.view, text, session.url_of, deleted=deleted)


def run(session: Session, text: str, *, deleted: bool, page: int) -> dict[str, Any]:
    """The first page. Raises QueryRefused."""
    made = planned(session, text)
    running = runner(session, text, deleted=deleted)
    if made.counted:
        return {"totalSize": running.count(made), "done": True, "records": []}
    if made.grouped:
        groups = running.groups(made)
        if len(groups) > DEFAULT_PAGE:
            raise QueryRefused(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
            )
        return {"totalSize": len(groups), "done": True, "records": groups}
    found = list(running.matching(made))
    if len(found) <= page or made.object.engine is None:
        return {"totalSize": len(found), "done": True, "records": [running.show(made, row) for row in found]}
    locator = session.next_id(LOCATOR_PREFIX, "queries")
    ids = tuple(row.id for row in found)
    session.state.open(locator, OpenQuery(text, ids, deleted, session.call.user))
    records = [running.show(made, row) for row in islice(found, page)]
    return _page(session, locator, records, len(found), page, deleted)


def more(session: Session) -> Answer:
    """GET /query/{locator}"""
    found = _LOCATOR.match(session.call.params["locator"])
    held = session.state.queries.get(found[1]) if found else None
    if held is None or found is None or held.user != session.call.user or int(found[2]) > len(held.ids):
        raise refused("INVALID_QUERY_LOCATOR", "invalid query locator")
    start, page = int(found[2]), _page_size(session)
    try:
        made = planned(session, held.text)
    except QueryRefused as failed:
        raise of_query(failed) from None
    running = runner(session, held.text, deleted=held.deleted)
    rows = [session.view.by_id(id) for id in held.ids[start : start + page]]
    records = [
        running.show(made, row) for row in rows if row is not None and _visible(row, held.deleted or made.all_rows)
    ]
    if start + page >= len(held.ids):
        return session.answer(200, {"totalSize": len(held.ids), "done": True, "records": records})
    return session.answer(200, _page(session, found[1], records, len(held.ids), start + page, held.deleted))


def _visible(row: Record, deleted: bool) -> bool:
    """What was deleted since the query began is left out of its further pages."""
    return deleted or row.stored is None or not row.stored.deleted


def _page(session: Session, locator: str, records: list[Any], total: int, next: int, deleted: bool) -> dict[str, Any]:
    resource = "queryAll" if deleted else "query"
    url = f"{session.base}/{resource}/{locator}-{next}"
    return {"totalSize": total, "done": False, "nextRecordsUrl": url, "records": records}


def _page_size(session: Session) -> int:
    """Sforce-Query-Options: batchSize=200 to 2000; what is outside counts as the nearest. Raises ApiRefused."""
    told = session.header("sforce-query-options")
    if not told.strip():
        return DEFAULT_PAGE
    found = re.fullmatch(r"\s*batchsize\s*=\s*(\d{1,6})\s*", told, re.IGNORECASE)
    if not found:
        raise refused("INVALID_BATCH_SIZE", f"The query options have an invalid batch size value: {told}")
    return min(DEFAULT_PAGE, max(SMALLEST_PAGE, int(found[1])))
