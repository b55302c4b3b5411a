"""The order in which a request passes (architecture.md "The rules of the house", 7):

exchange( address -> which org -> allowlist -> credentials -> quota -> fault before -> dialect -> fault after )
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadsim.engine.clock import Clock
from leadsim.engine.journal import Journal
from leadsim.gateway.address import Addresses, Origin
from leadsim.gateway.call import Call, Wanted
from leadsim.gateway.coding import HEADER, coding_of, decoded, unread
from leadsim.gateway.credentials import Basic, Presented, permit
from leadsim.gateway.edge import BODY_LIMIT_BYTES
from leadsim.gateway.exchange import exchange_fact
from leadsim.gateway.faults import Fault, Faults, Fired, Target
from leadsim.gateway.messages import Answer, Request, WireFault
from leadsim.gateway.refusal import (
    AddressRefused,
    FaultFired,
    GatewayRefusal,
    TokenExpired,
    TooLarge,
    UnknownOrg,
)
from leadsim.gateway.site import Site

_NO_FAULTS = Fired()
_ON_THE_WIRE: dict[str, WireFault] = {
    "lost_after_apply": "reset",
    "reset": "reset",
    "truncated": "truncated",
    "refused": "refused",
    "timeout": "timeout",
}


@dataclass(slots=True)
class Passage:
    """What has become known of a request on its way in; the journal reads it, however far it came."""

    user: str = ""
    secrets: list[str] = field(default_factory=list)
    lost: WireFault | None = None


class Gateway:
    """All sites of one world behind one door."""

    def __init__(self, clock: Clock, journal: Journal, addresses: Addresses) -> None:
        self.clock = clock
        self.journal = journal
        self.addresses = addresses
        self.faults = Faults()
        self.sites: dict[str, Site] = {}

    def add(self, site: Site) -> None:
        """Open an org to the outside."""
        site.neighbours = self.sites
        self.sites[site.name] = site

    def remove(self, org: str) -> None:
        """Close an org's door."""
        del self.sites[org]

    def answer(self, request: Request) -> Answer:
        """Answer one request, in one step."""
        coding = coding_of(request)
        return self._decoded(request, coding) if coding else self._exchange(request, self._admitted)

    def _decoded(self, request: Request, coding: str) -> Answer:
        """Answer one whose body is in a content coding. It is decoded before all else, as the body may tell the org,
        and so is in the journal as it can be read, without its secrets; what can't be decoded is not in it."""
        unfit: GatewayRefusal | None = None
        try:
            request.body = decoded(request.body, coding, BODY_LIMIT_BYTES)
        except GatewayRefusal as refusal:
            unfit, request.body = refusal, b""

        def admitted(request: Request, site: Site, origin: Origin, number: int, passage: Passage) -> Answer:
            _check_address(site, origin)
            if coding not in site.dialect.codings:
                raise unread(coding)
            if unfit is not None:
                raise unfit
            del request.headers[HEADER]
            return self._admitted(request, site, origin, number, passage)

        return self._exchange(request, admitted)

    def refuse_size(self, request: Request) -> Answer:
        """Answer a request whose body the edge did not keep."""

        def refuse(request: Request, site: Site, origin: Origin, number: int, passage: Passage) -> Answer:
            raise TooLarge("the request's body is too large", fix="Send it in several calls, or as a bulk job's chunks")

        return self._exchange(request, refuse)

    def _exchange(self, request: Request, work: Callable[[Request, Site, Origin, int, Passage], Answer]) -> Answer:
        """The outermost layer: the clock moves, and whatever comes of the request is journalled."""
        site = self._site(request)
        if site is None:
            return self._stranger(request)
        request.org = site.name
        origin = self.addresses.origin(request)
        number = self.journal.begin()
        self.clock.tick()
        at = self.clock.text()
        passage = Passage()
        answer = Answer(500)
        try:
            try:
                answer = work(request, site, origin, number, passage)
            except GatewayRefusal as refusal:
                answer = site.dialect.refuse(refusal, request)
                answer.headers.update(refusal.headers)
            answer.headers["x-quota"] = site.quota.header()
            answer.headers["x-time"] = at
        finally:
            fact = exchange_fact(
                request,
                answer,
                org=site.name,
                at=at,
                actor=origin.actor,
                user=passage.user,
                secrets=passage.secrets,
            )
            self.journal.finish(fact)
        if passage.lost is not None:
            answer.wire = passage.lost
        return answer

    def _site(self, request: Request) -> Site | None:
        """Which org: the path's first part, else what its dialect reads from host or credential, else the port's."""
        site = self.sites.get(request.segments[0])
        if site is not None:
            return site
        by_dialect: dict[str, list[str]] = {}
        for name, one in self.sites.items():
            by_dialect.setdefault(one.dialect.name, []).append(name)
        for names in by_dialect.values():
            found = self.sites[names[0]].dialect.org_of(request, names)
            if found is not None:
                return self.sites[found]
        return None

    def _stranger(self, request: Request) -> Answer:
        """A request to no org is in no org's journal and moves no clock."""
        named = ", ".join(sorted(self.sites)) or "none"
        refusal = UnknownOrg(f"there is no org at {request.path!r}", fix=f"Begin the path with an org: {named}")
        dialect = next((site.dialect for site in self.sites.values()), None)
        if dialect is None:
            return Answer.json(404, {"error": {"code": refusal.code, "message": refusal.text}})
        return dialect.refuse(refusal, request)

    def _admitted(self, request: Request, site: Site, origin: Origin, number: int, passage: Passage) -> Answer:
        _check_address(site, origin)
        now = self.clock.now()
        wanted = site.dialect.wanted(request, site.org.kind)
        presented = self._authenticate(request, site, wanted, passage)
        if wanted.counted:
            site.quota.spend(now)
        call = Call(site, request, wanted, origin.actor, origin.address, passage.user, now, number)
        call.secrets = passage.secrets
        fired = self._due(call)
        for fault in fired.before:
            self._before(fault, call, passage, presented)
            if passage.lost is not None:
                return Answer(503)
        call.row_faults, call.stale = fired.rows, fired.stale
        answer = site.dialect.answer(call)
        passage.user = call.user
        for fault in fired.after:
            passage.lost = _ON_THE_WIRE[fault.spec.kind]
        return answer

    def _authenticate(self, request: Request, site: Site, wanted: Wanted, passage: Passage) -> Presented | None:
        presented = site.dialect.presented(request)
        if presented is not None:
            passage.secrets.append(presented.password if isinstance(presented, Basic) else presented.token)
        if wanted.login == "none" or (presented is None and wanted.login == "optional"):
            return None
        login = site.admit(presented, self.clock.now())
        passage.user = login.user
        permit(login, wanted.permission)
        return presented

    def _due(self, call: Call) -> Fired:
        if not self.faults:
            return _NO_FAULTS
        site = call.site
        call.targets = site.dialect.targets(call.wanted, call.request)
        fired = self.faults.due(site.name, site.org.kind, call.targets, site.fault_draws)
        for fault in (*fired.before, *fired.rows, *fired.after, *fired.reads):
            self._journal_fault(fault, call, call.targets)
        return fired

    def _journal_fault(self, fault: Fault, call: Call, targets: Sequence[Target]) -> None:
        self.journal.append(
            {
                "kind": "fault",
                "org": call.site.name,
                "at": self.clock.text(),
                "actor": call.actor,
                "user": call.user,
                "request": call.number,
                "kind_of": fault.spec.kind,
                "operation": targets[0].operation,
                "nth": fault.seen,
            }
        )

    def _before(self, fault: Fault, call: Call, passage: Passage, presented: Presented | None) -> None:
        spec = fault.spec
        if spec.kind == "status":
            status = spec.status or 503
            raise FaultFired(
                f"the sandbox was told to answer {status} here", status=status, retry_after=spec.retry_after
            )
        if spec.kind == "delay":
            self.clock.advance(spec.seconds if spec.seconds is not None else 30)
            call.now = self.clock.now()
        elif spec.kind == "token_expired":
            call.site.expire(presented, call.now)
            raise TokenExpired("the token has expired", fix="Log in again", reason="invalid_token")
        else:
            passage.lost = _ON_THE_WIRE[spec.kind]

    def state(self) -> dict[str, Any]:
        """For a snapshot: every site's state, and the faults."""
        return {"sites": {name: site.state() for name, site in self.sites.items()}, "faults": self.faults.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Back to what `state` returned; sites that were added since are closed."""
        for name in [name for name in self.sites if name not in state["sites"]]:
            self.remove(name)
        for name, saved in state["sites"].items():
            self.sites[name].restore(saved)
        self.faults.restore(state["faults"])


def _check_address(site: Site, origin: Origin) -> None:
    if not site.allowlist.admits(origin.address):
        raise AddressRefused(
            f"address {origin.address} is not on the allowlist of org {site.name}",
            fix="Add the address, or a network that holds it, to the org's allowlist",
        )
