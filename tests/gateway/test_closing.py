"""Closing a sandbox that clients are still connected to: we end every connection, whatever its client does."""

from __future__ import annotations

import socket
import ssl

import pytest

from leadsim.app import Sandbox, build_app
from leadsim.listen import Listening, listen
from leadsim.proxy import Authority
from leadsim.recipe import Recipe
from tests.gateway.caller import recipe_with

HOST = "acme-crm.my.salesforce.com"
SECONDS = 10
ASKS = f"GET /services/data HTTP/1.1\r\nhost: {HOST}\r\n\r\n".encode()
RECIPE = recipe_with("acme-crm", dialect="salesforce")


def _keep_alive(listening: Listening) -> socket.socket:
    """A connection that was answered and is kept for the next call."""
    line = socket.create_connection(("127.0.0.1", listening.control_port), timeout=SECONDS)
    line.sendall(b"GET /_lab/state HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert line.recv(4096).startswith(b"HTTP/1.1 200")
    return line


def _connected(listening: Listening, authority: Authority) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", _proxy_port(listening, authority)), timeout=SECONDS)
    line.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())
    assert line.recv(4096).startswith(b"HTTP/1.1 200")
    return line


def _proxy_port(listening: Listening, authority: Authority) -> int:
    return int(listening.open_proxy(authority).rpartition(":")[2])


def _half_open(listening: Listening) -> socket.socket:
    """A tunnel whose client never greets."""
    return _connected(listening, Authority())


def _tunnel(listening: Listening) -> socket.socket:
    """A tunnel with TLS, and a call answered in it."""
    authority = Authority()
    trusting = ssl.create_default_context(cadata=authority.pem.decode("ascii"))
    line = trusting.wrap_socket(_connected(listening, authority), server_hostname=HOST)
    line.sendall(ASKS)
    assert line.recv(4096).startswith(b"HTTP/1.1 200")
    return line


def _unread(listening: Listening) -> socket.socket:
    """A tunnel whose client asks much and reads nothing of it."""
    line = _tunnel(listening)
    line.sendall(ASKS * 500)
    return line


@pytest.mark.parametrize("connect", [_keep_alive, _half_open, _tunnel, _unread])
def test_open_connections_do_not_hold_the_sandbox_up(connect, caplog: pytest.LogCaptureFixture) -> None:  # type: ignore[no-untyped-def]
    """Within our own grace, so that the server never has to give up waiting; the client meets the end."""
    sandbox = Sandbox.build(Recipe.model_validate(RECIPE), 7)
    listening = listen(sandbox, build_app(sandbox, token="lab-secret"))
    with connect(listening) as line:
        listening.close()
        assert [one.getMessage() for one in caplog.records if "timeout" in one.getMessage()] == []
        try:
            while line.recv(65536):
                pass
        except (ConnectionError, ssl.SSLError):
            assert not isinstance(line, ssl.SSLSocket) or line.fileno() > 0
    listening.close()
    sandbox.close()
