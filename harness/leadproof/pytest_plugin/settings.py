"""What the plugin was told: by option, by ini key, by the files beside the ini file; else the shipped starter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from leadproof.drivers import Driver

FILES = {"recipe": "recipe.yaml", "integration": "leadproof.yaml"}
DEFAULT_SEED = "1"


def seed(config: pytest.Config) -> str:
    """The seed of every sandbox of this run."""
    return _told(config, "seed") or DEFAULT_SEED


def connector(config: pytest.Config) -> str:
    """The project's own connector as it is spelled; "" for the reference connector."""
    return _told(config, "connector")


def driver(config: pytest.Config) -> Driver | None:
    """The project's own connector; None: the reference connector. Raises DriverRefused for a text that names none."""
    text = connector(config)
    if not text:
        return None
    from leadproof.drivers import parse_driver

    return parse_driver(text, deadline=_seconds(config, "deadline", 120.0), quiet=_seconds(config, "quiet", 2.0))


def _seconds(config: pytest.Config, name: str, otherwise: float) -> float:
    told = _told(config, name)
    try:
        seconds = float(told) if told else otherwise
    except ValueError:
        raise pytest.UsageError(f"leadproof_{name}: {told!r} is no number of seconds") from None
    if not seconds > 0:
        raise pytest.UsageError(f"leadproof_{name}: {told} is not more than 0")
    return seconds


def file(config: pytest.Config, name: str) -> Path:
    """The `recipe` or the `integration`. A path in the ini file is relative to it, an option's to where pytest
    was started. Raises pytest.UsageError where a named file does not exist."""
    option = config.getoption(f"--leadproof-{name}")
    ini = config.getini(f"leadproof_{name}")
    if option:
        named = Path(config.invocation_params.dir, option)
    elif ini:
        named = Path(config.rootpath, ini)
    else:
        from leadproof.library import starter

        beside = [config.rootpath / one for one in FILES.values()]
        # Both or neither: one of them alone would be judged against a stranger's.
        return (config.rootpath if all(one.is_file() for one in beside) else starter()) / FILES[name]
    if not named.is_file():
        raise pytest.UsageError(f"leadproof_{name}: {named} does not exist")
    return named


def _told(config: pytest.Config, name: str) -> str:
    return str(config.getoption(f"--leadproof-{name}") or config.getini(f"leadproof_{name}") or "")
