"""Scenarios as tests: files that pytest collects, and markers."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from leadproof.library import starter
from tests.harness.pytest_plugin.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with the starter's files in `crm/`, its scenario named as pytest collects it."""
    project = Project(tmp_path)
    shutil.copytree(starter(), tmp_path / "crm", ignore=shutil.ignore_patterns("*salesforce*"))
    (tmp_path / "crm" / "first-lead.yaml").rename(tmp_path / "crm" / "first-lead.leadproof.yaml")
    return project


def _break(project: Project) -> None:
    """Lock the connector out of the CRM."""
    recipe = project.folder / "crm" / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("[10.20.0.0/24]", "[192.0.2.0/24]"))


def test_a_scenario_file_is_a_test(project: Project) -> None:
    """It is collected, passes, and is chosen by name; other YAML files are left alone."""
    ran = project.test("-vv")
    assert ran.code == 0, ran.text
    assert "crm/first-lead.leadproof.yaml::" in ran.text
    assert "1 passed" in ran.counts


def test_a_failing_scenario_is_told_as_leadproof_run_tells_it(project: Project) -> None:
    """Cause, place and fix instead of a traceback."""
    _break(project)
    ran = project.test()
    assert ran.code == 1, ran.text
    assert "NET110" in ran.text
    assert "help: " in ran.text
    assert "Traceback" not in ran.text
    assert "play_loaded" not in ran.text


def test_a_file_with_a_typing_error_is_a_collection_error(project: Project) -> None:
    """With file:line:column and the code, and the other tests are told apart from it."""
    path = project.folder / "crm" / "first-lead.leadproof.yaml"
    path.write_text(path.read_text().replace("- sync:", "- sink:"))
    ran = project.test()
    assert ran.code == 2, ran.text
    assert re.search(r"first-lead\.leadproof\.yaml:\d+:\d+: .*sink.* \[CFG8\d\d\]", ran.text), ran.text


def test_a_marker_plays_a_scenario_before_the_test(project: Project) -> None:
    """The body runs when it passed; when it failed the test fails in the scenario's words, and the body is not run."""
    project.write(
        "crm/test_marked.py",
        """
        import pathlib
        import pytest

        @pytest.mark.leadproof_scenario("first-lead.leadproof.yaml")
        def test_more():
            pathlib.Path("ran").touch()
        """,
    )
    assert project.test("crm/test_marked.py").code == 0
    (project.folder / "ran").unlink()
    _break(project)
    ran = project.test("crm/test_marked.py")
    assert ran.code == 1, ran.text
    assert "NET110" in ran.text
    assert "1 failed" in ran.counts
    assert not (project.folder / "ran").exists()


def test_a_marker_that_names_no_file_is_a_mistake_of_use(project: Project) -> None:
    """Not a failed scenario: the message names the test and the file."""
    project.write(
        "test_marked.py",
        """
        import pytest

        @pytest.mark.leadproof_scenario("nowhere.yaml")
        def test_more():
            raise AssertionError
        """,
    )
    ran = project.test("test_marked.py")
    assert ran.code != 0
    assert "leadproof_scenario: " in ran.text
    assert "nowhere.yaml does not exist" in ran.text


def test_a_project_that_does_not_use_it_pays_little(project: Project) -> None:
    """The plugin alone imports nothing of the simulator and none of its libraries."""
    shutil.rmtree(project.folder / "crm")
    project.write(
        "test_light.py",
        """
        import sys

        def test_light():
            heavy = {"fastapi", "sqlmodel", "sqlalchemy", "pydantic", "uvicorn", "faker", "leadsim", "leadterms"}
            assert sorted(heavy & sys.modules.keys()) == []
        """,
    )
    ran = project.test()
    assert ran.code == 0, ran.text
