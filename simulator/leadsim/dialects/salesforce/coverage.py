"""What of the vendor's API is answered and what is refused by name: the rows of the coverage table in the documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leadsim.dialects.salesforce.soap import OPERATIONS
from leadsim.dialects.salesforce.table import DATA, OUTSIDE, REFUSED, REFUSED_OUTSIDE

# Parts of an operation that the vendor has and the sandbox has not: (where, what).
REFUSED_PARTS: tuple[tuple[str, str], ...] = (
    ("REST bodies", "XML; multipart/form-data"),
    ("OAuth grants", "authorization_code, saml2-bearer, device, hybrid_refresh"),
    ("SOAP operations", "all but those listed"),
    (
        "SOAP headers",
        "AllOrNone, AllowFieldTruncation, AssignmentRule, DuplicateRule, Email, LoginScope (portalId), OwnerChange",
    ),
    ("SOAP convertLead", "opportunityId, sendNotificationEmail: true"),
    ("SOQL", "TYPEOF, WITH, USING SCOPE, FOR VIEW/REFERENCE/UPDATE, ROLLUP, CUBE, GROUPING, DISTANCE, GEOLOCATION"),
    ("SOQL", "convertCurrency(), convertTimezone(), aliased relationships in FROM"),
    ("GET /query", "explain"),
    ("SOSL", "OR, AND NOT; WITH, UPDATE; suggestions, layouts and the scope order of /search"),
    ("Bulk 2.0", "hardDelete; lists of jobs by concurrencyMode, isPkChunkingEnabled, jobType, queryLocator"),
    ("Bulk 1.0", "hardDelete; batches in XML or ZIP"),
)

# Where the vendor's documents are silent, or its wording is not to be found: what this sandbox does.
UNCONFIRMED: tuple[str, ...] = (
    "Query parameters that an operation does not have are ignored: no refusal of them is documented.",
    "The text of 415 UNSUPPORTED_MEDIA_TYPE; a body without a Content-Type is taken for JSON.",
    "`attributes.type` that names another object than the address: 400 INVALID_TYPE.",
    "`Content-Encoding` other than gzip (one member) and deflate: 415. A body that is none: 400 JSON_PARSER_ERROR.",
    "Charsets of a body: utf-8, utf-16, us-ascii, iso-8859-*, windows-125*; others 415, in Bulk 1.0 InvalidBatch.",
    "A JSON key that stands twice: 400 INVALID_FIELD, as a field that is named in two spellings.",
    "`Sforce-Auto-Assign` that is no rule: MALFORMED_ID, INVALID_ASSIGNMENT_RULE, as of SOAP's AssignmentRuleHeader.",
    "`Sforce-Duplicate-Rule-Header` that says nothing known: INVALID_ARGUMENT_TYPE, in Bulk 1.0 InvalidBatch.",
    "SOAP: the elements of a request may come in any order; the code of an `opportunityName` where none is to be made.",
    "Bulk 1.0: texts of what no job may say, and of a batch in another format than its job's.",
    "`Sforce-Query-Options` that cannot be read: INVALID_BATCH_SIZE, as of SOAP's QueryOptions.",
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
    rows = [Covered(one.name, one.method, one.path, "works") for one in OUTSIDE]
    rows += [Covered(one.name, one.method, f"/services/data/vNN.0{one.path.rstrip('/')}", "works") for one in DATA]
    rows += [Covered(name, "POST", "/services/Soap/u/NN.0", "works") for name in OPERATIONS]
    rows += [Covered(name, "any", path, "refused by name") for path, name in REFUSED_OUTSIDE]
    rows += [Covered(name, "any", f"/services/data/vNN.0/{path}", "refused by name") for path, name in REFUSED]
    rows += [Covered(what, "any", where, "refused by name") for where, what in REFUSED_PARTS]
    return rows
