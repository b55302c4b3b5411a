"""What of the vendor's API is answered and what is refused by name: the rows of the coverage table in the documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leadsim.dialects.pardot.table import OUTSIDE, REFUSED_ACTIONS, REFUSED_V4, REFUSED_V5, V4, V5

# Parts of an operation that the vendor has and the sandbox has not: (where, what).
REFUSED_PARTS: tuple[tuple[str, str], ...] = (
    ("POST /api/v5/exports", "fields of related objects, such as campaign.name"),
    ("POST /api/v5/objects/form-handler-fields", "another name than the prospect's field; required ones but email"),
    (
        "do/query",
        "GNU's further forms of times; new=false; prospect_only=false; custom_url_only, file_only and the like",
    ),
    ("do/read", "profile criteria, visitors and identified companies of a prospect"),
)

# Where the vendor's documents are silent, or could not be read: what this sandbox does.
UNCONFIRMED: tuple[str, ...] = (
    "Exports of version 5: procedures (filterByCreatedAt) and arguments (createdAfter) are version 4's in camel case.",
    "Exports of version 5: a new one is Waiting, and Complete from the next request on.",
    'A body with a Content-Encoding is refused, whichever it is: 151, "Unsupported content-type".',
    "Whether the Salesforce connector is switched on: no operation that tells it was found.",
)


@dataclass(frozen=True, slots=True)
class Covered:
    """One row: what it is, where it is, and whether it works."""

    name: str
    method: str
    path: str
    state: Literal["works", "refused by name"]


def coverage() -> list[Covered]:
    """All rows, in the order of the tables."""
    rows = [Covered(one.name, one.method, one.path, "works") for one in OUTSIDE if one.name not in OLD_SIGN_IN]
    rows += [Covered(one.name, one.method, f"/api/v5{one.path}", "works") for one in V5]
    for operations in V4.values():
        for one in operations.values():
            object = one.name.partition(" ")[0]
            rows.append(Covered(one.name, one.method, f"/api/{object}/version/4/do/{one.path}", "works"))
    rows += [Covered("API keys", "POST", "/api/login/version/4", "refused by name")]
    rows += [Covered(what, "any", f"/api/v5/{place(name)}", "refused by name") for name, what in REFUSED_V5.items()]
    rows += [
        Covered(what, "any", f"/api/v5/objects/{path}", "refused by name") for path, what in REFUSED_ACTIONS.items()
    ]
    rows += [Covered(what, "any", f"/api/{name}/version/4", "refused by name") for name, what in REFUSED_V4.items()]
    rows += [Covered(what, "any", where, "refused by name") for where, what in REFUSED_PARTS]
    return rows


OLD_SIGN_IN = ("login", "login by GET")
_NO_OBJECTS = ("imports", "exports", "external-activities", "bulk-actions")


def place(collection: str) -> str:
    """Where a collection is below /api/v5."""
    return collection if collection in _NO_OBJECTS else f"objects/{collection}"
