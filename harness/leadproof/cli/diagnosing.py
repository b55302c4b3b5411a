"""`leadproof doctor`: what will go wrong, told before anything is started or changed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadproof.cli.endings import EXIT_FAILED, EXIT_PASSED, CommandRefused
from leadproof.cli.running import INTEGRATION, RECIPE, file_here

if TYPE_CHECKING:
    from leadproof.doctor import Diagnosis
    from leadproof.findings import Finding
    from leadproof.integration import Integration
    from leadproof.lab import Lab
    from leadproof.oracle.translation import RuleBook
    from leadproof.serving import Running


def doctor(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where leadproof.yaml and recipe.yaml lie; none: here, or the sandbox that runs here."),
    ] = None,
    integration: Annotated[Path | None, typer.Option("--integration", help="What the connection is to do.")] = None,
    recipe: Annotated[Path | None, typer.Option("--recipe", help="The sandbox to look at, if none is running.")] = None,
    definitions: Annotated[
        bool, typer.Option("--definitions", help="Print each system's words and ids side by side, and no findings.")
    ] = False,
    notes: Annotated[bool, typer.Option("--notes", help="Show notes too, not only errors and warnings.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Findings, notes and definitions as JSON.")] = False,
) -> int:
    """Look at connection, users, rules and field ids without changing anything."""
    from leadproof.doctor.definitions import table

    if folder is not None:
        integration, recipe = integration or _inside(folder, INTEGRATION), recipe or _inside(folder, RECIPE)
    seen = _look(integration, recipe)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(seen), indent=1) + "\n")
    elif definitions:
        sys.stdout.write(table(seen.definitions))
    else:
        _tell(seen.findings, notes, len(seen.accepted))
    return EXIT_FAILED if any(one.level == "error" for one in seen.findings) else EXIT_PASSED


def _inside(folder: Path, name: str) -> Path:
    """The folder's file of this name. Raises CommandRefused."""
    if not (folder / name).is_file():
        text = f"{folder} is no folder." if not folder.is_dir() else f"{folder} holds no {name}."
        raise CommandRefused("CFG801", text, f"Name a folder with {INTEGRATION} and {RECIPE}, or each by its option.")
    return folder / name


def _look(given: Path | None, recipe: Path | None) -> Diagnosis:
    """At the sandbox that runs here, else at the recipe's orgs, which are built for it and thrown away."""
    from leadproof.doctor import look
    from leadproof.doctor.recipe_lines import in_recipe
    from leadproof.integration import load, problems_with_orgs
    from leadproof.serving import ServingRefused, find_running
    from leadterms.refusals import DocumentRefused

    try:
        running = find_running() if recipe is None else None
    except ServingRefused:
        running = None
    if running is not None:
        crm, marketing, lab = running.open_crm(), running.open_marketing(), running.open_lab()
        try:
            integration = _served(given, running, lab)
            return look(integration, crm, marketing, _rules(integration, lab))
        finally:
            crm.close()
            marketing.close()
            lab.close()
    integration = load(file_here(given, INTEGRATION))
    from leadproof.sandbox import Sandbox, load_recipe

    file = file_here(recipe, RECIPE)
    document = load_recipe(file)
    with Sandbox.start(document, seed=1) as sandbox:
        strangers = problems_with_orgs(integration, {one.name: one.side for one in sandbox.orgs()}, str(file))
        if strangers:
            raise DocumentRefused(strangers)
        systems = integration.systems
        crm, marketing = sandbox.crm(systems.crm.org), sandbox.marketing(systems.marketing.org)
        seen = look(integration, crm, marketing, _rules(integration, sandbox.lab))
    return seen.located(in_recipe(seen.findings, document))


def _served(given: Path | None, running: Running, lab: Lab) -> Integration:
    """The file given, else the one that the sandbox was started with, in the names of the vendors that are served."""
    from leadproof.integration import load
    from leadproof.names import Names
    from leadproof.scenario.integrations import Spoken, load_spoken
    from leadproof.scenario.pairs import NATIVE

    started_with = Path(running.integration) if running.integration else None
    path = file_here(given or started_with, INTEGRATION)
    sides = (running.crm, running.marketing)
    names = [lab.names(one.org) if one.dialect != NATIVE else Names() for one in sides]
    spoken = Spoken(names[0], names[1], None)
    return load_spoken(path, {}, spoken) if spoken else load(path)


def _rules(integration: Integration, lab: Lab) -> RuleBook:
    """The CRM's rules as its sandbox tells them, for a vendor whose API does not."""
    from leadproof.doctor import in_vendors_names
    from leadproof.scenario.control import Control

    org = integration.systems.crm.org
    return in_vendors_names(Control(lab).rule_book(org), lab.names(org), integration.people.crm[0])


def _as_json(seen: Diagnosis) -> dict[str, object]:
    levels = [one.level for one in seen.findings]
    return {
        "v": 1,
        "verdict": "failed" if "error" in levels else "passed",
        "findings": [one.to_json() for one in seen.findings],
        "accepted": [one.to_json() for one in seen.accepted],
        "definitions": [one.to_json() for one in seen.definitions],
    }


def _tell(found: Sequence[Finding], notes: bool, accepted: int) -> None:
    from leadproof.findings.telling import colour_paint, plain_paint, summary, tell
    from leadproof.scenario.document import shown_path

    told = [one for one in found if notes or one.level != "note"]
    hidden = len(found) - len(told)
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    if told:
        paint = colour_paint if coloured else plain_paint
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        sys.stdout.write(tell(told, paint, lambda path: shown_path(Path(path)), width) + "\n")
        meant = next((one.code for one in told if one.level != "error"), None)
        if meant:
            accept = f"accept: [{{code: {meant}, because: ...}}]"
            sys.stdout.write(f"What is meant so is said in the integration file: {accept}\n")
    more = f" {hidden} note{'s' * (hidden != 1)} not shown: leadproof doctor --notes." if hidden else ""
    if accepted:
        more += f" {accepted} accepted by the integration file."
    sys.stdout.write((f"{summary(told)}." if told else "Nothing found: all looks well.") + more + "\n")
