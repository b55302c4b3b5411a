"""One sandbox as one ASGI application: a world, the gateway before its orgs, and the control API beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from leadsim.control import Control
from leadsim.engine.snapshot import Provider
from leadsim.gateway.address import Addresses
from leadsim.gateway.edge import AsgiApp, Edge, Receive, Scope, Send, deliver
from leadsim.gateway.gateway import Gateway
from leadsim.gateway.messages import Answer, Request
from leadsim.gateway.site import Site
from leadsim.recipe import OrgRecipe, Recipe
from leadsim.world import World

GATEWAY = "gateway"


class Sandbox:
    """A world that can be called, and the forks that were made of it."""

    def __init__(self, world: World, *, trusted_hops: Iterable[str] = ()) -> None:
        """Raises `AllowlistRefused` for an odd allowlist or hop, and `UnknownDialect`."""
        self._trusted_hops = tuple(trusted_hops)
        self.forks: dict[str, Sandbox] = {}
        self._open(world)

    def _open(self, world: World) -> None:
        self.world = world
        actors = {name: actor.address for name, actor in world.recipe.actors.items()}
        self.gateway = Gateway(world.clock, world.journal, Addresses(actors, self._trusted_hops))
        for name, org in world.orgs.items():
            self.gateway.add(Site(org, world.recipes[name]))
        world.provide(GATEWAY, Provider(self.gateway.state, self.gateway.restore))

    @classmethod
    def build(
        cls,
        recipe: Recipe,
        seed: int | str,
        *,
        scenario: str = "",
        data: Path | None = None,
        trusted_hops: Iterable[str] = (),
    ) -> Sandbox:
        """A sandbox as the recipe says. Raises what `World.build` raises, and what `Sandbox` does."""
        return cls(World.build(recipe, seed, scenario=scenario, data=data), trusted_hops=trusted_hops)

    def answer(self, request: Request) -> Answer:
        """Answer a request to an org, in one step."""
        return self.gateway.answer(request)

    def refuse_size(self, request: Request) -> Answer:
        """Answer a request whose body was too large to keep."""
        return self.gateway.refuse_size(request)

    def reset(self, seed: int | str | None = None) -> None:
        """Back to what the recipe says; with another seed everything is built anew, the journal too.
        ValueError when an org of the recipe was dropped, which only a new seed brings back."""
        if seed is None:
            self.world.reset()
            return
        old = self.world
        for name in list(old.orgs):
            old.drop_org(name)
        old.close()
        if old.data is not None:
            old.data.joinpath("world.json").unlink(missing_ok=True)  # or the clock would go on where it stood
        self._open(World.build(old.recipe, seed, scenario=old.scenario, data=old.data))

    def fork(self, snapshot: str, name: str) -> Sandbox:
        """A second, independent sandbox at a saved state. KeyError when there is no such state."""
        twin = Sandbox(self.world.fork(snapshot), trusted_hops=self._trusted_hops)
        twin.world.reset()  # the gateway's part of the saved state
        self.forks[name] = twin
        return twin

    def drop_fork(self, name: str) -> None:
        """Close a fork. KeyError when there is none."""
        self.forks.pop(name).close()

    def add_org(self, name: str, recipe: OrgRecipe) -> Site:
        """One more org beside the others. Raises as `World.add_org` and `Site` do; then nothing was added."""
        org = self.world.add_org(name, recipe)
        try:
            site = Site(org, recipe)
        except Exception:  # an org without its site could be neither reached nor dropped
            self.world.drop_org(name)
            raise
        self.gateway.add(site)
        return site

    def drop_org(self, name: str) -> None:
        """Remove an org. KeyError when there is none."""
        self.world.drop_org(name)
        self.gateway.remove(name)

    def close(self) -> None:
        """Close the world's databases, and those of its forks."""
        for name in list(self.forks):
            self.drop_fork(name)
        self.world.close()


class Forks:
    """Serves the forks of a sandbox: `/_fork/{name}/...` is the fork's own `/...`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._apps: dict[str, tuple[Sandbox, Edge]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        _, _prefix, name, *rest = scope["path"].split("/", 3)
        fork = self._sandbox.forks.get(name)
        if fork is None:
            answer = Answer.json(404, {"error": {"code": "REF741", "message": f"there is no fork {name!r}"}})
            await deliver(answer, send, head=False)
            return
        served, app = self._apps.get(name, (None, None))
        if served is not fork or app is None:
            app = build_app(fork)
            self._apps[name] = (fork, app)
        raw: bytes = scope.get("raw_path") or scope["path"].encode("latin-1", "replace")
        below = {"path": "/" + "".join(rest), "raw_path": b"/" + b"".join(raw.split(b"/", 3)[3:])}
        await app({**scope, **below}, receive, send)


def build_app(of: World | Sandbox, *, token: str = "", hosts: Iterable[str] = ()) -> Edge:
    """The ASGI application that serves all orgs of a world, and `/_lab` (see `leadsim.control.guard`)."""
    sandbox = of if isinstance(of, Sandbox) else Sandbox(of)
    beside: dict[str, AsgiApp] = {"_lab": Control(sandbox, token=token, hosts=hosts), "_fork": Forks(sandbox)}
    return Edge(sandbox.answer, sandbox.refuse_size, beside=beside)
