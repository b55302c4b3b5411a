"""The fixtures, as a user's project asks for them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from leadproof.library import starter
from tests.harness.pytest_plugin.project import FOUND, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project: the plugin falls back on the shipped starter's orgs."""
    return Project(tmp_path)


def test_a_lead_is_delivered_in_a_test_of_a_few_lines(project: Project) -> None:
    """The factory's prospect reaches the CRM through the reference connector, and the rules give it its owner; beside
    whatever other plugins are installed."""
    project.write(
        "test_mine.py",
        """
        def test_a_lead_reaches_sales(leadproof_crm, leadproof_connector, leadproof_lead_factory):
            lead = leadproof_lead_factory(country="NO")
            leadproof_connector.install()
            leadproof_connector.cycle()
            (found,) = leadproof_crm.find("Lead", None, ["Email"])
            assert (found.values["Email"], found.owner) == (lead.email, "anne.sales")

        def test_a_lead_typed_in_by_sales_reaches_marketing(
            leadproof_marketing, leadproof_connector, leadproof_lead_factory
        ):
            lead = leadproof_lead_factory(to="crm", Country="SE", NumberOfEmployees="12")
            leadproof_connector.install()
            leadproof_connector.cycle()
            (found,) = leadproof_marketing.find("prospect", None, ["email"])
            assert found.values["email"] == lead.email
        """,
    )
    ran = project.test(found=FOUND)
    assert ran.code == 0, ran.text
    assert ran.counts.startswith("2 passed")


@pytest.mark.slow
def test_nothing_of_one_test_is_seen_by_another(project: Project) -> None:
    """Each test leaves a mark in both orgs, the clock and the faults; none finds another's; in process and over
    sockets, on one worker and on two."""
    project.write(
        "test_alone.py",
        """
        import pytest

        def leave_a_mark(sandbox, crm, marketing, clock, make):
            assert list(crm.find("Lead", None, [])) == []
            assert list(marketing.find("prospect", None, [])) == []
            assert sandbox.lab.faults() == []
            before = clock.clock().now
            make()
            make(to="crm")
            clock.advance(86400)
            sandbox.lab.add_fault({"at": sandbox.crm_org, "operation": "delete", "kind": "status", "status": 503})
            return before

        STARTS = set()

        @pytest.mark.parametrize("number", range(12))
        def test_in_process(
            number, leadproof_sandbox, leadproof_crm, leadproof_marketing, leadproof_clock, leadproof_lead_factory
        ):
            STARTS.add(leave_a_mark(
                leadproof_sandbox, leadproof_crm, leadproof_marketing, leadproof_clock, leadproof_lead_factory
            ).date())
            assert len(STARTS) == 1

        @pytest.mark.parametrize("number", range(6))
        def test_over_sockets(
            number, leadproof_servers, leadproof_sandbox, leadproof_crm, leadproof_marketing, leadproof_clock,
            leadproof_lead_factory,
        ):
            STARTS.add(leave_a_mark(
                leadproof_sandbox, leadproof_crm, leadproof_marketing, leadproof_clock, leadproof_lead_factory
            ).date())
            assert len(STARTS) == 1
        """,
    )
    for workers in ("0", "2"):
        ran = project.test("-n", workers)
        assert ran.code == 0, ran.text
        assert "18 passed" in ran.counts


def test_the_orgs_are_those_of_the_projects_own_files(project: Project) -> None:
    """recipe.yaml and leadproof.yaml beside the ini file are taken; an ini key or an option names others."""
    for name in ("recipe.yaml", "leadproof.yaml"):
        text = (starter() / name).read_text().replace("my-crm", "our-crm")
        project.write(name, text)
    project.write("test_org.py", "def test_org(leadproof_crm):\n    assert leadproof_crm.name == 'our-crm'\n")
    assert project.test().code == 0
    for name in ("recipe.yaml", "leadproof.yaml"):
        project.write(f"other/{name}", (starter() / name).read_text().replace("my-crm", "their-crm"))
    options = ("--leadproof-recipe=other/recipe.yaml", "--leadproof-integration=other/leadproof.yaml")
    assert "'their-crm' == 'our-crm'" in project.test(*options).text
    missing = project.test("--leadproof-recipe=nowhere.yaml")
    assert missing.code != 0
    assert "nowhere.yaml does not exist" in missing.text


def test_faults_are_switched_on_by_a_marker(project: Project) -> None:
    """The answer of the first create is lost after it was applied: one lead all the same, and the fault was met."""
    project.write(
        "test_faults.py",
        """
        import pytest

        @pytest.mark.leadproof_faults(at="crm", operation="batch", kind="lost_after_apply")
        def test_a_lost_answer_makes_no_second_lead(
            leadproof_sandbox, leadproof_crm, leadproof_connector, leadproof_lead_factory
        ):
            leadproof_connector.install()
            leadproof_lead_factory()
            for _ in range(3):
                leadproof_connector.cycle()
            assert len(list(leadproof_crm.find("Lead", None, []))) == 1
            assert [fact["kind_of"] for fact in leadproof_sandbox.lab.journal(kind="fault")] == ["lost_after_apply"]

        def test_no_other_test_has_it(leadproof_sandbox):
            assert leadproof_sandbox.lab.faults() == []
        """,
    )
    ran = project.test()
    assert ran.code == 0, ran.text


def test_a_program_is_told_where_to_call(project: Project) -> None:
    """`leadproof_servers.environment()` is all that a program in another language needs; it calls over sockets."""
    project.write(
        "test_program.py",
        '''
        import os, subprocess, sys

        PROGRAM = """
        import os, httpx2
        url = os.environ["LEADPROOF_CRM_URL"] + "/" + os.environ["LEADPROOF_CRM_ORG"] + "/crm/v1/records/Lead"
        login = (os.environ["LEADPROOF_CRM_USERNAME"], os.environ["LEADPROOF_CRM_PASSWORD"])
        made = httpx2.post(url, auth=login, json={"values": {"LastName": "Test", "Company": "Test"}})
        print(made.status_code)
        """

        def test_it(leadproof_servers, leadproof_crm):
            environment = {**os.environ, **leadproof_servers.environment()}
            program = [sys.executable, "-c", PROGRAM.replace("\\n        ", "\\n")]
            done = subprocess.run(program, env=environment, capture_output=True, text=True)
            assert done.stdout.strip() == "201", done.stderr
            assert [one.values["LastName"] for one in leadproof_crm.find("Lead", None, ["LastName"])] == ["Test"]
        ''',
    )
    ran = project.test()
    assert ran.code == 0, ran.text


def test_the_factory_names_what_is_wrong(project: Project) -> None:
    """A field that is not there, a value that does not fit, a person whom the org refuses: each says so."""
    project.write(
        "test_wrong.py",
        """
        import pytest
        from leadterms.refusals import ValueRefused

        def test_wrong(leadproof_lead_factory):
            with pytest.raises(KeyError, match="prospect has no field colour; it has email"):
                leadproof_lead_factory(colour="red")
            with pytest.raises(ValueRefused):
                leadproof_lead_factory(score="many")
            lead = leadproof_lead_factory()
            with pytest.raises(AssertionError, match="refused"):
                leadproof_lead_factory(email=lead.email, owner="nobody")
        """,
    )
    ran = project.test()
    assert ran.code == 0, ran.text


def test_the_shipped_starter_is_what_a_bare_project_gets(project: Project, tmp_path: Path) -> None:
    """One of the two files alone is not half taken: both are the starter's then."""
    shutil.copy(starter() / "recipe.yaml", tmp_path / "recipe.yaml")
    project.write(
        "test_org.py", "def test_org(leadproof_marketing):\n    assert leadproof_marketing.name == 'my-marketing'\n"
    )
    assert project.test().code == 0
