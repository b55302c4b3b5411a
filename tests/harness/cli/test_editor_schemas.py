"""What `leadproof init` writes for editors: each file names its schema, which stands beside it and knows every key."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from leadproof.cli.app import app

PAIRS = {"native": (), "vendors": ("--crm", "salesforce", "--marketing", "pardot")}
LINE = "# yaml-language-server: $schema="
CHOSEN = {"values", "map", "statuses", "orgs", "actors", "crm"}
"""Keys under which people choose the names: fields, users, statuses, orgs, actors, objects."""


@pytest.fixture(scope="module", params=PAIRS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What init writes."""
    path = tmp_path_factory.mktemp("editors") / "demo"
    assert app(args=["init", *PAIRS[request.param], str(path)], standalone_mode=False) == 0
    return path


def schema_of(file: Path) -> Any:
    """The judge that the file's first line names, from where the file stands."""
    line = file.read_text("utf-8").splitlines()[0]
    assert line.startswith(LINE)
    return jsonschema_rs.Draft7Validator(json.loads((file.parent / line.removeprefix(LINE)).read_text("utf-8")))


def held(file: Path) -> Any:
    """The file as an editor reads it: a moment is a text."""
    tree = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))
    return json.loads(json.dumps(tree, default=lambda moment: moment.isoformat()))


def keys(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each key stands."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*path, key)
            yield from keys(value, (*path, key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from keys(value, (*path, place))


def misspelt(tree: Any, path: tuple[Any, ...]) -> Any:
    """The same with one key mistyped."""
    changed = copy.deepcopy(tree)
    node = changed
    for part in path[:-1]:
        node = node[part]
    node[f"{path[-1]}x"] = node.pop(path[-1])
    return changed


def test_each_file_holds_by_the_schema_that_it_names(folder: Path) -> None:
    """No network, no setting: the schema lies in the folder."""
    files = sorted(folder.glob("*.yaml"))
    assert len(files) >= 3
    for file in files:
        assert [one.message for one in schema_of(file).iter_errors(held(file))] == [], file


def test_a_mistyped_key_is_marked_wherever_it_stands(folder: Path) -> None:
    """Every key in turn, but for names that people choose."""
    missed, tried = [], 0
    for file in sorted(folder.glob("*.yaml")):
        judge, tree = schema_of(file), held(file)
        for path in keys(tree):
            if path[-2:-1] and path[-2] in CHOSEN:
                continue
            tried += 1
            if judge.is_valid(misspelt(tree, path)):
                missed.append((file.name, *path))
    assert missed == []
    assert tried > 100


def test_a_second_init_keeps_the_files_and_renews_the_schemas(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A newer version's keys are known to the editor, and nobody's file is changed."""
    before = {one: one.read_bytes() for one in folder.glob("*.yaml")}
    stale = folder / ".leadproof" / "schemas" / "scenario.json"
    stale.write_text("{}", "utf-8")
    pair = () if (folder / "salesforce.recipe.yaml").exists() else PAIRS["vendors"]
    assert app(args=["init", *pair, str(folder)], standalone_mode=False) == 0
    assert "kept     " in capsys.readouterr().out
    assert {one: one.read_bytes() for one in folder.glob("*.yaml")} == before
    assert json.loads(stale.read_text("utf-8"))["properties"]["steps"]


def test_the_options_file_has_a_schema_too(folder: Path) -> None:
    """What `leadproof config` reads holds by it; an option or a command that there is not, or of another type, does
    not."""
    judge = jsonschema_rs.Draft7Validator(
        json.loads((folder / ".leadproof" / "schemas" / "config.json").read_text("utf-8"))
    )
    right = '[run]\nseed = "7"\nmax-failures = 3\nreport = ["html"]\nverbose = true\n[up]\ntls = true\nseed = 7\n'
    assert [one.message for one in judge.iter_errors(tomllib.loads(right))] == []
    for wrong in ("[run]\nsede = 7", "[rnu]\nseed = 7", '[run]\nmax-failures = "three"', "[run]\nverbose = 1"):
        assert not judge.is_valid(tomllib.loads(wrong)), wrong
