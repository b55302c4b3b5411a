"""Campaigns, who is in them with which status, and the reports that count them.

Source: formats.md "Ports"; sync-semantics.md "Campaigns and reports".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

ReportName: TypeAlias = Literal["lead-source", "campaign", "hand-over", "closed-loop"]


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """One status a campaign's members can have; `responded` counts as an answer (sync-semantics.md)."""

    name: str
    responded: bool


@dataclass(frozen=True, slots=True)
class Campaign:
    id: str
    name: str
    statuses: tuple[MemberStatus, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a campaign. `person_object` is Lead, Contact or prospect, and `person` its id."""

    id: str
    campaign: str
    person_object: str
    person: str
    status: str
    responded: bool
    deleted: bool
    modified: datetime
    first_responded: datetime | None = None


@dataclass(frozen=True, slots=True)
class MemberWrite:
    """Put a person into a campaign with a status (`set`), or take it out (`remove`)."""

    op: Literal["set", "remove"]
    campaign: str
    person_object: str
    person: str
    status: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report as the system computes it. Numbers are decimal text, "" where not available."""

    name: ReportName
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    totals: Mapping[str, str]
