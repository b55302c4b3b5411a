"""The kinds of mutants: enough of them, labelled, plantable, and a fifth of them unseen by who names causes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from leadproof.connector.defects import DEFECTS
from leadproof.findings import entry
from leadproof.library import checklist
from leadproof.mutation.ground import Changed, Ground
from leadproof.mutation.kind import Kind
from leadproof.mutation.kinds import load_all
from leadproof.mutation.kinds.connector import LABELS
from leadproof.mutation.mutants import Planted, by_name, pairs, singles
from leadproof.mutation.noticing import NOTICES

KINDS = load_all()
HARNESS = Path(__file__).resolve().parents[3] / "harness" / "leadproof"


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.read(checklist() / "leadproof.yaml", checklist() / "recipe.yaml")


def test_there_are_enough_kinds() -> None:
    """Sixty kinds of misconfigurations, thirty defects of the connector; a fifth of the former held out."""
    settings = [one for one in KINDS.values() if one.group != "connector"]
    held_out = [one for one in settings if one.held_out]
    assert len(settings) >= 60
    assert len(KINDS) - len(settings) >= 30
    assert 0.17 <= len(held_out) / len(settings) <= 0.25


def test_every_kind_has_what_would_notice_it() -> None:
    """Whoever adds a kind says what a scenario has to do, and names a shipped one; one that is held out names a check,
    so that nobody looks at it again."""
    assert sorted(NOTICES) == [name for name, one in sorted(KINDS.items()) if not one.held_out]
    assert [one.name for one in KINDS.values() if bool(one.check) == (one.name in NOTICES)] == []
    assert [one.shown_by for one in NOTICES.values() if not (checklist() / f"{one.shown_by}.yaml").is_file()] == []


def test_every_defect_is_a_kind() -> None:
    """A defect that somebody adds is planted by `leadproof mutate` too."""
    unseen = [one.name.removeprefix("defect_") for one in KINDS.values() if one.held_out and one.group == "connector"]
    assert sorted([*LABELS, *unseen]) == sorted(DEFECTS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_label_is_a_code_of_the_catalogue(kind: Kind) -> None:
    """A label that no finding can have would make its kind a miss for ever."""
    assert kind.label
    assert {entry(code).code for code in kind.label} == kind.label


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_can_be_planted_and_changes_something(kind: Kind, ground: Ground) -> None:
    """Each site changes a copy of the files, never what was read; its name leads back to it."""
    sites = list(kind.sites(ground))
    assert sites, "the checklist has no place for it"
    for site in sites:
        changed = Changed(ground)
        if site.plant is not None:
            site.plant(changed)
        planted = (changed.integration, changed.recipe) != (ground.integration, ground.recipe)
        assert planted or site.secret or site.defect
        assert Changed(ground).integration == ground.integration
        assert by_name(ground, f"{kind.name}@{site.name}").parts[0].site.words == site.words


@pytest.mark.parametrize("kind", [one for one in KINDS.values() if one.held_out], ids=lambda kind: kind.name)
def test_what_is_held_out_leaves_files_that_load(kind: Kind, ground: Ground) -> None:
    """Such a mistake is one of meaning: whoever reads the two files has nothing to refuse."""
    for mutant in singles(ground, [kind], seed="1", sites=None):
        planted = Planted(ground, mutant)
        assert planted.integration(ground.integration_path, {}).mappings("Lead")
        assert planted.recipe(ground.recipe_path).model.orgs


def test_what_is_drawn_follows_from_the_seed(ground: Ground) -> None:
    """The same seed draws the same places and pairs; another seed draws others; a pair mixes two groups."""
    one, again = (singles(ground, KINDS.values(), seed="1", sites=1) for _ in range(2))
    other = singles(ground, KINDS.values(), seed="2", sites=1)
    assert [mutant.name for mutant in one] == [mutant.name for mutant in again]
    assert [mutant.name for mutant in one] != [mutant.name for mutant in other]
    both = pairs(one, seed="1", count=10)
    assert len({mutant.name for mutant in both}) == 10
    assert all(len({part.kind.group for part in mutant.parts}) == 2 for mutant in both)


def test_who_names_causes_knows_no_mutants() -> None:
    """Neither the doctor nor the diagnosis imports what is planted, nor speaks of it."""
    for room in ("doctor", "diagnosis"):
        for path in sorted((HARNESS / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            imported = {
                name
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in (
                    [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
                )
            }
            assert not [one for one in imported if re.match(r"leadproof\.(mutation|connector)\b", one)], path
            assert "held_out" not in text, path
