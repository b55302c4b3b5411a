"""Where a scenario's integration and recipe come from: the files that it names, as they are.

The seam at which something else can be put in their place; `leadproof mutate` plants its mistakes here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadproof.integration import Integration
from leadproof.sandbox import load_recipe
from leadproof.scenario.integrations import load_integration

if TYPE_CHECKING:
    from leadproof.sandbox import Through
    from leadproof.systems.organization import Side
    from leadterms.documents import Document


class Sources:
    """The files themselves."""

    def integration(self, path: Path, changes: dict[str, Any]) -> Integration:
        """One connection, with the scenario's own changes laid over it. Raises DocumentRefused."""
        return load_integration(path, changes)

    def recipe(self, path: Path) -> Document[Any]:
        """What the simulated orgs hold. Raises DocumentRefused."""
        return load_recipe(path)

    def wire(self, side: Side) -> Through | None:
        """What is put around the connector's wire to one side; None: nothing."""
        return None
