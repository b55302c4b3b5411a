"""What people really export (product.md B7, D): every ugly file, and 1,000 rows, into a real sandbox."""

from __future__ import annotations

import csv
import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from leadproof.connector import Connector
from leadproof.importer import ImportRefused, ImportReport, import_file
from leadproof.integration import parse_text as parse_integration
from leadproof.sandbox import Sandbox
from leadproof.systems.ports import Crm, Marketing
from leadterms.documents import load, parse_text
from leadterms.values import plain

DATA = Path(__file__).parents[3] / "fixtures" / "data"
UGLY = sorted((DATA / "ugly").glob("*.csv"))
RECIPE = """
recipe: 1
actors: {connector: {address: 10.20.0.7}}
orgs:
  acme-marketing:
    {dialect: native, kind: marketing, users: [{id: sync}], logins: [{actor: connector, user: sync}]}
  acme-crm:
    {dialect: native, kind: crm, users: [{id: sync}], logins: [{actor: connector, user: sync}]}
"""


INTEGRATION = """
systems:
  crm: {dialect: native, org: acme-crm}
  marketing: {dialect: native, org: acme-marketing}
fields:
  - {crm: Email, marketing: email}
  - {crm: FirstName, marketing: first_name}
  - {crm: LastName, marketing: last_name}
  - {crm: {Lead: Company}, marketing: company}
  - {crm: {Lead: PostalCode, Contact: MailingPostalCode}, marketing: zip}
"""


class Expected(BaseModel):
    """What stands beside an ugly file."""

    model_config = ConfigDict(extra="forbid")

    tells: str
    refused: str = ""
    map: dict[str, str | None] = {}
    dates: str | None = None
    encoding: str = ""
    delimiter: str = ","
    accepted: int = 0
    merged: dict[int, int] = {}
    rejected: dict[int, str] = {}
    left_out: list[str] = []
    values: dict[str, dict[str, str | None]] = {}
    lines: dict[str, int] = {}
    notes: list[str] = []
    rejects: list[str] = []


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE, "utf-8")
    with Sandbox.start(path, seed=7) as started:
        yield started


@pytest.fixture
def marketing(sandbox: Sandbox) -> Marketing:
    return sandbox.marketing("acme-marketing")


@pytest.fixture
def crm(sandbox: Sandbox) -> Crm:
    return sandbox.crm("acme-crm")


def people(system: Marketing | Crm, name: str = "prospect", email: str = "email") -> dict[str, dict[str, Any]]:
    """The people of a system by their e-mail address, values plain."""
    return {
        str(record.values[email]): {field: plain(value) for field, value in record.values.items()}
        for record in system.find(name, None, [])
    }


def lines(report: ImportReport, outcome: str) -> dict[int, Any]:
    return {row.line: row.into or row.code for row in report.rows if row.outcome == outcome}


def test_there_are_thirty_ugly_files_with_expectations() -> None:
    """Each has its expected result beside it."""
    assert len(UGLY) >= 30
    assert {path.stem for path in UGLY} == {path.stem for path in (DATA / "ugly").glob("*.yaml")}


@pytest.mark.parametrize("path", UGLY, ids=lambda path: path.stem)
def test_an_ugly_file(path: Path, marketing: Marketing, tmp_path: Path) -> None:
    """Every row is accepted, merged or rejected as the file beside it says, the counts sum to the total, and
    the system holds exactly the accepted people with the values said."""
    expected = load(path.with_suffix(".yaml"), Expected).model
    mapping = {header: target or "" for header, target in expected.map.items()}
    rejects = tmp_path / "rejects.csv"

    def run() -> ImportReport:
        return import_file(path, marketing, mapping=mapping, dates=expected.dates, rejects=rejects)

    if expected.refused:
        with pytest.raises(ImportRefused) as refused:
            run()
        assert refused.value.code == expected.refused
        assert not people(marketing)
        return
    report = run()
    assert lines(report, "rejected") == expected.rejected
    assert lines(report, "merged") == expected.merged
    assert report.accepted == expected.accepted == len(people(marketing))
    assert report.accepted + report.merged + report.rejected == report.total
    assert report.delimiter == expected.delimiter
    assert not expected.encoding or report.encoding == expected.encoding
    assert [column.header for column in report.left_out] == expected.left_out
    held = people(marketing)
    for address, values in expected.values.items():
        shown = {name: str(held[address][name]).replace("True", "true").replace("False", "false")
                 if isinstance(held[address][name], bool) else held[address][name] for name in values}  # fmt: skip
        assert shown == values
    told = "\n".join(report.summary())
    for text in expected.notes:
        assert text in told
    by_id = {row.id: row.line for row in report.rows if row.outcome == "accepted"}
    for record in marketing.find("prospect", None, []):
        wanted = expected.lines.get(str(record.values["email"]))
        assert wanted is None or by_id[record.id] == wanted
    assert rejects.exists() == bool(expected.rejected)
    if expected.rejected:
        _check_rejects(rejects, report, expected)


def _check_rejects(path: Path, report: ImportReport, expected: Expected) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream, delimiter=report.delimiter))
    assert rows[0][-3:] == ["Leadproof line", "Leadproof code", "Leadproof reason"]
    assert {int(row[-3]): row[-2] for row in rows[1:]} == expected.rejected
    assert all(row[-1] for row in rows[1:])
    cells = [cell for row in rows[1:] for cell in row[:-3]]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    for cell in expected.rejects:
        assert cell in cells


def test_a_thousand_rows(marketing: Marketing) -> None:
    """The shipped file maps by itself and every row is accounted for, as the recipe that made it counted."""
    facts = json.loads((DATA / "leads.json").read_text("utf-8"))
    report = import_file(DATA / "leads.csv", marketing)
    assert report.total == facts["rows"] == 1000
    assert (report.accepted, report.merged, report.rejected) == (
        facts["accepted"],
        facts["merged"],
        facts["rejected"],
    )
    assert not report.left_out
    held = people(marketing)
    assert len(held) == facts["accepted"]
    with (DATA / "leads.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            person = held.get(row["Email"])
            if person is not None:
                assert person["zip"] == row["Zip/Postal Code"]
                assert person["last_name"] == row["Last Name"]
                assert person["comments"] == (row["Description"] or None)


def test_the_recipe_of_the_thousand_rows() -> None:
    """The script in the repository makes the very file, with the version of Faker that it names; with another
    one still as many rows of each kind."""
    import faker

    made = runpy.run_path(str(DATA / "make_leads.py"))
    table, facts = made["written"]()
    shipped = json.loads((DATA / "leads.json").read_text("utf-8"))
    if shipped["faker"] == faker.VERSION:
        assert table.encode("utf-8") == (DATA / "leads.csv").read_bytes()
        assert json.loads(facts) == shipped
    assert len(list(csv.reader(table.splitlines(keepends=True)))) == shipped["rows"] + 1


def test_a_second_import_changes_nothing(marketing: Marketing, crm: Crm) -> None:
    """What has arrived is recognised by its key: run again, nothing is written and nobody stands twice."""
    path = DATA / "ugly" / "25-duplicates.csv"
    assert import_file(path, marketing).effects("created") == 2
    again = import_file(path, marketing)
    assert (again.accepted, again.effects("unchanged"), again.effects("created")) == (2, 2, 0)
    assert len(people(marketing)) == 2
    assert crm.describe()  # the CRM was not touched
    assert not people(crm, "Lead", "Email")


def test_into_a_crm(crm: Crm, tmp_path: Path) -> None:
    """A Pardot export goes into a CRM as leads; what the CRM refuses is rejected with its reason and
    field."""
    path = tmp_path / "leads.csv"
    path.write_text("Email,Last Name,Company\na@acme.example,Berg,Acme\nb@acme.example,Dahl,\n", "utf-8")
    report = import_file(path, crm)
    assert (report.object, report.accepted, report.rejected) == ("Lead", 1, 1)
    (bad,) = [row for row in report.rows if row.outcome == "rejected"]
    assert bad.code == "DQ492"
    assert "Company" in bad.reason
    assert people(crm, "Lead", "Email")["a@acme.example"]["LastName"] == "Berg"


@pytest.mark.parametrize(
    ("existing", "held"),
    [
        ("update", {"first_name": "New", "city": "Oslo"}),
        ("fill", {"first_name": "Old", "city": "Oslo"}),
        ("skip", {"first_name": "Old", "city": None}),
    ],
)
def test_records_that_are_there(existing: Any, held: dict[str, Any], marketing: Marketing, tmp_path: Path) -> None:
    """A record that is there is updated, filled or left alone, as asked; a blank cell erases nothing."""
    path = tmp_path / "leads.csv"
    path.write_text("Email,First Name,Last Name\nkari@acme.example,Old,Berg\n", "utf-8")
    import_file(path, marketing)
    path.write_text("Email,First Name,Last Name,City\nKari@acme.example,New,,Oslo\n", "utf-8")
    report = import_file(path, marketing, existing=existing)
    assert report.accepted == 1
    (person,) = people(marketing).values()
    assert {name: person[name] for name in held} == held
    assert person["last_name"] == "Berg"


def test_a_dry_run_writes_nothing(marketing: Marketing, tmp_path: Path) -> None:
    """A plan has the same account and leaves both systems and the disk alone."""
    report = import_file(DATA / "ugly" / "25-duplicates.csv", marketing, dry_run=True, rejects=tmp_path / "r.csv")
    assert (report.accepted, report.merged, report.rejected) == (2, 1, 1)
    assert not people(marketing)
    assert not (tmp_path / "r.csv").exists()
    assert "would be imported" in report.summary()[0]


def test_a_mended_rejects_file_is_imported(marketing: Marketing, tmp_path: Path) -> None:
    """Our own columns are left out, and the apostrophes that kept formulas from running go away again."""
    rejects = tmp_path / "rejects.csv"
    import_file(DATA / "ugly" / "32-formulas.csv", marketing, rejects=rejects)
    rejects.write_text(rejects.read_text("utf-8").replace("nope", "ola@acme.example"), "utf-8")
    report = import_file(rejects, marketing, rejects=tmp_path / "more.csv")
    assert (report.total, report.accepted) == (1, 1)
    assert not report.left_out
    person = people(marketing)["ola@acme.example"]
    assert (person["last_name"], person["company"], person["phone"]) == ("=1+1", "-Acme", "+47 22 12 34 56")


def test_a_minimal_file_of_emails(marketing: Marketing, tmp_path: Path) -> None:
    """A file of e-mail addresses only may go first; that the people are partial is said."""
    path = tmp_path / "minimal.csv"
    path.write_text("email\na@acme.example\nb@acme.example\n", "utf-8")
    report = import_file(path, marketing)
    assert report.accepted == 2
    assert any("2 of 2 people are partial" in str(note) for note in report.notes)


def test_a_minimal_file_of_crm_ids(marketing: Marketing, crm: Crm, tmp_path: Path) -> None:
    """A file of CRM ids only goes in with the addresses that the CRM holds; an id that it does not know is
    refused by name."""
    path = tmp_path / "leads.csv"
    path.write_text("Email,Last Name,Company\na@acme.example,Berg,Acme\n", "utf-8")
    lead = import_file(path, crm).rows[0].id
    path.write_text(f"Lead ID\n{lead}\nnobody\n", "utf-8")
    report = import_file(path, marketing, crm=crm)
    assert lines(report, "rejected") == {3: "DQ492"}
    assert people(marketing)["a@acme.example"]["crm_id"] == lead


def test_more_rows_than_a_batch(marketing: Marketing, tmp_path: Path) -> None:
    """450 rows go in three batches; progress is told after each."""
    path = tmp_path / "many.csv"
    path.write_text("email\n" + "".join(f"p{n}@acme.example\n" for n in range(450)), "utf-8")
    seen: list[tuple[int, int]] = []
    report = import_file(path, marketing, progress=lambda done, total: seen.append((done, total)))
    assert report.accepted == len(people(marketing)) == 450
    assert seen == [(200, 450), (400, 450), (450, 450)]


@pytest.mark.parametrize(
    ("fault", "written"),
    [
        ({"kind": "lost_after_apply"}, 450),
        ({"kind": "status", "status": 503}, 450),
        ({"kind": "row_lock", "rows": [3]}, 450),
        ({"kind": "truncated"}, 450),
        ({"kind": "status", "status": 503, "times": "always"}, 200),
    ],
    ids=lambda value: str(value),
)
def test_a_fault_in_the_middle(fault: dict[str, Any], written: int, sandbox: Sandbox, tmp_path: Path) -> None:
    """A fault that passes costs no row; one that stays rejects the rows that were not written, with the reason. After
    importing the file again every row is there exactly once."""
    marketing = sandbox.marketing("acme-marketing")
    path = tmp_path / "many.csv"
    path.write_text("email\n" + "".join(f"p{n}@acme.example\n" for n in range(450)), "utf-8")
    sandbox.lab.add_fault({"at": "marketing", "operation": "batch", "nth": 2} | fault)
    first = import_file(path, marketing)
    assert sandbox.lab.faults()[0]["fired"] > 0
    assert (first.accepted, first.rejected) == (written, 450 - written)
    assert {row.code for row in first.rows if row.outcome == "rejected"} <= {"DQ493"}
    sandbox.lab.clear_faults()
    again = import_file(path, marketing)
    assert again.accepted == 450
    assert again.effects("unchanged") == written
    assert len(list(marketing.find("prospect", None, ["email"]))) == 450


@pytest.mark.parametrize(
    ("mapping", "fix"),
    [({"Handi": "mobile"}, "Did you mean 'Handy'?"), ({"Handy": "mobil"}, "Did you mean 'mobile'?"),
     ({"Handy": "last_activity_at"}, "Leave it out.")],
)  # fmt: skip
def test_a_wrong_map_is_refused(mapping: dict[str, str], fix: str, marketing: Marketing, tmp_path: Path) -> None:
    """--map that names a column or field that does not exist, or one that nobody writes, says which is
    near."""
    path = tmp_path / "a.csv"
    path.write_text("Email,Handy\na@acme.example,1\n", "utf-8")
    with pytest.raises(ImportRefused) as refused:
        import_file(path, marketing, mapping=mapping)
    assert (refused.value.code, refused.value.fix) == ("DQ484", fix)


def test_imported_people_are_delivered(sandbox: Sandbox, tmp_path: Path) -> None:
    """Real input goes all the way: what the import accepted stands in the CRM once after a sync, in its fields, and
    nothing else does."""
    path = tmp_path / "leads.csv"
    text = (DATA / "leads.csv").read_bytes().decode("utf-8")
    path.write_bytes(text[: text.index("\r\n", 20_000) + 2].encode("utf-8"))
    marketing, crm = sandbox.marketing("acme-marketing"), sandbox.crm("acme-crm")
    report = import_file(path, marketing, rejects=tmp_path / "rejects.csv")
    connector = Connector(parse_integration(INTEGRATION), crm, marketing, None)
    connector.install()
    assert connector.cycle().findings == []
    leads, prospects = people(crm, "Lead", "Email"), people(marketing)
    assert len(leads) == report.accepted > 80
    assert {email: lead["PostalCode"] for email, lead in leads.items()} == {
        email: prospect["zip"] for email, prospect in prospects.items()
    }


def test_the_recipe_reads() -> None:
    """The recipe of this file is one."""
    from leadsim.recipe import Recipe

    assert set(parse_text(RECIPE, Recipe).model.orgs) == {"acme-crm", "acme-marketing"}
