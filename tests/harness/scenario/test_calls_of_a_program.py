"""The step `call`: what its line says of rows that were refused in an answer that went well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leadproof.scenario.document import load_scenario
from leadproof.scenario.runner import Options, run_scenario
from leadproof.systems.pardot.errors import refused_rows as refused_by_pardot
from leadproof.systems.salesforce.errors import refused_rows as refused_by_salesforce
from tests.harness.scenario.stage_hands import play

BATCH = [
    {"op": "create", "object": "Lead", "values": {"LastName": "Test", "Company": "Test"}},
    {"op": "create", "object": "Lead", "values": {"LastName": "Test", "Company": "Test", "Email": "no address"}},
    {"op": "create", "object": "Lead", "values": {"LastName": "Test", "Compnay": "Test"}},
]


def line(folder: Path, items: object) -> str:
    """What the step says of a batch of the native API, in a scenario that goes on after it."""
    body = json.dumps(json.dumps({"items": items}))
    steps = f"call: {{in: crm, method: POST, path: /my-crm/crm/v1/batch, body: {body}}}\ncheck_journal: {{}}"
    outcome = play(folder, steps)
    assert outcome.verdict == "passed", outcome.reason
    return next(str(one.data["text"]) for one in outcome.events if one.kind == "step_finished")


def test_rows_that_were_refused_are_told_and_the_scenario_goes_on(tmp_path: Path) -> None:
    """How many, which, and why in the system's words; a batch that went well says its status alone."""
    told = line(tmp_path, BATCH)
    assert told.startswith("status 200, 2 rows refused: row 2: ")
    assert "row 3: " in told
    assert "Compnay" in told
    assert line(tmp_path, BATCH[:1]) == "status 200"
    assert line(tmp_path, [BATCH[1]] * 5).endswith("; and 2 more")


def test_salesforces_collections_and_composite_requests_tell_theirs(tmp_path: Path) -> None:
    """The step on the vendor's own endpoint, as `leadproof init --crm salesforce` has the org."""
    from leadproof.cli.app import app

    assert app(args=["init", "--crm", "salesforce", "--marketing", "pardot", str(tmp_path)], standalone_mode=False) == 0
    kind = {"type": "Lead"}
    records = [{"attributes": kind, "LastName": "Test", "Company": "Test"}, {"attributes": kind, "LastName": "Test"}]
    body = json.dumps(json.dumps({"allOrNone": False, "records": records}))
    story = tmp_path / "call.yaml"
    story.write_text(
        "scenario: A program calls\nsteps:\n  - call: {in: crm, method: POST, "
        f"path: /services/data/v60.0/composite/sobjects, body: {body}}}\n"
        "  - check_count: {in: crm, object: Lead, is: 1}\n",
        encoding="utf-8",
    )
    outcome = run_scenario(load_scenario(story), Options())
    assert outcome.verdict == "passed", outcome.reason
    told = next(str(one.data["text"]) for one in outcome.events if one.kind == "step_finished")
    assert told.startswith("status 200, 1 row refused: row 2: REQUIRED_FIELD_MISSING: ")


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ({"compositeResponse": [{"httpStatusCode": 400, "body": [{"errorCode": "X", "message": "no"}]}]},
         ("row 1: X: no",)),
        ({"results": [{"statusCode": 201, "result": {}}]}, ()),
        ([{"success": True, "errors": []}], ()),
        ({"totalSize": 1, "records": []}, ()),
        (None, ()),
    ],
)  # fmt: skip
def test_what_is_no_refused_row_is_none(body: object, rows: tuple[str, ...]) -> None:
    """Composite requests are rows too; answers of other shapes have none."""
    assert refused_by_salesforce(body) == rows


def test_pardots_rows_count_from_0_in_its_answer_and_from_1_here() -> None:
    """`errors` of a v4 batch: a mapping, or an empty list where there is none."""
    assert refused_by_pardot({"@attributes": {}, "errors": {"1": "Invalid email"}}) == ("row 2: Invalid email",)
    assert refused_by_pardot({"@attributes": {}, "errors": []}) == ()
