"""A Salesforce sandbox behind TLS, and a proxy through which hosts that clients have built in lead to it.

The clients themselves are unmodified: they are given a proxy and a certificate authority, as any company's network
would give them.
"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme
import uvicorn

from leadsim.app import Sandbox, build_app
from leadsim.recipe import Recipe
from leadterms.documents import parse_text

HOSTS = ("localhost", "127.0.0.1", "login.salesforce.com", "test.salesforce.com", "*.my.salesforce.com")
DEADLINE_SECONDS = 30


class Tunnel:
    """A forward proxy: CONNECT to any host leads to one port here, and nothing leaves the machine."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[str] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Tunnel:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = client.recv(4096)
                if not piece:
                    return
                head += piece
            self.asked.append(head.split()[1].decode())
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _relay(client, server)


def _relay(client: socket.socket, server: socket.socket) -> None:
    """Carry bytes both ways until one end is done."""
    other = {client: server, server: client}
    while True:
        ready, _, _ = select.select(list(other), [], [])
        for source in ready:
            try:
                piece = source.recv(65536)
                if not piece:
                    return
                other[source].sendall(piece)
            except OSError:
                return


@dataclass
class Wire:
    """The sandbox as clients reach it: `proxy` and `ca` are all they are told; `port` is for those that take a host."""

    sandbox: Sandbox
    port: int
    proxy: str
    ca: str
    tunnel: Tunnel

    @property
    def proxies(self) -> dict[str, str]:
        """As requests takes them."""
        return {"https": self.proxy, "http": self.proxy}


@contextmanager
def serving(recipe: str, org: str, folder: Path) -> Iterator[Wire]:
    """Serve an org of a recipe for the length of a with block."""
    sandbox = Sandbox.build(parse_text(recipe, Recipe).model, 7)
    app = build_app(sandbox)

    async def entered(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["extensions"] = {"leadsim": {"actor": "connector", "org": org}}
        await app(scope, receive, send)

    authority = trustme.CA()
    certificate = authority.issue_cert(*HOSTS)
    ca, chain = folder / "ca.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(str(ca))
    certificate.private_key_and_cert_chain_pem.write_to_path(str(chain))
    bound = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(entered, ssl_certfile=str(chain), lifespan="off", log_config=None, ws="none")
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    assert server.ready.wait(DEADLINE_SECONDS)
    try:
        with Tunnel(bound.getsockname()[1]) as tunnel:
            yield Wire(sandbox, bound.getsockname()[1], f"http://127.0.0.1:{tunnel.port}", str(ca), tunnel)
    finally:
        server.should_exit = True
        thread.join()
        bound.close()
        sandbox.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()
