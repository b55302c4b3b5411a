"""A uvicorn server in a thread of its own."""

from __future__ import annotations

import socket
import threading
from typing import Any

from leadproof.serving.refusals import ServingRefused

HOST = "127.0.0.1"


def bind(port: int, what: str) -> socket.socket:
    """A listening socket on loopback; 0 is a free port. Raises ServingRefused RUN810 when it is taken."""
    try:
        return socket.create_server((HOST, port), backlog=128)
    except OSError as taken:
        text = f"Port {port} for {what} can't be opened on {HOST}: {taken.strerror}."
        raise ServingRefused("RUN810", text, "Choose another port, or 0 for a free one.") from taken


class ServerThread:
    """Serves an ASGI application on a socket until `stop`."""

    def __init__(self, app: Any, listening: socket.socket, name: str) -> None:
        import uvicorn

        config = uvicorn.Config(
            app,
            log_level="warning",
            lifespan="off",
            proxy_headers=False,  # no header changes who is calling
            server_header=False,
            date_header=False,
            ws="none",
            timeout_graceful_shutdown=5,
        )
        self._server = uvicorn.Server(config)
        self._socket = listening
        self.url = f"http://{HOST}:{listening.getsockname()[1]}"
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name=name, daemon=True
        )

    def start(self) -> None:
        """The socket listens already, so callers may connect at once."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered, then close."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
