"""What all tests share: profiles of Hypothesis, and the rotation of the slow sweeps."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default",
    deadline=None,  # speed belongs to the benchmarks
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

ROTATION = 8


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--all-of-it`` runs every slow sweep; ``--rotate N`` picks which eighth of them runs by default."""
    parser.addoption("--all-of-it", action="store_true", help="run every test marked slow")
    parser.addoption("--rotate", type=int, default=None, help=f"which of the {ROTATION} parts of the slow tests runs")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep one eighth of the slow tests, and none of those that take minutes (`slow("minutes")`): chosen by
    ``--rotate``, else by the commit, so that it moves with the work."""
    if config.getoption("--all-of-it"):
        return
    part = config.getoption("--rotate")
    turn = (part if part is not None else _turn_of_the_tree(config)) % ROTATION
    kept, left_out = [], []
    for item in items:
        slow = item.get_closest_marker("slow")
        mine = int(hashlib.sha256(item.nodeid.encode()).hexdigest(), 16) % ROTATION == turn
        (kept if slow is None or (mine and not slow.args) else left_out).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def _turn_of_the_tree(config: pytest.Config) -> int:
    """A number that changes when the changelog or the project file does, and is the same for every xdist worker."""
    digest = hashlib.sha256()
    for name in ("CHANGELOG.md", "pyproject.toml"):
        path = config.rootpath / name
        if path.exists():
            digest.update(path.read_bytes())
    return int(digest.hexdigest(), 16)


def require(program: str, candidates: Iterable[str]) -> str:
    """The path of an outside program; skips when it is missing, fails where LEADPROOF_REQUIRE=all demands it."""
    for name in candidates:
        found = shutil.which(name)
        if found:
            return found
    message = f"{program} is not installed (looked for {', '.join(candidates)})"
    if os.environ.get("LEADPROOF_REQUIRE") == "all":
        pytest.fail(message)
    pytest.skip(message)
