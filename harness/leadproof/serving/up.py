"""`leadproof up`: both fake systems, the connector's service and the control API, until interrupted."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, TextIO

from leadproof.sandbox import CONNECTOR, Ports, Sandbox, load_recipe, simulated
from leadproof.serving.command import run_command
from leadproof.serving.environment import environment
from leadproof.serving.loop import Cadence
from leadproof.serving.options import Options
from leadproof.serving.refusals import ServingRefused, no_client
from leadproof.serving.running import Proxy, Running, Service, another_running, remove_running, write_running
from leadproof.serving.served import served
from leadproof.serving.serverthread import HOST, ServerThread, bind
from leadproof.serving.service import Service as ConnectorService
from leadproof.serving.service import Syncs, Work
from leadproof.serving.tokens import new_token
from leadproof.systems.registry import UnknownDialect, dialects

if TYPE_CHECKING:
    from typing import Any

    from leadproof.integration import Integration
    from leadproof.systems.organization import Side
    from leadterms.documents import Document

INTERRUPTED = 130
ENDED = 0
STORE = "connector.sqlite"
CA = "ca.pem"


def serve(options: Options, *, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Serve until SIGINT (answers 130, as quality.md "Ease" says) or SIGTERM (answers 0).

    A dialect that we have no client for is served all the same, to the clients of others: without a connector, which
    is said on `err`.

    Prints one JSON line (`Running.to_json`) or a few lines for people to `out` when everything answers. With
    `options.command` it prints them to `err`, runs the command, and answers its exit code when it has ended.
    Raises ServingRefused (RUN810 busy port, RUN813 data directory, RUN818 no client, RUN819 the command),
    DocumentRefused, UnknownDialect.
    """
    out, err = out or sys.stdout, err or sys.stderr
    with ExitStack() as stack:
        ended = stack.enter_context(_signals())
        another = another_running(options.state_file)
        running, cadence = _start(options, stack, err)
        if another is not None:
            text = f"leadproof: another sandbox of this folder still runs, with its control at {another.control.url}."
            print(f"{text} The other commands find this one from now on.", file=err, flush=True)
        told = json.dumps(running.to_json()) if options.json else _told(running, options)
        print(told, file=err if options.command else out, flush=True)
        if cadence is not None:
            cadence.start()
        if options.command:
            return run_command(options.command, environment(running), ended.passed_to)
        return ended.wait()


def _start(options: Options, stack: ExitStack, err: TextIO) -> tuple[Running, Cadence | None]:
    """Start everything; what is started is stopped by the stack, in the opposite order."""
    from leadproof.integration import load

    integration = load(options.integration)
    crm, marketing = integration.systems.crm.org, integration.systems.marketing.org
    recipe = load_recipe(options.recipe)
    _speak(recipe, {crm: ("crm", options.crm), marketing: ("marketing", options.marketing)})
    missing = _without_client(recipe, {crm: "crm", marketing: "marketing"})
    if missing is not None:
        if options.sync_every_seconds is not None:
            raise missing
        print(f"leadproof: served without the connector. {missing}", file=err, flush=True)
    if options.data is not None:
        stack.enter_context(_held(options.data))
    sandbox = stack.enter_context(_sandbox(options, recipe, crm, marketing))
    integration = _in_their_names(options, sandbox, integration)

    proxy = _proxy(sandbox, options, stack) if options.tls else None
    listening = bind(options.connector_port, "the connector") if missing is None else None
    connector = None
    if listening is not None:
        stack.callback(listening.close)
        connector = Service(f"http://{HOST}:{listening.getsockname()[1]}", new_token())

    def publish() -> Running:
        told = Running(
            served(sandbox, "crm", crm),
            served(sandbox, "marketing", marketing),
            connector,
            Service(sandbox.control_url, sandbox.token),
            options.seed,
            proxy,
            str(options.integration.resolve()),
        )
        write_running(told, options.state_file)
        return told

    def forget() -> None:
        _forget(sandbox, options)
        publish()  # the tokens of before are gone with the rest

    if listening is None or connector is None:
        running = publish()
        stack.callback(remove_running, running, options.state_file)
        return running, None
    work = Work(_connector(integration, sandbox, options), forget, lambda: sandbox.lab.wait_for_reads((crm, marketing)))
    stack.callback(work.close)
    app = ConnectorService(work, token=connector.token, sync_every_seconds=options.sync_every_seconds)
    service = ServerThread(app, listening, "leadproof-service")
    service.start()
    stack.callback(service.stop)
    running = publish()
    stack.callback(remove_running, running, options.state_file)
    if options.sync_every_seconds is None:
        return running, None
    cadence = Cadence(
        options.sync_every_seconds,
        lambda: work.sync(1).result(),
        lambda failed: print(f"leadproof: a cycle failed: {failed}", file=err, flush=True),
    )
    stack.callback(cadence.stop)
    return running, cadence


def _sandbox(options: Options, recipe: Document[Any], crm: str, marketing: str) -> Sandbox:
    wanted = {(crm, CONNECTOR): options.crm_port, (marketing, CONNECTOR): options.marketing_port}
    try:
        return Sandbox.start(
            recipe,
            seed=options.seed,
            over="http",
            data=options.data,
            ports=Ports(wanted, options.control_port),
            token=new_token(),
        )
    except OSError as taken:
        raise ServingRefused("RUN810", f"{taken}", "Stop that program, or choose another port.") from taken


def _in_their_names(options: Options, sandbox: Sandbox, integration: Integration) -> Integration:
    """The integration in the ids of the vendors that are served: a file may be in the native ones."""
    from leadproof.scenario.integrations import load_spoken
    from leadproof.scenario.pairs import spoken

    told = spoken(sandbox, integration.systems, None)
    return load_spoken(options.integration, {}, told) if told else integration


def _proxy(sandbox: Sandbox, options: Options, stack: ExitStack) -> Proxy:
    """The proxy; its authority's certificate is a file as long as we run."""
    ca = (options.state_file.parent / CA).resolve()
    url = sandbox.open_proxy(ca)
    stack.callback(ca.unlink, missing_ok=True)
    return Proxy(url, str(ca))


def _speak(recipe: Document[Any], wanted: dict[str, tuple[Side, str]]) -> None:
    """Let the integration's orgs speak the dialects asked for; what is not asked for stays the recipe's."""
    for org, (side, dialect) in wanted.items():
        if org not in recipe.model.orgs:
            names = ", ".join(sorted(recipe.model.orgs))
            text = f"The integration names the {side} org {org!r}; the recipe has {names}."
            raise ServingRefused("RUN817", text, "Name the same orgs in both files.")
        if not dialect:
            continue
        known = sorted({*dialects(side), *simulated(side)})
        if dialect not in known:
            raise UnknownDialect(side, dialect, known)
        recipe.model.orgs[org].dialect = dialect


def _without_client(recipe: Document[Any], sides: dict[str, Side]) -> ServingRefused | None:
    """Why no connector can run: the first dialect that no client of ours speaks; None when all have one."""
    for org, side in sides.items():
        dialect = recipe.model.orgs[org].dialect
        if dialect not in dialects(side):
            return no_client(side, dialect)
    return None


def _connector(integration: Integration, sandbox: Sandbox, options: Options) -> Callable[[], Syncs]:
    from leadproof.connector import Connector

    crm, marketing = integration.systems.crm.org, integration.systems.marketing.org
    store = options.data / STORE if options.data is not None else None

    def start() -> Syncs:
        return Connector(integration, sandbox.crm(crm), sandbox.marketing(marketing), store)

    return start


def _forget(sandbox: Sandbox, options: Options) -> None:
    sandbox.lab.reset(options.seed)
    if options.data is not None:
        for suffix in ("", "-wal", "-shm"):
            (options.data / f"{STORE}{suffix}").unlink(missing_ok=True)


def _told(running: Running, options: Options) -> str:
    connector = running.connector.url if running.connector is not None else "none, as said above"
    lines = [
        f"CRM        {running.crm.dialect:<12} {running.crm.url}/{running.crm.org}",
        f"marketing  {running.marketing.dialect:<12} {running.marketing.url}/{running.marketing.org}",
        f"connector  {'POST /sync':<12} {connector}",
        f"control    {'/_lab':<12} {running.control.url}",
        f"seed       {running.seed}",
        *([f"proxy      {'CONNECT':<12} {running.proxy.url}, trust {running.proxy.ca}"] if running.proxy else []),
        f"Credentials and tokens are in {options.state_file}. Stop with Ctrl-C.",
    ]
    return "\n".join(lines)


@contextmanager
def _held(data: Path) -> Iterator[None]:
    """The data folder, ours alone while we run: two processes on one database would spoil it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock: IO[bytes] = (data / "lock").open("ab")
    except OSError as wrong:
        text = f"The data directory {data} can't be used: {wrong.strerror}."
        raise ServingRefused("RUN813", text, "Choose another one with --data.") from wrong
    with lock:
        if os.name == "posix":
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as held:
                text = f"Another sandbox uses the data directory {data}."
                raise ServingRefused("RUN813", text, "Stop it, or choose another --data.") from held
        yield


class _Ended:
    """SIGINT and SIGTERM: waited for, or passed on. Those that come while we start are kept."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self._number = 0
        self._pass_on: Callable[[int], None] | None = None

    def note(self, number: int, _: FrameType | None) -> None:
        """A signal's handler."""
        self._number = number
        self._came.set()
        if self._pass_on is not None:
            self._pass_on(number)

    def wait(self) -> int:
        """The exit code that the first signal means."""
        self._came.wait()
        return INTERRUPTED if self._number == signal.SIGINT else ENDED

    def passed_to(self, pass_on: Callable[[int], None]) -> None:
        """From now on, and one that came before."""
        self._pass_on = pass_on
        if self._came.is_set():
            pass_on(self._number)


@contextmanager
def _signals() -> Iterator[_Ended]:
    """Notes signals; outside the main thread (in tests) nobody sends us any, and the wait is endless."""
    ended = _Ended()
    before = {number: signal.signal(number, ended.note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
