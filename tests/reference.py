"""The pages that are made from the code, so that they are true.

docs/reference.md: commands, options, steps, checks, field types, finding codes. docs/coverage.md: what of each
vendor's API works and what is refused by name. `python -m tests.reference --write` writes them; tests/test_docs.py
fails when a page and the code differ.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from leadproof.cli.app import app
from leadproof.findings.catalogue import FAMILIES, codes, entry
from leadproof.scenario.registry import NEEDS, Check, Step, load_all
from leadsim.dialects.pardot.coverage import UNCONFIRMED as PARDOT_UNCONFIRMED
from leadsim.dialects.pardot.coverage import coverage as pardot_coverage
from leadsim.dialects.salesforce.coverage import UNCONFIRMED as SALESFORCE_UNCONFIRMED
from leadsim.dialects.salesforce.coverage import coverage as salesforce_coverage
from leadterms.criteria import OPERATORS
from leadterms.fieldtypes import FIELD_TYPES

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference.md"
COVERAGE = ROOT / "docs" / "coverage.md"


def commands() -> dict[str, Any]:
    """Every command of the CLI by its name, as click commands; those of a group after the group."""
    program: Any = typer.main.get_command(app)
    found: dict[str, Any] = {}
    for name, command in program.commands.items():
        found[name] = command
        found.update({f"{name} {inner}": one for inner, one in getattr(command, "commands", {}).items()})
    return found


def steps() -> dict[str, type[Step]]:
    """Every step that is no check, by its YAML name."""
    return {name: kind for name, kind in load_all().items() if not issubclass(kind, Check)}


def checks() -> dict[str, type[Step]]:
    """Every check, by its YAML name."""
    return {name: kind for name, kind in load_all().items() if issubclass(kind, Check)}


def first_sentence(thing: Any) -> str:
    """The docstring's first paragraph on one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _command_lines() -> Iterator[str]:
    for name, command in sorted(commands().items()):
        yield f"### `leadproof {name}`"
        yield ""
        yield " ".join((command.help or "").split())
        rows = []
        for parameter in command.params:
            if getattr(parameter, "hidden", False):
                continue
            shown = ", ".join(f"`{flag}`" for flag in (*parameter.opts, *parameter.secondary_opts))
            if not parameter.opts[0].startswith("-"):
                shown = f"`{(parameter.metavar or parameter.name or '').upper().strip('[]')}`"
            rows.append(f"| {shown} | {_cell(getattr(parameter, 'help', '') or '')} |")
        if rows:
            yield ""
            yield "| argument or option | what it does |"
            yield "|---|---|"
            yield from rows
        yield ""


def _step_lines(kinds: dict[str, type[Step]]) -> Iterator[str]:
    for name, kind in sorted(kinds.items()):
        yield f"### `{name}`"
        yield ""
        yield first_sentence(kind)
        keys = [(info.alias or key, info) for key, info in kind.model_fields.items()]
        if keys:
            yield ""
            yield "| key | required | what it says |"
            yield "|---|---|---|"
            for key, info in keys:
                yield f"| `{key}` | {'yes' if info.is_required() else 'no'} | {_cell(info.description or '')} |"
        if kind.needs:
            yield ""
            yield "Needs " + "; ".join(NEEDS[need] for need in sorted(kind.needs)) + "."
        yield ""


def _type_lines() -> Iterator[str]:
    yield "| type | what it holds |"
    yield "|---|---|"
    for name, kind in FIELD_TYPES.items():
        yield f"| `{name}` | {_cell(getattr(kind, 'holds', '') or first_sentence(kind))} |"


def _code_lines() -> Iterator[str]:
    for prefix, about in FAMILIES.items():
        rows = [entry(code) for code in codes() if code.rstrip("0123456789") == prefix]
        if not rows:
            continue
        yield f"### {prefix}: {about}"
        yield ""
        yield "| code | level | title | how to mend it |"
        yield "|---|---|---|---|"
        for one in rows:
            yield f"| {one.code} | {one.level} | {_cell(one.title)} | {_cell(one.fix)} |"
        yield ""


def page() -> str:
    """The whole page as Markdown."""
    lines = [
        "# Reference",
        "",
        "Made from the code by `python -m tests.reference --write`; do not edit. `leadproof explain CODE` says more",
        "about a code, `leadproof schema NAME` prints the JSON Schema of a file.",
        "",
        "## Commands",
        "",
        *_command_lines(),
        "## Steps",
        "",
        *_step_lines(steps()),
        "## Checks",
        "",
        *_step_lines(checks()),
        "## Field types",
        "",
        *_type_lines(),
        "",
        "## Operators of criteria",
        "",
        ", ".join(f"`{operator}`" for operator in OPERATORS),
        "",
        "## Finding codes",
        "",
        *_code_lines(),
    ]
    return "\n".join(lines).rstrip() + "\n"


def coverage_page() -> str:
    """What of each vendor's API is answered, and what is refused by name, as Markdown."""
    lines = [
        "# Coverage",
        "",
        "Made from the code by `python -m tests.reference --write`; do not edit. A test calls every row that works and",
        "every row that is refused. What is not listed is answered as the vendor answers what it does not know.",
        "",
        "The `native` dialect documents itself: its OpenAPI documents are served at `/{org}/crm/v1/openapi.json` and",
        "`/{org}/marketing/v1/openapi.json`, and all they list works.",
        "",
    ]
    vendors = (
        ("Salesforce", salesforce_coverage(), SALESFORCE_UNCONFIRMED),
        ("Pardot", pardot_coverage(), PARDOT_UNCONFIRMED),
    )
    for vendor, rows, unconfirmed in vendors:
        works = sum(1 for row in rows if row.state == "works")
        lines += [
            f"## {vendor}: {works} operations work, {len(rows) - works} are refused by name",
            "",
            "| operation | method | path | |",
            "|---|---|---|---|",
            *(f"| {_cell(row.name)} | {row.method} | `{_cell(row.path)}` | {row.state} |" for row in rows),
            "",
        ]
        if unconfirmed:
            lines += [f"### {vendor}: where its documents are silent", "", *(f"- {one}" for one in unconfirmed), ""]
    lines.pop()
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
        COVERAGE.write_text(coverage_page(), encoding="utf-8")
    else:
        sys.stdout.write(page())
        sys.stdout.write(coverage_page())
