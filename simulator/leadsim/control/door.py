"""The door of the control API: the guard, and behind it the application for one sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from leadsim.control.guard import Guard
from leadsim.gateway.edge import Receive, Scope, Send, deliver
from leadsim.gateway.messages import Answer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from leadsim.app import Sandbox

SANDBOX = "leadsim.sandbox"
"""The scope's key for the sandbox that is asked."""


class Control:
    """An ASGI application for the paths below `/_lab`."""

    def __init__(self, sandbox: Sandbox, *, token: str = "", hosts: Iterable[str] = ()) -> None:
        self.guard = Guard(token=token, hosts=hosts)
        self._sandbox = sandbox

    @property
    def api(self) -> FastAPI:
        """The application behind the guard. FastAPI takes longer to import than a sandbox to start, and many a run
        never calls it: so it is imported with the first request."""
        from leadsim.control.application import application

        return application()

    @cached_property
    def _often(self) -> Callable[[Sandbox, Scope], Answer | None]:
        """Imported as late as the application, and for the same reason: it needs the models of what is asked."""
        from leadsim.control.often import answer

        return answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        refusal = self.guard.refusal(scope)
        if refusal is not None:
            await deliver(refusal, send, head=scope["method"] == "HEAD")
            return
        answer = self._often(self._sandbox, scope)
        if answer is not None:
            await deliver(answer, send, head=False)
            return
        await self.api({**scope, SANDBOX: self._sandbox}, receive, send)
