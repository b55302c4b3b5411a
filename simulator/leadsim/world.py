"""One sandbox: a clock, a chance, a journal and its orgs; built from a recipe and a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadsim.building import RecipeRefused, build_org, kind_of, settings_of, standard_of
from leadsim.engine.chance import Chance
from leadsim.engine.clock import DEFAULT_START, Clock
from leadsim.engine.journal import Journal
from leadsim.engine.records import Org
from leadsim.engine.refusals import Refused
from leadsim.engine.snapshot import Provider, Snapshot, put_back, read_snapshot, take, write_snapshot
from leadsim.recipe import OrgRecipe, Recipe

INITIAL = "initial"


class World:
    """The orgs of one sandbox and what they share. Build one with `World.build`."""

    def __init__(self, recipe: Recipe, seed: int | str, scenario: str, data: Path | None) -> None:
        self.recipe = recipe
        self.seed = seed
        self.scenario = scenario
        self.data = data
        self.clock = Clock(recipe.clock or DEFAULT_START, recipe.clock_mode)
        self.chance = Chance(seed, scenario)
        self.journal = Journal()
        self.orgs: dict[str, Org] = {}
        self.recipes: dict[str, OrgRecipe] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._providers: dict[str, Provider] = {}

    @classmethod
    def build(cls, recipe: Recipe, seed: int | str, *, scenario: str = "", data: Path | None = None) -> World:
        """A world as the recipe says; every id and draw follows from the seed and the scenario's id. With `data`, a
        folder, the orgs are files in it that survive; what is there already is opened as it was left.

        Raises RecipeRefused when the recipe's records or rules break the org's own rules."""
        world = cls(recipe, seed, scenario, data)
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        for name, org_recipe in recipe.orgs.items():
            try:
                world.add_org(name, org_recipe)
            except Refused as refused:
                loc = refused.loc if isinstance(refused, RecipeRefused) else ()
                raise RecipeRefused(refused, ("orgs", name, *loc)) from None
        if data is None:
            world.snapshot(INITIAL)
        else:
            world._snapshots[INITIAL] = world._kept_start(data)
        return world

    def add_org(self, name: str, recipe: OrgRecipe) -> Org:
        """Build one more org. ValueError when the name is taken or can't stand in a path."""
        if name in self.orgs:
            raise ValueError(f"there is an org {name!r} already")
        if not name or not all(letter.isalnum() or letter in "-_." for letter in name) or name.startswith((".", "_")):
            raise ValueError(f"{name!r} can't be an org's name: use letters, digits, '-', '_' and '.'")
        path = None if self.data is None else self.data / f"{name}.sqlite"
        org = Org(
            name,
            kind_of(name, recipe),
            settings_of(recipe),
            clock=self.clock,
            chance=self.chance,
            journal=self.journal,
            path=path,
            standard=standard_of(recipe.dialect, name),
        )
        if not org.store.fresh and not org.kept.reopen():
            org.close()  # it was left while it was being built
            remove(org.store.path)
            return self.add_org(name, recipe)
        if org.store.fresh:
            build_org(org, recipe)
            org.kept.setup()
        self.orgs[name] = org
        self.recipes[name] = recipe
        return org

    def drop_org(self, name: str) -> None:
        """Remove an org and its file. KeyError when there is none."""
        org = self.orgs.pop(name)
        del self.recipes[name]
        org.close()
        self.chance.drop(name)
        self.journal.drop_chain(name)
        remove(org.store.path)

    # --- snapshots -----------------------------------------------------------------------------------------------

    def provide(self, name: str, provider: Provider) -> None:
        """Let somebody's state be part of every snapshot from now on."""
        self._providers[name] = provider
        if INITIAL in self._snapshots and name not in self._snapshots[INITIAL].provided:
            initial = self._snapshots[INITIAL]
            provided = {**initial.provided, name: provider.save()}
            self._snapshots[INITIAL] = Snapshot(initial.clock, initial.chance, initial.images, initial.states, provided)

    @property
    def snapshots(self) -> list[str]:
        """The names of the saved states, the initial one among them."""
        return sorted(self._snapshots)

    def snapshot(self, name: str) -> None:
        """Save everything but the journal under a name; an earlier one of that name is replaced."""
        self._snapshots[name] = take(self.orgs, self.clock, self.chance, self._providers)

    def restore(self, name: str) -> None:
        """Back to a saved state. The journal goes on, with a fact that says so. KeyError when there is none.
        Orgs that were added since are dropped; one that was dropped since can't come back (ValueError)."""
        saved = self._snapshots[name]
        missing = sorted(set(saved.images) - set(self.orgs))
        if missing:
            raise ValueError(f"the snapshot {name!r} has orgs that were dropped since: {', '.join(missing)}")
        for added in sorted(set(self.orgs) - set(saved.images)):
            self.drop_org(added)
        put_back(saved, self.orgs, self.clock, self.chance, self._providers)
        self.note("restored", snapshot=name)
        for org in self.orgs.values():
            org.epoch = self.journal.last
            org.kept.moving()

    def reset(self) -> None:
        """Back to what the recipe says."""
        self.restore(INITIAL)

    def fork(self, name: str | None = None) -> World:
        """A second, independent world in memory, at a saved state or at the present one, with a journal of its own."""
        saved = take(self.orgs, self.clock, self.chance, self._providers) if name is None else self._snapshots[name]
        twin = World(self.recipe, self.seed, self.scenario, None)
        for org_name in saved.images:
            org = self.orgs[org_name]
            twin.recipes[org_name] = self.recipes[org_name]
            twin.orgs[org_name] = Org(
                org_name,
                org.kind,
                org.settings,
                clock=twin.clock,
                chance=twin.chance,
                journal=twin.journal,
                standard=org.schema.standard,
            )
        put_back(saved, twin.orgs, twin.clock, twin.chance, {})
        twin._snapshots = {INITIAL: saved}
        return twin

    def note(self, what: str, **more: Any) -> None:
        """A fact about the world itself."""
        fact = {"org": "", "kind": "note", "what": what, "at": self.clock.text(), "actor": "lab", "user": ""}
        self.journal.append({**fact, "request": None, **more})

    # --- files ---------------------------------------------------------------------------------------------------

    def _kept_start(self, data: Path) -> Snapshot:
        """The initial state: kept beside the orgs, so that a reset after a restart is one to the recipe."""
        folder = data / "initial"
        if (folder / "state.json").exists() and not any(org.store.fresh for org in self.orgs.values()):
            kept = read_snapshot(folder)
            if set(kept.images) == set(self.orgs):
                return kept
        self.snapshot(INITIAL)
        write_snapshot(self._snapshots[INITIAL], folder)
        return self._snapshots[INITIAL]

    def close(self) -> None:
        """Close all databases; files stay."""
        for org in self.orgs.values():
            org.close()


def remove(path: Path | None) -> None:
    """Remove a database's files, if it has any."""
    if path is not None:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
