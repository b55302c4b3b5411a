"""`leadproof doctor` as people and programs read it: ranked, in lines, as JSON, definitions side by side."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadproof.cli import main
from leadproof.doctor import diagnose, look
from leadproof.doctor.ranking import AREAS, area, ranked
from leadproof.findings import Evidence, codes, find
from leadproof.findings.telling import colour_paint, summary, tell
from leadproof.integration import load
from leadproof.library import checklist, starter
from leadproof.sandbox import Sandbox
from leadproof.serving import find_running
from leadterms.refusals import Place
from tests.harness.doctor.planted import findings_of

MESS = """
integration:
  users: {map: {kari.m: nobody.c}}
  fields: [{crm: Phnoe, marketing: phone, master: marketing}, {crm: Notes__c, marketing: notes, used_by: []}]
  campaigns: [{crm: Sprnig, marketing: spring}]
crm:
  assignment_rules: [{name: Nordic, criteria: {rows: [[Country, =, NO], [Country, =, DK]]}, assign: {user: ola.c}}]
marketing: {connector: {switched_on: false, verified: true}}
"""


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> object:
    """Types `leadproof doctor ...` in an empty folder; answers its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def type_(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["doctor", *words])
        assert isinstance(ended.value.code, int)
        return ended.value.code, capsys.readouterr().out

    return type_


def test_findings_come_in_the_order_in_which_to_look(tmp_path: Path) -> None:
    """Connection, users, rules, fields, then reporting, however they were found; `rank` says it."""
    found = findings_of(MESS, tmp_path)
    told = dict.fromkeys(one.code for one in found if one.level != "note")
    assert list(told) == ["CON101", "USR106", "ASG201", "MAP301", "MAP310", "OWN350", "RPT506"]
    assert [one.rank for one in found] == list(range(len(found)))


def test_every_code_has_a_place_in_the_order() -> None:
    """No family is forgotten; only what is ours or the command's stands behind all areas."""
    last = [code for code in codes() if area(code) == len(AREAS) - 1]
    assert last == [code for code in codes() if code.startswith(("RUN", "SIM"))]


def test_quota_stands_behind_everything_else() -> None:
    """product.md C: the quota is the last thing to look at, although its code is the connection's."""
    assert [one.code for one in ranked([find("CON112", "c"), find("RPT506", "r")])] == ["RPT506", "CON112"]


def test_json_has_the_findings_and_the_definitions(typed) -> None:  # type: ignore[no-untyped-def]
    """The keys of formats.md; the definitions name both systems' ids and words."""
    code, told = typed("--json")
    read = json.loads(told)
    assert (code, read["verdict"], read["v"]) == (0, "passed", 1)
    assert {"code", "level", "cause", "places", "evidence", "fix", "rank", "fingerprint"} <= set(read["findings"][0])
    title = next(one for one in read["definitions"] if one["crm"] == "Lead.Title")
    assert (title["crm_label"], title["marketing"], title["marketing_label"]) == ("Job title", "job_title", "Job title")
    assert [one["crm"] for one in read["definitions"] if one["thing"] == "object"] == [
        "Lead", "Contact", "Account", "Opportunity",
    ]  # fmt: skip


def test_definitions_stand_side_by_side(typed) -> None:  # type: ignore[no-untyped-def]
    """product.md B3: lead, contact, account, opportunity and each field, in one table."""
    code, told = typed("--definitions")
    rows = [line.split() for line in told.splitlines()]
    assert code == 0
    assert ["object", "Opportunity", "Opportunity", "opportunity", "Opportunity"] in rows
    assert any(row[:2] == ["field", "Contact.Birthdate"] and "birthday" in row for row in rows)
    assert any(row[:2] == ["field", "Lead.Description"] and "none" in row for row in rows)


def test_notes_are_shown_when_asked_for(typed) -> None:  # type: ignore[no-untyped-def]
    """Without `--notes` their number is told; with it they are."""
    assert "note[ASG203]" not in typed()[1]
    assert typed()[1].endswith("1 note not shown: leadproof doctor --notes.\n")
    assert "note[ASG203]" in typed("--notes")[1]


def test_an_object_that_is_not_there_is_told_and_no_crash(tmp_path: Path) -> None:
    """The rules are those of the first object; a misspelt one is the integration's mistake."""
    found = findings_of("integration: {people: {crm: [Leed, Lead, Contact]}}", tmp_path)
    assert found[0].code == "REF707"
    assert "Leed" in found[0].cause


def test_what_is_meant_so_is_kept_apart(tmp_path: Path) -> None:
    """An accepted warning is no finding; an error stays one; an entry that meets nothing is told."""
    findings_of("crm: {default_owner: null}", tmp_path)  # writes the two files
    path = tmp_path / "leadproof.yaml"
    accept = """accept:
  - {code: asg204, about: Nordic, because: the order is meant}
  - {code: ASG207, because: we shall see}
  - {code: ASG205, about: Nordic, because: there was a long rule once}
"""
    path.write_text(path.read_text() + accept)
    integration = load(path)
    with Sandbox.start(tmp_path / "recipe.yaml", seed=1) as sandbox:
        crm, marketing = sandbox.crm("acme-crm"), sandbox.marketing("acme-marketing")
        seen = look(integration, crm, marketing)
        assert [one.code for one in diagnose(integration, crm, marketing)] == [one.code for one in seen.findings]
    assert [(one.finding.code, one.because) for one in seen.accepted] == [("ASG204", "the order is meant")]
    assert seen.accepted[0].to_json()["because"] == "the order is meant"
    assert [one.code for one in seen.findings] == ["ASG207", "CFG895"]


def test_an_error_ends_with_one(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Exit code 1, and the lines of both files with a caret."""
    findings_of(MESS, tmp_path)  # writes the two files
    code, told = typed()
    assert code == 1
    assert "error[MAP301]: acme-crm has no field Lead.Phnoe.\n  --> leadproof.yaml:" in told
    assert "help: Did you mean Phone?" in told
    marked = told.splitlines()
    line = next(number for number, text in enumerate(marked) if "{crm: Phnoe" in text)
    assert marked[line + 1].index("^") == marked[line].index("Phnoe")
    assert marked[line + 1].count("^") == len("Phnoe")


def test_a_text_says_all_that_a_finding_knows(tmp_path: Path) -> None:
    """Evidence with its fact, what the fix breaks, a patch, a long line cut around the place, a file that is gone."""
    file = tmp_path / "long.yaml"
    file.write_text("x: " + "y" * 150 + " MARK " + "z" * 150 + "\n")
    places = [Place(str(file), 1, 155), Place(str(tmp_path / "gone.yaml"), 3, 1), Place(str(file), 99, 1)]
    evidence = [Evidence("create", "acme-crm", 7), *(Evidence(f"more {number}") for number in range(9))]
    told = tell([find("MAP301", "It is so.", places=places, evidence=evidence, breaks="b", patch="+ p")])
    assert "evidence: create (acme-crm fact 7)" in told
    assert "evidence: and 4 more" in told
    assert "breaks: b" in told
    assert "+ p" in told
    text, carets = (line for line in told.splitlines() if "MARK" in line or "^" in line)
    assert carets.index("^") == text.index("MARK")
    assert max(map(len, told.splitlines())) < 130
    assert "\x1b[" in tell([find("MAP301", "x")], colour_paint)
    assert summary([find("MAP301", "x"), find("MAP309", "y"), find("MAP309", "z")]) == "1 error, 2 notes"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which Salesforce and Pardot are served."""
    folder = tmp_path_factory.mktemp("served")
    run = [sys.executable, "-m", "leadproof"]
    subprocess.run([*run, "init", "--crm", "salesforce", "--marketing", "pardot", "."], cwd=folder, check=True)
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        recipe.read_text().replace("[NO, DK, SE]", "[NO]").replace("in, [NO]]", 'in, [NO]], [Country, "=", DK]')
    )
    up = subprocess.Popen([*run, "up", "--json"], cwd=folder, stdout=subprocess.PIPE, text=True)
    assert up.stdout is not None
    assert up.stdout.readline().startswith("{")
    yield folder
    up.send_signal(signal.SIGINT)
    assert up.wait(timeout=60) == 130
    up.stdout.close()


def test_a_running_sandbox_of_real_vendors_is_looked_at_and_left_alone(
    served: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Salesforce's API does not tell its rules; its sandbox does. Nothing is changed on either side."""
    monkeypatch.chdir(served)
    lab = find_running().open_lab()
    before = lab.last_fact()
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    told = capsys.readouterr().out
    assert ended.value.code == 1
    assert "error[ASG201]: Rule Nordic can match no lead" in told
    facts = list(lab.journal(after=before))
    lab.close()
    assert {fact["org"] for fact in facts} == {"my-crm", "my-marketing"}
    assert {fact["kind"] for fact in facts} == {"exchange"}


def test_rules_that_nobody_tells_are_named() -> None:
    """Of a live Salesforce org the doctor says that it knows nothing of the rules."""
    folder = starter() / "salesforce-pardot"
    integration = load(folder / "leadproof.yaml")
    with Sandbox.start(folder / "recipe.yaml", seed=1) as sandbox:
        found = diagnose(integration, sandbox.crm("my-crm"), sandbox.marketing("my-marketing"))
    assert [one.code for one in found if one.code.startswith("ASG")] == ["ASG210"]
    assert [one for one in found if one.level == "error"] == []


def test_what_may_not_be_asked_further_ends_the_look() -> None:
    """With the last calls of the day the doctor stops, and it has no definitions to show."""
    integration = load(checklist() / "leadproof.yaml")
    with Sandbox.start(checklist() / "recipe.yaml", seed=1) as sandbox:
        sandbox.lab.set_org("acme-crm", {"quota": {"calls_per_day": 5}})
        seen = look(integration, sandbox.crm("acme-crm"), sandbox.marketing("acme-marketing"))
    assert [one.code for one in seen.findings] == ["CON112"]
    assert seen.definitions == ()
