"""What the documents say exists, and what exists is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from leadproof.doctor.ranking import AREAS
from leadproof.findings.catalogue import FAMILIES, codes, entry
from leadterms.fieldtypes import FIELD_TYPES
from tests import reference

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_reference_is_what_the_code_says() -> None:
    """docs/reference.md lists every command, option, step, check, field type and code, as they are now."""
    assert reference.PAGE.read_text("utf-8") == reference.page(), "run: python -m tests.reference --write"


def test_the_coverage_table_is_what_the_code_says() -> None:
    """docs/coverage.md lists every operation that works or is refused by name, as they are now."""
    assert reference.COVERAGE.read_text("utf-8") == reference.coverage_page(), "run: python -m tests.reference --write"


@pytest.mark.parametrize("name", sorted(reference.commands()))
def test_commands_and_options_tell_what_they_do(name: str) -> None:
    """Every command has a help text, and so has each of its arguments and options."""
    command = reference.commands()[name]
    silent = [parameter.name for parameter in command.params if not getattr(parameter, "help", None)]
    assert command.help
    assert silent == []


@pytest.mark.parametrize("name", sorted({**reference.steps(), **reference.checks()}))
def test_steps_and_checks_tell_what_they_do(name: str) -> None:
    """Every step and check has a docstring, and each of its keys a description."""
    kind = {**reference.steps(), **reference.checks()}[name]
    silent = [key for key, info in kind.model_fields.items() if not info.description]
    assert reference.first_sentence(kind)
    assert silent == []


@pytest.mark.parametrize("name", sorted(FIELD_TYPES))
def test_field_types_are_documented(name: str) -> None:
    """Every field type says what it holds."""
    assert re.search(rf"^\| `{name}` \| \S", reference.PAGE.read_text("utf-8"), re.M)


@pytest.mark.parametrize("code", codes())
def test_codes_are_explained(code: str) -> None:
    """Every code has what, why, fix, an example that fires and a near miss that does not."""
    told = entry(code)
    assert all((told.title, told.what, told.why, told.fix, told.example, told.near_miss))


def test_every_family_has_codes() -> None:
    """A family whose last code is gone goes too, from the catalogue and from the areas of the doctor's ranking."""
    families = sorted({code.rstrip("0123456789") for code in codes()})
    assert sorted(FAMILIES) == families
    assert sorted(one for _, ranked in AREAS for one in ranked if one not in families) == []


def test_raised_codes_are_in_the_catalogue() -> None:
    """A code that the source raises is one that `leadproof explain` knows."""
    known = set(codes())
    families = "|".join(FAMILIES)
    unknown = {
        f"{match} ({path.relative_to(ROOT)})"
        for root in ("simulator", "harness")
        for path in sorted((ROOT / root).rglob("*.py"))
        for match in re.findall(rf"[\"']((?:{families})\d{{3}})[\"']", path.read_text("utf-8"))
        if match not in known
    }
    assert sorted(unknown) == []


def test_the_way_of_one_lead_names_rooms_that_exist() -> None:
    """The README's table "One lead's way": every room it names is a file or folder of the house."""
    section = README.read_text("utf-8").split("## One lead's way", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\|[^|]+\|([^|]+)\|$", section, re.M)
    rooms = [room for row in rows for room in re.findall(r"`([\w./]+)`", row)]
    roots = [ROOT / "simulator", ROOT / "harness"]
    missing = [
        room for room in rooms if not any((root / room).exists() or (root / f"{room}.py").exists() for root in roots)
    ]
    assert len(rooms) >= 10
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """A relative link in a document names a file that exists."""
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_two_commands_stand_first() -> None:
    """README's first code block is the main job, its second the tests; .ci/run runs the same two."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text("utf-8"), re.S)
    assert blocks[0].strip() == "pip install . && leadproof run"
    assert blocks[1].strip() == "pip install -e '.[test]' && pytest"
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    tests = ci.index("pip install --quiet -e '.[test]'\npytest")
    assert tests < ci.index("pip install --quiet .\n") < ci.index("leadproof run\n")
