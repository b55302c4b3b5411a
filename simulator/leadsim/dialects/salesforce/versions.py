"""/services/data: which versions there are, and what each offers."""

from __future__ import annotations

from functools import lru_cache

from leadsim.dialects.salesforce.session import Session
from leadsim.gateway.messages import Answer

FIRST, LAST = 20, 64
_SEASONS = ("Winter", "Spring", "Summer")
# Version 20 was Winter '11; three came every year.
RESOURCES = (
    "composite", "jobs", "limits", "parameterizedSearch", "query", "queryAll", "search", "sobjects", "tooling",
)  # fmt: skip


@lru_cache(maxsize=64)
def is_version(text: str) -> bool:
    """Whether this is a version that the org speaks: "59.0"."""
    whole, _, rest = text.partition(".")
    return rest == "0" and whole.isdecimal() and FIRST <= int(whole) <= LAST


def label_of(version: int) -> str:
    """The season that a version came out in."""
    years, season = divmod(version - FIRST, 3)
    return f"{_SEASONS[season]} '{11 + years:02d}"


def versions(session: Session) -> Answer:
    """GET /services/data"""
    listed = [
        {"label": label_of(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(FIRST, LAST + 1)
    ]
    return session.answer(200, listed)


def resources(session: Session) -> Answer:
    """GET /services/data/v59.0"""
    return session.answer(200, {name: f"{session.base}/{name}" for name in RESOURCES})
