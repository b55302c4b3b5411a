"""Which connector a case is replayed with, by name.

`builtin` is ours; `planted:NAME` is ours with a bug of `leadproof.connector.defects`; `package.module:name` is anything
that can be called like `leadproof.connector.Connector`, also out of the folder in which the command is given; all else
is as `leadproof run --connector` takes it: an URL, `watch`, or a command.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
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
    return _imported(name)


def _imported(name: str) -> Factory:
    module, _, attribute = name.partition(":")
    here = str(Path.cwd())
    if not {"", here} & set(sys.path):
        sys.path.append(here)  # a program that was installed does not look where it is called
    try:
        found: Factory = getattr(importlib.import_module(module), attribute)
    except Exception as wrong:  # whatever somebody's module does while it is read
        text = f"The connector {name!r} cannot be loaded: {type(wrong).__name__}: {wrong}."
        raise NotPossible(text, f"Try: python -c 'import {module}'") from wrong
    if not callable(found):
        text = f"The connector {name!r} cannot be called: it is {type(found).__name__}."
        raise NotPossible(text, "Name a class or a function that takes (integration, crm, marketing, store, name=...).")
    return found
