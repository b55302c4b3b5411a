"""aiosalesforce, unmodified: an asynchronous client that shares no code with simple-salesforce."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosalesforce import Salesforce
from aiosalesforce.auth import ClientCredentialsFlow, JwtBearerFlow, SoapLogin
from aiosalesforce.exceptions import AuthenticationError, DuplicatesDetectedError, NotFoundError, SalesforceError
from tests.clients.salesforce.conftest import APP
from tests.clients.salesforce.wire import Wire
from tests.dialects.salesforce.signing import signer

HOST = "https://acme-crm.my.salesforce.com"
LEAD = {"LastName": "Test", "Company": "Acme"}
KEYS = ClientCredentialsFlow(client_id="sync", client_secret="leadproof-sync")


def walk(wire: Wire, steps: Callable[[Salesforce], Awaitable[None]], auth: Any = KEYS) -> None:
    """Take the steps with a client that reaches the built-in host through the proxy."""

    async def run() -> None:
        trust = ssl.create_default_context(cafile=wire.ca)
        async with httpx.AsyncClient(proxy=wire.proxy, verify=trust, trust_env=False) as http:
            await steps(Salesforce(http, base_url=HOST, auth=auth, version="60.0"))

    asyncio.run(run())


def test_each_way_of_logging_in(wire: Wire, tmp_path: Path) -> None:
    """Key and secret, user name and password over SOAP, and a signed assertion."""
    key = tmp_path / "key.pem"
    key.write_text(signer().private_key)

    async def steps(client: Salesforce) -> None:
        rows = [row async for row in client.query("SELECT Username FROM User WHERE Username = 'sync'")]
        assert [row["Username"] for row in rows] == ["sync"]

    walk(wire, steps)
    walk(wire, steps, SoapLogin(username="sync", password="leadproof-sync", security_token=""))
    walk(wire, steps, JwtBearerFlow(client_id=APP, username="sync", private_key_file=key))
    with pytest.raises(AuthenticationError) as failed:
        walk(wire, steps, ClientCredentialsFlow(client_id="sync", client_secret="no"))
    assert failed.value.error_code == "invalid_client"


def test_a_records_life(wire: Wire) -> None:
    """Create, read some fields, change, upsert by external id, delete."""

    async def steps(client: Salesforce) -> None:
        id = await client.sobject.create("Lead", {**LEAD, "Country": "NO"})
        lead = await client.sobject.get("Lead", id, fields=["LastName", "OwnerId"])
        owner = await client.sobject.get("User", lead["OwnerId"])
        assert owner["Name"] == "Kari Nord"
        await client.sobject.update("Lead", id, {"City": "Oslo"})
        assert (await client.sobject.get("Lead", id))["City"] == "Oslo"
        first = await client.sobject.upsert("Lead", "k-1", external_id_field="Key__c", data=LEAD)
        second = await client.sobject.upsert("Lead", "k-1", external_id_field="Key__c", data={"City": "Bergen"})
        assert (first.created, second.created, first.id == second.id) == (True, False, True)
        await client.sobject.delete("Lead", id)
        with pytest.raises(NotFoundError):
            await client.sobject.get("Lead", id)

    walk(wire, steps)


def test_refusals_are_the_clients_own_exceptions(wire: Wire) -> None:
    """A duplicate with the record in the way, a missing field, a query that can't be."""

    async def steps(client: Salesforce) -> None:
        first = await client.sobject.create("Lead", {**LEAD, "Email": "a@acme.example"})
        with pytest.raises(DuplicatesDetectedError) as duplicate:
            await client.sobject.create("Lead", {**LEAD, "Email": "A@acme.example"})
        assert [one["id"] for one in duplicate.value.duplicates] == [first]
        with pytest.raises(SalesforceError) as missing:
            await client.sobject.create("Lead", {"FirstName": "Only"})
        assert missing.value.error_code == "REQUIRED_FIELD_MISSING"
        with pytest.raises(SalesforceError) as wrong:
            [row async for row in client.query("SELECT Nmae FROM Lead")]
        assert wrong.value.error_code == "INVALID_FIELD"

    walk(wire, steps)


def test_composite_and_batch(wire: Wire) -> None:
    """Later calls use what earlier ones gave; one bad part takes the others back where that is asked."""

    async def steps(client: Salesforce) -> None:
        async with client.composite(all_or_none=True) as composite:
            account = composite.sobject.create("Account", {"Name": "Acme"})
            parent = str(account.reference.id)  # the client's own encoder drops the @{} of what is not plain text
            contact = composite.sobject.create("Contact", {"LastName": "Nord", "AccountId": parent})
            found = composite.query("SELECT Id FROM Contact")
        assert (await client.sobject.get("Contact", contact.id))["AccountId"] == account.id
        assert [record["Id"] for record in found.records] == [contact.id]
        async with client.composite(all_or_none=True) as composite:
            good = composite.sobject.create("Lead", LEAD)
            bad = composite.sobject.create("Lead", {"LastName": "Alone"})
        assert (good.is_success, bad.is_success) == (False, False)
        assert [row async for row in client.query("SELECT Id FROM Lead")] == []
        async with client.composite.batch() as batch:
            one = batch.sobject.create("Lead", LEAD)
            two = batch.query("SELECT Id FROM Lead")
        assert [record["Id"] for record in two.records] == [one.id]

    walk(wire, steps)


def test_bulk_ingest_and_pages(wire: Wire) -> None:
    """A file in, with its failed row; a query that takes two pages; the limits."""

    async def steps(client: Salesforce) -> None:
        rows = [{"LastName": f"Bulk {number}", "Company": "Acme"} for number in range(2100)]
        rows[3]["Company"] = ""
        jobs = [
            job async for job in client.bulk_v2.ingest.perform_operation("insert", "Lead", rows, polling_interval=0)
        ]
        assert [(job.job_info.state, len(job.successful_results), len(job.failed_results)) for job in jobs] == [
            ("JobComplete", 2099, 1)
        ]
        assert "REQUIRED_FIELD_MISSING" in jobs[0].failed_results[0]["sf__Error"]
        found = [row["Id"] async for row in client.query("SELECT Id FROM Lead")]
        assert len(set(found)) == len(found) == 2099
        assert (await client.get_limits())["DailyApiRequests"]["Max"] > 0

    walk(wire, steps)
