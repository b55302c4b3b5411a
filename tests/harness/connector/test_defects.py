"""The planted bugs: each can be switched on, and shows what its name says."""

from __future__ import annotations

import pytest

from leadproof.connector.defects import DEFECTS, planted
from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.ports import Write
from tests.harness.connector.pair import Pair, start, write


def broken(name: str) -> Pair:
    return start(make=planted(name))


@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_each_defect_runs_and_does_not_crash(name: str) -> None:
    """It is a wrong connector, not a broken one: two cycles end by themselves."""
    pair = broken(name)
    pair.prospect(email="p@x.example", first_name="Ann", country="Norway")
    pair.lead(Email="q@x.example")
    assert [pair.cycle().stopped for _ in range(2)] == [None, None]


def test_an_unknown_defect_is_refused() -> None:
    """There is no silent fallback to the right connector."""
    with pytest.raises(KeyError):
        planted("nothing_of_the_kind")


@pytest.mark.parametrize(("name", "leads", "prospects"), [
    ("do_nothing", 1, 1), ("one_way_to_crm", 2, 1), ("one_way_to_marketing", 1, 2)])  # fmt: skip
def test_a_connector_that_leaves_a_side_alone(name: str, leads: int, prospects: int) -> None:
    """What it does not write does not arrive."""
    pair = broken(name)
    pair.prospect(email="p@x.example")
    pair.lead(Email="q@x.example")
    pair.cycle()
    assert (len(pair.leads()), len(pair.prospects())) == (leads, prospects)


def test_doubles_on_retry() -> None:
    """An answer lost after it was applied makes two leads."""
    pair = broken("doubles_on_retry")
    pair.prospect(email="p@x.example")
    pair.sandbox.lab.add_fault(
        {"at": "acme-crm", "operation": "batch", "kind": "lost_after_apply", "nth": 1, "times": 1}
    )
    pair.cycle()
    assert len(pair.leads()) == 2


def test_swaps_owners() -> None:
    """Marketing's owner is not the partner of the CRM's."""
    pair = broken("swaps_owners")
    prospect = pair.prospect(email="p@x.example", country="Norway")
    pair.cycle()
    assert pair.one(prospect).owner != "kari.m"


def test_misses_pages() -> None:
    """What stood on the second page never arrives."""
    pair = broken("misses_pages")
    pair.marketer.write(
        [Write("create", "prospect", values={"last_name": "T", "company": "A", "email": f"p{n}@x.example"})
         for n in range(2050)]
    )  # fmt: skip
    for _ in range(3):
        pair.cycle()
    assert len(pair.leads()) == 2000


def test_case_sensitive_email() -> None:
    """Another letter case makes a second record."""
    pair = broken("case_sensitive_email")
    pair.lead(Email="P@x.example")
    pair.prospect(email="p@x.example")
    pair.cycle()
    assert len(pair.leads()) + len(pair.prospects()) > 2


def test_echoes() -> None:
    """It never comes to rest."""
    pair = broken("echoes")
    pair.prospect(email="p@x.example")
    assert not any(pair.cycle().silent for _ in range(5))


def test_echoes_late() -> None:
    """It seems to have come to rest, and writes again, each time."""
    pair = broken("echoes_late")
    pair.prospect(email="p@x.example")
    pair.cycle()
    assert [pair.cycle().silent for _ in range(8)] == [True, True, True, False] * 2


def test_skips_member_status() -> None:
    """The member arrives; its later status does not."""
    pair = broken("skips_member_status")
    prospect = pair.prospect(email="p@x.example")
    (campaign,) = pair.marketer.campaigns()
    for status in ("sent", "clicked"):
        pair.marketer.set_members([MemberWrite("set", campaign.id, "prospect", prospect, status)])
        pair.cycle()
    assert [one.status for one in pair.sales.members(None, 10).items] == ["Sent"]


def test_a_removed_row_and_an_ignored_setting_change_what_happens() -> None:
    """Without row 9 the false phone number stays; deletes ignored the other way removes the survivor."""
    pair = broken("row_9_removed")
    prospect = pair.prospect(email="p@x.example", phone="+47 22 12 34 56")
    pair.sync()
    pair.edit(prospect, phone="00000000")
    pair.sync()
    assert pair.one(prospect).values["phone"] == "00000000"
    other = broken("deletes_ignored")
    gone = other.prospect(email="p@x.example")
    other.sync()
    write(other.marketer, Write("delete", "prospect", gone))
    other.sync()
    assert other.leads() == []
