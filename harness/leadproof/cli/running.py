"""The commands about a sandbox that serves: up, sync, install, import, reset."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadproof.cli.endings import EXIT_FAILED, EXIT_PASSED, CommandRefused

if TYPE_CHECKING:
    from leadproof.importer import ImportReport

DURATION = re.compile(r"^(\d+(?:\.\d+)?)(ms|s|m|h)?$")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
RECIPE = "recipe.yaml"
INTEGRATION = "leadproof.yaml"
REJECTS = "leadproof-rejects.csv"


def file_here(given: Path | None, name: str) -> Path:
    """The file given, else the one of this name here, else the shipped checklist's."""
    if given is not None:
        return given
    here = Path(name)
    if here.exists():
        return here
    from leadproof.library import checklist

    return checklist() / name


def _recipe(given: Path | None, dialect: str, marketing: str = "") -> Path:
    """The recipe file given, else the dialect's own here, else what is shipped to start from for the pair or for the
    dialect, else as `file_here` finds it."""
    own = f"{dialect}.recipe.yaml"
    if given is not None or not dialect:
        return file_here(given, RECIPE)
    if Path(own).exists():
        return Path(own)
    from leadproof.library import starter

    for shipped in (starter() / f"{dialect}-{marketing}" / RECIPE, starter() / own):
        if not Path(RECIPE).exists() and shipped.exists():
            return shipped
    return file_here(None, RECIPE)


def _integration(given: Path | None, recipe: Path) -> Path:
    """The integration file given or here, else the one that is shipped beside the recipe, else the checklist's."""
    beside = recipe.parent / INTEGRATION
    if given is None and not Path(INTEGRATION).exists() and beside.exists():
        return beside
    return file_here(given, INTEGRATION)


def _seconds(text: str) -> float | None:
    if not text:
        return None
    found = DURATION.match(text.strip())
    if not found:
        raise CommandRefused("RUN805", f"--sync-every {text!r} is no duration.", "Write it like 5s, 2m or 1h.")
    return float(found[1]) * SECONDS[found[2] or "s"]


def up(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line when ready.")] = False,
    crm: Annotated[
        str, typer.Option("--crm", metavar="DIALECT", help="native or salesforce; unsaid: the recipe's.")
    ] = "",
    marketing: Annotated[
        str, typer.Option("--marketing", metavar="DIALECT", help="The marketing tool's dialect.")
    ] = "",
    crm_port: Annotated[int, typer.Option("--crm-port", help="0: a free port.")] = 0,
    marketing_port: Annotated[int, typer.Option("--marketing-port", help="0: a free port.")] = 0,
    data: Annotated[
        Path | None, typer.Option("--data", help="Keep the records in this folder; else in memory.")
    ] = None,
    recipe: Annotated[Path | None, typer.Option("--recipe", help="What the orgs hold.")] = None,
    integration: Annotated[Path | None, typer.Option("--integration", help="What the connection is to do.")] = None,
    sync_every: Annotated[str, typer.Option("--sync-every", help="Sync by itself, for example every 5s.")] = "",
    seed: Annotated[int, typer.Option("--seed", help="Of ids and dummy data.")] = 1,
    tls: Annotated[
        bool, typer.Option("--tls", help="A proxy to the vendor's own https hosts, and a CA file to trust.")
    ] = False,
    execute: Annotated[
        bool, typer.Option("--exec", help="Run COMMAND (behind --) with URLs and credentials, and end with it.")
    ] = False,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="[-- COMMAND]", help="What --exec runs.", show_default=False)
    ] = None,
) -> int:
    """Serve both fake systems and the connector until interrupted."""
    from leadproof.serving import Options, serve

    if execute != bool(command):
        text = "--exec needs a command." if execute else f"{' '.join(command or [])!r} is no option of up."
        raise CommandRefused("RUN805", text, "Write: leadproof up --exec -- COMMAND.")
    chosen = _recipe(recipe, crm, marketing)
    options = Options(
        recipe=chosen,
        integration=_integration(integration, chosen),
        seed=seed,
        crm=crm,
        marketing=marketing,
        crm_port=crm_port,
        marketing_port=marketing_port,
        data=data,
        sync_every_seconds=_seconds(sync_every),
        json=as_json,
        tls=tls,
        command=tuple(command or ()),
    )
    return serve(options)


def sync(
    cycles: Annotated[int, typer.Option("--cycles", min=1, help="How many cycles to run.")] = 1,
    until_quiet: Annotated[bool, typer.Option("--until-quiet", help="Run until a cycle writes nothing.")] = False,
) -> int:
    """Press Sync in the running sandbox."""
    from leadproof.serving import find_running

    stopped = False
    for report in find_running().sync(cycles=cycles, until_quiet=until_quiet):
        written = f"{report['writes_crm']} written to the CRM, {report['writes_marketing']} to marketing"
        sys.stdout.write(f"cycle {report['number']}: {written}\n")
        for finding in report["findings"]:
            sys.stdout.write(f"  {finding['code']} {finding['title']}: {finding['cause']}\n    fix: {finding['fix']}\n")
        if report["stopped"]:
            stopped = True
            told = report["stopped"]
            sys.stdout.write(f"  stopped: {told['code']} {told['cause']}\n    fix: {told['fix']}\n")
    return EXIT_FAILED if stopped else EXIT_PASSED


def install() -> int:
    """Add to the running sandbox's CRM the fields that marketing needs; twice changes nothing."""
    from leadproof.serving import find_running

    added = find_running().install()
    sys.stdout.write(
        "".join(f"added {one}\n" for one in added) or "nothing to add: the CRM has every field that it needs\n"
    )
    return EXIT_PASSED


def reset() -> int:
    """Put the running sandbox back to its recipe."""
    from leadproof.serving import find_running

    find_running().reset()
    sys.stdout.write("back to the recipe\n")
    return EXIT_PASSED


def import_(
    file: Annotated[Path, typer.Argument(help="The CSV file.")],
    to: Annotated[str, typer.Option("--to", help="marketing or crm.")] = "marketing",
    columns: Annotated[
        list[str] | None, typer.Option("--map", metavar="HEADER=FIELD", help="A column's field; repeatable.")
    ] = None,
    object: Annotated[str, typer.Option("--object", help="prospect or Lead unless said.")] = "",
    dates: Annotated[str, typer.Option("--dates", help="dmy or mdy, where the file leaves it in doubt.")] = "",
    decimal: Annotated[str, typer.Option("--decimal", help="The decimal mark: . or ,")] = "",
    encoding: Annotated[str, typer.Option("--encoding", help="If the guess is wrong.")] = "",
    delimiter: Annotated[str, typer.Option("--delimiter", help="If the guess is wrong.")] = "",
    existing: Annotated[
        str, typer.Option("--existing", help="update, fill or skip records that are there.")
    ] = "update",
    rejects: Annotated[Path, typer.Option("--rejects", help="Where rejected rows go, each with its reason.")] = Path(
        REJECTS
    ),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and write nothing.")] = False,
) -> int:
    """Import a CSV file into the running sandbox and account for every row."""
    from leadproof.importer import import_file, parse_map
    from leadproof.serving import find_running

    if to not in ("marketing", "crm"):
        raise CommandRefused("RUN805", f"--to {to!r} is not known.", "Use marketing or crm.")
    if existing not in ("update", "fill", "skip"):
        raise CommandRefused("RUN805", f"--existing {existing!r} is not known.", "Use update, fill or skip.")
    if not file.exists():
        raise CommandRefused("CFG801", f"{file} does not exist.", "Name the CSV file.")
    running = find_running()
    system = running.open_marketing() if to == "marketing" else running.open_crm()
    try:
        report = import_file(
            file,
            system,
            object=object or None,
            mapping=parse_map(columns or []),
            dates=dates or None,
            decimal_mark=decimal or None,
            encoding=encoding or None,
            delimiter=delimiter or None,
            existing=existing,  # type: ignore[arg-type]
            rejects=rejects,
            dry_run=dry_run,
            progress=_progress,
        )
    finally:
        system.close()
    _account(report)
    return EXIT_FAILED if report.rejected else EXIT_PASSED


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done}/{total} rows" + ("\n" if done == total else ""))
        sys.stderr.flush()


def _account(report: ImportReport) -> None:
    """The import's account, for people."""
    out = sys.stdout.write
    out(f"{report.path} ({report.encoding}) into {report.system} {report.object}\n")
    for column in report.columns:
        target = column.field if column.field is not None else f"left out: {column.reason}"
        out(f"  {column.header!r} -> {target}\n")
    for note in report.notes:
        out(f"  {note.level}: {note}\n")
    for row in report.rows:
        if row.outcome == "rejected":
            out(f"  line {row.line} rejected: {row.reason} [{row.code}]\n")
    told = f"{report.accepted} accepted, {report.merged} merged, {report.rejected} rejected"
    out(f"{told} = {report.total} rows\n")
    if report.rejects is not None and report.rejected:
        out(f"rejected rows: {report.rejects}\n")
