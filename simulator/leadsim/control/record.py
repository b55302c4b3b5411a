"""`/_lab`: the journal, its digest and verification, and the faults."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from leadsim.control import shapes
from leadsim.control.expectations import verify
from leadsim.control.serving import Served, missing
from leadsim.control.state import ABSENT
from leadsim.gateway.faults import FaultSpec
from leadsim.gateway.messages import JSON

router = APIRouter()


@router.get(
    "/journal", operation_id="readJournal", tags=["journal"], responses=ABSENT | {200: {"model": shapes.JournalPage}}
)
async def read_journal(sandbox: Served, asked: Annotated[shapes.JournalParameters, Query()]) -> Response:
    """Facts of the journal, in their order, a page at a time."""
    journal = sandbox.world.journal
    _check_org(sandbox, asked.org)
    filters = {"org": asked.org, "kind": asked.kind, "object": asked.object, "id": asked.id}
    found: list[tuple[int, Any]]
    if any(one is not None for one in filters.values()):
        found = [(fact["n"], fact) for fact in journal.facts(after=asked.after, **filters, limit=asked.limit + 1)]
    else:
        found = [(n, orjson.Fragment(text)) for n, text in journal.texts(asked.after, asked.limit + 1)]
    page = {
        "facts": [fact for _, fact in found[: asked.limit]],
        "next": found[asked.limit - 1][0] if len(found) > asked.limit else None,
        "digest": journal.digest(asked.org),
    }
    return Response(orjson.dumps(page), media_type=JSON)


@router.delete("/journal", operation_id="clearJournal", tags=["journal"], status_code=204)
async def clear_journal(sandbox: Served) -> Response:
    """Forget the facts so far. Numbers and the digest go on."""
    sandbox.world.journal.clear()
    return Response(status_code=204)


@router.get("/journal/digest", operation_id="readDigest", tags=["journal"], responses=ABSENT)
async def read_digest(sandbox: Served, asked: Annotated[shapes.DigestParameters, Query()]) -> shapes.Digest:
    """The digest of one org's facts, or of all."""
    _check_org(sandbox, asked.org)
    journal = sandbox.world.journal
    return shapes.Digest(digest=journal.digest(asked.org), last=journal.last)


@router.post("/journal/verify", operation_id="verifyJournal", tags=["journal"], responses=ABSENT)
async def verify_journal(sandbox: Served, asked: shapes.Verification) -> shapes.Verified:
    """Whether the exchanges expected took place; of those that didn't, the three nearest and what differed."""
    for expected in asked.expect:
        _check_org(sandbox, expected.org)
    return verify(asked, sandbox.world.journal.facts(after=asked.after, kind="exchange"))


def _check_org(sandbox: Served, org: str | None) -> None:
    """An org that never was has no facts and a digest all the same, so that a typing error would compare equal. One
    that was dropped has its facts."""
    if org is None or org in sandbox.gateway.sites or sandbox.world.journal.facts(org=org, limit=1):
        return
    raise missing("org", org, list(sandbox.gateway.sites))


@router.get("/faults", operation_id="listFaults", tags=["faults"])
async def list_faults(sandbox: Served) -> shapes.Faults:
    """The faults that are switched on, with what each has seen and done."""
    return shapes.Faults.model_validate({"faults": [fault.to_json() for fault in sandbox.gateway.faults.all()]})


@router.post("/faults", operation_id="addFault", tags=["faults"], status_code=201, responses=ABSENT)
async def add_fault(sandbox: Served, asked: FaultSpec) -> shapes.FaultState:
    """Switch a fault on."""
    known = ["crm", "marketing", *sandbox.gateway.sites]
    if asked.at not in known:
        raise missing("org", asked.at, known)
    fault = sandbox.gateway.faults.add(asked)
    told: dict[str, Any] = fault.to_json()
    sandbox.world.note("fault_on", fault=told)
    return shapes.FaultState.model_validate(told)


@router.delete("/faults", operation_id="clearFaults", tags=["faults"], status_code=204)
async def clear_faults(sandbox: Served) -> Response:
    """Switch all faults off."""
    sandbox.gateway.faults.clear()
    sandbox.world.note("faults_off")
    return Response(status_code=204)


@router.delete("/faults/{id}", operation_id="removeFault", tags=["faults"], status_code=204, responses=ABSENT)
async def remove_fault(sandbox: Served, id: Annotated[int, Path(ge=1, le=2**31)]) -> Response:
    """Switch one fault off."""
    if not sandbox.gateway.faults.remove(id):
        raise missing("fault", str(id), [str(fault.id) for fault in sandbox.gateway.faults.all()])
    sandbox.world.note("fault_off", fault=id)
    return Response(status_code=204)
