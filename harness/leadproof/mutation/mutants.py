"""Mutants: a kind at a site, one or two at a time, planted between a scenario's files and its run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadproof.mutation.ground import Changed, Ground, put
from leadproof.mutation.kind import Kind, Site
from leadproof.mutation.kinds import load_all
from leadproof.sandbox import load_recipe
from leadproof.scenario.integrations import load_integration
from leadproof.scenario.sources import Sources

if TYPE_CHECKING:
    from leadproof.integration import Integration
    from leadproof.sandbox import Through
    from leadproof.systems.organization import Side
    from leadproof.transports.protocol import Request, Response, Transport
    from leadterms.documents import Document


@dataclass(frozen=True)
class Part:
    """One mistake at one place."""

    kind: Kind
    site: Site

    @property
    def name(self) -> str:
        return f"{self.kind.name}@{self.site.name}"

    def names(self, finding: dict[str, Any]) -> bool:
        """Whether this finding (its JSON) names the mistake rightly: one of its codes, at the thing it touches."""
        if finding["code"] not in self.kind.label:
            return False
        said = str([finding["cause"], finding["places"], finding["evidence"], finding["fix"]]).casefold()
        return not self.site.words or any(word.casefold() in said for word in self.site.words)


@dataclass(frozen=True)
class Mutant:
    """One mistake, or two at once."""

    parts: tuple[Part, ...]

    @cached_property
    def name(self) -> str:
        return " + ".join(part.name for part in self.parts)

    @property
    def says(self) -> str:
        """What was done, for people."""
        return "; ".join(f"{part.kind.says} ({part.site.name})" for part in self.parts)

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word for part in self.parts for word in part.site.words)

    @property
    def steps(self) -> frozenset[str]:
        return frozenset(step for part in self.parts for step in part.kind.steps)


def singles(ground: Ground, kinds: Iterable[Kind], *, seed: str, sites: int | None) -> list[Mutant]:
    """Every kind at `sites` of its places (None: at all of them), drawn by the seed."""
    found = []
    for kind in kinds:
        places = _drawn(list(kind.sites(ground)), lambda site, name=kind.name: f"{seed}/{name}/{site.name}")  # type: ignore[misc]
        found += [Mutant((Part(kind, site),)) for site in places[:sites]]
    return found


def pairs(alone: Sequence[Mutant], *, seed: str, count: int) -> list[Mutant]:
    """Two mistakes of different groups at once, drawn by the seed."""
    both = [
        Mutant((*one.parts, *other.parts))
        for place, one in enumerate(alone)
        for other in alone[place + 1 :]
        if one.parts[0].kind.group != other.parts[0].kind.group
    ]
    return _drawn(both, lambda mutant: f"{seed}/{mutant.name}")[:count]


def shuffled(mutants: Sequence[Mutant], *, seed: str) -> list[Mutant]:
    """The same mutants in an order drawn by the seed: any beginning of it stands for the whole."""
    return _drawn(list(mutants), lambda mutant: f"{seed}/order/{mutant.name}")


def by_name(ground: Ground, name: str) -> Mutant:
    """The mutant with this name, in another process too. Raises KeyError."""
    parts = []
    for written in name.split(" + "):
        kind_name, _, site_name = written.partition("@")
        kind = load_all()[kind_name]
        parts.append(Part(kind, {one.name: one for one in kind.sites(ground)}[site_name]))
    return Mutant(tuple(parts))


def _drawn(items: list[Any], key: Callable[[Any], str]) -> list[Any]:
    return sorted(items, key=lambda item: sha256(key(item).encode()).digest())


# --- planting -----------------------------------------------------------------------------------------------------


class Planted(Sources):
    """The scenario's files with a mutant in them; files of other connections stay as they are."""

    def __init__(self, ground: Ground, mutant: Mutant) -> None:
        self._ground, self._mutant = ground, mutant
        changed = Changed(ground)
        for part in mutant.parts:
            if part.site.plant is not None:
                part.site.plant(changed)
        self._integration, self._recipe = changed.integration, changed.recipe
        self._secrets = {part.site.secret for part in mutant.parts}

    def integration(self, path: Path, changes: dict[str, Any]) -> Integration:
        if path.resolve() != self._ground.integration_path.resolve():
            return super().integration(path, changes)
        return load_integration(path, changes, put(self._integration))

    def recipe(self, path: Path) -> Document[Any]:
        if path.resolve() != self._ground.recipe_path.resolve():
            return super().recipe(path)
        return load_recipe(path, put(self._recipe))

    def wire(self, side: Side) -> Through | None:
        return WrongSecret if side in self._secrets else None


class WrongSecret:
    """A wire on which the password is one that was right yesterday."""

    SECRET = re.compile(rb"(client_secret|password)=[^&]*")

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def send(self, request: Request) -> Response:
        """Send it with the old password, where it carries one."""
        return self._inner.send(replace(request, body=self.SECRET.sub(rb"\1=yesterday", request.body)))

    def close(self) -> None:
        self._inner.close()


def connector_of(mutant: Mutant) -> Any:
    """The connector with the mutant's defects in it; None: the right one."""
    names = [part.site.defect for part in mutant.parts if part.site.defect]
    if not names:
        return None
    from leadproof.connector import Connector
    from leadproof.connector.defects import DEFECTS

    made = Connector
    for name in names:
        made = DEFECTS[name](made)
    return made


def grounds(scenarios: Iterable[Any]) -> Iterator[tuple[Ground, list[Any]]]:
    """The scenarios by the (first) integration and the recipe that they stand on, the largest group first."""
    groups: dict[tuple[Path, Path], list[Any]] = {}
    for loaded in scenarios:
        folder = loaded.path.parent
        key = (folder / loaded.scenario.integration_files[0], folder / loaded.scenario.recipe)
        groups.setdefault((key[0].resolve(), key[1].resolve()), []).append(loaded)
    for (integration, recipe), members in sorted(groups.items(), key=lambda one: (-len(one[1]), one[0])):
        yield Ground.read(integration, recipe), members
