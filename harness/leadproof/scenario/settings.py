"""Sets the stage of a scenario: starts its sandbox, reads its integrations, makes its connectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from leadproof.drivers.driven import Driver
from leadproof.drivers.driven import Place as DriverPlace
from leadproof.findings import Finding
from leadproof.integration import Integration, problems_together, problems_with_orgs
from leadproof.sandbox import CONNECTOR, Ports, Sandbox
from leadproof.scenario.connected import Connected, Syncs
from leadproof.scenario.control import Control
from leadproof.scenario.document import Loaded
from leadproof.scenario.integrations import Spoken, in_engine_names, load_spoken
from leadproof.scenario.pairs import NATIVE, Pair
from leadproof.scenario.pairs import spoken as spoken_by
from leadproof.scenario.registry import Need
from leadproof.scenario.sources import Sources
from leadproof.scenario.stage import Stage
from leadproof.systems.organization import Side
from leadterms.refusals import DocumentRefused, Place, Problem

if TYPE_CHECKING:
    from leadproof.systems.ports import Crm, Marketing

TESTER = "tester"
"""The actor whose logins a scenario's own steps and checks use; a recipe names it beside the connector."""
OFFERS: frozenset[Need] = frozenset({"control", "history", "rules", "built_in", "nobody"})
Factory = Callable[..., Syncs]
"""Makes a connector: (integration, crm, marketing, store, name=...) as `leadproof.connector.Connector`."""


class SettingRefused(Exception):
    """The stage cannot be set; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.cause)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Target:
    """What the scenario runs against."""

    seed: str
    over: Literal["process", "http"]
    connector: Factory | Driver | None
    sources: Sources = field(default_factory=Sources)
    pair: Pair | None = None
    ports: Mapping[Side, int] = field(default_factory=dict)

    def file(self, folder: Path, name: str) -> Path:
        """A recipe or an integration that a scenario of this folder names."""
        return folder / name if self.pair is None else self.pair.file(folder, name)


def open_stage(loaded: Loaded, target: Target, work: Path, stack: ExitStack) -> tuple[Stage, Sandbox]:
    """Start the sandbox and everything on it; `stack` closes it all. Raises DocumentRefused, CallFailed."""
    folder = loaded.path.parent
    scenario = loaded.scenario
    recipe = target.sources.recipe(target.file(folder, scenario.recipe))
    if target.pair is not None:
        target.pair.speak(recipe.model)
    native = target.pair is None and all(org.dialect == NATIVE for org in recipe.model.orgs.values())
    files = [target.file(folder, name) for name in scenario.integration_files]
    # In whose names the scenario's changes are is known only where nobody's differ from the engine's.
    changes = scenario.integration_changes if native else {}
    written = {one.stem: target.sources.integration(one, changes) for one in files}
    ports = _ports(target, list(written.values()))
    sandbox = Sandbox.start(recipe, seed=target.seed, scenario=loaded.id, over=target.over, ports=ports)
    stack.callback(sandbox.close)
    spoken = {
        name: Spoken() if native else spoken_by(sandbox, one.systems, target.pair) for name, one in written.items()
    }
    integrations = {
        one.stem: written[one.stem] if native else load_spoken(one, scenario.integration_changes, spoken[one.stem])
        for one in files
    }
    judged = {name: in_engine_names(one, spoken[name]) for name, one in integrations.items()}
    clashes = problems_together(list(integrations.values()))
    if clashes:
        raise DocumentRefused(clashes)
    refuse_unknown_names(list(judged.values()), sandbox, scenario.recipe)
    connections = {
        name: _connect(sandbox, name, integration, target, work, stack) for name, integration in integrations.items()
    }
    for name, connected in connections.items():
        connected.names = {"crm": spoken[name].crm, "marketing": spoken[name].marketing}
        connected.judged_by = judged[name]
    stage = Stage(
        loaded=loaded,
        seed=f"{target.seed}/{loaded.id}",
        connections=connections,
        lab=Control(sandbox.lab),
        offers=OFFERS - {"built_in"} if isinstance(target.connector, Driver) else OFFERS,
        at=loaded.document.place("steps"),
        recipe=recipe,
        excused=target.pair.skipped(loaded) if target.pair is not None else {},
    )
    for fault in scenario.faults:
        sandbox.lab.add_fault(fault.told())
    return stage, sandbox


def _ports(target: Target, integrations: Sequence[Integration]) -> Ports:
    """The ports that were asked for, of the first connection's two orgs."""
    systems = integrations[0].systems
    orgs = {"crm": systems.crm.org, "marketing": systems.marketing.org}
    return Ports({(orgs[side], CONNECTOR): port for side, port in target.ports.items() if port})


def refuse_unknown_names(integrations: Sequence[Integration], sandbox: Sandbox, recipe: str) -> None:
    """Raises DocumentRefused for orgs, objects and fields that an integration names and this recipe's orgs do not
    have (CFG838, MAP301, MAP302, REF707): a typing error is told before anything runs, at its own line."""
    from leadproof.doctor import look_at_names

    orgs = {one.name: one.side for one in sandbox.orgs()}
    found: list[Problem] = []
    for one in integrations:
        strangers = problems_with_orgs(one, orgs, recipe)
        found += strangers
        if not strangers:
            crm, marketing = one.systems.crm.org, one.systems.marketing.org
            told = look_at_names(one, sandbox.schema(crm), sandbox.schema(marketing), crm, marketing)
            found += [Problem(_in_file(name), name.code, name.cause, name.fix, name.patch) for name in told]
    if found:
        raise DocumentRefused(found)


def _in_file(finding: Finding) -> Place:
    return next((one for one in finding.places if isinstance(one, Place)), Place("<integration>", 1, 1))


def _connect(
    sandbox: Sandbox, name: str, integration: Integration, target: Target, work: Path, stack: ExitStack
) -> Connected:
    crm_org, marketing_org = integration.systems.crm.org, integration.systems.marketing.org
    store = work / f"{name}.sqlite"

    def eyes() -> tuple[Crm, Marketing]:
        crm = sandbox.crm(crm_org, through=target.sources.wire("crm"))
        marketing = sandbox.marketing(marketing_org, through=target.sources.wire("marketing"))
        stack.callback(crm.close)
        stack.callback(marketing.close)
        return crm, marketing

    def start() -> Syncs:
        if isinstance(target.connector, Driver):
            return target.connector.drive(DriverPlace(sandbox, integration, work, name))
        from leadproof.connector import Connector

        make: Any = target.connector or Connector
        if isinstance(make, type) and issubclass(make, Connector):
            make = type(make.__name__, (make,), {"durable": False})
        connector: Syncs = make(integration, *eyes(), store, name=name)
        return connector

    connected = Connected(
        name=name,
        integration=integration,
        crm=sandbox.crm(crm_org, TESTER),
        marketing=sandbox.marketing(marketing_org, TESTER),
        connector=start(),
        start=start,
        eyes=eyes,
    )
    stack.callback(connected.crm.close)
    stack.callback(connected.marketing.close)
    stack.callback(lambda: connected.connector.close())
    return connected
