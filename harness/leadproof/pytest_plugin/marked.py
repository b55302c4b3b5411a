"""What the markers `leadproof_scenario` and `leadproof_case` do when their test is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.pytest_plugin import settings
from leadproof.pytest_plugin.playing import ScenarioFailed, ScenarioSkipped, play


def play_marked(item: pytest.Item) -> None:
    """Play each marker's scenario, the outermost first; a path is relative to the test's file."""
    for marker in reversed(list(item.iter_markers("leadproof_scenario"))):
        try:
            play(_path(item, marker), settings.seed(item.config))
        except ScenarioFailed as failed:
            pytest.fail(failed.told, pytrace=False)
        except ScenarioSkipped as skipped:
            pytest.skip(str(skipped))


def _path(item: pytest.Item, marker: pytest.Mark) -> Path:
    if len(marker.args) != 1 or marker.kwargs:
        raise pytest.UsageError(f"{item.nodeid}: {marker.name} takes one path")
    path = item.path.parent / str(marker.args[0])
    if not path.is_file():
        raise pytest.UsageError(f"{item.nodeid}: {marker.name}: {path} does not exist")
    return path
