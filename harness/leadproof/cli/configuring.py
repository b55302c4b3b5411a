"""Options from a file and from the environment; flags win (`leadproof config` shows what holds, and why).

The file is `leadproof.toml`, or `[tool.leadproof]` of `pyproject.toml`, here or in the nearest folder above. A table
per command, keys as the command's long options: `[run]` with `seed = "7"`, `max-failures = 3`. In the environment
the same is `LEADPROOF_RUN_SEED=7`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from leadproof.cli.endings import CommandRefused

PREFIX = "LEADPROOF"
FILE = "leadproof.toml"
PROJECT = "pyproject.toml"
COMPLETE = "_LEADPROOF_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
DRAFT = "http://json-schema.org/draft-07/schema#"
_TYPES = {bool: "boolean", int: "integer", float: "number"}
UNREADABLE, UNKNOWN = "CFG890", "CFG891"


@dataclass(frozen=True, slots=True)
class Found:
    """A configuration file, and what it holds: command -> option -> value."""

    path: Path
    tables: Mapping[str, Any]


def find_file(folder: Path | None = None) -> Found | None:
    """The nearest file, from this folder upwards. Raises CommandRefused (CFG890) for one that is no TOML."""
    here = (folder or Path.cwd()).resolve()
    for place in (here, *here.parents):
        for name in (FILE, PROJECT):
            path = place / name
            if not path.is_file():
                continue
            told = _read(path)
            tables = told if name == FILE else told.get("tool", {}).get("leadproof")
            if tables is not None:
                return Found(path, tables)
    return None


def _read(path: Path) -> Mapping[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise CommandRefused(UNREADABLE, f"{path}: {wrong}.", "Mend it as TOML (toml.io).") from None


def defaults(program: Any) -> dict[str, Any]:
    """The file's values by the names that the command line library knows them by. Raises CommandRefused (CFG891)
    for a command or an option that there is not."""
    found = find_file()
    if found is None:
        return {}
    return {name: _table(found, program, name, table) for name, table in found.tables.items()}


def with_variables(name: str, command: Any) -> Any:
    """The command with a variable for each of its options: LEADPROOF_RUN_MAX_FAILURES for `run --max-failures`. Named
    by what people type, not by what our functions call it."""
    for option, parameter in _options(command).items():
        wanted = next(one for one in command.params if one.name == parameter)
        wanted.envvar, wanted.show_envvar = _variable(name, option), False
    return command


def _variable(command: str, option: str) -> str:
    return f"{PREFIX}_{command}_{option}".upper().replace("-", "_")


def _table(found: Found, program: Any, name: str, table: Any) -> dict[str, Any]:
    command = program.commands.get(name)
    if command is None or not isinstance(table, Mapping):
        raise _unknown(found, f"[{name}]", [f"[{one}]" for one in program.commands])
    options = _options(command)
    for key in table:
        if key not in options:
            raise _unknown(found, f"{key} in [{name}]", [f"{one} in [{name}]" for one in options])
    return {options[key]: value for key, value in table.items()}


def schema(program: Any, functions: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema (draft-07) of the file: a table for each command that has options. `functions`: the commands
    as we wrote them, whose annotations say what each option is."""
    tables = {
        name: _table_schema(command, get_type_hints(functions[name]))
        for name, command in program.commands.items()
        if name in functions and _options(command)
    }
    return {"$schema": DRAFT, "title": f"Options of leadproof, in {FILE}", **_closed(tables)}


def _table_schema(command: Any, hints: Mapping[str, Any]) -> dict[str, Any]:
    held = {one.name: str(one.help or "") for one in command.params}
    options = {
        option: {"description": held[name], **_type_schema(hints[name])} for option, name in _options(command).items()
    }
    return {"description": str(command.short_help or ""), **_closed(options)}


def _type_schema(hint: Any) -> dict[str, Any]:
    """What may stand there; what is read from a text may be written as a number too."""
    inner = [one for one in get_args(hint) if one is not NoneType] if get_origin(hint) is not list else []
    if inner:
        return _type_schema(inner[0])
    if get_origin(hint) is list:
        return {"type": "array", "items": _type_schema(get_args(hint)[0])}
    return {"type": _TYPES.get(hint, ["string", "number"])}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _unknown(found: Found, name: str, known: list[str]) -> CommandRefused:
    from rapidfuzz import process

    near = process.extractOne(name, known)
    meant = f" Did you mean {near[0]}?" if near else ""
    return CommandRefused(UNKNOWN, f"{found.path}: there is no {name}.{meant}", "See `leadproof --help`.")


def _options(command: Any) -> dict[str, str]:
    """Long option without its dashes -> the parameter's name."""
    named = {}
    for parameter in command.params:
        for option in parameter.opts:
            if parameter.param_type_name == "option" and option.startswith("--") and parameter.name != "help":
                named[option.removeprefix("--")] = parameter.name
    return named


def config(
    ctx: typer.Context,
    command: Annotated[str, typer.Argument(help="The command whose options are shown.")] = "run",
    origin: Annotated[bool, typer.Option("--origin", help="Show where each value comes from.")] = False,
) -> int:
    """Show the options that hold here: those of flags, environment, file, or as shipped."""
    assert ctx.parent is not None
    program: Any = ctx.parent.command
    if command not in program.commands:
        raise CommandRefused("RUN805", f"There is no command {command!r}.", f"One of {', '.join(program.commands)}.")
    chosen = program.commands[command]
    found = find_file()
    inner = chosen.make_context(command, [], parent=ctx.parent, resilient_parsing=True)
    names = _options(chosen)
    width = max((len(name) for name in names), default=0)
    for option, name in names.items():
        value = inner.params.get(name)
        shown = "" if value is None else ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        told = f"  ({_origin(inner, name, found, _variable(command, option))})" if origin else ""
        sys.stdout.write(f"{option:<{width}}  {shown!s}{told}\n")
    return 0


def _origin(context: Any, name: str, found: Found | None, variable: str) -> str:
    source = context.get_parameter_source(name)
    word = source.name if source is not None else "DEFAULT"
    if word == "ENVIRONMENT":
        return f"environment {variable}"
    if word == "DEFAULT_MAP" and found is not None:
        return str(found.path)
    return "default"


def completion(
    shell: Annotated[str, typer.Argument(help="bash, zsh or fish.")],
) -> int:
    """Print what a shell needs to complete commands and options: `source <(leadproof completion bash)`."""
    if shell not in SHELLS:
        raise CommandRefused("RUN805", f"There is no completion for {shell!r}.", f"Use one of {', '.join(SHELLS)}.")
    from typer.completion import shell_complete

    from leadproof.cli.app import app

    _init_completion()
    return shell_complete(typer.main.get_command(app), {}, "leadproof", COMPLETE, f"source_{shell}")


def ready_completion() -> None:
    """When a shell asks for completions, know how to answer it."""
    if COMPLETE in os.environ:
        _init_completion()


def _init_completion() -> None:
    from typer._completion_classes import completion_init  # typer calls it only for its own options

    completion_init()
