"""What a sandbox holds, as the control API tells it: its state, orgs and clock, its journal and the digest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from leadsim.control import shapes
from leadsim.control.errors import STATE, LabRefusal, missing
from leadsim.gateway.site import Site

if TYPE_CHECKING:
    from leadsim.app import Sandbox


def restored(sandbox: Sandbox, name: str) -> bytes:
    """Go back to a saved state; the sandbox's State as JSON. Raises LabRefusal, and has then done nothing."""
    if name not in sandbox.world.snapshots:
        raise missing("snapshot", name, sandbox.world.snapshots)
    try:
        sandbox.world.restore(name)
    except ValueError as error:
        raise LabRefusal(409, STATE, str(error)) from None
    return state(sandbox)


def state(sandbox: Sandbox) -> bytes:
    """What the sandbox is, a State, as JSON."""
    world = sandbox.world
    told = shapes.State(
        seed=world.seed,
        scenario=world.scenario,
        last=world.journal.last,
        clock=clock_state(sandbox),
        orgs=all_orgs(sandbox).orgs,
        actors=[shapes.Actor(name=name, address=actor.address) for name, actor in world.recipe.actors.items()],
        snapshots=world.snapshots,
        forks=sorted(sandbox.forks),
    )
    return told.model_dump_json().encode()


def clock_state(sandbox: Sandbox) -> shapes.ClockState:
    """The sandbox's time."""
    clock = sandbox.world.clock
    return shapes.ClockState(now=clock.text(), mode=clock.mode)


def journal_page(sandbox: Sandbox, asked: shapes.JournalParameters) -> bytes:
    """A JournalPage as JSON. Raises LabRefusal for an org that never was."""
    check_org(sandbox, asked.org)
    journal = sandbox.world.journal
    fits = {"org": asked.org, "kind": asked.kind, "object": asked.object, "id": asked.id}
    found = journal.texts(asked.after, asked.limit + 1, fits)
    page = {
        "facts": [orjson.Fragment(text) for _, text in found[: asked.limit]],
        "next": found[asked.limit - 1][0] if len(found) > asked.limit else None,
        "digest": journal.digest(asked.org),
    }
    return orjson.dumps(page)


def digest(sandbox: Sandbox, asked: shapes.DigestParameters) -> shapes.Digest:
    """The digest of one org's facts, or of all. Raises LabRefusal for an org that never was."""
    check_org(sandbox, asked.org)
    journal = sandbox.world.journal
    return shapes.Digest(digest=journal.digest(asked.org), last=journal.last)


def check_org(sandbox: Sandbox, org: str | None) -> None:
    """An org that never was has no facts and a digest all the same, so that a typing error would compare equal. One
    that was dropped has its facts."""
    if org is None or org in sandbox.gateway.sites or sandbox.world.journal.facts(org=org, limit=1):
        return
    raise missing("org", org, list(sandbox.gateway.sites))


def all_orgs(sandbox: Sandbox) -> shapes.Orgs:
    """The orgs, in the order in which they were built."""
    return shapes.Orgs(orgs=[org_state(site) for site in sandbox.gateway.sites.values()])


def org_state(site: Site) -> shapes.OrgState:
    """One org, as the control API tells it."""
    return shapes.OrgState(
        name=site.name,
        kind=site.org.kind,
        dialect=site.dialect.name,
        time_zone=site.org.settings.time_zone,
        allowlist=list(site.allowlist.entries),
        quota=site.quota_json(site.org.clock.now()),
        reads_lag_seconds=site.org.settings.reads_lag_seconds,
    )
