"""One sandbox as one ASGI application: a world, the gateway before its orgs, and the control API beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from leadsim.engine.snapshot import Provider
from leadsim.gateway.address import Addresses
from leadsim.gateway.edge import Edge
from leadsim.gateway.gateway import Gateway
from leadsim.gateway.site import Site
from leadsim.recipe import OrgRecipe, Recipe
from leadsim.world import World

GATEWAY = "gateway"


class Sandbox:
    """A world that can be called."""

    def __init__(self, world: World, *, trusted_hops: Iterable[str] = ()) -> None:
        """Raises `AllowlistRefused` for an odd allowlist or hop, and `UnknownDialect`."""
        self.world = world
        actors = {name: actor.address for name, actor in world.recipe.actors.items()}
        self.gateway = Gateway(world.clock, world.journal, Addresses(actors, trusted_hops))
        for name, org in world.orgs.items():
            self.gateway.add(Site(org, world.recipes[name]))
        world.provide(GATEWAY, Provider(self.gateway.state, self.gateway.restore))

    @classmethod
    def build(cls, recipe: Recipe, seed: int | str, *, scenario: str = "", data: Path | None = None) -> Sandbox:
        """A sandbox as the recipe says. Raises what `World.build` raises, and what `Sandbox` does."""
        return cls(World.build(recipe, seed, scenario=scenario, data=data))

    def add_org(self, name: str, recipe: OrgRecipe) -> Site:
        """One more org beside the others. Raises as `World.add_org` and `Site` do."""
        site = Site(self.world.add_org(name, recipe), recipe)
        self.gateway.add(site)
        return site

    def drop_org(self, name: str) -> None:
        """Remove an org. KeyError when there is none."""
        self.world.drop_org(name)
        self.gateway.remove(name)

    def close(self) -> None:
        """Close the world's databases."""
        self.world.close()


def build_app(of: World | Sandbox) -> Edge:
    """The ASGI application that serves all orgs of a world."""
    sandbox = of if isinstance(of, Sandbox) else Sandbox(of)
    return Edge(sandbox.gateway.answer, sandbox.gateway.refuse_size)
