"""Faults of the sandbox in the vendor's words: too many calls, an internal error, a locked row, a lost answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialects.pardot.desk import Desk, refused
from tests.dialects.pardot.speaker import ORG


@pytest.fixture
def desk() -> Desk:
    """A business unit of its own."""
    return Desk()


def _fault(desk: Desk, **fault: Any) -> None:
    assert desk.caller.post("/_lab/faults", {"at": ORG, **fault}).status == 201


@pytest.mark.parametrize(("status", "code"), [(429, 66), (401, 184), (500, 183), (503, 183), (404, 109)])
def test_a_status_has_its_code_in_both_versions(desk: Desk, status: int, code: int) -> None:
    """The concurrency limit is one of them: calls are steps here, so that it never comes by itself."""
    _fault(desk, kind="status", status=status, operation="query", times=2)
    assert refused(desk.v5("GET", "prospects", fields="id"))[:2] == (status, code)
    assert refused(desk.v4("prospect", "query"))[:2] == (status, code)
    assert desk.v5("GET", "prospects", fields="id").status == 200


def test_a_locked_row(desk: Desk) -> None:
    """Refused as a conflicting update, and nothing is written."""
    prospect = desk.prospect()
    _fault(desk, kind="row_lock", operation="update", times=2)
    assert refused(desk.v5("PATCH", f"prospects/{prospect}", {"city": "Oslo"}))[:2] == (400, 62)
    assert refused(desk.v4("prospect", f"update/id/{prospect}", city="Oslo"))[:2] == (400, 62)
    assert desk.query("prospects", "city") == [{"city": None}]


def test_a_stale_read(desk: Desk) -> None:
    """Sees the org as it was a minute ago."""
    desk.sandbox.world.clock.advance(100)
    desk.prospect()
    _fault(desk, kind="stale_read", operation="query")
    assert desk.query("prospects") == []
    assert len(desk.query("prospects")) == 1


def test_a_lost_answer(desk: Desk) -> None:
    """The write happened."""
    _fault(desk, kind="lost_after_apply", operation="create")
    assert desk.v5("POST", "prospects", {"email": "a@acme.example"}).lost == "reset"
    assert len(desk.query("prospects")) == 1


def test_a_snapshot_holds_jobs_and_fields(desk: Desk) -> None:
    """An import that is open, a custom field of the API's and who made it come back with a restore."""
    desk.v5("POST", "custom-fields", {"name": "Size", "fieldId": "Size", "type": "Number"})
    job = desk.v5("POST", "/imports", {"operation": "Upsert", "object": "Prospect"}).json["id"]
    before = desk.query("custom-fields", "fieldId,createdById")
    desk.caller.post("/_lab/snapshots/here")
    desk.v5("POST", "custom-fields", {"name": "More", "fieldId": "More", "type": "Number"})
    other = desk.v5("POST", "/imports", {"operation": "Upsert", "object": "Prospect"}).json["id"]
    assert desk.caller.post("/_lab/snapshots/here/restore").status == 200
    assert desk.query("custom-fields", "fieldId,createdById") == before
    assert desk.v5("GET", f"/imports/{job}", fields="status").json == {"status": "Open"}
    assert desk.v5("GET", f"/imports/{other}", fields="status").status == 404
