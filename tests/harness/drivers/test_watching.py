"""Connectors that answer a POST, and those that run by themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from leadproof.drivers import Posting, Watch, parse_driver
from leadproof.drivers.command import Command
from leadproof.drivers.spelling import DriverRefused
from tests.harness.drivers.programs import SMALL_SYNC, findings, played, program


@contextmanager
def service(status: int = 200) -> Iterator[str]:
    """A service that runs the docs' small connector at each POST, with what it is posted as environment."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if status == 200:
                done = subprocess.run(
                    [sys.executable, str(SMALL_SYNC)], env={**os.environ, **told}, capture_output=True, check=False
                )
                assert done.returncode == 0, done.stderr
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"out of order" if status != 200 else b"done")

        def log_message(self, format: str, *arguments: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/sync"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_service_syncs_when_posted_to(tmp_path: Path) -> None:
    """It gets addresses and credentials in the body, and its turn is over when all is quiet."""
    with service() as url:
        outcome = played(tmp_path, Posting(url, quiet_seconds=0.3))
    assert outcome.verdict == "passed", findings(outcome)


def test_a_service_that_fails_or_is_not_there(tmp_path: Path) -> None:
    """Its answer is shown; no answer at all is another finding."""
    with service(503) as url:
        outcome = played(tmp_path / "a", Posting(url))
    assert "was answered with 503" in findings(outcome)["CYC640"]
    outcome = played(tmp_path / "b", Posting(url))
    assert "did not reach a service" in findings(outcome)["CYC641"]


LOOP = """
import os, runpy, threading
pause = threading.Event()
while True:
    runpy.run_path({path!r})
    pause.wait(0.2)
"""


def test_a_connector_that_runs_by_itself_is_waited_for(tmp_path: Path) -> None:
    """Started for the scenario, waited for until it has looked at both sides and changes nothing, then ended."""
    looks = f"{SMALL_SYNC.read_text()}\n"
    small = tmp_path / "looks.py"
    # The small connector writes to the CRM only, so it is made to read it too: who never reads is not quiet.
    small.write_text(
        looks.replace("    state.write_text", '    crm.get("users").raise_for_status()\n    state.write_text')
    )
    words = program(tmp_path, LOOP.format(path=str(small)))
    outcome = played(tmp_path, Watch(words, quiet_seconds=1.0, deadline_seconds=60))
    assert outcome.verdict == "passed", findings(outcome)


def test_one_that_never_looks_never_rests_or_ends_is_named(tmp_path: Path) -> None:
    """Three ways not to be at rest, each with its own code."""
    idle = program(tmp_path, "import threading; threading.Event().wait()")
    outcome = played(tmp_path / "idle", Watch(idle, deadline_seconds=2, quiet_seconds=0.3))
    assert "did not read both systems" in findings(outcome)["CYC644"]
    gone = program(tmp_path, "print('good-bye'); raise SystemExit(4)")
    outcome = played(tmp_path / "gone", Watch(gone, deadline_seconds=30, quiet_seconds=0.3))
    assert "ended with exit code 4. Its last words: good-bye" in findings(outcome)["CYC640"]
    restless = program(
        tmp_path,
        """
        import os, threading, httpx2
        pause = threading.Event()
        url = "{LEADPROOF_CRM_URL}/{LEADPROOF_CRM_ORG}/crm/v1/records/Lead".format_map(os.environ)
        login = (os.environ["LEADPROOF_CRM_USERNAME"], os.environ["LEADPROOF_CRM_PASSWORD"])
        number = 0
        while True:
            number += 1
            values = {"LastName": str(number), "Company": "Test"}
            httpx2.post(url, json={"values": values}, auth=login, trust_env=False)
            pause.wait(0.1)
        """,
    )
    outcome = played(tmp_path / "restless", Watch(restless, deadline_seconds=2, quiet_seconds=1.0))
    assert "It still writes after 2 s" in findings(outcome)["CYC643"]


def test_the_option_is_read_as_a_person_writes_it() -> None:
    """A command line as in a shell, an address, watch with or without a command, builtin."""
    assert parse_driver("builtin") is None
    assert parse_driver("python 'my sync.py' -v") == Command(("python", "my sync.py", "-v"))
    assert parse_driver("http://127.0.0.1:9000/sync", quiet=1) == Posting("http://127.0.0.1:9000/sync", quiet_seconds=1)
    assert parse_driver("watch") == Watch()
    assert parse_driver("watch node sync.js", deadline=5) == Watch(("node", "sync.js"), 5)
    for wrong in ("", "  ", "python 'my"):
        with pytest.raises(DriverRefused):
            parse_driver(wrong)
