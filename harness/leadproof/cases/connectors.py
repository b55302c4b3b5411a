"""Which connector a case is replayed with, by name.

`builtin` is ours; `planted:NAME` is ours with a bug of `leadproof.connector.defects`; `package.module:name` is anything
that can be called like `leadproof.connector.Connector`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from leadproof.cases.case import BUILTIN
from leadproof.cases.refusals import NotPossible

if TYPE_CHECKING:
    from leadproof.scenario.settings import Factory

PLANTED = "planted:"


def connector_named(name: str) -> Factory | None:
    """What makes the connector; None for the built-in one. Raises NotPossible for a name that leads nowhere."""
    if name in ("", BUILTIN):
        return None
    if name.startswith(PLANTED):
        from leadproof.connector.defects import DEFECTS, planted

        defect = name.removeprefix(PLANTED)
        if defect not in DEFECTS:
            raise NotPossible(f"There is no planted bug {defect!r}.", f"Use one of {', '.join(sorted(DEFECTS))}.")
        return planted(defect)
    module, _, attribute = name.partition(":")
    if not attribute:
        raise NotPossible(f"{name!r} names no connector.", "Write builtin, planted:NAME or package.module:name.")
    try:
        found: Factory = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as wrong:
        raise NotPossible(f"The connector {name!r} cannot be loaded: {wrong}.", "Check the name.") from wrong
    return found
