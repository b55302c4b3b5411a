"""What connectors do that no planted bug does: programs that fail, two at once, one that dies in the middle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from leadproof.connector import Connector
from leadproof.connector.intents import Intent
from leadproof.connector.metered import Metered
from leadproof.connector.value_table import Side
from leadproof.drivers import Command, Watch
from leadproof.systems.failures import Refused
from leadproof.systems.ports import Capability
from leadproof.systems.records import Refusal, Write, WriteResult
from tests.harness.connector.pair import PEOPLE, Pair, integration, start
from tests.harness.connector.test_companies import MORE
from tests.harness.connector.test_recovery import RATED, Doomed, die, take_away
from tests.harness.drivers.programs import played, program
from tests.harness.findings.by_scenario import findings_of
from tests.harness.findings.hand import ByHand, Told, told
from tests.harness.scenario.stage_hands import Broken, Stopped, play

LEAD = "create_lead: {as: lead, in: marketing, fill: basics}\n"
SYNCED = LEAD + "sync: {cycles: 1}\ncheck_delivered: {lead: $lead}"
WAITS = "import threading; print('waiting', flush=True); threading.Event().wait()"


def driven(text: str, driver: Callable[[list[str]], Any], steps: str = SYNCED) -> Callable[[Path], Told]:
    """A program of these lines as the connector under test."""
    return lambda folder: told(findings_of(played(folder, driver(program(folder, text)), steps)))


def command(words: list[str]) -> Command:
    """Run in each turn, for at most three seconds."""
    return Command(words, deadline_seconds=3)


def watch(words: list[str]) -> Watch:
    """Started once, and waited for until all is quiet."""
    return Watch(words, quiet_seconds=0.3, deadline_seconds=2)


def acts(make: Any, steps: str = SYNCED) -> Callable[[Path], Told]:
    """A connector of the tests, on the starter's two orgs."""
    return lambda folder: told(findings_of(play(folder, steps, connector=make)))


def _two_at_once(folder: Path) -> Told:
    pair = start(store=folder / "store.db")
    other = Connector(pair.integration, pair.crm, pair.marketing, folder / "store.db")
    with pair.connector.store.lease.hold():
        report = other.cycle()
    return told([report.stopped] if report.stopped else [])


def _two_connections(folder: Path) -> Told:
    one, other = start(store=folder / "one.db"), start(store=folder / "other.db")
    with one.connector.store.lease.hold():
        report = other.connector.cycle()
    return told([report.stopped] if report.stopped else [])


def _died(taken: str) -> Callable[[Path], Told]:
    """The connector dies after it sent a hot lead; then a choice is taken away, and it comes back."""

    def play_it(folder: Path) -> Told:
        pair = start(integration(RATED), store=folder / "store.db", make=Doomed)
        pair.prospect(email="p@x.example", rating="hot")
        die(pair, applied=True)
        if taken:
            take_away(pair, taken)
        pair.restart()
        return told(pair.cycle().findings)

    return play_it


def _no_longer_mapped(*, open_write: bool) -> Callable[[Path], Told]:
    def play_it(folder: Path) -> Told:
        pair = start(integration(more=MORE), store=folder / "store.db", make=Doomed)
        if open_write:
            account = Write("create", "account", values={"name": "Acme"})
            intent = Intent("marketing", "create", "account", account, "Account", "a1")
            intent.id = pair.connector.store.intents.next_number()
            with pair.connector.store.transaction():
                pair.connector.store.intents.open([intent])
        pair.restart(integration())
        return told(pair.cycle().findings)

    return play_it


def metered(kind: type[Metered]) -> type[Connector]:
    """The right connector, with something between it and both systems."""

    class Between(Connector):
        def meter(self, side: Side) -> Metered:
            return kind(side, self.crm if side == "crm" else self.marketing)

    return Between


class Trims(Metered):
    """A system that keeps five characters of a first name."""

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        return super().write([replace(one, values=_shortened(one.values)) for one in writes])


def _shortened(values: Any) -> dict[str, Any]:
    return {name: value[:5] if name == "FirstName" else value for name, value in values.items()}


class Assigns(Metered):
    """A connector that sends an owner with every update of a lead."""

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        leads = [
            replace(one, owner="desk.sales") if (one.op, one.object) == ("update", "Lead") else one for one in writes
        ]
        return super().write(leads)


def _moves(write: Write) -> bool:
    return (write.op, write.object) == ("update", "Lead")


class NoBin(Metered):
    """A system that deletes for good."""

    def __init__(self, side: Side, system: Any) -> None:
        super().__init__(side, _Without(system))


class _Without:
    def __init__(self, system: Any) -> None:
        self._inner = system
        self.can = system.can - {Capability.RECYCLE_BIN}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class Unwell(Metered):
    """A system that cannot say who its users are, and says so in words that nobody knows."""

    def users(self) -> Any:
        raise Refused("acme-crm", "GET /users", Refusal("E_TEAPOT", "I am a teapot", None, "invalid", definite=True))


class Failing(Metered):
    """A system that fails with each new row, and does not say why."""

    kind: Any = "fault"

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        said = Refusal("UNKNOWN_EXCEPTION", "An unexpected error occurred", None, self.kind, definite=True)
        return [WriteResult("refused", None, said) for _ in writes]


class Refusing(Failing):
    """The same, and it says that the row may not be written."""

    kind = "permission"


def _reported(make: Any) -> Callable[[Path], Told]:
    """What one cycle reports, with one person to deliver."""

    def play_it(folder: Path) -> Told:
        pair = start(store=folder / "store.db", make=make)
        pair.prospect(email="p@x.example")
        report = pair.cycle()
        return told([*([report.stopped] if report.stopped else []), *report.findings])

    return play_it


def _edited(make: Any, name: str) -> Callable[[Path], Told]:
    """A person's first name is edited in marketing while the CRM's is blank."""

    def play_it(folder: Path) -> Told:
        pair = start(store=folder / "store.db", make=make)
        prospect = pair.prospect(email="p@x.example")
        pair.sync()
        pair.edit(prospect, first_name=name)
        return told(pair.cycle().findings)

    return play_it


def _deleted(make: Any) -> Callable[[Path], Told]:
    def play_it(folder: Path) -> Told:
        people = PEOPLE.replace("deliver:", "deletes: recycle, deliver:")
        pair: Pair = start(integration(people=people), store=folder / "store.db", make=make)
        lead = pair.lead_of(_linked(pair))
        pair.sales.write([Write("delete", "Lead", id=lead.id)])
        return told(pair.cycle().findings)

    return play_it


def _linked(pair: Pair) -> str:
    prospect = pair.prospect(email="p@x.example")
    pair.sync()
    return prospect


MOVED = """
create_lead: {as: lead, in: marketing, fill: basics}
sync: {until: quiet}
change_owner: {lead: $lead, in: crm, to: anne.sales}
clear: {lead: $lead, in: crm, fields: [Phone]}
sync: {until: quiet}
check_owner: {lead: $lead, is: anne.sales}
check_oracle: {}
"""
RESTLESS = """
import os, httpx2
url = "{LEADPROOF_CRM_URL}/{LEADPROOF_CRM_ORG}/crm/v1/records/Lead".format_map(os.environ)
login = (os.environ["LEADPROOF_CRM_USERNAME"], os.environ["LEADPROOF_CRM_PASSWORD"])
number = 0
while True:
    number += 1
    httpx2.post(url, json={"values": {"LastName": str(number), "Company": "T"}}, auth=login, trust_env=False)
"""
CONNECTORS: dict[str, ByHand] = {
    "CYC604": ByHand(_reported(metered(Failing)), _reported(metered(Refusing))),
    "CYC606": ByHand(_reported(metered(Unwell)), _reported(metered(Failing))),
    "CYC607": ByHand(_two_at_once, _two_connections),
    "CYC609": ByHand(_deleted(metered(NoBin)), _deleted(Connector)),
    "CYC610": ByHand(_died("Hot"), _died("")),
    "CYC611": ByHand(_no_longer_mapped(open_write=True), _no_longer_mapped(open_write=False)),
    "CYC634": ByHand(acts(metered(Assigns), MOVED), acts(None, MOVED)),
    "CYC640": ByHand(driven("raise KeyError('Phone')", command), driven("", command)),
    "CYC641": ByHand(
        lambda folder: told(findings_of(played(folder, Command(["no-such-program-here"]), SYNCED))),
        driven("raise SystemExit(1)", command),
    ),
    "CYC642": ByHand(driven(WAITS, command), driven("print('slow')", command)),
    "CYC643": ByHand(
        driven(RESTLESS, lambda words: Watch(words, deadline_seconds=3, quiet_seconds=1.0)),
        driven("raise SystemExit(4)", watch),
    ),
    "CYC644": ByHand(driven(WAITS, watch), driven("raise SystemExit(4)", watch)),
    "MAP314": ByHand(_edited(metered(Trims), "Kristian"), _edited(metered(Trims), "Kim")),
    "SIM902": ByHand(acts(Broken), acts(Stopped)),
}
