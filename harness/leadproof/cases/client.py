"""`replay --as client`: the recorded requests are sent to a new build, and its answers are compared."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote

from leadproof.cases.case import RECIPE, Case
from leadproof.cases.har import Recorded
from leadproof.cases.identity import Identity, differences, header_differences
from leadproof.cases.redaction.bodies import changed, unpacked
from leadproof.cases.redaction.secrets import PLACEHOLDER
from leadproof.cases.refusals import NotPossible
from leadproof.transports.protocol import Request, Response, TransportFailed

if TYPE_CHECKING:
    from leadproof.cases.forwarding import Upstream
    from leadproof.sandbox import Sandbox
    from leadproof.systems.credentials import Credentials

TLS = "https://"
_USER_KEYS = ("username", "client_id", "user")
_SANDBOX = re.compile(rb"http://(?:sandbox|127\.0\.0\.1:\d+)(?![\w.])")


@dataclass(slots=True)
class Compared:
    """What came of it. `differences`: (number of the exchange from 1, what was asked, what differs)."""

    exchanges: int = 0
    differences: list[tuple[int, str, str]] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)


Send = Callable[[Recorded, Request], Response]
Login = Callable[[str, str], "Credentials | None"]
"""(org, user name or client id of the recording) -> what logs the same one in now."""
_LOGIN = {"password": "password", "client_secret": "client_secret", "client_id": "client_id", "username": "username"}


def replay_as_client(case: Case, *, seed: str = "") -> Compared:
    """Send everything to a sandbox made from the case's recipe. `seed`: another one than recorded, which gives other
    ids. Raises NotPossible for a case without a recipe."""
    from leadproof.sandbox import Sandbox, read_recipe

    if RECIPE not in case.files or not case.traffic:
        raise NotPossible("The case has no recipe or no traffic to send.", "Use --as systems.")
    document = read_recipe(case.files[RECIPE].decode(), RECIPE)
    names = case.sheet.files
    scenario = names.scenario.rpartition("/")[2].removesuffix(".yaml") if names is not None else ""
    hosts = any(one.origin.startswith(TLS) for one in case.traffic)  # a vendor's need sockets, for the proxy to them
    over: Literal["process", "http"] = "http" if hosts else "process"
    with Sandbox.start(document, seed=seed or case.sheet.seed, scenario=scenario, over=over) as sandbox:
        doors = Doors(sandbox)
        try:
            return send_all(case.traffic, doors.send, doors.login)
        finally:
            doors.close()


def send_all(recorded: Sequence[Recorded], send: Send, login: Login) -> Compared:
    """Send the requests in their order, with the ids and secrets of now; compare each answer."""
    identity = Identity()
    told = Compared()
    for number, one in enumerate(recorded, 1):
        told.exchanges += 1
        identity.org, identity.actor, identity.user = one.org, one.actor, one.user
        asked = f"{one.request.method} {one.request.path}"
        try:
            answer = send(one, _asked(one, identity, login))
        except (TransportFailed, NotPossible) as failed:
            if one.response is not None:
                told.unsent.append(f"exchange {number}: {asked}: {failed}")
            continue
        for text in _compared(one, answer, identity):
            told.differences.append((number, asked, text))
    return told


def _asked(one: Recorded, identity: Identity, login: Login) -> Request:
    """The request with the ids and secrets of now."""
    request = one.request
    user = _user(request)
    logs_in = one.response is not None and one.response.status < 400  # else: a wrong secret must stay a wrong one
    # A journal says who it was by the org's own id; else the name in the request is all there is.
    known = (
        login(one.org, one.user or user)
        if logs_in and (PLACEHOLDER.search(_text(request)) or _basic(request))
        else None
    )

    def visit(name: str, text: str, people: bool) -> str:
        mine = str(getattr(known, _LOGIN[name])) if known is not None and name in _LOGIN else ""
        if mine and (name in ("client_id", "username") or PLACEHOLDER.fullmatch(text)):
            return mine
        return identity.now(PLACEHOLDER.sub(lambda found: identity.secret(found[0]) or mine or found[0], text))

    headers = {name: _header(name, value, visit, known) for name, value in request.headers.items()}
    path = "/".join(_segment(part, visit) for part in request.path.split("/"))
    return replace(
        request,
        path=path,
        query=tuple((key, visit(key, value, False)) for key, value in request.query),
        headers=headers,
        body=changed(request.body, request.headers.get("content-type", ""), visit),
    )


def _text(request: Request) -> str:
    return unquote(request.body.decode("utf-8", "replace")) + "".join(value for _, value in request.query)


def _basic(request: Request) -> bool:
    return request.headers.get("authorization", "").lower().startswith("basic ")


def _header(name: str, value: str, visit: Callable[[str, str, bool], str], known: Credentials | None) -> str:
    scheme = value.partition(" ")[0]
    if scheme.lower() == "basic" and PLACEHOLDER.search(value) and known is not None:
        pair = f"{known.client_id or known.username}:{known.client_secret or known.password}"
        return f"{scheme} {base64.b64encode(pair.encode()).decode()}"
    return visit("", value, False)


def _segment(part: str, visit: Callable[[str, str, bool], str]) -> str:
    plain = unquote(part)
    told = visit("", plain, False)
    return part if told == plain else quote(told, safe="@:!$&'()*+,;=~")


def _user(request: Request) -> str:
    """Who logs in with this request, "" if nobody does."""
    found: dict[str, str] = {}

    def visit(name: str, text: str, people: bool) -> str:
        found.setdefault(name.lower(), text)
        return text

    changed(request.body, request.headers.get("content-type", ""), visit)
    for key, value in request.query:
        found.setdefault(key.lower(), value)
    return next((found[key] for key in _USER_KEYS if key in found), "")


def _compared(one: Recorded, answer: Response, identity: Identity) -> list[str]:
    was = one.response
    if was is None:
        return ["an answer came, and the recording has none"]
    if was.status != answer.status:
        return [f"the status is {answer.status}, recorded {was.status}"]
    body = _nowhere(unpacked(answer.body, answer.headers.get("content-encoding", "")))
    kind = was.headers.get("content-type", "")
    found = list(differences(_nowhere(was.body), body, kind, identity))
    before, after = (
        {name: _nowhere(value.encode()).decode() for name, value in one.items()}
        for one in (was.headers, answer.headers)
    )
    return found + list(header_differences(before, after, identity))


def _nowhere(body: bytes) -> bytes:
    """Without the sandbox's own address: its port is chance."""
    return _SANDBOX.sub(b"{origin}", body)


class Doors:
    """How requests reach a sandbox: a vendor's hosts through its proxy, an org's own port by org and actor."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._closing = ExitStack()
        self._upstream: Upstream | None = None

    def send(self, one: Recorded, request: Request) -> Response:
        """Where the recorded one went, in this sandbox. Raises NotPossible for an org that is not there."""
        if one.origin.startswith(TLS):
            return self._proxied().send(one.origin, request)
        orgs = [org.name for org in self._sandbox.orgs()]
        org = one.org or next((name for name in orgs if request.path.startswith(f"/{name}/")), "")
        if org not in orgs:
            raise NotPossible(f"nobody knows which org {one.origin} was", "Record it again.")
        transport = self._sandbox.transport(org, one.actor or "connector")
        return transport.send(request)

    def login(self, org: str, user: str) -> Credentials | None:
        """The same user's, where the sandbox has one of that name; else the connector's of that org."""
        orgs = [one.name for one in self._sandbox.orgs() if org in ("", one.name)]
        for name in orgs:
            known = self._sandbox.credentials(name)
            if user in (known.username, known.client_id):
                return known
            with suppress(KeyError):
                if user:
                    return self._sandbox.credentials(name, user=user)
        return self._sandbox.credentials(orgs[0]) if orgs else None

    def close(self) -> None:
        """Close the connections; the sandbox is its owner's."""
        self._closing.close()

    def _proxied(self) -> Upstream:
        """The way through the sandbox's proxy, which is opened for the first that takes it."""
        if self._upstream is None:
            import tempfile
            from pathlib import Path

            from leadproof.cases.forwarding import Upstream

            ca = Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="leadproof-ca-"))) / "ca.pem"
            self._upstream = Upstream({}, self._sandbox.open_proxy(ca), ca)
            self._closing.callback(self._upstream.close)
        return self._upstream
