"""The rules of the house (CONTRIBUTING.md, "Rules"): layers, time and chance, handlers, names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import api as importlinter_api

ROOT = Path(__file__).resolve().parent.parent
ROOTS = (ROOT / "simulator", ROOT / "harness")
SOURCES = sorted(path for root in ROOTS for path in root.rglob("*.py"))
SIMULATOR = [path for path in SOURCES if ROOT / "simulator" in path.parents]

TIME_AND_CHANCE = {
    "time.time", "time.time_ns", "time.sleep", "time.localtime", "time.gmtime", "time.monotonic", "time.perf_counter",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "uuid.uuid1", "uuid.uuid4", "os.urandom",
}  # fmt: skip
CHANCE_MODULES = {"random", "secrets"}
# Where the world outside is really waited for or really secret. Each with its reason.
ALLOWED = {
    "simulator/leadsim/engine/clock.py": "the clock",
    "simulator/leadsim/engine/chance.py": "the chance",
    "harness/leadproof/stopwatch.py": "wall figures of reports, which stand outside the digest",
    "harness/leadproof/scenario/livejournal.py": "each live run's own word: others run the same seed",
    "harness/leadproof/serving.py": "real servers: tokens that nobody can guess, deadlines on real sockets",
    "harness/leadproof/serving/tokens.py": "tokens that nobody can guess",
    "harness/leadproof/serving/loop.py": "a real server syncs on the wall clock's cadence",
    "harness/leadproof/transports/http.py": "a deadline on a real socket",
}


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            parts = [node.attr]
            value = node.value
            while isinstance(value, ast.Attribute):
                parts.append(value.attr)
                value = value.value
            if isinstance(value, ast.Name):
                parts.append(value.id)
            dotted = list(reversed(parts))
            yield node.lineno, ".".join(dotted[-2:])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, f"import {alias.name.split('.')[0]}"
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, f"import {node.module.split('.')[0]}"
            for alias in node.names:
                yield node.lineno, f"{node.module.split('.')[-1]}.{alias.name}"


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_layers() -> None:
    """The contracts of pyproject.toml hold: who may import whom."""
    importlinter_api.read_configuration()
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


@pytest.mark.parametrize("path", SOURCES, ids=_relative)
def test_time_and_chance_have_one_room(path: Path) -> None:
    """Wall time and randomness live in clock.py and chance.py; every other use is listed here with its reason."""
    if _relative(path) in ALLOWED:
        return
    found = [
        f"{_relative(path)}:{line} {name}"
        for line, name in _names(ast.parse(path.read_text("utf-8")))
        if name in TIME_AND_CHANCE or name.removeprefix("import ") in CHANCE_MODULES
    ]
    assert found == []


HANDLER_DECORATORS = {"get", "post", "put", "patch", "delete", "head", "options", "api_route", "route"}
FORBIDDEN_NAMES = {
    "BackgroundTasks", "BackgroundTask", "BaseHTTPMiddleware", "StreamingResponse", "FileResponse", "run_in_threadpool",
}  # fmt: skip


@pytest.mark.parametrize("path", SIMULATOR, ids=_relative)
def test_one_request_is_one_step(path: Path) -> None:
    """Handlers are ``async def`` that wait for nothing; no threads, background tasks, yield dependencies or streams."""
    tree = ast.parse(path.read_text("utf-8"))
    found: list[str] = []
    for node in ast.walk(tree):
        where = f"{_relative(path)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                call = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(call, ast.Attribute) and call.attr in HANDLER_DECORATORS:
                    found.append(f"{where} def handler {node.name}")
        if isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
            found.append(f"{where} {node.id}")
        if isinstance(node, ast.alias) and node.name in FORBIDDEN_NAMES:
            found.append(f"{where} imports {node.name}")
    assert found == []


DRAWERS = re.compile(r"^(utils?|helpers?|common|misc|manager|tools|stuff|base)$")


def test_no_drawers() -> None:
    """No module is named for being a drawer: a newcomer must find the room by its name."""
    names = [_relative(path) for path in SOURCES if DRAWERS.match(path.stem) or DRAWERS.match(path.parent.name)]
    assert names == []


def test_source_roots_are_no_packages() -> None:
    """``simulator`` and ``harness`` are folders, so that a user's own folders of these names are not shadowed."""
    assert [str(root) for root in ROOTS if (root / "__init__.py").exists()] == []


def test_only_the_sandbox_starts_leadsim() -> None:
    """In the harness, one module imports the fake products."""
    importers = [
        _relative(path)
        for path in SOURCES
        if ROOT / "harness" in path.parents and re.search(r"^\s*(from|import) leadsim\b", path.read_text("utf-8"), re.M)
    ]
    assert importers == ["harness/leadproof/sandbox.py"]


CHECKING = re.compile(r"_?(assert|expect|check|prove|must)|(raises|fail|call_and_validate|run_state_machine_as_test)$")


def _asserts(function: ast.AST) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert | ast.Raise):
            return True
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if CHECKING.match(name):
                return True
    return False


def test_every_test_can_fail() -> None:
    """A test without anything that can fail proves nothing."""
    toothless = [
        f"{_relative(path)}::{node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_") and not _asserts(node)
    ]
    assert toothless == []


def test_no_sleeping_in_tests() -> None:
    """Tests wait for a condition with a deadline, or move the virtual clock."""
    sleepers = [
        f"{_relative(path)}:{line}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line, name in _names(ast.parse(path.read_text("utf-8")))
        if name == "time.sleep"
    ]
    assert sleepers == []


def test_the_shipped_rows_are_the_generated_ones() -> None:
    """The checklist imports the file that fixtures/data/make_leads.py generates, byte for byte."""
    shipped = ROOT / "scenarios" / "checklist" / "data" / "leads.csv"
    assert shipped.read_bytes() == (ROOT / "fixtures" / "data" / "leads.csv").read_bytes()


BROAD = re.compile(r"\s*except\s*:|\s*except\b[^#]*\b(Base)?Exception\b|.*\bsuppress\((Base)?Exception\b")
IGNORED = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:)")


def test_what_catches_everything_says_why() -> None:
    """A handler of every exception hides bugs; where one is right, its reason stands beside it. And who switches a
    check of mypy or ruff off says which."""
    silent = [
        f"{_relative(path)}:{number} {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (BROAD.match(line) and not re.search(r"#\s*\S+ \S+ \S+", line)) or IGNORED.search(line)
    ]
    assert silent == []
