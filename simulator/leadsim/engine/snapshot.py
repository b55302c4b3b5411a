"""Save, restore and fork: everything of a world but its journal (architecture.md "Storage")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from leadsim.engine.chance import Chance
from leadsim.engine.clock import Clock
from leadsim.engine.records import Org


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody else's state that belongs into a snapshot: quota and tokens, of the gateway. The state must be
    made of values that nobody changes afterwards."""

    save: Callable[[], Any]
    restore: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One saved state: for each org the database's image and the state beside it."""

    clock: dict[str, object]
    chance: dict[str, dict[str, int]]
    images: Mapping[str, bytes]
    states: Mapping[str, dict[str, Any]]
    provided: Mapping[str, Any]


def take(orgs: Mapping[str, Org], clock: Clock, chance: Chance, providers: Mapping[str, Provider]) -> Snapshot:
    """The present state."""
    return Snapshot(
        clock.state(),
        chance.state(),
        {name: org.store.image() for name, org in sorted(orgs.items())},
        {name: org.kept.state() for name, org in sorted(orgs.items())},
        {name: provider.save() for name, provider in sorted(providers.items())},
    )


def put_back(
    snapshot: Snapshot,
    orgs: Mapping[str, Org],
    clock: Clock,
    chance: Chance,
    providers: Mapping[str, Provider],
) -> None:
    """Make a saved state the present one. The orgs must be those of the snapshot."""
    clock.restore(snapshot.clock)
    chance.restore(snapshot.chance)
    for name, org in sorted(orgs.items()):
        org.store.restore(snapshot.images[name])
        org.kept.restore(snapshot.states[name])
        org.kept.setup()
    for name, provider in sorted(providers.items()):
        if name in snapshot.provided:
            provider.restore(snapshot.provided[name])


def write_snapshot(snapshot: Snapshot, folder: Path) -> None:
    """Write a state into a folder; what the gateway provides stays out, its tokens and quota end with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, image in snapshot.images.items():
        folder.joinpath(f"{name}.image").write_bytes(image)
    state = {"clock": snapshot.clock, "chance": snapshot.chance, "states": dict(snapshot.states)}
    folder.joinpath("state.json").write_bytes(orjson.dumps(state))


def read_snapshot(folder: Path) -> Snapshot:
    """Read what `write_snapshot` wrote."""
    state = orjson.loads(folder.joinpath("state.json").read_bytes())
    images = {name: folder.joinpath(f"{name}.image").read_bytes() for name in state["states"]}
    return Snapshot(state["clock"], state["chance"], images, state["states"], {})
