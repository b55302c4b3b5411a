"""Redacts the recipe of a sandbox whose traffic was recorded, in the same way as the traffic."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from leadproof.cases.case import RECIPE, Case, Sheet, Vendors, Wanted
from leadproof.cases.redaction.inputs import redacted_inputs
from leadproof.cases.redaction.pseudonyms import Pseudonyms
from leadproof.cases.redaction.traffic import Redactor


def redacted_recipe(
    text: str, files: Mapping[str, bytes], pseudonyms: Pseudonyms, *, people: bool
) -> tuple[bytes, Redactor]:
    """The recipe as a case keeps it, and the redactor that knows its users and fields, for the traffic.

    Passwords become others that still log in, also where people stay as they are.
    """
    schemas = [orjson.loads(data) for name, data in sorted(files.items()) if name.startswith("schema/")]
    vendors = Vendors(crm="", marketing="")
    sheet = Sheet(case=1, title="", vendors=vendors, expected=Wanted(verdict="passed"))
    case, redactor = redacted_inputs(Case(sheet, {RECIPE: text.encode()}), pseudonyms, schemas, people=people)
    return case.files[RECIPE], redactor
