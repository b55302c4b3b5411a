"""Bulk API 1.0's query jobs: a batch holds one query, its results are files of their own."""

from __future__ import annotations

import re

import orjson

from leadsim.dialects.salesforce import bulk_query, bulk_rows
from leadsim.dialects.salesforce.errors import ApiRefused
from leadsim.dialects.salesforce.queries import planned, runner
from leadsim.dialects.salesforce.session import Session
from leadsim.dialects.salesforce.soql.failures import QueryRefused
from leadsim.dialects.salesforce.state import Job

OPERATIONS = ("query", "queryAll")
CHUNKING = "sforce-enable-pkchunking"
_SETTING = re.compile(r"\s*(chunksize\s*=\s*[1-9]\d{0,5}|parent\s*=\s*\w+|startrow\s*=\s*\w+)\s*\Z", re.ASCII)
RESULT_PREFIX = "752"
NO_ROWS = "Records not found for this query"


class QueryFailed(Exception):
    """A batch whose query can't be run: it fails, the job goes on."""


def run(session: Session, job: Job, text: str) -> tuple[str, int]:
    """What a batch's query found, as a file in the job's format, and the number of rows. Raises QueryFailed."""
    deleted = job.info["operation"] == "queryAll"
    try:
        made = planned(session, text.strip())
        if made.object.name != job.info["object"]:
            raise QueryFailed(f"InvalidBatch : The query is of {made.object.name}, the job of {job.info['object']}")
        bulk_query.check(made)
        running = runner(session, text.strip(), deleted=deleted)
        running.check(made)
        if job.info["contentType"] == "JSON":
            shown = [running.show(made, row) for row in running.matching(made)]
            return orjson.dumps(shown).decode(), len(shown)
        header, rows = bulk_query.cells(made, running)
    except QueryRefused as failure:
        raise QueryFailed(f"InvalidBatch : Failed to process query: {failure.code}: {failure.text}") from None
    except ApiRefused as failure:
        error = failure.errors[0]
        raise QueryFailed(f"FeatureNotEnabled : Failed to process query: {error.code}: {error.message}") from None
    return (bulk_rows.write_csv(header, rows) if rows else NO_ROWS), len(rows)


def chunked(session: Session) -> bool:
    """Sforce-Enable-PKChunking: TRUE, or its settings; FALSE and nothing mean no."""
    return session.header(CHUNKING).strip().lower() not in ("", "false")


def readable(session: Session) -> bool:
    """Whether that header is a word or settings that there are."""
    said = session.header(CHUNKING).strip().lower()
    settings = [one for one in said.split(";") if one.strip()]
    return said in ("", "true", "false") or (bool(settings) and all(_SETTING.match(one) for one in settings))
