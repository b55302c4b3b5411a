"""Compares a recorded answer with a new one: ids, times and tokens by what they stand for, all else by text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from leadproof.cases.redaction.bodies import changed
from leadproof.cases.redaction.secrets import PLACEHOLDER

_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?|[a-z]{2,5}_?[0-9a-z]{12,}|[0-9a-f-]{36}|\d{4,}")
_INSIDE = re.compile(
    r"(?<![A-Za-z0-9])(?:[a-zA-Z0-9]{18}|[a-zA-Z0-9]{15}|[a-z]{2,5}[0-9a-z]{12,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"(?![A-Za-z0-9])"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_SESSIONS = frozenset({"access_token", "sessionId"})
"""What later calls bring; it is bound last, so that what else is secret in the answer to a login does not count."""
_OWN = frozenset({"content-type", "location", "www-authenticate"})
"""The headers of an answer that mean something to a client."""


class Identity:
    """What stands for what: recorded id -> new id, both ways; placeholder of a secret -> the secret of now."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self._back: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self._times: dict[str, str] = {}
        self.org = self.actor = self.user = ""
        self._newest: dict[tuple[str, ...], str] = {}

    def secret(self, placeholder: str) -> str:
        """The secret of now that stands for a placeholder, "" where none is known. One without a number, of a
        journal, stands for the newest of its `org`, `actor` and `user`, or else of the actor: one log-in may be for
        several orgs."""
        if "-" in placeholder:
            return self.secrets.get(placeholder, "")
        return next((self._newest[scope] for scope in self._scopes() if scope in self._newest), "")

    def _scopes(self) -> tuple[tuple[str, ...], ...]:
        return ((self.org, self.actor, self.user), (self.org, self.actor), (self.actor,), ())

    def now(self, text: str) -> str:
        """A recorded text with the ids of now in it."""
        return _INSIDE.sub(lambda found: self.ids.get(found[0], found[0]), text)

    def same(self, was: str, now: str) -> bool:
        """Whether the two texts stand for the same, with what is known and what can be learnt from them."""
        if was == now:
            # An id that both runs gave is bound too, or a later one could take its place.
            return not _ID.fullmatch(was) or self._bind(was, now)
        if PLACEHOLDER.search(was):
            return self._secret(was, now)
        if _TIME.fullmatch(was) and _TIME.fullmatch(now):
            return self._time(was, now)
        if _ID.fullmatch(was) and _ID.fullmatch(now) and len(was) == len(now):
            return self._bind(was, now)
        pieces, others = _INSIDE.split(was), _INSIDE.split(now)
        if len(pieces) > 1 and pieces == others:
            pairs = zip(_INSIDE.findall(was), _INSIDE.findall(now), strict=True)
            return all(self._bind(one, other) for one, other in pairs)
        bare = _TIME.split(was)
        if len(bare) > 1 and bare == _TIME.split(now):
            times = zip(_TIME.findall(was), _TIME.findall(now), strict=True)
            return all(self._time(one, other) for one, other in times)
        return False

    def _bind(self, was: str, now: str) -> bool:
        """One id stands for one other, always."""
        return self.ids.setdefault(was, now) == now and self._back.setdefault(now, was) == was

    def _time(self, was: str, now: str) -> bool:
        """One moment stands for one other, and later ones stay later."""
        if self._times.setdefault(was, now) != now:
            return False
        mine, theirs = _moment(was), _moment(now)
        if mine is None or theirs is None:
            return False
        earlier = [(_moment(one), _moment(other)) for one, other in list(self._times.items())[-8:]]
        return all((one <= mine) == (other <= theirs) for one, other in earlier if one and other)

    def _secret(self, was: str, now: str) -> bool:
        names = PLACEHOLDER.findall(was)
        pattern = "(.+?)".join(re.escape(part) for part in PLACEHOLDER.split(was))
        found = re.fullmatch(pattern, now, re.DOTALL)
        if found is None:
            return False
        for name, secret in zip(names, found.groups(), strict=True):
            self.secrets[name] = secret
            self._newest.update(dict.fromkeys(self._scopes(), secret))
        return True


def _moment(text: str) -> datetime | None:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told.replace(tzinfo=None) if told.tzinfo is None else told


def differences(was: bytes, now: bytes, content_type: str, identity: Identity) -> Iterator[str]:
    """Every place where two bodies differ in what they say."""
    try:
        yield from _json(orjson.loads(was), orjson.loads(now), "", identity)
        return
    except orjson.JSONDecodeError:
        pass
    before, after = _leaves(was, content_type), _leaves(now, content_type)
    if [name for name, _ in before] != [name for name, _ in after]:
        yield f"it has {len(after)} parts, recorded {len(before)}, or others"
        return
    for (name, one), (_, other) in zip(before, after, strict=True):
        if not identity.same(one, other):
            yield f"{name or 'the text'} is {other[:120]!r}, recorded {one[:120]!r}"


def header_differences(was: dict[str, str], now: dict[str, str], identity: Identity) -> Iterator[str]:
    """The same for the headers that mean something."""
    for name in sorted(_OWN & ({*was, *now})):
        if not identity.same(was.get(name, ""), now.get(name, "")):
            yield f"the header {name} is {now.get(name, '')!r}, recorded {was.get(name, '')!r}"


def _leaves(body: bytes, content_type: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def visit(name: str, text: str, people: bool) -> str:
        found.append((name, text))
        return text

    changed(body, content_type, visit)
    return found


def _json(was: Any, now: Any, path: str, identity: Identity) -> Iterator[str]:
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}, key=lambda one: (one in _SESSIONS, one)):
            if key in was and key in now:
                yield from _json(was[key], now[key], f"{path}.{key}" if path else key, identity)
            else:
                yield f"{path}.{key} is only in the {'recording' if key in was else 'new answer'}".lstrip(".")
    elif isinstance(was, list) and isinstance(now, list):
        if len(was) != len(now):
            yield f"{path} has {len(now)} items, recorded {len(was)}"
        for number, (one, other) in enumerate(zip(was, now, strict=False)):
            yield from _json(one, other, f"{path}[{number}]", identity)
    elif isinstance(was, str) and isinstance(now, str):
        if not identity.same(was, now):
            yield f"{path} is {now[:120]!r}, recorded {was[:120]!r}"
    elif was != now or type(was) is not type(now):
        yield f"{path} is {now!r}, recorded {was!r}"
