"""`leadproof record` and `leadproof replay`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadproof.cli.endings import EXIT_ENVIRONMENT, EXIT_FAILED, EXIT_NOTHING, EXIT_PASSED, CommandRefused

if TYPE_CHECKING:
    from leadproof.cases.case import Case
    from leadproof.cases.judging import Replayed

OVER = ("process", "http")
WAYS = ("scenario", "systems", "client")
KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", help="The key of the pseudonyms; unsaid: LEADPROOF_CASE_KEY, else .leadproof/case.key."),
]


def record(
    scenario: Annotated[
        Path | None, typer.Argument(metavar="[SCENARIO]", help="The scenario to run and record.", show_default=False)
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The case to write.")] = Path("a.case"),
    running: Annotated[
        bool, typer.Option("--running", help="Record all that the sandbox running here was asked so far.")
    ] = False,
    proxy: Annotated[
        bool, typer.Option("--proxy", help="Record what passes a proxy, until COMMAND or Ctrl-C ends it.")
    ] = False,
    har: Annotated[Path | None, typer.Option("--har", help="Take the traffic from a HAR file.")] = None,
    upstream: Annotated[
        list[str] | None,
        typer.Option("--upstream", metavar="HOST[=URL]", help="Let the proxy lead to this real host; repeatable."),
    ] = None,
    port: Annotated[int, typer.Option("--port", help="The proxy's port; 0: a free one.")] = 0,
    recipe: Annotated[
        Path | None, typer.Option("--recipe", help="What the running sandbox was made of, for --as client.")
    ] = None,
    integration: Annotated[
        Path | None,
        typer.Option(
            "--integration",
            help="Names the link fields: who was linked before is kept too; unsaid: the running sandbox's.",
        ),
    ] = None,
    title: Annotated[str, typer.Option("--title", help="What the case is called; unsaid: as the scenario.")] = "",
    symptom: Annotated[str, typer.Option("--symptom", help="What people saw.")] = "",
    seed: Annotated[str, typer.Option("--seed", help="Of ids and dummy data.")] = "1",
    over: Annotated[str, typer.Option("--over", help="process (no sockets) or http (real sockets).")] = "process",
    connector: Annotated[
        str,
        typer.Option(
            "--connector",
            help="builtin, planted:BUG, package.module:name, or as `run` takes it: an address, watch, or a command.",
        ),
    ] = "builtin",
    keep_people: Annotated[
        bool, typer.Option("--keep-people", help="Leave people as they are: for dummy data only.")
    ] = False,
    key_file: KeyFile = None,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="[-- COMMAND]", help="What --proxy runs.", show_default=False)
    ] = None,
) -> int:
    """Keep everything that reproduces what goes wrong in one file, without secrets and without people."""
    from leadproof.cases.live import Wish, record_har, record_proxy, record_running, upstreams
    from leadproof.cases.redaction.keys import pseudonym_key

    words = ([str(scenario)] if scenario is not None and proxy else []) + list(command or [])
    ways = [bool(scenario) and not proxy, running, proxy, har is not None]
    if sum(ways) != 1:
        fix = "leadproof record SCENARIO -o FILE, or one of --running, --proxy, --har FILE."
        raise CommandRefused("RUN805", "Say what to record, one thing.", fix)
    _known("--over", over, OVER)
    key = None if keep_people else pseudonym_key(key_file)
    code = EXIT_PASSED
    if scenario is not None and not proxy:
        case = _recorded(scenario, title, symptom, seed, over, connector, key)
    else:
        wish = Wish(
            title or "A recording", symptom, recipe, integration, key, upstreams(upstream or []), port, tuple(words)
        )
        if proxy:
            case, code = record_proxy(wish)
        else:
            case = record_har(wish, har) if har is not None else record_running(wish)
    case.write(output)
    wanted = case.sheet.expected
    sys.stdout.write(f"{output}: {case.sheet.title}\n")
    sys.stdout.write(f"  recorded {wanted.verdict}{': ' if wanted.findings else ''}{', '.join(wanted.findings)}\n")
    count = len(case.traffic)
    sys.stdout.write(f"  {count} exchange{'s' * (count != 1)}, {output.stat().st_size} bytes\n")
    return code


def _recorded(
    scenario: Path, title: str, symptom: str, seed: str, over: str, connector: str, key: bytes | None
) -> Case:
    from leadproof.cases.recording import About, record_scenario
    from leadproof.cases.redacting import redacted_case

    if not scenario.exists():
        raise CommandRefused("CFG801", f"{scenario} does not exist.", "Name a scenario file.")
    about = About(title=title, symptom=symptom)
    case = record_scenario(
        scenario, seed=seed, over="http" if over == "http" else "process", connector=connector, about=about
    )
    return case if key is None else redacted_case(case, key)


def replay(
    cases: Annotated[list[Path], typer.Argument(metavar="CASE", help="Case files, or folders of them.")],
    as_: Annotated[
        str,
        typer.Option(
            "--as",
            help="scenario: state and steps into the sandbox, with the connector under test. systems: the recorded "
            "systems answer a client. client: the recorded requests are sent to a new build.",
        ),
    ] = "scenario",
    connector: Annotated[
        str,
        typer.Option(
            "--connector",
            help="builtin, recorded (the case's own), planted:BUG, package.module:name, or as `run` takes it: "
            "an address, watch, or a command.",
        ),
    ] = "builtin",
    mended: Annotated[bool, typer.Option("--mended", help="With the case's own mend laid over its files.")] = False,
    over: Annotated[str, typer.Option("--over", help="process (no sockets) or http (real sockets).")] = "process",
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Replay in this many processes.")] = 1,
    seed: Annotated[str, typer.Option("--seed", help="With --as client: another seed than recorded.")] = "",
    execute: Annotated[str, typer.Option("--exec", help="With --as systems: the command to answer.")] = "",
    port: Annotated[int, typer.Option("--port", help="With --as systems: the port; 0: a free one.")] = 0,
    key_file: KeyFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each case.")] = False,
) -> int:
    """Replay cases and say FIXED (what failed holds now), FAILED (still reproduces), ERROR (cannot be judged), or
    PASSED (never failed, and holds)."""
    from leadproof.cases.judging import JUDGEMENTS, Replay, exit_code, replay_all

    _known("--over", over, OVER)
    _known("--as", as_, WAYS)
    paths = _cases(cases)
    if not paths:
        raise CommandRefused("RUN801", "No case was found.", "Name .case files.", exit_code=EXIT_NOTHING)
    if as_ == "systems":
        return _as_systems(paths, execute, port, key_file)
    if as_ == "client":
        return max(_as_client(path, seed) for path in paths)
    how = Replay(connector, "http" if over == "http" else "process", mended)
    results = replay_all(paths, how, jobs=jobs, progress=_json if as_json else _line)
    if not as_json and len(results) > 1:
        counts = {word: sum(1 for one in results if one.judgement == word) for word in JUDGEMENTS}
        told = [f"{count} {word}" for word, count in counts.items() if count or word != "PASSED"]
        sys.stdout.write(f"{', '.join(told)} of {len(results)}\n")
    return exit_code(results)


def _as_systems(paths: list[Path], execute: str, port: int, key_file: Path | None) -> int:
    """One case: its systems answer until the command ends. PASSED where it got its answers and ended with 0, FAILED
    where it ended otherwise, ERROR where it asked what they never heard, or nothing at all."""
    import shlex

    from leadproof.cases.case import read_case
    from leadproof.cases.live import Wish, serve_systems
    from leadproof.cases.redaction.keys import KEY_FILE, pseudonym_key
    from leadproof.cases.systems import unasked

    if len(paths) != 1:
        raise CommandRefused("RUN805", "--as systems takes one case.", "Name one case file.")
    case = read_case(paths[0])
    key = pseudonym_key(key_file) if key_file is not None or KEY_FILE.exists() else None
    systems, code = serve_systems(case, Wish("", key=key, port=port, command=tuple(shlex.split(execute))))
    out = sys.stdout.write
    unknown = bool(systems.unmatched) or not systems.answered
    verdict = "ERROR" if unknown else "FAILED" if code else "PASSED"
    out(f"{verdict:<6} {paths[0]}  {case.sheet.title}\n")
    out(f"        {systems.answered} answered, {len(systems.unmatched)} not recorded, {len(systems.left)} not asked\n")
    if not systems.answered and not systems.unmatched:
        silent = "the command asked nothing: does it" if execute else "nobody asked anything: does the client"
        out(f"        {silent} take HTTPS_PROXY?\n")
    for missed in systems.unmatched[:5]:
        out("".join(f"        {line}\n" for line in missed.told()))
    for line in unasked(systems):
        out(f"        not asked: {line}\n")
    if code:
        out(f"        the command ended with {code}\n")
    return EXIT_ENVIRONMENT if unknown else EXIT_FAILED if code else EXIT_PASSED


def _as_client(path: Path, seed: str) -> int:
    """PASSED where every answer of the new build stands for what was recorded, FAILED where one differs."""
    from leadproof.cases.case import read_case
    from leadproof.cases.client import replay_as_client

    case = read_case(path)
    told = replay_as_client(case, seed=seed)
    verdict = "ERROR" if told.unsent else "FAILED" if told.differences else "PASSED"
    out = sys.stdout.write
    out(f"{verdict:<6} {path}  {case.sheet.title}\n")
    out(f"        {told.exchanges} requests sent again, {len(told.differences)} differences\n")
    for line in told.unsent[:5]:
        out(f"        not sent: {line}\n")
    for number, asked, differs in told.differences[:5]:
        out(f"        exchange {number}: {asked}: {differs}\n")
    return EXIT_ENVIRONMENT if told.unsent else EXIT_FAILED if told.differences else EXIT_PASSED


def _cases(named: list[Path]) -> list[Path]:
    """The files named, and the .case files of the folders named."""
    found: list[Path] = []
    for path in named:
        if not path.exists():
            raise CommandRefused("CFG801", f"{path} does not exist.", "Name a case file or a folder of them.")
        found += sorted(path.rglob("*.case")) if path.is_dir() else [path]
    return found


def _json(_done: int, _total: int, one: Replayed) -> None:
    sys.stdout.write(json.dumps(one.to_json(), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _line(done: int, total: int, one: Replayed) -> None:
    out = sys.stdout.write
    counted = f"[{done}/{total}] " if total > 1 else ""
    out(f"{counted}{one.judgement:<6} {one.path}  {one.title}\n")
    out(f"        {one.reason}\n")
    if one.judgement == "FAILED" and one.findings:
        first = next((known for known in one.findings if known.code in one.expected[:1]), one.findings[0])
        told = "" if first.cause in one.reason else f": {first.cause}"  # said in the line above
        out(f"        {first.code} {first.title}{told}\n")
        out(f"        fix: {first.fix}\n")
    if one.judgement == "FAILED":
        same = "the journal is that of the recording, byte for byte"
        out(f"        {'first divergence: ' + one.divergence if one.divergence else same}\n")
    sys.stdout.flush()


def _known(option: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise CommandRefused("RUN805", f"{option} {given!r} is not known.", f"Use one of {', '.join(known)}.")
