"""What is refused is tried again as long as that can help, and no longer (quality.md R3, "retries bounded")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leadproof.connector import Connector
from leadproof.connector.metered import Metered
from leadproof.connector.value_table import Side
from leadproof.systems.organization import Connection
from leadproof.systems.ports import Refusal, Write, WriteResult
from tests.harness.connector.pair import PEOPLE, Pair, integration, start, write

FORBIDDEN = Refusal("REF704", "The user may not write this record.", None, "permission", True)


class Forbidding(Metered):
    """A CRM whose admin took the right to write leads from the connector, but for those named in `allowed`."""

    rights: list[str]

    def connect(self) -> Connection:
        seen = super().connect()
        return replace(seen, permissions=tuple(self.rights)) if self.side == "crm" else seen

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        if self.side == "crm" and "write" not in self.rights:
            return [WriteResult("refused", one.id, FORBIDDEN) for one in writes]
        return super().write(writes)


class Forbidden(Connector):
    rights: list[str] = []  # noqa: RUF012  # each test sets its own

    def meter(self, side: Side) -> Metered:
        metered = Forbidding(side, self.crm if side == "crm" else self.marketing)
        metered.rights = self.rights
        return metered


def forbidden() -> tuple[Pair, str]:
    """A prospect whose lead may not be created, and the cycles in which it was tried."""
    pair = start(make=Forbidden)
    assert isinstance(pair.connector, Forbidden)
    pair.connector.rights = []
    return pair, pair.prospect(email="p@x.example")


def tried(pair: Pair, cycles: int) -> list[int]:
    """In which of the next cycles (from 1) the CRM was asked to write."""
    return [number for number in range(1, cycles + 1) if pair.cycle().writes_crm]


def test_what_only_people_can_mend_is_tried_four_times_and_then_waits() -> None:
    """The waits are the same in every run; the record stays in the queue with its reason and its tries."""
    pair, prospect = forbidden()
    assert tried(pair, 12) == [1, 2, 3, 4]
    (aside,) = pair.cycle().set_aside
    assert (aside.code, aside.record, aside.policy, aside.tries) == ("CON111", prospect, "few", 4)


def test_a_change_of_the_record_tries_once_more() -> None:
    """One try for each change, and none after it."""
    pair, prospect = forbidden()
    tried(pair, 6)
    pair.edit(prospect, first_name="New")
    assert tried(pair, 6) == [1]


def test_resync_gives_all_tries_anew() -> None:
    """Resync forgets how often something was tried."""
    pair, _ = forbidden()
    tried(pair, 6)
    pair.connector.resync()
    assert tried(pair, 8) == [1, 2, 3, 4]


def test_a_permission_that_is_given_back_is_noticed() -> None:
    """What waited arrives in the next cycle, though neither record changed."""
    pair, prospect = forbidden()
    tried(pair, 6)
    assert isinstance(pair.connector, Forbidden)
    pair.connector.rights = ["write"]
    pair.cycle()
    assert pair.lead_of(prospect).values["Email"] == "p@x.example"
    assert pair.sync()[-1].set_aside == []


def test_a_partner_that_changes_tries_anew_and_not_for_ever() -> None:
    """The refused write is to the lead; an edit of that lead wakes it, and now the lead waits with its own tries."""
    pair, prospect = forbidden()
    assert isinstance(pair.connector, Forbidden)
    pair.connector.rights = ["write"]
    pair.sync()
    pair.connector.rights = []
    pair.edit(prospect, score="5")
    assert tried(pair, 8) == [1, 2, 3, 4]
    pair.edit_crm(pair.lead_of(prospect).id, FirstName="Sales")
    assert tried(pair, 12) == [1, 2, 3, 4, 5]


def test_a_fault_that_lasts_is_tried_in_every_second_cycle_at_least() -> None:
    """However long a lock stands, no two cycles pass without a try, so that rest comes within three after it."""
    pair = start()
    prospect = pair.prospect(email="p@x.example")
    pair.sandbox.lab.add_fault({"at": "acme-crm", "operation": "batch", "kind": "row_lock", "times": "always"})
    assert tried(pair, 14) == [1, 2, 3, 4, 6, 8, 10, 12, 14]
    pair.sandbox.lab.clear_faults()
    assert tried(pair, 2) == [2]
    pair.sync()
    assert pair.lead_of(prospect).values["Email"] == "p@x.example"
    assert pair.cycle().set_aside == []


def test_a_delete_that_is_refused_for_good_waits_for_the_survivor_to_change() -> None:
    """`deletes: propagate`: four tries, then one for each change of the survivor."""
    pair = start(integration(people=PEOPLE.replace("deliver: all", "deliver: all, deletes: propagate")), make=Forbidden)
    assert isinstance(pair.connector, Forbidden)
    pair.connector.rights = ["write"]
    prospect = pair.prospect(email="p@x.example")
    pair.sync()
    lead = pair.lead_of(prospect).id
    write(pair.marketer, Write("delete", "prospect", prospect))
    pair.connector.rights = []
    assert tried(pair, 12) == [1, 2, 3]  # the first try is in the cycle that met the delete
    pair.edit_crm(lead, FirstName="Sales")
    assert tried(pair, 6) == [1]
    pair.connector.rights = ["write"]
    pair.sync()
    assert pair.leads() == []
