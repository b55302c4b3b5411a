"""What an org remembers between calls goes back with it, and the same calls leave the same journal."""

from __future__ import annotations

from tests.dialects.salesforce.desk import Desk

ROWS = [{"attributes": {"type": "Lead"}, "LastName": f"L{number:03d}", "Company": "Acme"} for number in range(150)]


def test_open_queries_and_jobs_are_part_of_a_snapshot() -> None:
    """Restored, a second page and a job can be asked for again; what came later is gone."""
    desk = Desk()
    for _ in range(2):
        desk.send("POST", "/composite/sobjects", {"records": ROWS})
    page = desk.query("SELECT Id FROM Lead", headers={"Sforce-Query-Options": "batchSize=200"})["nextRecordsUrl"]
    job = desk.send("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"}).json["id"]
    world = desk.sandbox.world
    world.snapshot("here")
    later = desk.send("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"}).json["id"]
    desk.send("DELETE", f"/jobs/ingest/{later}")
    desk.send("PATCH", f"/jobs/ingest/{job}", {"state": "Aborted"})
    world.restore("here")
    assert desk.send("GET", f"/jobs/ingest/{job}").json["state"] == "Open"
    assert desk.send("GET", f"/jobs/ingest/{later}").status == 404
    rest = desk.send("GET", page.removeprefix("/services/data/v59.0")).json
    assert (len(rest["records"]), rest["done"]) == (100, True)


def test_the_same_calls_leave_the_same_journal() -> None:
    """Ids, times, tokens and bodies: one digest."""

    def told() -> str:
        desk = Desk()
        desk.lead(Country="NO", Email="a@acme.example")
        desk.send("POST", "/composite/sobjects", {"records": ROWS[:5]})
        desk.query("SELECT Id, Owner.Name FROM Lead ORDER BY LastName DESC")
        return desk.sandbox.world.journal.digest()

    assert told() == told()
