"""A third party's client, recorded through the proxy: its recording answers it again, and asks a new build again."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from simple_salesforce import Salesforce, SalesforceMalformedRequest, SalesforceResourceNotFound

from leadproof.cases.capturing import Capture, Source, case_of_traffic, without_control
from leadproof.cases.case import Case, Vendors, read_case
from leadproof.cases.client import replay_as_client
from leadproof.cases.forwarding import Upstream
from leadproof.cases.gate import Gate
from leadproof.cases.systems import RecordedSystems
from leadproof.sandbox import Sandbox, read_recipe
from tests.clients.salesforce.conftest import recipe

ADA = (
    "      - {object: Lead, values: {FirstName: Ada, LastName: Lund, Company: Fjord, Email: ada.lund@fjord.example}}\n"
)
RECIPE = recipe() + ADA
"""The org of the clients' tests, and one person in it."""
PAGE = 200
KEY = b"the key of this test, long enough"


def in_bulk(crm: Salesforce) -> list[object]:
    """Both versions of the Bulk API: jobs that insert, one row of them wrong, their results, and a query in pages."""
    bulk2, bulk1 = crm.bulk2.Lead, crm.bulk.Lead
    rows = [{"LastName": "Bulk", "Company": "Acme", "Phone": "+47 22 11 11 12"}, {"LastName": "", "Company": "Acme"}]
    (done,) = bulk2.insert(records=rows, wait=0)
    failed = bulk2.get_failed_records(done["job_id"])
    told: list[object] = [done["numberRecordsProcessed"], done["numberRecordsFailed"], failed.count("REQUIRED_FIELD")]
    told += [page.count("\n") for page in bulk2.query("SELECT Id, LastName FROM Lead", max_records=PAGE, wait=0)]
    told.append([one["success"] for one in bulk1.insert([{"LastName": "Older bulk", "Company": "Acme"}])])
    return [*told, len(bulk1.query("SELECT Id, LastName FROM Lead WHERE Company = 'Acme'"))]


def a_days_work(session: requests.Session) -> list[object]:
    """Log in, describe, create, read, query page by page, update, upsert, batches, bulk, refusals, delete."""
    crm = Salesforce(username="sync", password="leadproof-sync", security_token="", domain="login", session=session)
    told: list[object] = [crm.query("SELECT COUNT() FROM User")["totalSize"], len(crm.Lead.describe()["fields"])]
    lead = crm.Lead.create(
        {"FirstName": "Anna", "LastName": "Berg", "Company": "Berg & Sons", "Email": "anna.berg@acme.example",
         "Phone": "+47 22 12 34 56", "Country": "NO", "Score__c": 7}
    )["id"]  # fmt: skip
    told.append(crm.query(f"SELECT Owner.Name FROM Lead WHERE Id = '{lead}'")["totalSize"])
    told.append(crm.query("SELECT Id FROM Lead WHERE Email = 'anna.berg@acme.example'")["totalSize"])
    told.append(crm.Lead.update(lead, {"Title": "Director", "Phone": "+47 22 65 43 21"}))
    told.append(crm.Lead.upsert("Key__c/k-1", {"LastName": "O'Neil", "Company": "Øst & Vest"}))
    told.append(crm.Lead.upsert("Key__c/k-1", {"LastName": "Other"}))
    rows = [{"attributes": {"type": "Lead"}, "LastName": f"Lead {n}", "Company": "Acme"} for n in range(400)]
    for part in (rows[:200], rows[200:]):
        answer = crm.restful("composite/sobjects", method="POST", json={"records": part})
        told.append(sum(1 for one in answer if one["success"]))
    small = {"Sforce-Query-Options": f"batchSize={PAGE}"}
    told.append(len(crm.query_all("SELECT LastName FROM Lead ORDER BY Id", headers=small)["records"]))
    for wrong, refused in (
        (lambda: crm.Lead.create({"FirstName": "Only"}), SalesforceMalformedRequest),
        (lambda: crm.Lead.create({"LastName": "B", "Company": "C", "Email": "ANNA.BERG@acme.example"}),
         SalesforceMalformedRequest),
        (lambda: crm.query("SELECT Nmae FROM Lead"), SalesforceMalformedRequest),
    ):  # fmt: skip
        with pytest.raises(refused):
            wrong()
    told += in_bulk(crm)
    told.append(crm.Lead.delete(lead))
    with pytest.raises(SalesforceResourceNotFound):
        crm.Lead.get(lead)
    return told


def working_through(gate: Gate, ca: Path) -> list[object]:
    with requests.Session() as session:
        session.proxies = {"https": gate.url, "http": gate.url}
        session.verify = str(ca)
        session.trust_env = False
        return a_days_work(session)


def recorded(folder: Path, key: bytes | None) -> tuple[Case, list[object]]:
    document = read_recipe(RECIPE, "recipe.yaml")
    with Sandbox.start(document, seed="7", over="http") as sandbox:
        upstream = Upstream({}, sandbox.open_proxy(folder / "sandbox.pem"), folder / "sandbox.pem")
        capture = Capture(upstream)
        with Gate(capture, folder / "gate.pem") as gate:
            told = working_through(gate, folder / "gate.pem")
        upstream.close()
    case = case_of_traffic(
        without_control(capture.recorded),
        title="A day's work",
        vendors=Vendors(crm="salesforce", marketing="none"),
        source=Source(document, RECIPE, "7"),
        key=key,
    )
    case.write(folder / "day.case")
    return read_case(folder / "day.case"), told


Day = tuple[Case, list[object]]


@pytest.fixture(scope="module", params=["people stay", "people are pseudonyms"])
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """The case, and what the client saw."""
    return recorded(tmp_path_factory.mktemp("day"), KEY if "pseudonyms" in request.param else None)


def test_the_recorded_systems_answer_the_same_client(day: Day, tmp_path: Path) -> None:
    """0 unmatched requests, every recorded one asked for, and the client sees what it saw."""
    case, told = day
    systems = RecordedSystems(case, KEY)
    with Gate(systems, tmp_path / "ca.pem") as gate:
        assert working_through(gate, tmp_path / "ca.pem") == told
    assert [one.told() for one in systems.unmatched] == []
    assert systems.left == []
    assert systems.answered == len(case.traffic) > 40


def test_the_day_has_pages_and_jobs_in_it(day: Day) -> None:
    """Three pages of a query, three of a bulk query by their locators, jobs of both versions of the Bulk API."""
    case, _ = day
    asked = [f"{one.request.method} {one.request.path}" for one in case.traffic]
    assert sum("/query/01g" in one for one in asked) == 2
    assert sum("/jobs/ingest" in one for one in asked) >= 5
    located = [dict(one.request.query).get("locator") for one in case.traffic if one.request.path.endswith("/results")]
    assert len([one for one in located if one]) == 2
    assert sum(one.startswith("POST /services/async/") for one in asked) >= 4


@pytest.mark.parametrize("seed", ["7", "another"])
def test_a_new_build_answers_as_recorded(day: Day, seed: str) -> None:
    """0 unexplained differences; with another seed all ids and tokens are others, and still stand for the same."""
    case, _ = day
    compared = replay_as_client(case, seed=seed)
    assert compared.unsent == []
    assert compared.differences == []
    assert compared.exchanges == len(case.traffic)


def test_no_secret_and_no_person_is_in_the_recording(day: Day) -> None:
    """Neither password nor session; people only where they were asked to stay."""
    case, _ = day
    text = b"\n".join(case.files.values()).decode()
    assert "leadproof-sync" not in text
    assert "00D" not in "".join(one.request.headers.get("authorization", "") for one in case.traffic)
    for name in ("anna.berg", "Berg & Sons", "Ada", "ada.lund", "22 12 34 56", "Kari Nord"):
        assert (name in text) != case.sheet.redacted.people


def test_a_request_beyond_the_recording_is_told_with_the_nearest(day: Day, tmp_path: Path) -> None:
    """Three recorded requests, with what differs."""
    case, _ = day
    systems = RecordedSystems(case, KEY)
    with Gate(systems, tmp_path / "ca.pem") as gate, requests.Session() as session:
        session.trust_env = False
        asked = session.get(f"{gate.url}/services/data/v59.0/query", params={"q": "SELECT Id FROM Case"})
    assert asked.status_code == 404
    (missed,) = systems.unmatched
    assert len(missed.nearest) == 3
    assert any("query: q=SELECT" in differs for _, _, differs in missed.nearest)


def test_a_host_that_nobody_named_leads_nowhere(tmp_path: Path) -> None:
    """The recording proxy opens no connection to a real system by itself, and records nothing of the attempt."""
    capture = Capture(Upstream({}))
    with Gate(capture, tmp_path / "ca.pem") as gate, requests.Session() as session:
        session.trust_env = False
        session.proxies, session.verify = {"https": gate.url}, str(tmp_path / "ca.pem")
        asked = session.get("https://login.salesforce.com/services/data")
    assert asked.status_code == 403
    assert "--upstream login.salesforce.com" in asked.text
    assert capture.recorded == []
