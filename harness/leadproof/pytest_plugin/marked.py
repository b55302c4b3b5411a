"""What the markers `leadproof_scenario` and `leadproof_case` do when their test is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.pytest_plugin import settings
from leadproof.pytest_plugin.playing import ScenarioFailed, ScenarioSkipped, play


def play_marked(item: pytest.Item) -> None:
    """Play each marker's scenario, then replay each marker's case, the outermost first; a path is relative to the
    test's file."""
    for marker in reversed(list(item.iter_markers("leadproof_scenario"))):
        try:
            play(_path(item, marker), settings.seed(item.config), settings.driver(item.config))
        except ScenarioFailed as failed:
            pytest.fail(failed.told, pytrace=False)
        except ScenarioSkipped as skipped:
            pytest.skip(str(skipped))
    for marker in reversed(list(item.iter_markers("leadproof_case"))):
        _replay(_path(item, marker), item.config)


def _replay(path: Path, config: pytest.Config) -> None:
    """With the connector under test, and the case's own seed. FAILED and ERROR fail the test with their reason."""
    from leadproof.cases.judging import HOLDS, Replay, replay_file

    told = replay_file(path, Replay(settings.connector(config) or "builtin"))
    if told.judgement not in HOLDS:
        causes = "\n".join(f"  {one.code} {one.title}: {one.cause}" for one in told.findings)
        pytest.fail(f"{told.judgement} {path.name}: {told.reason}\n{causes}".rstrip(), pytrace=False)


def _path(item: pytest.Item, marker: pytest.Mark) -> Path:
    if len(marker.args) != 1 or marker.kwargs:
        raise pytest.UsageError(f"{item.nodeid}: {marker.name} takes one path")
    path = item.path.parent / str(marker.args[0])
    if not path.is_file():
        raise pytest.UsageError(f"{item.nodeid}: {marker.name}: {path} does not exist")
    return path
