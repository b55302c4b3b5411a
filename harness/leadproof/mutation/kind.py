"""What a kind of mutant is: a mistake that people make, where it can be planted, and the codes that name it rightly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadproof.mutation.ground import Changed, Ground

Group: TypeAlias = Literal[
    "address",
    "switch",
    "credentials",
    "permission",
    "quota",
    "users",
    "rules",
    "ids",
    "types",
    "picklists",
    "masters",
    "overwrite",
    "direction",
    "clears",
    "answers",
    "matching",
    "delivery",
    "deletes",
    "members",
    "reports",
    "connector",
]
Plant: TypeAlias = Callable[[Changed], None]


@dataclass(frozen=True)
class Site:
    """One place where a kind can be planted. `name` tells sites of a kind apart; `words`: what it touches, as the
    files write it (field ids, users, rules): scenarios that say them run first, and a cause that points somewhere
    else does not name it rightly. `secret`: the side whose password the connector no longer has."""

    name: str
    plant: Plant | None = None
    words: tuple[str, ...] = ()
    secret: Literal["", "crm", "marketing"] = ""
    defect: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of mutant.

    `says`: the mistake, as a person would say it. `label`: the finding codes that name it rightly. `check`: what
    would catch one that survives, where `noticing` has nothing of it. `steps`: names of steps and checks that are
    likely to notice it."""

    name: str
    group: Group
    says: str
    label: frozenset[str]
    sites: Callable[[Ground], Iterable[Site]]
    check: str = ""
    steps: tuple[str, ...] = ()
    held_out: bool = False
    """Nobody looked at it while writing the doctor or the diagnosis."""

    @property
    def heard(self) -> str:
        """What `-k` looks at."""
        return f"{self.name} {self.group} {self.says} {'held-out' if self.held_out else 'open'}"


KINDS: dict[str, Kind] = {}
"""Every kind by its name, in the order of definition. Filled by `kind`; `mutation.kinds.load_all` imports them."""


def kind(
    name: str, group: Group, says: str, label: str, *, check: str = "", steps: str = ""
) -> Callable[[Callable[[Ground], Iterator[Site]]], Callable[[Ground], Iterator[Site]]]:
    """Register a kind: the function that is decorated answers its sites. `label` and `steps` are words."""

    def register(sites: Callable[[Ground], Iterator[Site]]) -> Callable[[Ground], Iterator[Site]]:
        if name in KINDS:
            raise ValueError(f"two kinds of mutants are called {name}")
        hidden = "held_out" in sites.__module__.split(".")
        KINDS[name] = Kind(name, group, says, frozenset(label.split()), sites, check, tuple(steps.split()), hidden)
        return sites

    return register
