"""Bulk jobs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadsim.dialects.native.shapes.words import Asked, ErrorDetail, Moment, Parameters, Told


class JobResultsParameters(Parameters):
    """Which page of a job's results."""

    cursor: str | None = Field(None, description="The `next` of the page before.")


class NewJob(Asked):
    """A bulk job. Rows are flat: field id -> value; `id` names the record of an update or delete."""

    object: str
    op: Literal["create", "update", "upsert", "delete"]
    key: str | None = Field(None, description="For an upsert: the field that finds the records.")
    format: Literal["json", "csv"] = "json"


class JobCounts(Told):
    """Rows by what became of them."""

    created: int
    updated: int
    unchanged: int
    deleted: int
    refused: int


class Job(Told):
    """A bulk job."""

    id: str
    object: str
    op: Literal["create", "update", "upsert", "delete"]
    key: str | None
    format: Literal["json", "csv"]
    state: Literal["open", "queued", "running", "complete", "failed", "aborted"]
    created_at: Moment
    rows: int
    counts: JobCounts
    message: str


class JobResult(Told):
    """What became of one row, counted from 1."""

    row: int
    outcome: Literal["created", "updated", "unchanged", "deleted", "refused"]
    id: str | None
    version: int | None
    error: ErrorDetail | None


class JobResults(Told):
    """A page of a job's rows."""

    results: list[JobResult]
    next: str | None
