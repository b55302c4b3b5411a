"""What an org remembers of its imports and exports, as rows; plain JSON in its `dialect_state`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from leadsim.dialects.pardot.state import next_number, slot

if TYPE_CHECKING:
    from leadsim.dialects.pardot.session import Session
    from leadsim.dialects.pardot.view import View

OPEN, READY, WAITING, COMPLETE = "Open", "Ready", "Waiting", "Complete"
OPEN_LIFE, RESULT_LIFE = timedelta(hours=24), timedelta(days=7)


def new_job(session: Session, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """A new import or export; kept as JSON."""
    call = session.call
    now = call.now.isoformat()
    job = {"id": next_number(call.org, kind), "at": now, "changed": now, "user": call.user, **content}
    slot(call.org, kind)[str(job["id"])] = job
    call.org.kept.setup()
    return job


def job_of(session: Session, kind: str, text: str) -> dict[str, Any] | None:
    """A job by the number in a path."""
    found: dict[str, Any] | None = slot(session.call.org, kind).get(text)
    return found


def expired(job: dict[str, Any], now: datetime) -> bool:
    """Whether it is over: a day after it was made where it was never submitted, else a week after it was done."""
    life = OPEN_LIFE if job["status"] == OPEN else RESULT_LIFE
    return now >= datetime.fromisoformat(job["changed"] if job["status"] != OPEN else job["at"]) + life


def rows(view: View, kind: str) -> Iterable[dict[str, Any]]:
    """All jobs of a kind as rows."""
    for job in slot(view.org, kind).values():
        yield {
            **job,
            "at": datetime.fromisoformat(job["at"]),
            "changed": datetime.fromisoformat(job["changed"]),
            "by": view.number(job["user"]),
            "expired": expired(job, view.now),
            **_references(view, kind, job),
        }


def _references(view: View, kind: str, job: dict[str, Any]) -> dict[str, Any]:
    base = f"{view.origin}/api/v5/{kind}/{job['id']}"
    done = job["status"] == COMPLETE
    if kind == "exports":
        return {"refs": [f"{base}/results/{place}" for place in range(len(job["files"]))] if done else None}
    return {
        "batches_ref": f"{base}/batches" if job["status"] == OPEN else None,
        "error_ref": f"{base}/errors" if done and job["errors"] else None,
    }
