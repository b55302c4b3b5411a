"""The whole checklist in process and over real sockets: the same verdicts, and the same digests byte for byte."""

from __future__ import annotations

import pytest

from leadproof.library import checklist
from leadproof.scenario.document import Loaded, load_scenarios
from leadproof.scenario.pairs import Pair
from leadproof.scenario.runner import Options, run_scenario


def _told(loaded: Loaded, pair: Pair, over: str) -> tuple[str, str]:
    outcome = run_scenario(loaded, Options(pair=pair, over=over))  # type: ignore[arg-type]
    return outcome.verdict, outcome.digest


@pytest.mark.slow("minutes")
@pytest.mark.parametrize("pair", [Pair(), Pair("salesforce", "pardot")], ids=str)
def test_every_scenario_is_the_same_either_way(pair: Pair) -> None:
    """Scenario by scenario: what differs over HTTP is a defect of the transport, the server or the clock."""
    loaded = load_scenarios([checklist()])
    apart = {}
    for one in loaded:
        here, there = _told(one, pair, "process"), _told(one, pair, "http")
        if here != there:
            apart[one.id] = (here, there)
        assert here[0] in ("passed", "skipped"), (one.id, here)
    assert len(loaded) > 50
    assert apart == {}
