"""What a run asks of the control API again and again: its journal, the digest of it, its orgs.

The documented operations answer by these functions, and the door asks them first: FastAPI takes ten times as long for
the same bytes, and its import a quarter of a second. Here only what is plainly right is answered. Whatever else is
asked is left to FastAPI, which says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import ValidationError

from leadsim.control import shapes
from leadsim.control.errors import LabRefusal, missing
from leadsim.gateway.edge import Scope
from leadsim.gateway.messages import JSON, Answer, query_pairs
from leadsim.gateway.site import Site

if TYPE_CHECKING:
    from leadsim.app import Sandbox


def answer(sandbox: Sandbox, scope: Scope) -> Answer | None:
    """The answer to a GET of what stands in OFTEN; None where it is no such request, or not right in every part."""
    operation = OFTEN.get(scope["path"]) if scope["method"] == "GET" else None
    if operation is None:
        return None
    parameters, tell = operation
    pairs = query_pairs(scope["query_string"].decode("latin-1"))
    given = dict(pairs)
    if len(given) != len(pairs):
        return None
    try:
        return Answer(200, tell(sandbox, parameters.model_validate(given)), {"content-type": JSON})
    except (ValidationError, LabRefusal):
        return None


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


OFTEN: Mapping[str, tuple[type[shapes.Parameters], Callable[[Sandbox, Any], bytes]]] = {
    "/_lab/journal": (shapes.JournalParameters, journal_page),
    "/_lab/journal/digest": (
        shapes.DigestParameters,
        lambda sandbox, asked: digest(sandbox, asked).model_dump_json().encode(),
    ),
    "/_lab/orgs": (shapes.Parameters, lambda sandbox, asked: all_orgs(sandbox).model_dump_json().encode()),
}
"""By path: the parameters that it has, and what writes its JSON."""
