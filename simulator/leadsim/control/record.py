"""`/_lab`: the journal, its digest and verification, and the faults."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from leadsim.control import shapes
from leadsim.control.contents import check_org, digest, journal_page
from leadsim.control.errors import missing
from leadsim.control.expectations import verify
from leadsim.control.serving import Served
from leadsim.control.state import ABSENT
from leadsim.gateway.faults import FaultSpec
from leadsim.gateway.messages import JSON

router = APIRouter()


@router.get(
    "/journal", operation_id="readJournal", tags=["journal"], responses=ABSENT | {200: {"model": shapes.JournalPage}}
)
async def read_journal(sandbox: Served, asked: Annotated[shapes.JournalParameters, Query()]) -> Response:
    """Facts of the journal, in their order, a page at a time."""
    return Response(journal_page(sandbox, asked), media_type=JSON)


@router.delete("/journal", operation_id="clearJournal", tags=["journal"], status_code=204)
async def clear_journal(sandbox: Served) -> Response:
    """Forget the facts so far. Numbers and the digest go on."""
    sandbox.world.journal.clear()
    return Response(status_code=204)


@router.get("/journal/digest", operation_id="readDigest", tags=["journal"], responses=ABSENT)
async def read_digest(sandbox: Served, asked: Annotated[shapes.DigestParameters, Query()]) -> shapes.Digest:
    """The digest of one org's facts, or of all."""
    return digest(sandbox, asked)


@router.post("/journal/verify", operation_id="verifyJournal", tags=["journal"], responses=ABSENT)
async def verify_journal(sandbox: Served, asked: shapes.Verification) -> shapes.Verified:
    """Whether the exchanges expected took place; of those that didn't, the three nearest and what differed."""
    for expected in asked.expect:
        check_org(sandbox, expected.org)
    return verify(asked, sandbox.world.journal.facts(after=asked.after, kind="exchange"))


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
