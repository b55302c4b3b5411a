"""The servers that are compared: leadproof's, the floor (a raw ASGI application over a dict), and two peers.

`python -m tests.benchmarks.servers NAME` serves one and prints a JSON line: url, token.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from leadproof.transports import Request, TransportFailed
from leadproof.transports.http import Http
from tests.benchmarks.measure import process_cpu, python

PEERS = {"moto": "moto_server", "dynalite": "dynalite"}
READY_TRIES = 3000


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str
    token: str
    pid: int

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]

    def cpu(self) -> float:
        """CPU seconds so far, threads included."""
        return process_cpu(self.pid)


def peer(name: str) -> str | None:
    """The program of a peer: on the PATH, or where LEADPROOF_MOTO or LEADPROOF_DYNALITE says."""
    return os.environ.get(f"LEADPROOF_{name.upper()}") or shutil.which(PEERS[name])


@contextmanager
def ours(name: str) -> Iterator[Server]:
    """`leadproof`, `salesforce` (leadproof's, in that dialect) or `floor`, in a process of its own."""
    process = subprocess.Popen(
        python("-m", "tests.benchmarks.servers", name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        told = json.loads(process.stdout.readline())
        yield Server(told["url"], told["token"], process.pid)
    finally:
        process.stdin.close()  # it serves until its input ends
        process.wait(30)
        process.stdout.close()


@contextmanager
def theirs(name: str) -> Iterator[Server]:
    """A peer on a free port; returns when it answers."""
    program = peer(name)
    assert program is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = {
        "moto": [program, "-H", "127.0.0.1", "-p", str(port)],
        "dynalite": [program, "--port", str(port), "--createTableMs", "0"],
    }[name]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}", process)
        yield Server(f"http://127.0.0.1:{port}", "", process.pid)
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, process: subprocess.Popen[Any]) -> None:
    """Until something answers there."""
    told = threading.Event()
    for _ in range(READY_TRIES):
        wire = Http(url, connect_seconds=1, answer_seconds=5)
        try:
            wire.send(Request("GET", "/"))
            return
        except TransportFailed:
            if process.poll() is not None:
                raise RuntimeError(f"the server at {url} ended with {process.returncode}") from None
            told.wait(0.01)
        finally:
            wire.close()
    raise RuntimeError(f"the server at {url} did not come up")


class Floor:
    """The least that an ASGI application can do: records in a dict, by orjson."""

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI 3."""
        if scope["type"] != "http":
            return
        if scope["method"] == "GET":
            status, body = 200, self.records[scope["path"].rpartition("/")[2]]
        else:
            read = orjson.loads((await receive())["body"])
            id = f"r{len(self.records)}"
            body = self.records[id] = orjson.dumps({"object": "Lead", "id": id, "values": read["values"]})
            status = 201
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _serve_leadproof() -> None:
    from tests.benchmarks.orgs import CRM, sandbox

    with sandbox("http") as box:
        print(json.dumps({"url": box.url(CRM), "token": box.crm(CRM).access_token()}), flush=True)
        sys.stdin.read()


def _serve_salesforce() -> None:
    from tests.benchmarks.orgs import CRM, sandbox

    with sandbox("http", crm="salesforce") as box:
        form = {"grant_type": "client_credentials", "client_id": "sync", "client_secret": "leadproof-sync"}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        wire = Http(box.url(CRM))
        asked = Request("POST", f"/{CRM}/services/oauth2/token", (), headers, urlencode(form).encode())
        token = orjson.loads(wire.send(asked).body)["access_token"]
        wire.close()
        print(json.dumps({"url": box.url(CRM), "token": token}), flush=True)
        sys.stdin.read()


def _serve_floor() -> None:
    from leadproof.serving.serverthread import ServerThread, bind

    server = ServerThread(Floor(), bind(0, "the floor"), "floor")
    server.start()
    print(json.dumps({"url": server.url, "token": ""}), flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    {"leadproof": _serve_leadproof, "salesforce": _serve_salesforce, "floor": _serve_floor}[sys.argv[1]]()
