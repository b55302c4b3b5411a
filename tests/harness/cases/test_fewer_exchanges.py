"""`case minimize` of a case of traffic: what its verdict does not need goes, and each reduction was replayed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from leadproof.cases.capturing import Source, case_of_traffic
from leadproof.cases.case import TRAFFIC, Case, read_case
from leadproof.cases.client import replay_as_client
from leadproof.cases.fewer import AsClient, AsSystems, drop_exchanges, refused, with_exchanges
from leadproof.cases.har import Recorded, write_har
from leadproof.cases.refusals import NotPossible
from leadproof.cases.story import traffic_of
from leadproof.cases.systems import RecordedSystems
from leadproof.cli import main
from leadproof.sandbox import Sandbox, read_recipe
from leadproof.systems.records import Write

RECIPE = """
recipe: 1
actors: {connector: {address: 10.20.0.7}}
orgs:
  acme-crm:
    kind: crm
    logins: [{actor: connector, user: sync}]
    users: [{id: sync}, {id: kari.c}]
    duplicate_rules: [{name: Same e-mail, object: Lead, match: [Email]}]
"""
KEY = b"the key of this test, long enough"


def lead(name: str) -> Write:
    values = {"LastName": name, "Company": "Fjord", "Email": f"{name.lower()}@fjord.example"}
    return Write("create", "Lead", None, None, values)


def recorded(key: bytes | None = KEY) -> Case:
    """A morning's work of somebody's connector; one write was refused, as the lead was there already."""
    document = read_recipe(RECIPE, "recipe.yaml")
    with Sandbox.start(document, seed="7") as sandbox:
        crm = sandbox.crm("acme-crm")
        crm.connect()
        crm.users()
        for name in ("Anna", "Bente"):
            crm.write([lead(name)])
            list(crm.find("Lead", None, ["LastName"]))
        (result,) = crm.write([lead("Anna")])
        assert result.outcome == "refused"
        crm.write([lead("Cato")])
        list(crm.find("Lead", None, ["LastName"]))
        facts = list(sandbox.lab.journal())
    return case_of_traffic(traffic_of(facts), title="x", source=Source(document, RECIPE, "7"), key=key)


def told(one: Recorded) -> str:
    return f"{one.request.method} {one.request.path}"


def row_refused(case: Case) -> int:
    """The number of the exchange in which a row was refused."""
    (number,) = (
        number
        for number, one in enumerate(case.traffic, 1)
        if one.response is not None and (one.response.status >= 400 or b'"refused"' in one.response.body)
    )
    return number


@pytest.mark.parametrize("key", [None, KEY], ids=["people stay", "people are pseudonyms"])
def test_what_the_refusal_needs_is_left(key: bytes | None) -> None:
    """The login, the lead that was there, and the refused one: the sandbox answers these as it did, twice the same."""
    case = recorded(key)
    assert replay_as_client(case).differences == []
    number = row_refused(case)
    first = drop_exchanges(case, AsClient(case), keep=[number])
    assert (first.finished, first.before) == (True, len(case.traffic))
    assert number in first.left
    assert len(first.left) == 3
    assert [told(case.traffic[one - 1]) for one in first.left] == [told(one) for one in first.case.traffic]
    compared = replay_as_client(first.case)
    assert (compared.exchanges, compared.differences, compared.unsent) == (3, [], [])
    again = drop_exchanges(case, AsClient(case), keep=[number])
    assert again.case.to_bytes() == first.case.to_bytes()


def test_a_difference_of_the_whole_case_stays() -> None:
    """Where the new build answers otherwise, the small case still shows that difference, and no other."""
    case = recorded()
    number = row_refused(case)
    at = case.traffic[number - 1]
    assert at.response is not None
    wrong = replace(at, exchange=replace(at.exchange, response=replace(at.response, status=418)))
    traffic = [wrong if one is at else one for one in case.traffic]
    changed = case.with_files({TRAFFIC: write_har(traffic, "0")})
    before = replay_as_client(changed).differences
    assert [one for one, _, _ in before] == [number]
    left = drop_exchanges(changed, AsClient(changed), keep=refused(changed))
    assert [text for _, _, text in replay_as_client(left.case).differences] == [text for _, _, text in before]
    assert len(left.left) < left.before


CLIENT = """
import json, os, sys, urllib.request
base = os.environ["LEADPROOF_PROXY"]
def ask(path):
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
    return json.load(urllib.request.urlopen(base + path))
ask("/acme-crm/crm/v1/whoami")
sys.exit(len(ask("/acme-crm/crm/v1/users")["users"]))
"""


def test_as_systems_the_command_ends_the_same(tmp_path: Path) -> None:
    """What the client never asks for goes; what it needs to end with its code stays."""
    case = recorded(None)
    script = tmp_path / "client.py"
    script.write_text(CLIENT, encoding="utf-8")
    left = drop_exchanges(case, AsSystems(case, [sys.executable, str(script)], None, 30))
    assert [told(one) for one in left.case.traffic] == ["GET /acme-crm/crm/v1/whoami", "GET /acme-crm/crm/v1/users"]
    assert left.finished
    with pytest.raises(NotPossible, match="can't be started"):
        AsSystems(case, ["no such program"], None, 30)


def test_what_cannot_be_kept_is_told() -> None:
    """A number that the case has not; a case in which nothing was refused."""
    case = recorded(None)
    with pytest.raises(NotPossible, match="cannot keep 99"):
        drop_exchanges(case, AsClient(case), keep=[99])
    assert RecordedSystems(with_exchanges(case, [2])).left == [1]


@contextmanager
def ended(code: int) -> Iterator[None]:
    with pytest.raises(SystemExit) as ending:
        yield
    assert ending.value.code == code


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what is left, writes a sound case, and asks for --keep where nothing was refused."""
    path, small = tmp_path / "x.case", tmp_path / "y.case"
    case = recorded(None)
    case.write(path)
    with ended(0):
        main(["case", "minimize", str(path), "-o", str(small), "--keep", str(row_refused(case))])
    assert f"3 of {len(case.traffic)} exchanges are left (" in capsys.readouterr().out
    assert len(read_case(small).traffic) == 3
    assert json.loads(read_case(small).files["expected.json"])["verdict"] == "passed"
    with ended(2):
        main(["case", "minimize", str(path), "-o", str(small)])
    assert "--keep N" in capsys.readouterr().err
