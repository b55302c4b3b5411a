"""The built wheel in a virtual environment of its own, beside a project that has nothing to do with it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.harness.pytest_plugin.project import Project

ROOT = Path(__file__).resolve().parents[3]


def done(*command: str | Path, cwd: Path) -> str:
    """Run it; what it said."""
    ran = subprocess.run(
        [str(one) for one in command],
        cwd=cwd, env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A virtual environment's Python with the built wheel in it. What Leadproof needs comes from this interpreter's
    packages by a path file: no network is asked, and the checkout is not on the path."""
    folder = tmp_path_factory.mktemp("installed")
    done(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (wheel,) = folder.glob("leadproof-*.whl")
    done(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    made = folder / "venv" / "bin" / "python"
    done(sys.executable, "-m", "pip", "--python", made, "install", "-q", "--no-deps", "--no-index", wheel, cwd=folder)
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return str(made)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with its own packages `harness`, `simulator` and `scenarios`, fixtures, markers and YAML files."""
    project = Project(tmp_path)
    for name in ("harness", "simulator", "scenarios"):
        project.write(f"{name}/__init__.py", f"MINE = {name!r}\n")
    project.write("scenarios/leadproof.yaml", "not: [one, of, ours]\n")
    project.write("conftest.py", "import pytest\n\n@pytest.fixture\ndef sandbox():\n    return 'mine'\n")
    project.write(
        "tests/test_own.py",
        """
        import harness, scenarios, simulator

        def test_own_folders(sandbox):
            assert [one.MINE for one in (harness, simulator, scenarios)] == ["harness", "simulator", "scenarios"]
            assert sandbox == "mine"
        """,
    )
    return project


@pytest.mark.slow
def test_a_project_is_not_disturbed(python: str, project: Project) -> None:
    """Its suite is collected and passes as it does without the plugin, on one worker and on two."""
    alone = project.test("--collect-only", "-p", "no:leadproof", python=python, found=())
    beside = project.test("--collect-only", python=python, found=())
    assert beside.text.splitlines()[:-1] == alone.text.splitlines()[:-1]
    for workers in ("0", "2"):
        ran = project.test("-n", workers, python=python, found=())
        assert ran.code == 0, ran.text
        assert "1 passed" in ran.counts


@pytest.mark.slow
def test_the_wheel_brings_its_fixtures_and_its_scenarios(python: str, project: Project) -> None:
    """It is the wheel's code that runs, found without being asked for, and the starter's orgs are in it."""
    project.write(
        "tests/test_leads.py",
        """
        import pathlib, sys
        import leadproof

        def test_it(leadproof_crm, leadproof_connector, leadproof_lead_factory):
            assert pathlib.Path(sys.prefix) in pathlib.Path(leadproof.__file__).parents
            leadproof_lead_factory()
            leadproof_connector.install()
            leadproof_connector.cycle()
            assert len(list(leadproof_crm.find("Lead", None, []))) == 1
        """,
    )
    ran = project.test(python=python, found=())
    assert ran.code == 0, ran.text
    assert ran.counts.startswith("2 passed")
    listed = done(Path(python).with_name("leadproof"), "run", "--list", cwd=project.folder)
    assert "first-lead" in listed
