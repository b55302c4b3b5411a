"""The project's own connector, cases, and vendors' dialects, as a user's project uses them."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from leadproof.cases.recording import record_scenario
from leadproof.library import starter
from tests.harness.pytest_plugin.project import Project

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a folder docs, as the README's paths say."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    return Project(tmp_path)


def readmes() -> tuple[str, str]:
    """The README's ten-line test, and the line of the ini file."""
    text = (ROOT / "README.md").read_text("utf-8")
    (test,) = re.findall(r"```python\n(.*?)```", text, re.S)
    (ini,) = re.findall(r"```ini\n\[pytest\]\n(.*?)```", text, re.S)
    return test, ini


def test_the_readmes_test_runs_as_it_is_written(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most ten lines; it passes with the connector that the README's ini line names, and with the built-in one."""
    test, ini = readmes()
    assert len(test.strip().splitlines()) <= 10
    project.write("test_mine.py", test)
    built_in = project.test()
    assert built_in.code == 0, built_in.text
    settings = project.folder / "pytest.ini"
    settings.write_text(settings.read_text() + ini)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    own = project.test()
    assert own.code == 0, own.text
    assert own.counts.startswith("1 passed")


def test_a_turn_that_fails_fails_the_test_with_the_last_output(project: Project) -> None:
    """The ini key is enough; no test after it is harmed, and the clock stands still again for it."""
    project.write("mine.py", "print('half done')\nraise SystemExit('no phone')\n")
    settings = project.folder / "pytest.ini"
    settings.write_text(settings.read_text() + f"leadproof_connector = {sys.executable} mine.py\n")
    project.write(
        "test_mine.py",
        """
        def test_it(leadproof_connector):
            leadproof_connector.cycle()

        def test_after(leadproof_servers):
            assert leadproof_servers.orgs.lab.clock().mode == "virtual"
        """,
    )
    ran = project.test()
    assert ran.code == 1, ran.text
    assert "ended with exit code 1. Its last words: no phone [CYC640]" in ran.text
    assert "half done" in ran.text
    assert "1 failed, 1 passed" in ran.counts


def test_a_setting_that_makes_no_sense_is_told(project: Project) -> None:
    """Which key, and what is wrong with it."""
    project.write("test_mine.py", "def test_it(leadproof_connector):\n    pass\n")
    for option, told in (
        ("--leadproof-deadline=soon", "leadproof_deadline: 'soon' is no number of seconds"),
        ("--leadproof-quiet=0", "leadproof_quiet: 0 is not more than 0"),
        ("--leadproof-connector='unclosed", "No closing quotation"),
    ):
        ran = project.test("--leadproof-connector=true", option)
        assert ran.code != 0
        assert told in ran.text


def test_a_case_is_replayed_before_the_test(project: Project) -> None:
    """PASSED lets the body run; with a connector that does nothing it fails with the case's reason."""
    scenario = project.folder / "crm" / "first-lead.yaml"
    shutil.copytree(starter(), scenario.parent, ignore=shutil.ignore_patterns("*salesforce*"))
    record_scenario(scenario).write(project.folder / "crm" / "arrives.case")
    project.write(
        "crm/test_case.py",
        """
        import pytest

        @pytest.mark.leadproof_case("arrives.case")
        def test_more():
            pass
        """,
    )
    held = project.test("crm/test_case.py")
    assert held.code == 0, held.text
    broken = project.test("crm/test_case.py", "--leadproof-connector=true")
    assert broken.code == 1, broken.text
    assert "FAILED arrives.case" in broken.text
    assert "Traceback" not in broken.text


def test_vendors_dialects_by_their_own_names(project: Project) -> None:
    """Files of `leadproof init --crm salesforce --marketing pardot` beside the ini file: factory, clients and connector
    speak the vendors' names; a program is told the proxy, the authority and the business unit."""
    for name in ("recipe.yaml", "leadproof.yaml"):
        shutil.copy(starter() / "salesforce-pardot" / name, project.folder / name)
    project.write(
        "test_vendors.py",
        """
        import pathlib

        def test_it(leadproof_crm, leadproof_connector, leadproof_lead_factory):
            lead = leadproof_lead_factory(country="NO", jobTitle="Buyer")
            leadproof_connector.install()
            leadproof_connector.cycle()
            (found,) = leadproof_crm.find("Lead", None, ["Email", "Title"])
            assert found.values == {"Email": lead.email, "Title": "Buyer"}

        def test_program(leadproof_servers):
            told = leadproof_servers.environment()
            assert told["LEADPROOF_MARKETING_BUSINESS_UNIT_ID"]
            assert told["HTTPS_PROXY"].startswith("http://")
            assert "BEGIN CERTIFICATE" in pathlib.Path(told["SSL_CERT_FILE"]).read_text()
            assert leadproof_servers.marketing.dialect == "pardot"

        def test_again(leadproof_servers):
            assert leadproof_servers.environment()["LEADPROOF_CRM_SECURITY_TOKEN"]
        """,
    )
    ran = project.test()
    assert ran.code == 0, ran.text
    wrong = (project.folder / "leadproof.yaml").read_text().replace("marketing: jobTitle", "marketing: jobTitel")
    (project.folder / "leadproof.yaml").write_text(wrong)
    assert "jobTitel" in project.test().text
