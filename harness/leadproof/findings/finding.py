"""One finding: what is wrong, where, how it is known, and how to mend it (formats.md "Findings")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadproof.findings.catalogue import Level, entry

if TYPE_CHECKING:
    from leadterms.refusals import Place


@dataclass(frozen=True, slots=True)
class At:
    """A place inside a system; a blank part is not known or not meant."""

    system: str = ""
    org: str = ""
    object: str = ""
    record: str = ""
    field: str = ""

    def __str__(self) -> str:
        thing = ".".join(part for part in (self.object, self.field) if part)
        parts = [self.org or self.system, thing, self.record]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that proves it; `seq` is its number in that org's journal, None for facts of our own files."""

    text: str
    org: str = ""
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnosed cause. `rank` orders findings of one run, the likeliest cause first (0)."""

    code: str
    level: Level
    title: str
    cause: str
    fix: str
    places: tuple[Place | At, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    patch: str | None = None
    breaks: str = ""
    rank: int = 0

    @property
    def fingerprint(self) -> str:
        """Stays the same when lines move: the code and the first place without its line."""
        return f"{self.code} {_lineless(self.places[0])}".strip() if self.places else self.code

    def to_json(self) -> dict[str, Any]:
        """The finding with the keys of formats.md, ready for JSON."""
        return {
            "code": self.code,
            "level": self.level,
            "title": self.title,
            "cause": self.cause,
            "places": [_place_json(place) for place in self.places],
            "evidence": [{"org": e.org, "seq": e.seq, "text": e.text} for e in self.evidence],
            "fix": self.fix,
            "patch": self.patch,
            "breaks": self.breaks,
            "rank": self.rank,
            "fingerprint": self.fingerprint,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Finding:
        """The finding that `to_json` told."""
        from leadterms.refusals import Place

        places = [
            Place(str(one["file"]), int(one["line"]), int(one["column"])) if "file" in one else At(**one)
            for one in told["places"]
        ]
        evidence = [Evidence(str(one["text"]), str(one["org"]), one["seq"]) for one in told["evidence"]]
        return cls(
            code=told["code"],
            level=told["level"],
            title=told["title"],
            cause=told["cause"],
            fix=told["fix"],
            places=tuple(places),
            evidence=tuple(evidence),
            patch=told["patch"],
            breaks=told["breaks"],
            rank=told["rank"],
        )


def _lineless(place: Place | At) -> str:
    if isinstance(place, At):
        return "/".join((place.system, place.org, place.object, place.record, place.field))
    return str(place.file)


def _place_json(place: Place | At) -> dict[str, Any]:
    if isinstance(place, At):
        return {
            "system": place.system,
            "org": place.org,
            "object": place.object,
            "record": place.record,
            "field": place.field,
        }
    return {"file": str(place.file), "line": place.line, "column": place.column}


def find(
    code: str,
    cause: str,
    *,
    places: Sequence[Place | At | None] = (),
    evidence: Sequence[Evidence] = (),
    fix: str = "",
    patch: str | None = None,
    breaks: str = "",
    rank: int = 0,
) -> Finding:
    """A finding with its level and title from the catalogue; `fix` replaces the catalogue's general one. A place
    that is None is not known and left out.

    `cause` is one sentence about *this* case, with the names and values in it. Raises UnknownCode for a code
    that no family has: whoever emits a code writes its entry.
    """
    told = entry(code)
    return Finding(
        code=told.code,
        level=told.level,
        title=told.title,
        cause=cause,
        fix=fix or told.fix,
        places=tuple(one for one in places if one is not None),
        evidence=tuple(evidence),
        patch=patch,
        breaks=breaks,
        rank=rank,
    )
