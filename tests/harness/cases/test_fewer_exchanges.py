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
from leadproof.cases.fewer import AsClient, AsSystems, drop_exchanges, with_exchanges
from leadproof.cases.har import Recorded, write_har
from leadproof.cases.refusals import NotPossible
from leadproof.cases.refused import is_refused, refused
from leadproof.cases.story import traffic_of
from leadproof.cases.systems import RecordedSystems
from leadproof.cli import main
from leadproof.sandbox import Sandbox, read_recipe
from leadproof.systems.records import Write
from leadproof.transports.exchange import Exchange
from leadproof.transports.protocol import Request, Response

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


def recorded(key: bytes | None = KEY, *, before_login: bool = False) -> Case:
    """A morning's work of somebody's connector; one write was refused, as the lead was there already. `before_login`:
    it asks without a token first, as many clients do."""
    document = read_recipe(RECIPE, "recipe.yaml")
    with Sandbox.start(document, seed="7") as sandbox:
        if before_login:
            transport = sandbox.transport("acme-crm", "connector")
            assert transport.send(Request("GET", "/acme-crm/crm/v1/whoami", (), {}, b"")).status == 401
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


@pytest.mark.parametrize("key", [None, KEY], ids=["people stay", "people are pseudonyms"])
def test_what_the_refusal_needs_is_left(key: bytes | None) -> None:
    """The login, the lead that was there, and the refused one: the sandbox answers these as it did, twice the same."""
    case = recorded(key)
    assert replay_as_client(case).differences == []
    (number,) = refused(case.traffic)
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
    (number,) = refused(case.traffic)
    at = case.traffic[number - 1]
    assert at.response is not None
    wrong = replace(at, exchange=replace(at.exchange, response=replace(at.response, status=418)))
    traffic = [wrong if one is at else one for one in case.traffic]
    changed = case.with_files({TRAFFIC: write_har(traffic, "0")})
    before = replay_as_client(changed).differences
    assert [one for one, _, _ in before] == [number]
    left = drop_exchanges(changed, AsClient(changed), keep=refused(changed.traffic))
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
    with pytest.raises(NotPossible, match="asked the recorded systems nothing"):
        AsSystems(case, ["true"], None, 30)
    with pytest.raises(NotPossible, match=r"does not end within 0\.2 seconds"):
        AsSystems(case, ["sleep", "60"], None, 0.2)


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


def test_the_command_keeps_the_refused_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unsaid, what stays is the row that was refused with a status of 200, and not the call before the login."""
    path, small = tmp_path / "x.case", tmp_path / "y.case"
    case = recorded(None, before_login=True)
    case.write(path)
    with ended(0):
        main(["case", "minimize", str(path), "-o", str(small)])
    assert f"3 of {len(case.traffic)} exchanges are left (" in capsys.readouterr().out
    left = read_case(small)
    assert [one.response.status for one in left.traffic if one.response is not None] == [200, 200, 200]
    last = left.traffic[-1].response
    assert last is not None
    assert b'"REF702"' in last.body
    assert json.loads(left.files["expected.json"])["verdict"] == "passed"


def test_the_command_asks_what_it_is_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing but a call before the login was refused, it asks for --keep."""
    path, small = tmp_path / "x.case", tmp_path / "y.case"
    case = recorded(None, before_login=True)
    (failure,) = refused(case.traffic)
    with_exchanges(case, [one for one in range(1, len(case.traffic) + 1) if one != failure]).write(path)
    with ended(2):
        main(["case", "minimize", str(path), "-o", str(small)])
    told = capsys.readouterr().err
    assert "but for calls before a login" in told
    assert "--keep N" in told
    with ended(0):
        main(["case", "minimize", str(path), "-o", str(small), "--keep", "1"])
    assert len(read_case(small).traffic) == 1


def answered(body: bytes, status: int = 200, path: str = "/x") -> Recorded:
    asked = Request("POST", path, (), {}, b"")
    return Recorded(Exchange(asked, Response(status, {}, body)), "https://crm.example")


REFUSALS = {
    "a row of the native API": b'{"results":[{"outcome":"created"},{"outcome":"refused","id":null}]}',
    "a count of a native job": b'{"job":"1","counts":{"created":2,"refused":1}}',
    "a row of a collection": b'[{"id":"1","success":true,"errors":[]},{"success": false,"errors":[{}]}]',
    "a part of a composite": b'{"compositeResponse":[{"body":[{}],"httpStatusCode":400}]}',
    "a part of a batch": b'{"hasErrors":true,"results":[{"statusCode":404,"result":[]}]}',
    "SOAP": b"<?xml version='1.0'?><e:Body><result><success>false</success></result></e:Body>",
    "SOAP with a prefix": b"<e:Body><sf:success> false </sf:success></e:Body>",
    "v4 as JSON": b'{"@attributes": {"stat": "fail", "version": 1, "err_code": 4}, "err": "x"}',
    "v4 as XML": b'<?xml version="1.0"?>\n<rsp stat="fail" version="1.0"><err code="4">x</err></rsp>',
    "a batch of v4 as JSON": b'{"@attributes":{"stat":"ok"},"errors":{"1":"Invalid prospect email address"}}',
    "a batch of v4 as XML": b'<rsp stat="ok" version="1.0"><errors><prospect prospect="1">x</prospect></errors></rsp>',
    "results of Bulk 1.0": b'"Id","Success","Created","Error"\n"1","true","true",""\n"","false","false","X:y:--"\n',
    "a batch of Bulk 1.0": b"<batchInfo><numberRecordsFailed>2</numberRecordsFailed></batchInfo>",
    "a job of Bulk 2.0": b'{"id":"1","state":"JobComplete","numberRecordsFailed":1}',
    "failed results of Bulk 2.0": b'"sf__Id","sf__Error","LastName"\n"","X:y:--","A"\n',
    "errors of an import": b"email,error\nno,Invalid prospect email address\n",
}
TAKEN = {
    "rows": b'{"results":[{"outcome":"created"}],"counts":{"created":1,"refused":0}}',
    "a collection": b'[{"id":"1","success":true,"errors":[]}]',
    "a record that says so of itself": b'{"record":{"outcome":"refused"},"values":{"success":false}}',
    "SOAP": b"<e:Body><result><success>true</success></result></e:Body>",
    "v4": b'<rsp stat="ok" version="1.0"><errors/></rsp>',
    "results of Bulk 1.0": b'"Id","Success","Created","Error"\n"1","true","false",""\n',
    "failed results, none": b'"sf__Id","sf__Error","LastName"\n',
    "a job": b'{"numberRecordsFailed":0}',
    "a page": b"Success, or false",
    "nothing": b"",
}


@pytest.mark.parametrize("body", REFUSALS.values(), ids=REFUSALS)
def test_refusals_in_every_form_of_the_vendors(body: bytes) -> None:
    """A refused row counts, although the status is 200."""
    assert is_refused(answered(body))


@pytest.mark.parametrize("body", TAKEN.values(), ids=TAKEN)
def test_what_was_taken_is_no_refusal(body: bytes) -> None:
    """Neither are words of the same sort that say something else."""
    assert not is_refused(answered(body))


def test_a_call_before_the_login_is_no_failure_unless_it_stays_one() -> None:
    """A token and the same call taken afterwards forgive it; the same call turned away again does not."""
    away, token = answered(b"{}", 401), answered(b'{"access_token":"{secret-1}"}', path="/token")
    taken, elsewhere = answered(b"{}"), answered(b"{}", path="/y")
    assert refused([away, token, taken]) == ()
    assert refused([away, token, elsewhere]) == ()
    assert refused([away, token, away, elsewhere]) == (1, 3)
    assert refused([away, taken]) == (1,)
    assert refused([away, token]) == (1,)
