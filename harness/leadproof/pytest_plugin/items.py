"""`*.leadproof.yaml` as test items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leadproof.pytest_plugin import settings
from leadproof.pytest_plugin.playing import ScenarioFailed, ScenarioSkipped, play_loaded
from leadproof.scenario.document import Loaded, load_scenario
from leadterms.refusals import DocumentRefused


class ScenarioFile(pytest.File):
    """One scenario file."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Its one scenario. A file with mistakes is a collection error that names each with file:line:column."""
        try:
            loaded = load_scenario(self.path)
        except DocumentRefused as refused:
            raise self.CollectError(_told(refused)) from None
        yield ScenarioItem.from_parent(self, name=loaded.id, loaded=loaded)


class ScenarioItem(pytest.Item):
    """One scenario, played in orgs of its own."""

    def __init__(self, *, loaded: Loaded, **rest: Any) -> None:
        super().__init__(**rest)
        self.loaded = loaded

    def runtest(self) -> None:
        try:
            play_loaded(self.loaded, settings.seed(self.config), settings.driver(self.config))
        except ScenarioSkipped as skipped:
            pytest.skip(str(skipped))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The scenario's failures as `leadproof run` tells them; no traceback of ours."""
        if isinstance(excinfo.value, ScenarioFailed):
            return excinfo.value.told
        if isinstance(excinfo.value, DocumentRefused):
            return _told(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        return self.path, 0, f"{self.path.name}: {self.loaded.title}"


def _told(refused: DocumentRefused) -> str:
    """Each mistake with its place, code and mend."""
    return "\n".join(f"{one.place}: {one.text} {one.suggestion} [{one.code}]" for one in refused.problems)
