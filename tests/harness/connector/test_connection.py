"""Whole-call failures, settings, quota, lost answers, leases, restarts: nothing is lost, nothing is doubled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadproof.connector import Connector, Store, StoreRefused
from leadproof.systems.ports import Write
from tests.harness.connector.pair import RECIPE, Pair, start, write


def fault(pair: Pair, **told: Any) -> None:
    pair.sandbox.lab.add_fault({"at": "acme-crm", "nth": 1, "times": 1, **told})


def codes(report: Any) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize(("setting", "code"), [("switched_on: false, verified: true", "CON101"),
                                               ("switched_on: true, verified: false", "CON102")])  # fmt: skip
def test_the_marketing_orgs_connector_settings_are_obeyed(setting: str, code: str) -> None:
    """Switched off or not verified: the cycle ends with the named finding before anything is read or written."""
    pair = start(recipe=RECIPE.replace("switched_on: true, verified: true", setting))
    pair.prospect(email="p@x.example")
    report = pair.cycle()
    assert report.stopped is not None
    assert report.stopped.code == code
    assert pair.leads() == []


def test_an_address_that_is_not_on_the_allowlist_is_named() -> None:
    """The finding is the address', and everything arrives once it is mended."""
    recipe = RECIPE.replace("    default_owner: sync", "    allowlist: [10.20.0.9/32]\n    default_owner: sync")
    pair = start(recipe=recipe, install=False)
    pair.prospect(email="p@x.example")
    report = pair.cycle()
    assert report.stopped is not None
    assert report.stopped.code == "NET110"
    pair.sandbox.lab.set_org("acme-crm", {"allowlist": ["10.20.0.0/24"]})
    pair.connector.install()
    pair.sync()
    assert len(pair.leads()) == 1


def test_the_quota_is_never_spent_and_the_next_day_goes_on() -> None:
    """The cycle stops before the last calls, says so, and resumes where it stood."""
    pair = start(
        recipe=RECIPE.replace("    default_owner: sync", "    quota: {calls_per_day: 16}\n    default_owner: sync")
    )
    for number in range(3):
        pair.prospect(email=f"p{number}@x.example")
    reports = [pair.cycle() for _ in range(12)]
    stopped = [report.stopped.code for report in reports if report.stopped is not None]
    assert stopped
    assert set(stopped) == {"CON112"}
    assert pair.crm.connect().quota.left is not None
    pair.sandbox.lab.advance(24 * 3600)
    pair.sync()
    assert len(pair.leads()) == 3


SWEEP = [
    pytest.param(operation, kind, side, marks=[] if (operation, side) == ("batch", "acme-crm") else [pytest.mark.slow])
    for operation in ("batch", "query", "changes", "token", "any")
    for kind in ("lost_after_apply", "status", "token_expired", "row_lock", "partial")
    for side in ("acme-crm", "acme-marketing")
]


@pytest.mark.parametrize(("operation", "kind", "side"), SWEEP)
def test_one_fault_anywhere_loses_and_doubles_nothing(operation: str, kind: str, side: str) -> None:
    """After a single fault of any kind the next cycles end with one lead, linked both ways, and are silent."""
    pair = start()
    prospect = pair.prospect(email="p@x.example", country="Norway")
    told: dict[str, Any] = {"operation": operation, "kind": kind, "at": side}
    if kind == "status":
        told["status"] = 503
    fault(pair, **told)
    pair.cycle()
    pair.sync()
    pair.sandbox.lab.clear_faults()
    (lead,) = pair.leads()
    assert lead.values["MarketingId__c"] == prospect
    assert pair.one(prospect).values["crm_id"] == lead.id
    assert pair.one(prospect).owner == "kari.m"


def test_a_lost_answer_to_a_create_makes_one_lead_in_the_same_cycle() -> None:
    """The CRM is searched for the link field before anything is tried again."""
    pair = start()
    pair.prospect(email="p@x.example")
    fault(pair, operation="batch", kind="lost_after_apply")
    pair.cycle()
    assert len(pair.leads()) == 1
    assert pair.cycle().silent


def test_one_poisoned_record_does_not_stop_the_others() -> None:
    """A lead that the CRM refuses for good is set aside with its finding; the rest arrives; nothing is retried."""
    pair = start()
    for number in range(5):
        values = {"last_name": "Test", "email": f"p{number}@x.example"}
        if number != 2:
            values["company"] = "Acme"
        write(pair.marketer, Write("create", "prospect", values=values))
    report = pair.cycle()
    assert len(pair.leads()) == 4
    assert codes(report) == ["MAP306"]
    assert [aside.code for aside in report.set_aside] == ["MAP306"]
    assert pair.cycle().silent


def test_more_records_than_a_page_arrive() -> None:
    """2,100 prospects: more than a page of the feed and many batches; each arrives once."""
    pair = start()
    told = [Write("create", "prospect", values={"last_name": "T", "company": "A", "email": f"p{n}@x.example"})
            for n in range(2100)]  # fmt: skip
    assert all(result.outcome == "created" for result in pair.marketer.write(told))
    pair.sync()
    assert sorted(str(lead.values["Email"]) for lead in pair.leads()) == sorted(f"p{n}@x.example" for n in range(2100))


def test_a_second_cycle_at_the_same_time_is_refused(tmp_path: Path) -> None:
    """Two triggers at once: the lease lets one run; the other says so and does nothing."""
    pair = start(store=tmp_path / "store.db")
    other = Connector(pair.integration, pair.crm, pair.marketing, tmp_path / "store.db")
    with pair.connector.store.lease.hold():
        report = other.cycle()
    assert report.stopped is not None
    assert report.stopped.code == "CYC607"
    assert other.cycle().stopped is None


def test_its_memory_survives_a_restart(tmp_path: Path) -> None:
    """A new connector with the old file is silent; one without it finds every link again and doubles nothing."""
    pair = start(store=tmp_path / "store.db")
    pair.prospect(email="p@x.example")
    pair.sync()
    pair.restart()
    assert pair.cycle().silent
    (tmp_path / "store.db").unlink()
    pair.restart()
    pair.sync()
    assert len(pair.leads()) == len(pair.prospects()) == 1


def test_a_scenarios_store_that_is_in_use_is_refused(tmp_path: Path) -> None:
    """It is one connector's alone: a second one is told so, and has it when the first has closed it."""
    first = Store(tmp_path / "store.db", durable=False)
    with first.transaction():
        first.set_state("cycle", "1")
    with pytest.raises(StoreRefused, match="another connector has it open"):
        Store(tmp_path / "store.db", durable=False)
    first.close()
    again = Store(tmp_path / "store.db", durable=False)
    assert again.state("cycle") == "1"
    again.close()


def test_a_file_of_another_kind_is_refused_as_a_store(tmp_path: Path) -> None:
    """Also where it is no database at all."""
    (tmp_path / "notes.txt").write_text("Call Anne about the spring campaign. " * 40)
    with pytest.raises(StoreRefused, match="another kind of file"):
        Store(tmp_path / "notes.txt")


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    """It is not overwritten, and the message says what to do."""
    import sqlite3

    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE something (x)")
    other.close()
    with pytest.raises(StoreRefused, match="Move it away"):
        Store(tmp_path / "other.db")
