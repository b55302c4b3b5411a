"""The same seed and steps give the same digest, wherever and however they run; one altered thing gives another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from leadsim.engine.journal import BLOCK_CHARACTERS, Journal
from tests.engine.story import tell
from tests.engine.worlds import SYNC, create, world

ROOT = Path(__file__).resolve().parents[2]


def told(**environment: str) -> str:
    """The story's digest from another process."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    run = subprocess.run(
        [sys.executable, "-m", "tests.engine.story"], env=variables, capture_output=True, text=True, check=True
    )
    return run.stdout


def test_the_digest_doesnt_depend_on_the_process() -> None:
    """Other hash seeds, time zones, locales and folders: the same journal and as large a database."""
    first = told(PYTHONHASHSEED="1")
    assert first == told(PYTHONHASHSEED="2", TZ="Asia/Kathmandu", LC_ALL="tr_TR.UTF-8")
    assert first.split()[0] == tell().journal.digest()


def test_two_runs_are_equal_to_the_byte() -> None:
    """The facts, the databases, the ids."""
    a, b = tell(), tell()
    assert a.journal.facts() == b.journal.facts()
    for name, org in a.orgs.items():
        assert org.store.dump() == b.orgs[name].store.dump()


@pytest.mark.parametrize("other", [{"seed": 8}, {"seed": "7x"}, {"city": "oslo"}])
def test_one_altered_thing_alters_the_digest(other: dict[str, str]) -> None:
    """Another draw or another value is another digest."""
    assert tell(**other).journal.digest() != tell().journal.digest()


def test_each_org_has_its_own_chain() -> None:
    """What happens in one org doesn't touch another's digest, and both make the whole."""
    one = world()
    crm, marketing, whole = one.journal.digest("crm"), one.journal.digest("marketing"), one.journal.digest()
    create(one.orgs["crm"], "Lead")
    assert one.journal.digest("crm") != crm
    assert one.journal.digest("marketing") == marketing
    assert one.journal.digest() != whole


def test_the_order_of_interleaved_orgs_doesnt_matter() -> None:
    """formats.md "The digest": requests to different orgs may overlap, so only each org's own order counts."""
    a, b = world(), world()
    for one, first in ((a, "crm"), (b, "marketing")):
        for name in (first, *({"crm", "marketing"} - {first})):
            create(one.orgs[name], "Lead" if name == "crm" else "prospect")
    assert a.journal.digest() == b.journal.digest()


def test_an_exchange_stands_before_what_it_caused() -> None:
    """Facts inside a request get numbers after its exchange's, though the exchange is known last."""
    journal = Journal()
    request = journal.begin()
    inner = journal.append({"org": "crm", "kind": "change", "request": request})
    journal.finish({"org": "crm", "kind": "exchange", "request": request})
    assert [(fact["n"], fact["kind"], fact["request"]) for fact in journal.facts()] == [
        (request, "exchange", request),
        (inner, "change", request),
    ]


def test_facts_are_kept_whole_when_packed() -> None:
    """Many facts later the first are still there, can be filtered and paged, and the digest is the same."""
    journal, plain = Journal(), []
    for number in range(777):
        fact = {
            "org": f"org{number % 2}",
            "kind": "note",
            "what": "é" * (BLOCK_CHARACTERS // 250 + number % 7),  # three blocks and some more
            "object": "Lead",
            "id": str(number % 5),
        }
        plain.append({**fact, "n": journal.append(fact), "request": None})
    assert journal.facts() == plain
    assert journal.facts(org="org1", id="3", after=300) == [
        fact for fact in plain if fact["org"] == "org1" and fact["id"] == "3" and fact["n"] > 300
    ]
    assert [fact["n"] for fact in journal.facts(after=250, limit=10)] == list(range(251, 261))
    assert journal.count(org="org0") == sum(fact["org"] == "org0" for fact in plain)
    digest = journal.digest()
    journal.clear()
    assert (journal.facts(), journal.count(), journal.digest()) == ([], 0, digest)
    assert journal.append({"org": "org0", "kind": "note"}) == plain[-1]["n"] + 1


def test_facts_belong_to_the_journal() -> None:
    """What a caller does with a fact that it read doesn't change the journal."""
    one = world()
    create(one.orgs["crm"], "Lead", SYNC, City="Oslo")
    read = one.journal.facts(org="crm", object="Lead")
    read[0]["fields"].clear()
    assert one.journal.facts(org="crm", object="Lead")[0]["fields"]["City"] == [None, "Oslo"]


def test_one_other_status_alters_the_digest() -> None:
    """An answer that differs in nothing but its status is another answer."""

    def answered(status: int) -> str:
        journal = Journal()
        journal.append({"org": "crm", "kind": "exchange", "at": "2026-03-02T09:00:00Z", "path": "/", "status": status})
        return journal.digest()

    assert answered(200) == answered(200) != answered(201)
