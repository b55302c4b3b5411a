"""`leadproof import-schema`: a real org's own fields for the sandbox."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadproof.cli.endings import EXIT_PASSED, CommandRefused

if TYPE_CHECKING:
    from leadproof.describes import Imported

DIALECT = "salesforce"
_ALONE = f"recipe: 1\norgs:\n  my-crm:\n    dialect: {DIALECT}\n"


def import_schema(
    file: Annotated[
        Path, typer.Argument(metavar="DESCRIBE.JSON", help="The org's describe of an object, or a list of several.")
    ],
    object: Annotated[
        list[str] | None, typer.Option("--object", help="Only this object of the file; repeatable.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write the fields to this file, to paste into a recipe; else to stdout."),
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="RECIPE", help="Add the fields to an org of this recipe.")
    ] = None,
    org: Annotated[str, typer.Option("--org", help="Which org of the recipe; unsaid: its only Salesforce org.")] = "",
) -> int:
    """Turn a Salesforce org's describe output into the custom fields of a recipe, and say what does not carry over."""
    from leadproof.describes import as_recipe_part, read_describes, recipe_fields
    from leadproof.sandbox import read_recipe, standard_schema

    if into is not None and output is not None:
        raise CommandRefused("RUN805", "-o and --into are both given.", "Choose one of them.")
    if not file.exists():
        raise CommandRefused("CFG801", f"{file} does not exist.", "Name the file with the describe.")
    imported = recipe_fields(read_describes(file, object or ()), standard_schema(DIALECT))
    part = as_recipe_part(imported, file.name)
    read_recipe(_ALONE + "".join(f"    {line}\n" for line in part.splitlines()), "the imported fields")
    if into is not None:
        _put(imported, into, org)
    elif output is not None:
        output.write_text(part, encoding="utf-8", newline="\n")
        sys.stderr.write(f"written  {output}\n")
    else:
        sys.stdout.write(part)
    _account(imported)
    return EXIT_PASSED


def _put(imported: Imported, recipe: Path, org: str) -> None:
    """The fields into the recipe's file; it is written only when the result is a recipe."""
    from leadproof.describes import into_recipe
    from leadproof.sandbox import load_recipe, read_recipe
    from leadterms.fields import FieldSpec

    orgs = load_recipe(recipe).model.orgs
    speaking = [name for name, one in orgs.items() if one.dialect == DIALECT]
    name = org or (speaking[0] if len(speaking) == 1 else "")
    if name not in speaking:
        told = f"{recipe} has no Salesforce org {org!r}" if org else f"{recipe} has {len(speaking)} Salesforce orgs"
        raise CommandRefused("RUN805", f"{told}.", f"Name one with --org: {', '.join(speaking) or 'there is none'}.")
    present = [FieldSpec.from_json({"label": one.id, **one.model_dump(exclude_none=True)}) for one in orgs[name].fields]
    before = recipe.read_text(encoding="utf-8-sig")
    text = into_recipe(before, name, imported, present, str(recipe))
    if text == before:
        sys.stderr.write(f"kept     {recipe}: {name} has them all\n")
        return
    read_recipe(text, str(recipe))
    recipe.write_text(text, encoding="utf-8", newline="\n")
    sys.stderr.write(f"written  {recipe}\n")


def _account(imported: Imported) -> None:
    """What became of the describe, for people."""
    tell = sys.stderr.write
    for note in imported.notes:
        tell(f"{note.level:<7} {note.code} {note.cause}\n")
    objects = sorted({one.object for one in imported.fields})
    tell(f"{len(imported.fields)} custom fields of {', '.join(objects) or 'no object'}, {len(imported.notes)} notes\n")
