"""What is asked of the control API again and again: by a run its journal, the digest of it and its orgs, between two
tests to go back to a saved state.

Both the documented operations and this door answer from `contents`, and the door is asked first: FastAPI takes ten
times as long for the same bytes, and its import a quarter of a second. Here only what is plainly right is answered.
Whatever else is asked is left to FastAPI, which says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from leadsim.control import shapes
from leadsim.control.contents import all_orgs, digest, journal_page, restored
from leadsim.control.errors import LabRefusal
from leadsim.gateway.edge import Scope
from leadsim.gateway.messages import JSON, Answer, query_pairs

if TYPE_CHECKING:
    from leadsim.app import Sandbox

SNAPSHOTS, RESTORE = "/_lab/snapshots/", "/restore"


def answer(sandbox: Sandbox, scope: Scope) -> Answer | None:
    """The answer to a GET of what stands in OFTEN, or to a restore; None where it is no such request, or not right in
    every part."""
    method, path, query = scope["method"], scope["path"], scope["query_string"].decode("latin-1")
    try:
        if method == "GET" and path in OFTEN:
            text = _told(sandbox, path, query)
        elif method == "POST" and path.startswith(SNAPSHOTS) and path.endswith(RESTORE) and not query:
            text = restored(sandbox, path[len(SNAPSHOTS) : -len(RESTORE)])
        else:
            return None
    except (ValidationError, LabRefusal):
        return None
    return None if text is None else Answer(200, text, {"content-type": JSON})


def _told(sandbox: Sandbox, path: str, query: str) -> bytes | None:
    parameters, tell = OFTEN[path]
    pairs = query_pairs(query)
    given = dict(pairs)
    return tell(sandbox, parameters.model_validate(given)) if len(given) == len(pairs) else None


OFTEN: Mapping[str, tuple[type[shapes.Parameters], Callable[[Sandbox, Any], bytes]]] = {
    "/_lab/journal": (shapes.JournalParameters, journal_page),
    "/_lab/journal/digest": (
        shapes.DigestParameters,
        lambda sandbox, asked: digest(sandbox, asked).model_dump_json().encode(),
    ),
    "/_lab/orgs": (shapes.Parameters, lambda sandbox, asked: all_orgs(sandbox).model_dump_json().encode()),
}
"""By path: the parameters that it has, and what writes its JSON."""
