"""Scenarios on two live systems: no sandbox, nothing of its controls, and everybody's data around.

quality.md "Live guard": dummy leads in production notify real salespeople. An org that is, or may be, production is
refused unless its id is repeated; what will be done is shown first; what was made is removed at the end.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from leadproof.integration import Integration, live_settings, load
from leadproof.sandbox import vendor_names
from leadproof.scenario.connected import Connected, Syncs
from leadproof.scenario.dummies import SOMEBODY, Dummies, Noted, Watched
from leadproof.scenario.integrations import Spoken, load_spoken
from leadproof.scenario.registry import Need
from leadproof.scenario.stage import Stage
from leadproof.systems.credentials import Credentials
from leadproof.systems.organization import Organization, Side
from leadproof.systems.ports import Capability, Crm, Marketing
from leadproof.systems.registry import open_system

if TYPE_CHECKING:
    from leadproof.scenario.document import Loaded
    from leadproof.scenario.livejournal import LiveJournal
    from leadproof.transports.protocol import Transport

NO_ADDRESS = "RUN821"
PRODUCTION = "RUN822"
ADDRESS = re.compile(r"[^\s@\"',;]+@[\w.-]*\w")
NOBODY = ".example"
"""RFC 2606: no mail goes there, so nobody real has such an address."""
NOT_HERE = ("write", "call", "import_csv")
"""Steps that are skipped on live systems, so what they would enter is not entered."""
OWN = "native"
"""Our own dialect: only sandboxes speak it."""


class LiveRefused(Exception):
    """A live run must not begin; `.code`, `.text`, `.fix`."""

    exit_code = 2

    def __init__(self, code: str, text: str, fix: str) -> None:
        super().__init__(text)
        self.code, self.text, self.fix = code, text, fix


@dataclass(frozen=True, slots=True)
class Live:
    """How live systems are reached. `org_ids`: those that a person repeated, knowing whose they are; `journal`: where
    what is made is written down."""

    org_ids: frozenset[str] = frozenset()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    journal: LiveJournal | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """Both live systems of an integration, opened once for the tester and once for each connector."""

    integration: Integration
    live: Live

    def open_crm(self) -> Crm:
        """A client of the live CRM. Raises LiveRefused, DocumentRefused for variables that are not set."""
        return open_system("crm", *self._reached("crm"))

    def open_marketing(self) -> Marketing:
        """A client of the live marketing tool. Raises as `open_crm`."""
        return open_system("marketing", *self._reached("marketing"))

    def _reached(self, side: Side) -> tuple[str, Transport, str, Credentials]:
        from leadproof.transports.http import Http  # only here: a run in this process need not wait for the library

        system = getattr(self.integration.systems, side)
        settings = live_settings(self.integration, side, self.live.environment)
        url = settings.pop("url", "")
        if not url:
            text = f"The integration does not say where the live {side} system is."
            fix = f"Add to systems.{side}: url and credentials, each as ${{VARIABLE}} (leadproof schema integration)."
            raise LiveRefused(NO_ADDRESS, text, fix)
        return system.dialect, Http(url), system.org, Credentials(**settings)


def plan(loaded: Sequence[Loaded], live: Live) -> list[str]:
    """What a run on the live systems of these scenarios will do, for people, after a look at who they are. Raises
    LiveRefused for an org that is or may be production and whose id was not repeated; nothing was written yet."""
    lines: list[str] = []
    for one in loaded:
        _only_dummies(one)
        for name in one.scenario.integration_files:
            # With the scenario's own changes: they may name another system than the file does.
            reached = _systems(_integration(one.path.parent / name, one.scenario.integration_changes), live)
            lines += [line for line in reached if line not in lines]
    installing = [one.id for one in loaded if any(step.step == "install" for step in one.steps)]
    if installing:
        lines.append(f"install ({', '.join(installing)}) adds custom fields to the live CRM; they stay there.")
    steps = sum(len(one.steps) for one in loaded)
    lines.append(
        f"{len(loaded)} scenarios, {steps} steps. Dummy people are under @lead.example and removed at the end."
    )
    lines.append("The built-in connector syncs all that the integration says: the records that are there, too.")
    return lines


def _only_dummies(loaded: Loaded) -> None:
    """At the end everybody goes who has an address that the scenario entered. Raises LiveRefused for one that may be
    somebody's."""
    for step in loaded.steps:
        if step.step in NOT_HERE:
            continue
        # Only what it enters: a user of the org, who has a real address, may be named as owner.
        entered = json.dumps(getattr(step, "values", {}), ensure_ascii=False)
        for address in ADDRESS.findall(entered):
            if not address.casefold().endswith(NOBODY):
                raise LiveRefused(
                    SOMEBODY,
                    f"{loaded.id} enters {address}: people who have that address already would be removed at the end.",
                    "Use an address under .example, or leave it out: dummy people have one.",
                )


def _integration(path: Path, changes: dict[str, Any]) -> Integration:
    """The integration in the vendors' names; file and changes may be in the engine's."""
    return load_spoken(path, changes, _spoken(load(path)))


def _spoken(integration: Integration) -> Spoken:
    systems = integration.systems
    return Spoken(vendor_names("crm", systems.crm.dialect), vendor_names("marketing", systems.marketing.dialect))


def _systems(integration: Integration, live: Live) -> list[str]:
    pairing = Pairing(integration, live)
    lines = []
    with ExitStack() as stack:
        crm, marketing = pairing.open_crm(), pairing.open_marketing()
        stack.callback(crm.close)
        stack.callback(marketing.close)
        for side, system in (("crm", crm), ("marketing", marketing)):
            dialect = getattr(integration.systems, side).dialect
            known = _organization(dialect, system)
            if known.production is not False and known.id not in live.org_ids:
                is_it = "is production" if known.production else "may be production"
                raise LiveRefused(
                    PRODUCTION,
                    f"{system.name} ({dialect} {known.id}) {is_it}: dummy leads there notify real salespeople.",
                    f"Use a sandbox org; or, knowing what you do, add --org-id {known.id}.",
                )
            what = (
                "production" if known.production else "may be production" if known.production is None else "a sandbox"
            )
            lines.append(f"{side:<9} {dialect} {system.name}, id {known.id}, {what}, as {system.connect().user}")
    return lines


def _organization(dialect: str, system: Any) -> Organization:
    """Who the org is; one that does not tell may be production."""
    if dialect == OWN:
        return Organization(system.name, production=False)
    tell = getattr(system, "organization", None)
    found: Organization = tell() if tell is not None else Organization(system.name, production=None)
    return found


def org_ids(connections: Mapping[str, Connected]) -> dict[str, str]:
    """The vendor's own id of every org, by its name."""
    found = {}
    for one in connections.values():
        for side, system in (("crm", one.crm), ("marketing", one.marketing)):
            found[system.name] = _organization(getattr(one.integration.systems, side).dialect, system).id
    return found


def open_live_stage(loaded: Loaded, live: Live, seed: str, connector: Any, work: Path, stack: ExitStack) -> Stage:
    """The stage of one scenario on the live systems; `stack` closes it all. Raises LiveRefused, DocumentRefused."""
    connections: dict[str, Connected] = {}
    # What no two runs share: others begin with the same seed on the same orgs, and must not meet this run's dummies.
    word = live.journal.word if live.journal is not None else ""
    dummies = Dummies(connections, word, journal=live.journal)
    for name in loaded.scenario.integration_files:
        path = loaded.path.parent / name
        integration = _integration(path, loaded.scenario.integration_changes)
        connections[path.stem] = _connect(path.stem, Pairing(integration, live), connector, dummies, work, stack)
    if live.journal is not None:
        live.journal.scenario(loaded.id, loaded.path, org_ids(connections))
    for one in connections.values():
        one.crm = cast(Crm, Watched(one.crm, dummies, partial(one.match_field, "crm")))
        one.marketing = cast(Marketing, Watched(one.marketing, dummies, partial(one.match_field, "marketing")))
    return Stage(
        dummies=dummies,
        loaded=loaded,
        seed=f"{seed}/{word}/{loaded.id}",
        connections=connections,
        lab=None,
        offers=_offers(connections),
        at=loaded.document.place("steps"),
    )


def _offers(connections: Mapping[str, Connected]) -> frozenset[Need]:
    """What both systems of every connection can tell by themselves."""
    offers: set[Need] = {"built_in"}
    systems = [system for one in connections.values() for system in (one.crm, one.marketing)]
    if all(Capability.HISTORY in system.can for system in systems):
        offers.add("history")
    if all(Capability.ASSIGNMENT_RULES in one.crm.can for one in connections.values()):
        offers.add("rules")
    return frozenset(offers)


def _connect(name: str, pairing: Pairing, connector: Any, dummies: Dummies, work: Path, stack: ExitStack) -> Connected:
    integration, spoken = pairing.integration, _spoken(pairing.integration)

    def eyes() -> tuple[Crm, Marketing]:
        crm, marketing = pairing.open_crm(), pairing.open_marketing()
        stack.callback(crm.close)
        stack.callback(marketing.close)
        return crm, marketing

    def match_field(side: Side, object: str) -> str:
        return dummies.connections[name].match_field(side, object)

    def start() -> Syncs:
        make = connector
        if make is None:
            from leadproof.connector import Connector

            make = Connector
        crm, marketing = eyes()
        noted = (
            Noted(crm, dummies, partial(match_field, "crm")),
            Noted(marketing, dummies, partial(match_field, "marketing")),
        )
        made: Syncs = make(integration, *noted, work / f"{name}.sqlite", name=name)
        return made

    crm, marketing = eyes()
    connected = Connected(
        name=name,
        integration=integration,
        crm=crm,
        marketing=marketing,
        connector=start(),
        start=start,
        eyes=eyes,
        names={"crm": spoken.crm, "marketing": spoken.marketing},
    )
    stack.callback(lambda: connected.connector.close())
    return connected
