"""A tree of path segments, in which dialects look up what is at an address."""

from __future__ import annotations

from typing import Generic, TypeVar

Held = TypeVar("Held")


class Place(Generic[Held]):
    """A place in the tree: what is below it by literal segment and by name, and what it holds by method, each with the
    names of the path."""

    __slots__ = ("held", "literals", "named")

    def __init__(self) -> None:
        self.literals: dict[str, Place[Held]] = {}
        self.named: Place[Held] | None = None
        self.held: dict[str, tuple[Held, tuple[str, ...]]] = {}

    def add(self, method: str, path: str, what: Held) -> None:
        """Hold something below this place, at a path with `{names}`. ValueError where something is already."""
        place, names = self, []
        for part in path.strip("/").split("/"):
            if part.startswith("{"):
                names.append(part[1:-1])
                if place.named is None:
                    place.named = Place()
                place = place.named
            else:
                place = place.literals.setdefault(part, Place())
        if method in place.held:
            raise ValueError(f"two operations at {method} {path}")
        place.held[method] = (what, tuple(names))
