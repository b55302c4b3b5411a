"""`/_lab`: what the sandbox is, reset, snapshots and forks, the clock."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from leadsim.control import shapes
from leadsim.control.contents import clock_state, restored, state
from leadsim.control.errors import STATE, LabRefusal, missing
from leadsim.control.serving import Served
from leadsim.gateway.messages import JSON

router = APIRouter(tags=["state"])
SnapshotName = Annotated[shapes.Name, Path(description="A saved state's name.")]
ForkName = Annotated[shapes.Name, Path(description="A fork's name.")]
ABSENT: dict[int | str, dict[str, Any]] = {404: {"model": shapes.Error, "description": "There is none of this name."}}
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": shapes.Error, "description": "It does not go together with what the sandbox holds."}
}


@router.get("/state", operation_id="readState", response_model=shapes.State)
async def read_state(sandbox: Served) -> Response:
    """What the sandbox is: its seed, clock, orgs, actors and saved states."""
    # As text at once: FastAPI would validate what is a State already.
    return Response(state(sandbox), media_type=JSON)


@router.post("/reset", operation_id="reset", response_model=shapes.State, responses=CONFLICT)
async def reset(sandbox: Served, asked: shapes.Reset | None = None) -> Response:
    """Back to what the recipe says; from another seed if one is given. The journal of the same seed goes on."""
    try:
        sandbox.reset(None if asked is None else asked.seed)
    except ValueError as error:
        raise LabRefusal(409, STATE, str(error)) from None
    return await read_state(sandbox)


@router.get("/snapshots", operation_id="listSnapshots")
async def list_snapshots(sandbox: Served) -> shapes.Snapshots:
    """The names of the saved states; `initial` is what the recipe says."""
    return shapes.Snapshots(snapshots=sandbox.world.snapshots)


@router.post("/snapshots/{name}", operation_id="saveSnapshot", status_code=201)
async def save_snapshot(sandbox: Served, name: SnapshotName) -> shapes.Snapshots:
    """Save everything but the journal; an earlier state of this name is replaced."""
    sandbox.world.snapshot(name)
    return shapes.Snapshots(snapshots=sandbox.world.snapshots)


@router.post(
    "/snapshots/{name}/restore",
    operation_id="restoreSnapshot",
    response_model=shapes.State,
    responses=ABSENT | CONFLICT,
)
async def restore_snapshot(sandbox: Served, name: SnapshotName) -> Response:
    """Back to a saved state: orgs, clock, draws, quota, tokens and faults. The journal goes on and says so."""
    return Response(restored(sandbox, name), media_type=JSON)


@router.post("/snapshots/{name}/fork", operation_id="forkSnapshot", status_code=201, responses=ABSENT | CONFLICT)
async def fork_snapshot(sandbox: Served, name: SnapshotName, asked: shapes.Fork | None = None) -> shapes.Forked:
    """A second, independent sandbox at a saved state, in memory, served below a prefix of its own."""
    if name not in sandbox.world.snapshots:
        raise missing("snapshot", name, sandbox.world.snapshots)
    fork = (asked.as_ if asked is not None else None) or name
    if fork in sandbox.forks:
        raise LabRefusal(409, STATE, f"there is a fork {fork!r} already", "Drop it, or give this one another name")
    sandbox.fork(name, fork)
    return _forked(fork)


@router.get("/forks", operation_id="listForks")
async def list_forks(sandbox: Served) -> shapes.Forks:
    """The forks that are served."""
    return shapes.Forks(forks=[_forked(name) for name in sorted(sandbox.forks)])


@router.delete("/forks/{name}", operation_id="dropFork", status_code=204, responses=ABSENT)
async def drop_fork(sandbox: Served, name: ForkName) -> Response:
    """Close a fork."""
    if name not in sandbox.forks:
        raise missing("fork", name, list(sandbox.forks))
    sandbox.drop_fork(name)
    return Response(status_code=204)


@router.get("/clock", operation_id="readClock")
async def read_clock(sandbox: Served) -> shapes.ClockState:
    """The sandbox's time; asking doesn't move it."""
    return clock_state(sandbox)


@router.patch("/clock", operation_id="setClock")
async def set_clock(sandbox: Served, asked: shapes.ClockMode) -> shapes.ClockState:
    """Freeze the clock, let it move a second a request, or let it follow the wall's."""
    sandbox.world.clock.set_mode(asked.mode)
    sandbox.world.note("clock", mode=asked.mode)
    return clock_state(sandbox)


@router.post("/clock/advance", operation_id="advanceClock", responses=CONFLICT)
async def advance_clock(sandbox: Served, asked: shapes.Advance) -> shapes.ClockState:
    """Let time pass: tokens expire, quotas start anew, timers fire."""
    try:
        sandbox.world.clock.advance(asked.seconds)
    except OverflowError:
        raise LabRefusal(409, STATE, "the clock cannot go beyond the year 9999") from None
    sandbox.world.note("clock", advanced_seconds=asked.seconds)
    return clock_state(sandbox)


def _forked(name: str) -> shapes.Forked:
    return shapes.Forked(fork=name, path=f"/_fork/{name}")
