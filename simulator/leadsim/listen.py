"""A sandbox over real sockets: one port for each (org, actor), all in one process, one event loop, one thread.

On loopback all clients look alike, so the port says who calls (architecture.md "The rules of the house", 8).
uvicorn's server is driven directly, with its proxy headers off: a header must not change who is calling.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from leadsim.app import Sandbox
from leadsim.gateway.edge import WIRE_FAULT, Edge, Message, Receive, Scope, Send
from leadsim.gateway.messages import Answer

if TYPE_CHECKING:
    from leadsim.proxy import Authority

LOOPBACK = "127.0.0.1"
CONNECTOR = "connector"
TRANSPORT = "leadsim.transport"
KEEP_ALIVE_SECONDS = 75
SHUTDOWN_SECONDS = 2
START_SECONDS = 30
CLOSE_SECONDS = 30
BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Door:
    """Whose port it is: an org ("" for the control port) and the actor that calls through it."""

    org: str
    actor: str


CONTROL_DOOR = Door("", "")
PROXY_DOOR = Door("", CONNECTOR)


class PortTaken(OSError):
    """Another program listens on this port."""

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(f"port {port} of {host} cannot be used: {why}. Choose another one, or 0 for any free port")
        self.port = port


class NotStopped(RuntimeError):
    """The server's thread did not end in time; where it stands is in the text."""


class NotStarted(RuntimeError):
    """The server did not come up."""


def listen(
    sandbox: Sandbox,
    app: Edge,
    *,
    host: str = LOOPBACK,
    ports: Mapping[tuple[str, str], int] | None = None,
    control_port: int = 0,
) -> Listening:
    """Serve a sandbox from a thread of its own; returns when all ports answer.

    `ports`: (org, actor) -> port, where a fixed one is wanted; any free one otherwise. Raises `PortTaken`.
    """
    listening = Listening(sandbox, app, host=host, ports=ports, control_port=control_port)
    listening.start()
    return listening


class Listening:
    """The open ports of one sandbox: each org's for each actor of the recipe, and the control port."""

    def __init__(
        self,
        sandbox: Sandbox,
        app: Edge,
        *,
        host: str = LOOPBACK,
        ports: Mapping[tuple[str, str], int] | None = None,
        control_port: int = 0,
    ) -> None:
        """Bind the ports. Raises `PortTaken`."""
        self._host = host
        self._sandbox = sandbox
        self._doors: dict[int, Door] = {}
        self._ports: dict[Door, int] = {}
        self._sockets: list[socket.socket] = []
        self._server = _Server(_config(_Wire(app, self._doors)))
        self._thread: threading.Thread | None = None
        wanted = {Door(org, actor): port for (org, actor), port in (ports or {}).items()}
        actors = dict.fromkeys([CONNECTOR, *sandbox.world.recipe.actors])
        doors = [Door(org, actor) for org in sandbox.gateway.sites for actor in actors]
        try:
            self._bind(CONTROL_DOOR, control_port)
            for door in dict.fromkeys([*wanted, *doors]):
                self._bind(door, wanted.get(door, 0))
        except OSError:
            self._close_sockets()
            raise

    def _bind(self, door: Door, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((self._host, port))
            bound.listen(BACKLOG)
        except OSError as error:
            bound.close()
            raise PortTaken(self._host, port, error.strerror or str(error)) from error
        bound.setblocking(False)
        self._sockets.append(bound)
        number: int = bound.getsockname()[1]
        self._doors[number] = door
        self._ports[door] = number
        return bound

    def _close_sockets(self) -> None:
        for bound in self._sockets:
            bound.close()

    def port(self, org: str, actor: str = CONNECTOR) -> int:
        """The port of an org for an actor; one is opened for an actor that has none yet."""
        door = Door(org, actor)
        if door not in self._ports:
            bound = self._bind(door, 0)
            self._serve(bound, self._server.protocol)
        return self._ports[door]

    def open_proxy(self, authority: Authority) -> str:
        """Open the forward proxy to the vendors' hosts that the sandbox's orgs speak for (leadsim.proxy); its URL.
        Who comes through it is the connector; which org is meant, the host or the credentials say."""
        bound = self._bind(PROXY_DOOR, 0)

        from leadsim.proxy import ProxyProtocol  # its certificates are costly to import, and few sandboxes have a proxy

        def protocol() -> ProxyProtocol:
            return ProxyProtocol(self._server.protocol, authority, self._hosts, self._server.server_state.connections)

        self._serve(bound, protocol)
        return self._at(self._ports[PROXY_DOOR])

    def _hosts(self) -> list[str]:
        """The vendors' hosts, of all orgs that there are now."""
        sites = self._sandbox.gateway.sites.values()
        return list(dict.fromkeys(host for site in sites for host in site.dialect.hosts))

    def _serve(self, bound: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        if self._server.loop is not None:
            added = asyncio.run_coroutine_threadsafe(self._server.add(bound, protocol), self._server.loop)
            added.result(START_SECONDS)

    def url(self, org: str, actor: str = CONNECTOR) -> str:
        """Where an actor reaches an org: scheme, host and port."""
        return self._at(self.port(org, actor))

    @property
    def control_port(self) -> int:
        """The port that belongs to no org; every port serves `/_lab`."""
        return self._ports[CONTROL_DOOR]

    @property
    def control_url(self) -> str:
        """Where the control API is: `{control_url}/_lab/state`."""
        return self._at(self.control_port)

    def _at(self, port: int) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{port}"

    def start(self) -> None:
        """Serve from a thread; returns when the ports answer. Raises `NotStarted`."""
        self._thread = threading.Thread(target=self._run, name="leadsim", daemon=True)
        self._thread.start()
        if not self._server.ready.wait(START_SECONDS) or not self._server.started:
            raise NotStarted("the sandbox's server did not come up; its error is on stderr")

    def run(self) -> None:
        """Serve in this thread until interrupted."""
        self._run()

    def _run(self) -> None:
        try:
            self._server.run(sockets=self._sockets)
        finally:
            self._server.ready.set()  # whoever waits must not wait for a server that failed

    def close(self) -> None:
        """Stop serving and close the ports; a second call does nothing. Connections that clients hold open are closed
        by us after half of `SHUTDOWN_SECONDS`. Raises `NotStopped` if the thread still runs after `CLOSE_SECONDS`."""
        self._server.should_exit = True
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(CLOSE_SECONDS)
        self._close_sockets()
        if thread is not None and thread.is_alive():
            frame = sys._current_frames().get(thread.ident or 0)
            stands = "".join(traceback.format_stack(frame)) if frame is not None else "nobody knows where"
            raise NotStopped(f"the sandbox's server did not end within {CLOSE_SECONDS} seconds; it stands at\n{stands}")


class _Protocol(HttpToolsProtocol):
    """Tells the application which connection it is on, so that a fault can really break it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]

    def abort(self) -> None:
        """Break the connection without waiting for the client's part of closing it."""
        self.transport.abort()


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Protocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        backlog=BACKLOG,
    )


class _Server(uvicorn.Server):
    """uvicorn's server, which also says when it is ready and takes further sockets."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.ready.set()

    def protocol(self) -> asyncio.Protocol:
        """What speaks HTTP on one connection."""
        return _Protocol(self.config, self.server_state, self.lifespan.state)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection, whatever its client does: uvicorn alone waits for whoever keeps it open."""
        assert self.loop is not None
        cutting = self.loop.call_later(SHUTDOWN_SECONDS / 2, self._cut)
        try:
            await super().shutdown(sockets)
        finally:
            cutting.cancel()
            self._cut()

    def _cut(self) -> None:
        """Break what is still open: a tunnel whose TLS is not closed by its client, an answer that nobody reads."""
        for connection in list(self.server_state.connections):
            connection.abort()  # type: ignore[union-attr]  # all are ours: _Protocol, ProxyProtocol

    async def add(self, bound: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Listen on one more socket."""
        assert self.loop is not None
        self.servers.append(await self.loop.create_server(protocol, sock=bound))


class _Wire:
    """Says at each request who calls, by the port; and breaks the connection where a fault says so."""

    def __init__(self, app: Edge, doors: Mapping[int, Door]) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        transport = scope.pop(TRANSPORT)
        door = self._doors[scope["server"][1]]
        scope["extensions"] = {"leadsim": {"actor": door.actor, "org": door.org}}

        async def deliver(message: Message) -> None:
            if message["type"] != WIRE_FAULT:
                await send(message)
                return
            _break(transport, message)
            while (await receive())["type"] != "http.disconnect":
                pass  # uvicorn would answer 500 for a call that ends without an answer

        await self._app(scope, receive, deliver)


def _break(transport: asyncio.Transport, message: Message) -> None:
    kind = message["kind"]
    if kind == "timeout":
        return  # the connection stays open, and silent, until the client leaves
    if kind == "truncated":
        transport.write(_half(message["answer"]))
        transport.close()
        return
    plug = transport.get_extra_info("socket")
    if plug is not None:
        # Lingering for 0 seconds makes the close a reset (socket(7), SO_LINGER).
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _half(answer: Answer) -> bytes:
    """The head of an answer, and half of what it promises."""
    body = answer.body or b" " * 2
    head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    return (
        STATUS_LINE[answer.status]
        + head.encode("latin-1")
        + b"content-length: %d\r\n\r\n" % len(body)
        + body[: len(body) // 2]
    )
