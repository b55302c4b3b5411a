"""Recording around what runs: a recording proxy, the journal of the sandbox of this folder, a HAR file; and the
recorded systems served to a command."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from leadproof.cases.capturing import Capture, Source, case_of_traffic, without_control
from leadproof.cases.case import CONNECTOR, Case, Vendors
from leadproof.cases.forwarding import Upstream
from leadproof.cases.gate import Answers, Gate
from leadproof.cases.har import Recorded, read_har
from leadproof.cases.links import Linked, link_fields, links_of_facts, links_of_traffic
from leadproof.cases.refusals import NotPossible
from leadproof.cases.story import traffic_of
from leadproof.cases.systems import RecordedSystems
from leadproof.integration import load
from leadproof.sandbox import load_recipe
from leadproof.serving.command import run_command
from leadproof.serving.environment import proxied
from leadproof.serving.running import Running, find_running

FIRST = "initial"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for. `recipe`: what the running sandbox was made of; `integration`: the file that names the
    link fields, unsaid the running sandbox's own; `key` None: people stay as they are."""

    title: str
    symptom: str = ""
    recipe: Path | None = None
    integration: Path | None = None
    key: bytes | None = None
    upstream: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    command: tuple[str, ...] = ()


def upstreams(named: Sequence[str]) -> dict[str, str]:
    """`HOST` (the real one, over TLS) and `HOST=URL`, as a mapping. Raises NotPossible for anything else."""
    found: dict[str, str] = {}
    for one in named:
        host, _, url = one.partition("=")
        if not host or "/" in host or (url and urlsplit(url).scheme not in ("http", "https")):
            raise NotPossible(f"--upstream {one!r} names no host.", "Write it like login.vendor.com or HOST=URL.")
        found[host.lower()] = url
    return found


def record_running(wish: Wish) -> Case:
    """All that was asked of the running sandbox since it started, from its journal. Raises NotPossible where that is
    not all there any more, and ServingRefused where none runs."""
    running = find_running()
    facts = _facts(running)
    if not facts or facts[0]["n"] != 1 or any(fact.get("what") == "restored" for fact in facts):
        text = "The running sandbox no longer holds its journal from the start, so its first state is not known."
        raise NotPossible(text, "Reset it with `leadproof reset`, repeat what goes wrong, and record again.")
    first = next((number for number, fact in enumerate(facts) if fact["kind"] == "exchange"), len(facts))
    return _case(wish, without_control(traffic_of(facts)), running, facts[:first])


def record_har(wish: Wish, file: Path) -> Case:
    """A HAR file that somebody else recorded."""
    return _case(wish, read_har(file.read_bytes()), None)


def record_proxy(wish: Wish) -> tuple[Case, int]:
    """Record what passes the proxy until the command ends or a signal comes; the case, and the command's exit code.

    Hosts that are named lead to the real systems, all others to the running sandbox, if it was started with --tls.
    """
    running: Running | None = None
    with suppress(Exception):  # without one the named hosts are all there is
        running = find_running()
    proxy = running.proxy if running is not None else None
    if proxy is None and not wish.upstream:
        text = "The recording proxy leads nowhere: no sandbox runs here with --tls, and no host is named."
        raise NotPossible(text, "Start `leadproof up --tls`, or name hosts with --upstream HOST.")
    sandboxed = running if not wish.upstream else None
    began = _facts(sandboxed) if sandboxed is not None else ()
    if wish.recipe is not None and any(fact["kind"] == "change" and fact["request"] for fact in began):
        text = "The running sandbox has changed since it started, so it is not what its recipe says."
        raise NotPossible(text, "Reset it with `leadproof reset` and repeat what goes wrong, or leave --recipe out.")
    upstream = Upstream(wish.upstream, proxy.url if proxy else "", Path(proxy.ca) if proxy else None)
    capture = Capture(upstream)
    try:
        code = _serve(capture, wish)
    finally:
        upstream.close()
    return _case(wish, without_control(capture.recorded), sandboxed, began), code


def serve_systems(case: Case, wish: Wish) -> tuple[RecordedSystems, int]:
    """Let the recorded systems answer until the command ends or a signal comes; what they answered, and its code. The
    command finds before/connector.json by LEADPROOF_CONNECTOR_STATE: whom the recorded connector had linked."""
    systems = RecordedSystems(case, wish.key)
    return systems, _serve(systems, wish, case.files.get(CONNECTOR, b""))


def _serve(answers: Answers, wish: Wish, memory: bytes = b"") -> int:
    with tempfile.TemporaryDirectory(prefix="leadproof-ca-") as folder:
        ca = Path(folder) / "ca.pem"
        with Gate(answers, ca, port=wish.port) as gate:
            sys.stderr.write(f"proxy {gate.url}, trust {ca}; Ctrl-C ends\n")
            if wish.command:
                env = {**proxied(gate.url, str(ca)), "LEADPROOF_PROXY": gate.url}
                if memory:
                    state = Path(folder) / "connector.json"
                    state.write_bytes(memory)
                    env["LEADPROOF_CONNECTOR_STATE"] = str(state)
                return run_command(wish.command, env, _ignore_signals)
            _wait()
            return 0


def _ignore_signals(pass_on: Callable[[int], None]) -> None:
    """A terminal sends Ctrl-C to the command too; what it does then is its own."""


def _wait() -> None:
    ended = threading.Event()
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _facts(running: Running) -> list[Mapping[str, Any]]:
    lab = running.open_lab()
    try:
        return [dict(fact) for fact in lab.journal()]
    finally:
        lab.close()


def _links(
    wish: Wish, recorded: Sequence[Recorded], running: Running | None, began: Sequence[Mapping[str, Any]]
) -> list[Linked] | None:
    """Whom the connector had linked when the recording began: by the sandbox's journal, else by the traffic."""
    file = wish.integration or (Path(running.integration) if running is not None and running.integration else None)
    if file is None:
        return None
    integration = load(file)
    if running is None:
        return links_of_traffic(recorded, link_fields(integration))
    lab = running.open_lab()
    try:
        names = {one.org: lab.names(one.org) for one in (integration.systems.crm, integration.systems.marketing)}
    finally:
        lab.close()
    return links_of_facts(began, link_fields(integration, names))


def _case(
    wish: Wish, recorded: list[Recorded], running: Running | None, began: Sequence[Mapping[str, Any]] = ()
) -> Case:
    if not recorded:
        raise NotPossible("Nothing was recorded.", "Let the client go through the proxy, or repeat what goes wrong.")
    source = None
    vendors = None
    if running is not None:
        vendors = Vendors(crm=running.crm.dialect, marketing=running.marketing.dialect)
        if wish.recipe is not None:
            text = wish.recipe.read_text(encoding="utf-8-sig")
            source = Source(load_recipe(wish.recipe), text, str(running.seed))
    return case_of_traffic(
        recorded,
        title=wish.title,
        symptom=wish.symptom,
        vendors=vendors,
        source=source,
        links=_links(wish, recorded, running, began),
        key=wish.key,
    )
