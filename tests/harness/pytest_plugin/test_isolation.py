"""Five hundred tests on two workers share nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.pytest_plugin.project import Project

MARKING = """
    import pytest

    @pytest.mark.parametrize("number", range({half}))
    @pytest.mark.parametrize("over", ["process", "http"])
    def test_alone(number, over, request):
        if over == "http":
            request.getfixturevalue("leadproof_servers")
        sandbox, crm, marketing, connector, make = (
            request.getfixturevalue(f"leadproof_{{name}}")
            for name in ("sandbox", "crm", "marketing", "connector", "lead_factory")
        )
        mark = f"Mark {{over}} {{number}}"
        assert list(crm.find("Lead", None, [])) == list(marketing.find("prospect", None, [])) == []
        assert sandbox.lab.faults() == []
        assert [fact for fact in sandbox.lab.journal(kind="change") if "Mark" in str(fact)] == []
        connector.install()
        make(company=mark)
        assert connector.cycle().writes_crm == 1
        (lead,) = crm.find("Lead", None, ["Company"])
        assert lead.values["Company"] == mark
        sandbox.lab.add_fault({{"at": sandbox.crm_org, "operation": "delete", "kind": "status", "status": 503}})
        sandbox.lab.advance(3600)
"""


@pytest.mark.parametrize("count", [10, pytest.param(500, marks=pytest.mark.slow("minutes"))])
def test_no_test_sees_anothers_mark(count: int, tmp_path: Path) -> None:
    """Each leaves a mark in both orgs, the journal, the connector's memory, the faults and the clock, in process and
    over sockets, and finds none."""
    project = Project(tmp_path)
    project.write("test_alone.py", MARKING.format(half=count // 2))
    ran = project.test("-n", "2", deadline=1800)
    assert ran.code == 0, ran.text
    assert f"{count} passed" in ran.counts
