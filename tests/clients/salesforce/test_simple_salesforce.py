"""simple-salesforce, unmodified, over TLS: what it sends is answered so that it understands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from simple_salesforce import (
    Salesforce,
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)
from tests.clients.salesforce.conftest import APP
from tests.clients.salesforce.wire import Wire
from tests.dialects.salesforce.signing import signer


@pytest.fixture
def session(wire: Wire) -> Iterator[requests.Session]:
    """What a company's network gives its programs: a proxy, and an authority to trust."""
    with requests.Session() as session:
        session.proxies = wire.proxies
        session.verify = wire.ca
        session.trust_env = False
        yield session


@pytest.fixture
def crm(session: requests.Session) -> Salesforce:
    """Logged in by SOAP, with user name, password and security token, at the host that the client has built in."""
    return Salesforce(username="sync", password="leadproof-sync", security_token="", domain="login", session=session)


def test_login_by_soap_goes_through_the_builtin_host(crm: Salesforce) -> None:
    """The client asks login.salesforce.com, and goes on at the address that the answer names."""
    assert crm.session_id
    assert crm.sf_instance == "login.salesforce.com"
    assert crm.query("SELECT COUNT() FROM User")["totalSize"] == 3


def test_login_by_soap_names_the_org(crm: Salesforce, session: requests.Session) -> None:
    """The client's `organizationId`, in both lengths, takes the place of the security token; a foreign org's id is
    the client's own exception."""
    own = crm.query("SELECT Id FROM Organization")["records"][0]["Id"]
    for id in (own, own[:15]):
        client = Salesforce(username="sync", password="leadproof-sync", organizationId=id, session=session)
        assert client.query("SELECT COUNT() FROM User")["totalSize"] == 3
    with pytest.raises(SalesforceAuthenticationFailed) as failed:
        Salesforce(username="sync", password="leadproof-sync", organizationId=own[:14] + "zzzz", session=session)
    assert failed.value.code == "INVALID_LOGIN"


def test_login_by_oauth(session: requests.Session) -> None:
    """The password grant with a consumer key and secret."""
    client = Salesforce(
        username="sync", password="leadproof-sync", consumer_key="sync", consumer_secret="leadproof-sync",
        domain="acme-crm.my", session=session,
    )  # fmt: skip
    assert client.query("SELECT Name FROM Organization")["records"][0]["Name"] == "acme-crm"


def test_login_by_client_credentials(session: requests.Session) -> None:
    """The client_credentials grant: key and secret in a Basic header."""
    client = Salesforce(consumer_key="sync", consumer_secret="leadproof-sync", domain="acme-crm.my", session=session)
    assert client.query("SELECT Id FROM User WHERE Username = 'sync'")["totalSize"] == 1


def test_login_by_a_signed_assertion(session: requests.Session) -> None:
    """The JWT bearer grant: a private key whose certificate the org knows; a stranger's key is refused."""
    client = Salesforce(username="sync", consumer_key=APP, privatekey=signer().private_key, session=session)
    assert client.query("SELECT Id FROM User WHERE Username = 'sync'")["totalSize"] == 1
    with pytest.raises(SalesforceAuthenticationFailed) as failed:
        Salesforce(username="sync", consumer_key=APP, privatekey=signer("another").private_key, session=session)
    assert "invalid assertion" in str(failed.value)


def test_wrong_password_is_the_clients_own_exception(session: requests.Session) -> None:
    """Both ways of logging in say it in the form that the client reads."""
    with pytest.raises(SalesforceAuthenticationFailed) as failed:
        Salesforce(username="sync", password="no", security_token="", session=session)
    assert failed.value.code == "INVALID_LOGIN"
    with pytest.raises(SalesforceAuthenticationFailed) as failed:
        Salesforce(
            username="sync", password="no", consumer_key="sync", consumer_secret="leadproof-sync", session=session
        )
    assert failed.value.code == "invalid_grant"


def test_create_read_update_delete(crm: Salesforce) -> None:
    """One record's life."""
    made = crm.Lead.create({"LastName": "Test", "Company": "Acme", "Country": "NO", "Score__c": 7})
    assert made["success"] is True
    lead = crm.Lead.get(made["id"])
    assert (lead["LastName"], lead["Score__c"], lead["Status"]) == ("Test", 7.0, "Open - Not Contacted")
    owner = crm.query(f"SELECT Owner.Name FROM Lead WHERE Id = '{made['id']}'")["records"][0]["Owner"]
    assert owner["Name"] == "Kari Nord"
    assert crm.Lead.update(made["id"], {"Phone": "+47 22 12 34 56"}) == 204
    assert crm.Lead.get(made["id"])["Phone"] == "+47 22 12 34 56"
    assert crm.Lead.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        crm.Lead.get(made["id"])
    deleted = crm.query_all(f"SELECT Id, IsDeleted FROM Lead WHERE Id = '{made['id']}'", include_deleted=True)
    assert deleted["records"][0]["IsDeleted"] is True


def test_upsert_by_external_id(crm: Salesforce) -> None:
    """201 the first time, 200 the second; an external id that is none is not found."""
    assert crm.Lead.upsert("Key__c/k-1", {"LastName": "Test", "Company": "Acme"}) == 201
    assert crm.Lead.upsert("Key__c/k-1", {"LastName": "Other"}) == 200
    assert crm.Lead.get_by_custom_id("Key__c", "k-1")["LastName"] == "Other"
    with pytest.raises(SalesforceResourceNotFound):
        crm.Lead.upsert("LastName/x", {"Company": "Acme"})


def test_query_all_follows_the_pages(crm: Salesforce) -> None:
    """4,100 leads come in three pages, each once."""
    rows = [{"LastName": f"Lead {number}", "Company": "Acme"} for number in range(4100)]
    for start in range(0, len(rows), 200):
        answer = crm.restful(
            "composite/sobjects", method="POST",
            json={"records": [{"attributes": {"type": "Lead"}, **row} for row in rows[start : start + 200]]},
        )  # fmt: skip
        assert all(one["success"] for one in answer)
    first = crm.query("SELECT Id FROM Lead")
    assert (first["done"], first["totalSize"], len(first["records"])) == (False, 4100, 2000)
    found = crm.query_all("SELECT Id, LastName FROM Lead")
    assert found["totalSize"] == 4100
    assert len({record["Id"] for record in found["records"]}) == 4100
    assert len(list(crm.query_all_iter("SELECT Id FROM Lead WHERE LastName LIKE 'lead 1%'"))) == 1111


def test_refusals_are_the_clients_own_exceptions(crm: Salesforce) -> None:
    """Required fields, duplicates, unknown fields and bad queries."""
    with pytest.raises(SalesforceMalformedRequest) as failed:
        crm.Lead.create({"FirstName": "Only"})
    assert failed.value.content == [
        {
            "message": "Required fields are missing: [LastName, Company]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName", "Company"],
        }
    ]
    crm.Lead.create({"LastName": "A", "Company": "Acme", "Email": "a@acme.example"})
    with pytest.raises(SalesforceMalformedRequest) as failed:
        crm.Lead.create({"LastName": "B", "Company": "Acme", "Email": "A@acme.example"})
    assert failed.value.content[0]["errorCode"] == "DUPLICATES_DETECTED"
    allowed = crm.Lead.create(
        {"LastName": "B", "Company": "Acme", "Email": "A@acme.example"},
        headers={"Sforce-Duplicate-Rule-Header": "allowSave=true"},
    )
    assert allowed["success"] is True
    with pytest.raises(SalesforceMalformedRequest) as failed:
        crm.query("SELECT Nmae FROM Lead")
    assert failed.value.content[0]["errorCode"] == "INVALID_FIELD"
    assert "No such column 'Nmae' on entity 'Lead'" in failed.value.content[0]["message"]


def test_several_records_with_one_external_id(crm: Salesforce) -> None:
    """300 with the addresses, which the client raises as its own exception."""
    crm.restful("sobjects/Lead", method="POST", json={"LastName": "A", "Company": "Acme", "Email": "x@acme.example"})
    with pytest.raises((SalesforceResourceNotFound, SalesforceMoreThanOneRecord)):
        crm.Lead.get_by_custom_id("Email", "x@acme.example")


def test_describe_and_limits(crm: Salesforce) -> None:
    """The metadata that object mappers and admins ask for."""
    listed = crm.describe()
    assert {"Lead", "Contact", "Account", "Campaign"} <= {one["name"] for one in listed["sobjects"]}
    described = crm.Lead.describe()
    score = next(one for one in described["fields"] if one["name"] == "Score__c")
    assert (score["type"], score["custom"], score["updateable"], score["scale"]) == ("double", True, True, 0)
    assert crm.limits()["DailyApiRequests"]["Max"] > 0
    assert crm.api_usage["api-usage"].used > 0


def test_updated_and_deleted(crm: Salesforce) -> None:
    """What changed between two moments."""
    import datetime as dt

    kept = crm.Lead.create({"LastName": "Kept", "Company": "Acme"})["id"]
    gone = crm.Lead.create({"LastName": "Gone", "Company": "Acme"})["id"]
    crm.Lead.delete(gone)
    start = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
    end = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
    assert crm.Lead.updated(start, end)["ids"] == [kept]
    assert [one["id"] for one in crm.Lead.deleted(start, end)["deletedRecords"]] == [gone]


def test_bulk_2_ingest_and_query(crm: Salesforce) -> None:
    """A CSV file in, with its failed rows; a CSV file out, page by page."""
    rows = [{"LastName": f"Bulk {number}", "Company": "Acme", "Score__c": str(number)} for number in range(450)]
    rows[7]["LastName"] = ""
    done = crm.bulk2.Lead.insert(records=rows, batch_size=1000, wait=0)
    assert [(one["numberRecordsProcessed"], one["numberRecordsFailed"]) for one in done] == [(450, 1)]
    failed = crm.bulk2.Lead.get_failed_records(done[0]["job_id"])
    assert "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --" in failed
    good = crm.bulk2.Lead.get_successful_records(done[0]["job_id"])
    assert good.count("\n") == 450
    soql = "SELECT Id, LastName, Score__c FROM Lead ORDER BY Score__c"
    pages = list(crm.bulk2.Lead.query(soql, max_records=200, wait=0))
    assert sum(page.count("\n") - 1 for page in pages) == 449
    assert len(pages) == 3


def test_bulk_1_ingest(crm: Salesforce) -> None:
    """The older bulk API, in JSON."""
    results = crm.bulk.Lead.insert([{"LastName": "One", "Company": "Acme"}, {"LastName": "Two"}], batch_size=100)
    assert [one["success"] for one in results] == [True, False]
    assert results[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"


def test_bulk_1_query(crm: Salesforce) -> None:
    """The older bulk API answers queries, too."""
    crm.Lead.create({"LastName": "One", "Company": "Acme"})
    rows = crm.bulk.Lead.query("SELECT LastName, Company FROM Lead")
    assert [(row["LastName"], row["Company"]) for row in rows] == [("One", "Acme")]


def test_an_expired_session_is_renewed(wire: Wire, crm: Salesforce) -> None:
    """The session ends on the sandbox's clock; the client logs in again by itself."""
    before = crm.session_id
    wire.sandbox.world.clock.advance(7201)
    assert crm.query("SELECT Id FROM Lead")["totalSize"] == 0
    assert crm.session_id != before
