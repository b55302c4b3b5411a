"""Killed anywhere and started again, the connector loses nothing and doubles nothing (quality.md R2)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.ports import Write
from tests.harness.connector.killed import DELETES, POINT, Dead, Mortal, Points, die_by_exception
from tests.harness.connector.pair import Pair, integration, start, write
from tests.harness.connector.test_values import ANSWERS

PARTS = 6
FORM = {"last_name": "Test", "company": "Acme"}


def busy(pair: Pair) -> None:
    """People who were linked before are edited, answered, deleted; new ones come on both sides."""
    for name in ("linked", "deleted"):
        pair.visitor.submit_form("contact", {**FORM, "email": f"{name}@x.example", "comments": "First"})
    pair.sync()
    linked, deleted = pair.prospects()
    pair.edit_crm(pair.lead_of(linked.id).id, FirstName="Crm")
    pair.edit(linked.id, phone="+47 22 12 34 56")
    pair.visitor.submit_form("contact", {**FORM, "email": "linked@x.example", "comments": "Second"})
    write(pair.marketer, Write("delete", "prospect", deleted.id))
    pair.visitor.submit_form("contact", {**FORM, "email": "new@x.example", "comments": "Hello"})
    pair.prospect(email="plain@x.example", country="Norway")
    pair.lead(Email="imported@x.example", FirstName="Sales", Owner="ola.c")
    (campaign,) = pair.marketer.campaigns()
    new = pair.prospects()[-1].id
    pair.marketer.set_members([MemberWrite("set", campaign.id, "prospect", new, "sent")])


def told(pair: Pair) -> dict[str, Any]:
    """What both systems hold, without what may differ between two runs (ids, versions, times)."""
    leads = {one.id: one for one in pair.leads()}
    prospects = {one.id: one for one in pair.prospects()}
    texts = {id: str(one.values["Comments__c"] or "") for id, one in leads.items()}
    held = ("Email", "FirstName", "Phone", "Country")
    return {
        "leads": sorted([str(one.values[name]) for name in held] + [str(one.owner)] for one in leads.values()),
        "prospects": sorted(
            [str(one.values[name]) for name in ("email", "first_name", "phone", "country")] + [str(one.owner)]
            for one in prospects.values()
        ),
        "answers": sorted(line.split("] ")[1] for text in texts.values() for line in text.splitlines()),
        "links": sorted(
            (str(one.values["email"]).casefold(), str(leads[str(one.values["crm_id"])].values["Email"]).casefold())
            for one in prospects.values()
        ),
        "both ways": all(
            leads[str(one.values["crm_id"])].values["MarketingId__c"] == one.id for one in prospects.values()
        ),
        "members": sorted(one.status for one in pair.sales.members(None, 100).items if not one.deleted),
    }


def mortal_pair(folder: Path) -> Pair:
    pair = start(integration(ANSWERS, DELETES), store=folder / "store.db", make=Mortal)
    busy(pair)
    return pair


def uninterrupted(folder: Path) -> tuple[dict[str, Any], int]:
    """What must come out, and how many durable points one cycle passes."""
    pair = mortal_pair(folder)
    counting = Points(0, die_by_exception)
    pair.connector.live_until(counting)  # type: ignore[attr-defined]
    pair.cycle()
    points = counting.passed
    pair.sync()
    return told(pair), points


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int]:
    return uninterrupted(tmp_path_factory.mktemp("right"))


def test_the_uninterrupted_run_is_what_people_expect(right: tuple[dict[str, Any], int]) -> None:
    """The yardstick itself: four people on each side, every answer once."""
    state, points = right
    assert len(state["leads"]) == len(state["prospects"]) == 4
    assert state["answers"] == ["First", "Hello", "Second"]
    assert state["members"] == ["Sent"]
    assert state["both ways"]
    assert points > 20


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, PARTS))])
def test_dying_at_any_durable_point_loses_and_doubles_nothing(
    part: int, right: tuple[dict[str, Any], int], tmp_path: Path
) -> None:
    """Before and after every commit and every remote write: the next cycles end where one would have ended."""
    state, points = right
    for point in range(1 + part, points + 1, PARTS):
        folder = tmp_path / str(point)
        folder.mkdir()
        pair = mortal_pair(folder)
        pair.connector.live_until(Points(point, die_by_exception))  # type: ignore[attr-defined]
        with pytest.raises(Dead):
            pair.cycle()
        pair.restart()
        pair.sync()
        assert told(pair) == state, f"died at point {point}"
        pair.connector.close()
        pair.sandbox.close()


DEADLY = [pytest.param(point, marks=[] if point == 13 else [pytest.mark.slow]) for point in range(1, 60)]


@pytest.mark.parametrize("point", DEADLY)
def test_a_process_killed_by_the_system_goes_on_where_it_was(
    point: int, right: tuple[dict[str, Any], int], tmp_path: Path
) -> None:
    """SIGKILL to a real process that syncs over real sockets into a file, then a new process."""
    state, points = right
    if point > points:
        pytest.skip(f"one cycle has {points} durable points")
    pair = start(integration(ANSWERS, DELETES), store=tmp_path / "store.db", make=Mortal, over="http")
    try:
        busy(pair)
        pair.connector.close()
        urls = {side: pair.sandbox.url(f"acme-{side}") for side in ("crm", "marketing")}
        (tmp_path / "urls.json").write_text(json.dumps(urls))
        assert process(tmp_path, point).returncode == -signal.SIGKILL
        outcomes = [process(tmp_path, 0) for _ in range(3)]
        assert [one.returncode for one in outcomes] == [0, 0, 0], outcomes
        assert json.loads(outcomes[-1].stdout)["silent"], outcomes
        assert told(pair) == state
    finally:
        pair.sandbox.close()


def process(folder: Path, point: int) -> subprocess.CompletedProcess[str]:
    """One cycle in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.harness.connector.killed", str(folder / "urls.json"), str(folder / "store.db")],
        env={**os.environ, POINT: str(point)},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
