"""The pair of dialects that scenarios are run on, where it is chosen for the run (`--crm`, `--marketing`).

A folder of scenarios is written for one pair (the shipped checklist for native and native). For another pair its
recipe and integration stand beside it, as `pairs/CRM-MARKETING/`, with what differs there: a vendor's picklists, say.
A file that is not there is the folder's own, with its orgs speaking the other dialects.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadproof.integration import Systems
from leadproof.names import Names
from leadproof.sandbox import Sandbox
from leadproof.scenario.integrations import Spoken

FOLDER = "pairs"
NATIVE = "native"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two dialects by name."""

    crm: str = NATIVE
    marketing: str = NATIVE

    def __str__(self) -> str:
        return f"{self.crm}-{self.marketing}"

    def file(self, folder: Path, name: str) -> Path:
        """The pair's own file of this name for the scenarios of a folder, else the folder's."""
        own = folder.parent / FOLDER / str(self) / name
        return own if own.is_file() else folder / name

    def speak(self, recipe: Any) -> None:
        """Let every org of a recipe speak its side's dialect."""
        for name, org in recipe.orgs.items():
            org.dialect = self.crm if (org.kind or name.rpartition("-")[2]) == "crm" else self.marketing


def spoken(sandbox: Sandbox, systems: Systems, pair: Pair | None) -> Spoken:
    """What the two orgs of an integration call things."""
    chosen = None if pair is None else (pair.crm, pair.marketing)
    return Spoken(_names(sandbox, systems.crm.org), _names(sandbox, systems.marketing.org), chosen)


def _names(sandbox: Sandbox, org: str) -> Names:
    known = {one.name: one.dialect for one in sandbox.orgs()}
    return sandbox.lab.names(org) if known.get(org, NATIVE) != NATIVE else Names()
