"""Which connector a case is replayed with, by name.

`builtin` is ours; `planted:NAME` is ours with a bug of `leadproof.connector.defects`; `package.module:name` is anything
that can be called like `leadproof.connector.Connector`; all else is as `leadproof run --connector` takes it: an URL,
`watch`, or a command.
"""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING

from leadproof.cases.case import BUILTIN
from leadproof.cases.refusals import NotPossible

if TYPE_CHECKING:
    from leadproof.drivers import Driver
    from leadproof.scenario.settings import Factory

PLANTED = "planted:"
_IMPORTED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


def connector_named(name: str) -> Factory | Driver | None:
    """What makes or drives the connector; None for the built-in one. Raises NotPossible for a name that leads nowhere,
    and DriverRefused for a command that cannot be read."""
    if name in ("", BUILTIN):
        return None
    if name.startswith(PLANTED):
        from leadproof.connector.defects import DEFECTS, planted

        defect = name.removeprefix(PLANTED)
        if defect not in DEFECTS:
            raise NotPossible(f"There is no planted bug {defect!r}.", f"Use one of {', '.join(sorted(DEFECTS))}.")
        return planted(defect)
    if not _IMPORTED.fullmatch(name):
        from leadproof.drivers import parse_driver

        return parse_driver(name)
    module, _, attribute = name.partition(":")
    try:
        found: Factory = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as wrong:
        raise NotPossible(f"The connector {name!r} cannot be loaded: {wrong}.", "Check the name.") from wrong
    return found
