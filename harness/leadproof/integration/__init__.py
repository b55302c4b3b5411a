"""The integration file: what one connection is meant to do (formats.md "Integration")."""

from __future__ import annotations

from pathlib import Path

from leadproof.integration.checks import (
    problems,
    problems_together,
    problems_with_orgs,
    problems_with_schemas,
    warnings,
)
from leadproof.integration.environment import live_settings
from leadproof.integration.jsonschema import json_schema
from leadproof.integration.mapping import Mapping
from leadproof.integration.model import (
    Accepted,
    CampaignMapping,
    FieldMapping,
    Integration,
    OtherObject,
    People,
    Systems,
)
from leadproof.integration.programs import Program
from leadterms import documents
from leadterms.refusals import DocumentRefused

__all__ = [
    "Accepted",
    "CampaignMapping",
    "FieldMapping",
    "Integration",
    "Mapping",
    "OtherObject",
    "People",
    "Program",
    "Systems",
    "from_document",
    "json_schema",
    "live_settings",
    "load",
    "parse_text",
    "problems",
    "problems_together",
    "problems_with_orgs",
    "problems_with_schemas",
    "warnings",
]


def load(path: str | Path) -> Integration:
    """Read an integration file. Raises DocumentRefused with every problem (CFG8xx, MAP3xx) and its place."""
    return from_document(documents.load(path, Integration))


def parse_text(text: str, *, file: str = "<text>") -> Integration:
    """Read an integration from text; refuses as `load` does."""
    return from_document(documents.parse_text(text, Integration, file=file))


def from_document(document: documents.Document[Integration]) -> Integration:
    """The integration of a document that was read elsewhere; refuses as `load` does."""
    integration = document.model
    integration._document = document
    found = problems(integration)
    if found:
        raise DocumentRefused(found)
    integration._warnings = tuple(warnings(integration))
    return integration
