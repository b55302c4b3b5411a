"""`leadproof explain` and `leadproof schema`: what needs no running system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from leadproof.cli.endings import CommandRefused


def explain(
    code: Annotated[str, typer.Argument(help="A finding's code, such as USR101; none: list them all.")] = "",
) -> int:
    """Explain a code: what it means, why it matters, how to mend it, an example and a near miss."""
    from leadproof.findings.catalogue import FAMILIES, UnknownCode, codes, entry
    from leadproof.findings.catalogue import explain as explained

    if not code:
        family = ""
        for one in codes():
            prefix = one.rstrip("0123456789")
            if prefix != family:
                family = prefix
                sys.stdout.write(f"\n{prefix}: {FAMILIES[prefix]}\n")
            told = entry(one)
            sys.stdout.write(f"  {one}  {told.level:<7}  {told.title}\n")
        return 0
    try:
        sys.stdout.write(explained(code) + "\n")
    except UnknownCode as unknown:
        raise CommandRefused("RUN805", str(unknown)) from None
    return 0


def _integration() -> Mapping[str, Any]:
    from leadproof.integration import Integration, json_schema

    return json_schema(Integration)


def _recipe() -> Mapping[str, Any]:
    from leadproof.sandbox import recipe_schema

    return recipe_schema()


def _scenario() -> Mapping[str, Any]:
    from leadproof.integration import json_schema
    from leadproof.scenario.document import scenario_model

    return json_schema(scenario_model())


def _config() -> Mapping[str, Any]:
    import typer

    from leadproof.cli import configuring
    from leadproof.cli.app import app, functions

    return configuring.schema(typer.main.get_command(app), functions())


SCHEMAS: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "integration": _integration,
    "recipe": _recipe,
    "scenario": _scenario,
    "config": _config,
}


def schema(
    name: Annotated[str, typer.Argument(help="integration, recipe, scenario or config; none: list them.")] = "",
) -> int:
    """Print the JSON Schema (draft-07) of one of our files, for editors and checks."""
    import orjson

    if not name:
        sys.stdout.write("\n".join(SCHEMAS) + "\n")
        return 0
    if name not in SCHEMAS:
        raise CommandRefused("RUN805", f"There is no file kind {name!r}.", f"Use one of {', '.join(SCHEMAS)}.")
    sys.stdout.write(orjson.dumps(SCHEMAS[name](), option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0
