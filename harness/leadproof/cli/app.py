"""The `leadproof` program: its commands, and what becomes of every error (quality.md "Ease")."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from leadproof.cli import configuring, diagnosing, files, mutating, replaying, running, runs, schemas, texts
from leadproof.cli.casework import case_app
from leadproof.cli.endings import EXIT_INTERRUPTED, EXIT_USAGE, end_of
from leadproof.collector import ease_collector

app = typer.Typer(
    name="leadproof",
    help="Proves that leads flow between a CRM and a marketing-automation tool, before going live.",
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


app.command("run")(runs.run)
app.command("retry")(runs.retry)
app.command("record")(replaying.record)
app.command("replay")(replaying.replay)
app.add_typer(case_app, name="case")
app.command("mutate")(mutating.mutate)
app.command("init")(files.init)
app.command("up")(running.up)
app.command("sync")(running.sync)
app.command("install")(running.install)
app.command("import")(running.import_)
app.command("import-schema")(schemas.import_schema)
app.command("reset")(running.reset)
app.command("doctor")(diagnosing.doctor)
app.command("schema")(texts.schema)
app.command("explain")(texts.explain)
app.command("config")(configuring.config)
app.command("completion")(configuring.completion)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit with its code; an error that was not planned for is SIM902 and exit code 4."""
    ease_collector()
    try:
        configuring.ready_completion()
        program = configuring.with_variables(typer.main.get_command(app))
        code = program(
            args=list(arguments) if arguments is not None else None,
            prog_name="leadproof",
            standalone_mode=False,
            default_map=configuring.defaults(program),
        )
        sys.exit(code if isinstance(code, int) else 0)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("\nInterrupted. [RUN809]\n")
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.exit(0)  # whoever reads us has seen enough
    except Exception as failure:
        show = getattr(failure, "show", None)  # a usage error, of typer's own click or of click itself
        if show is not None:
            show()
            sys.exit(EXIT_USAGE)
        sys.exit(end_of(failure))
