"""What a running sandbox's connector service says to callers, and what is said of a run that was broken off."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from unittest.mock import patch

from leadproof.cli import configuring, main
from leadproof.scenario.control import Control
from leadproof.serving.serverthread import ServerThread, bind
from leadproof.serving.service import Service, Work
from leadproof.transports.http import Http
from leadproof.transports.protocol import Request
from tests.harness.findings.by_scenario import findings_of
from tests.harness.findings.hand import ByHand, Told, told
from tests.harness.scenario.killed import Killing, run_in_two
from tests.harness.scenario.stage_hands import play
from tests.harness.serving.test_service import TOKEN, Countdown

MISSING = "acme-crm: fact 7 is missing"


def asked(method: str, path: str, body: bytes = b"", token: str = TOKEN) -> Callable[[Path], Told]:
    """What the connector's service answers."""

    def play_it(_: Path) -> Told:
        work = Work(Countdown, lambda: None)
        server = ServerThread(Service(work, token=TOKEN, sync_every_seconds=None), bind(0, "the service"), "test")
        server.start()
        wire = Http(server.url)
        try:
            headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            answer = wire.send(Request(method, path, headers=headers, body=body))
        finally:
            wire.close()
            server.stop()
            work.close()
        error = json.loads(answer.body).get("error") if answer.status >= 400 else None
        return {} if error is None else {error["code"]: f"{answer.status} {error['code']} {error['message']}\n"}

    return play_it


def ended(broken_off: bool) -> Callable[[Path], Told]:
    """What the program says at its end; somebody may press Ctrl-C."""

    def play_it(_: Path) -> Told:
        said = io.StringIO()
        pressed = patch.object(configuring, "ready_completion", side_effect=KeyboardInterrupt)
        with redirect_stdout(said), redirect_stderr(said), suppress(SystemExit):
            if broken_off:
                with pressed:
                    main(["schema", "scenario"])
            else:
                main(["schema", "scenario"])
        return {"RUN809": said.getvalue().strip() + "\n"} if "RUN809" in said.getvalue() else {}

    return play_it


def verified(problems: list[str]) -> Callable[[Path], Told]:
    """A scenario looks at its journal, which may have a gap."""

    def play_it(folder: Path) -> Told:
        with patch.object(Control, "verify", return_value=problems):
            return told(findings_of(play(folder, "check_journal: {}")))

    return play_it


def killed(once: bool) -> Callable[[Path], Told]:
    """A worker of a run is killed once, or each time that it runs the scenario."""

    def play_it(folder: Path) -> Told:
        _, events = run_in_two(folder, Killing(folder / "once" if once else None))
        found = [one.data["finding"] for one in events if one.kind == "finding"]
        return {one["code"]: f"{one['code']} {one['title']}: {one['cause']}\n" for one in found}

    return play_it


SERVING: dict[str, ByHand] = {
    "RUN809": ByHand(ended(broken_off=True), ended(broken_off=False)),
    "RUN815": ByHand(asked("GET", "/status", token="guessed"), asked("GET", "/status")),
    "RUN816": ByHand(asked("POST", "/sync", b'{"cycles": "many"}'), asked("POST", "/sync")),
    "RUN829": ByHand(killed(once=False), killed(once=True)),
    "SIM904": ByHand(verified([MISSING]), verified([])),
}
