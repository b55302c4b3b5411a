"""The `leadproof` program: its commands, and what becomes of every error (quality.md "Ease")."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from leadproof.cli import configuring
from leadproof.cli.contents import PLACES, SHORT, TITLE, help_text
from leadproof.cli.endings import EXIT_INTERRUPTED, EXIT_USAGE, end_of
from leadproof.collector import ease_collector


class Commands(Mapping[str, Any]):
    """The commands by name. A command's module is imported when that command is asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = configuring.with_variables(name, _load(name))
        return self._loaded[name]


def _written(name: str) -> Any:
    """The command as we wrote it: a function, or a group. Raises KeyError for a name that is none."""
    module, _, attribute = PLACES[name].partition(":")
    return getattr(importlib.import_module(f"leadproof.cli.{module}"), attribute)


def functions() -> dict[str, Any]:
    """Every command that is a function, by its name."""
    found = {name: _written(name) for name in PLACES}
    return {name: one for name, one in found.items() if not isinstance(one, typer.Typer)}


def _load(name: str) -> Any:
    """The command as the command line library has it. Raises KeyError for a name that is none."""
    found = _written(name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        alone.command(name, short_help=SHORT[name])(found)
        found = alone
    made: Any = typer.main.get_command(found)
    made.name, made.short_help = name, SHORT[name]
    return made


class Interrupted(Exception):
    """Somebody pressed Ctrl-C. The command line library turns that into an exit without a word."""


class Program(TyperGroup):
    """The group of all commands, loaded one by one."""

    def invoke(self, ctx: Any) -> Any:
        """As the library does it. Raises Interrupted."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: Any = Commands()

    def list_commands(self, ctx: Any) -> list[str]:
        """Names, without loading what they name."""
        return list(self.commands)

    def get_help(self, ctx: Any) -> str:
        """The contents, which are known without loading what they name."""
        return help_text().rstrip("\n")


app = typer.Typer(
    name="leadproof",
    cls=Program,
    help=TITLE,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from leadproof.version import VERSION

        sys.stdout.write(f"leadproof {VERSION}\n")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Proves that leads flow between a CRM and a marketing-automation tool, before going live."""


def run_program(arguments: Sequence[str]) -> None:
    """Run a command and exit with its code; an error that was not planned for is SIM902 and exit code 4."""
    ease_collector()
    try:
        configuring.ready_completion()
        program = typer.main.get_command(app)
        code = program(
            args=list(arguments),
            prog_name="leadproof",
            standalone_mode=False,
            default_map=configuring.defaults(program),
        )
        sys.exit(code if isinstance(code, int) else 0)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except (KeyboardInterrupt, Interrupted, typer.Abort):
        sys.stderr.write("\nInterrupted. [RUN809]\n")
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.exit(0)  # whoever reads us has seen enough
    except Exception as failure:  # the last stop: nobody at a terminal is shown a traceback
        show = getattr(failure, "show", None)  # a usage error, of typer's own click or of click itself
        if show is not None:
            show()
            sys.exit(EXIT_USAGE)
        sys.exit(end_of(failure))
