"""The pytest plugin: a sandbox per test as fixtures, scenarios and cases as tests.

pytest loads this module in every project that has Leadproof installed, so it imports nothing of ours until a
fixture is asked for or a `*.leadproof.yaml` is collected. All names begin with `leadproof_`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadproof.pytest_plugin.fixtures import (
    leadproof_clock,
    leadproof_connector,
    leadproof_crm,
    leadproof_lead_factory,
    leadproof_marketing,
    leadproof_sandbox,
    leadproof_servers,
    leadproof_session_servers,
)

if TYPE_CHECKING:
    from leadproof.pytest_plugin.items import ScenarioFile

__all__ = [
    "leadproof_clock",
    "leadproof_connector",
    "leadproof_crm",
    "leadproof_lead_factory",
    "leadproof_marketing",
    "leadproof_sandbox",
    "leadproof_servers",
    "leadproof_session_servers",
]

SUFFIX = ".leadproof.yaml"
SETTINGS = {
    "recipe": "What the fake orgs hold; without it recipe.yaml beside the ini file, else the shipped starter.",
    "integration": "What the connection is meant to do; without it leadproof.yaml beside the recipe, else the starter.",
    "connector": "Yours, as for `leadproof run --connector`: a command, http://..., watch; else ours.",
    "deadline": "Seconds that one turn of your connector may take; 120.",
    "quiet": "Seconds without a change that count as at rest, for a connector that runs by itself; 2.",
    "seed": "The seed of every sandbox: the same seed gives the same people and ids.",
}
MARKERS = {
    "leadproof_scenario(path)": "play this scenario before the test's body; the test fails unless it passes.",
    "leadproof_faults(*faults, **fault)": "switch these faults on in the test's orgs; keys as in a scenario's `fault`.",
    "leadproof_case(path)": "replay this case before the test's body; the test fails unless it is FIXED or PASSED.",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--leadproof-recipe`, `--leadproof-integration`, `--leadproof-seed` ..., and the same as ini keys."""
    group = parser.getgroup("leadproof", "a fake CRM and a fake marketing-automation tool (Leadproof)")
    for name, meaning in SETTINGS.items():
        group.addoption(f"--leadproof-{name}", default=None, metavar=name.upper(), help=meaning)
        parser.addini(f"leadproof_{name}", meaning, default="")


def pytest_configure(config: pytest.Config) -> None:
    """The markers, so that --strict-markers knows them."""
    for marker, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{marker}: {meaning}")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Every `*.leadproof.yaml` is a test: a scenario that lies beside its leadproof.yaml and recipe.yaml."""
    if not file_path.name.endswith(SUFFIX) or file_path.name == SUFFIX:
        return None
    from leadproof.pytest_plugin.items import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Play what the markers name, as part of the test's call: a failure of it is a failure, not an error."""
    if item.get_closest_marker("leadproof_scenario") is None and item.get_closest_marker("leadproof_case") is None:
        return
    from leadproof.pytest_plugin.marked import play_marked

    play_marked(item)
