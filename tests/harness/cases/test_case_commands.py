"""The commands around cases, as a person types them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leadproof.cases.case import Case, read_case
from leadproof.cases.judging import Replay, replay
from leadproof.cases.minimizing import minimize
from leadproof.cases.recording import record_scenario
from leadproof.cases.refusals import RedactionChanges
from leadproof.cli import main
from leadproof.library import checklist, starter
from tests.harness.cli import in_process
from tests.harness.serving.test_up_salesforce import leadproof, up

CLIENT = """
from simple_salesforce import Salesforce
crm = Salesforce(username="sync@my-crm.example", password="leadproof-sync", security_token="", domain="login")
lead = crm.Lead.create({"LastName": "Brandvold", "Company": "Fjord", "Email": "b@fjord.example", "Country": "NO"})
assert crm.query("SELECT Id FROM Lead WHERE Email = 'b@fjord.example'")["totalSize"] == 1
"""
SMALL = """
scenario: An address that is not allowed
recipe: recipe.yaml
integration: leadproof.yaml
integration_changes: {}
steps:
  - set_allowlist: {in: crm, addresses: [192.0.2.0/24, 10.20.0.30/32]}
  - create_lead: {as: lead, in: marketing, fill: basics}
  - sync: {cycles: 1}
  - check_delivered: {lead: $lead}
"""
Ended = Callable[..., tuple[int, str]]


@pytest.fixture
def ended(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ended:
    """Run a command in a folder of its own; its exit code, and what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADPROOF_CASE_KEY", "a key that only this test knows")

    def run(*arguments: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ending:
            main([str(one) for one in arguments])
        assert isinstance(ending.value.code, int)
        return ending.value.code, "".join(capsys.readouterr())

    return run


def test_around_a_running_sandbox(tmp_path: Path) -> None:
    """A stranger's client is recorded by proxy and from the journal; its systems answer it again, and its requests
    ask a new build, with other ids too."""
    tmp_path.joinpath("client.py").write_text(CLIENT, encoding="utf-8")
    recipe, client = str(starter() / "salesforce.recipe.yaml"), f"{sys.executable} client.py"
    with up(tmp_path, "--tls", "--recipe", recipe, "--seed", "3"):
        told = leadproof(tmp_path, "record", "--proxy", "-o", "p.case", "--recipe", recipe, "--", *client.split())
        assert told.returncode == 0, told.stderr
        told = in_process.leadproof("record", "--running", "-o", "r.case", "--recipe", recipe, cwd=tmp_path)
        assert told.returncode == 0, told.stderr
        told = leadproof(tmp_path, "record", "--proxy", "-o", "q.case", "--recipe", recipe, "--", *client.split())
        assert (told.returncode, "has changed since it started" in told.stderr) == (2, True), told.stderr
    for case in ("p.case", "r.case"):
        assert b"Brandvold" not in b"".join(read_case(tmp_path / case).files.values())
        memory = json.loads(read_case(tmp_path / case).files["before/connector.json"])
        assert (memory["links"], "links" in memory["unknown"], "cursors" in memory["unknown"]) == ([], False, True)
        for seed in ("", "another"):
            other = ["--seed", seed] if seed else []
            told = in_process.leadproof("replay", case, "--as", "client", *other, cwd=tmp_path)
            assert (told.returncode, told.stdout[:6]) == (0, "PASSED"), told.stdout + told.stderr
    told = in_process.leadproof("replay", "p.case", "--as", "systems", "--exec", client, cwd=tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "0 not recorded, 0 not asked" in told.stdout
    tmp_path.joinpath("client.py").write_text(CLIENT.replace("Fjord", "Fjell"), encoding="utf-8")
    told = in_process.leadproof("replay", "p.case", "--as", "systems", "--exec", client, cwd=tmp_path)
    assert (told.returncode, told.stdout[:5]) == (3, "ERROR")
    assert "body: Company is" in told.stdout


def test_a_har_of_somebody_else(ended: Ended, tmp_path: Path) -> None:
    """Imported, redacted, inspected; what is no HAR is told."""
    entry = {
        "startedDateTime": "2026-01-02T03:04:05.678Z",
        "time": 12.5,
        "request": {
            "method": "GET", "url": "https://api.vendor.example/crm/v3/contacts?email=bo%40fjord.example",
            "headers": [{"name": "Authorization", "value": "Bearer abc123def456"}, {"name": ":path", "value": "/"}],
            "queryString": [{"name": "email", "value": "bo@fjord.example"}],
        },
        "response": {
            "status": 200, "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"text": '{"email": "bo@fjord.example"}', "mimeType": "application/json"},
        },
    }  # fmt: skip
    har = {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [entry]}}
    tmp_path.joinpath("x.har").write_text(json.dumps(har), encoding="utf-8")
    assert ended("record", "--har", "x.har", "-o", "x.case", "--title", "From a browser")[0] == 0
    (one,) = read_case(tmp_path / "x.case").traffic
    text = repr(one)
    assert "bo@fjord" not in text
    assert "abc123" not in text
    assert one.request.query[0][1] in one.response.body.decode() if one.response else False
    code, told = ended("replay", "x.case")
    assert (code, told[:5]) == (2, "ERROR")
    assert "RUN840" in told
    for command in ("true", "false"):
        code, told = ended("replay", "x.case", "--as", "systems", "--exec", command)
        assert (code, "ERROR  x.case" in told, "PASSED" in told) == (3, True, False), told
        assert "the command asked nothing: does it take HTTPS_PROXY?" in told
    tmp_path.joinpath("x.har").write_text('{"info": {"_postman_id": 1}}', encoding="utf-8")
    code, told = ended("record", "--har", "x.har", "-o", "y.case")
    assert code == 2
    assert "CFG885" in told


def starting(folder: Path, steps: str) -> Path:
    """A scenario on the files that `leadproof init` writes."""
    for name in ("recipe.yaml", "leadproof.yaml"):
        folder.joinpath(name).write_bytes((starter() / name).read_bytes())
    path = folder / "small.yaml"
    path.write_text(f"scenario: Made smaller\nabout: What goes wrong\nsteps:\n{steps}", encoding="utf-8")
    return path


def test_a_case_is_made_smaller(ended: Ended, tmp_path: Path) -> None:
    """What the finding does not need goes, steps, records, fields and rules; the same finding is left. Out of time it
    ends with what was reached; a case that shows nothing wrong is refused."""
    steps = (
        "  - set_allowlist: {in: crm, addresses: [192.0.2.0/24, 10.20.0.30/32]}\n"
        "  - create_lead: {as: lead, in: marketing, fill: basics, values: {city: Oslo}}\n"
        "  - sync: {cycles: 1}\n  - check_delivered: {lead: $lead}\n"
    )
    case = record_scenario(starting(tmp_path, steps))
    assert case.sheet.expected.findings[0] == "NET110"
    told = minimize(case, seconds=600)
    assert (told.finished, told.after, told.before > 40) == (True, 5, True)
    left = b"".join(told.case.files[name] for name in ("scenario.yaml", "recipe.yaml", "integration.yaml")).decode()
    assert [word for word in ("about", "city", "sync", "Nordic", "campaigns", "Phone", "users") if word in left] == []
    again = replay(told.case, Replay())
    assert (again.judgement, again.same_digest) == ("FAILED", True)
    assert again.findings[0].code == "NET110"
    hurried = minimize(case, seconds=0)
    assert (hurried.finished, hurried.trials <= 1) == (False, True)
    told.case.write(tmp_path / "y.case")
    code, said = ended("case", "minimize", "y.case", "-o", "z.case")
    assert (code, "5 of 5 parts are left" in said) == (0, True), said
    steps = "  - install: {}\n  - create_lead: {as: lead, in: marketing, fill: basics}\n  - sync: {until: quiet}\n"
    record_scenario(starting(tmp_path, f"{steps}  - check_delivered: {{lead: $lead}}\n")).write(tmp_path / "sound.case")
    code, said = ended("case", "minimize", "sound.case", "-o", "y.case")
    assert (code, "RUN840" in said) == (2, True), said


def test_a_smaller_case_asks_no_more_and_takes_no_more_room(ended: Ended, tmp_path: Path) -> None:
    """Where the first step is refused, it stays: without it the scenario would get further, and more be recorded. What
    takes more room than before is not kept, and said."""
    steps = "  - install: {}\n  - create_lead: {as: lead, in: marketing, fill: basics}\n  - sync: {until: quiet}\n"
    path = starting(tmp_path, f"{steps}  - check_owner: {{lead: $lead, is: by_rules}}\n")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe.read_text("utf-8").replace("10.20.0.0/24", "192.0.2.0/24"), "utf-8")
    case = record_scenario(path)
    told = minimize(case, seconds=600)
    assert b"install" in told.case.files["scenario.yaml"]
    assert len(told.case.traffic) == len(case.traffic) == 1
    assert (told.larger, len(told.case.to_bytes()) < len(case.to_bytes())) == (0, True)
    bare = Case(case.sheet, {name: data for name, data in case.files.items() if name.endswith(".yaml")})
    bare.write(tmp_path / "bare.case")
    code, said = ended("case", "minimize", "bare.case", "-o", "kept.case")
    assert code == 0, said
    assert "kept.case: kept as it was: " in said
    assert (tmp_path / "kept.case").read_bytes() == (tmp_path / "bare.case").read_bytes()


def test_a_smaller_case_still_passes_where_the_whole_one_did(tmp_path: Path) -> None:
    """A connector's bug is still told by its finding, and the right connector still passes: the fields that a lead
    cannot do without stay, though the finding alone would not need them."""
    steps = "  - install: {}\n  - create_lead: {as: lead, in: marketing, fill: basics}\n  - sync: {until: quiet}\n"
    path = starting(tmp_path, f"{steps}  - check_delivered: {{lead: $lead, count: 1}}\n")
    case = record_scenario(path, connector="planted:one_way_to_marketing")
    told = minimize(case, seconds=600)
    assert told.finished
    assert told.after < told.before / 3
    assert b"last_name" in told.case.files["integration.yaml"]
    assert replay(told.case, Replay()).judgement == "FIXED"
    again = replay(told.case, Replay(connector="recorded"))
    assert (again.judgement, again.findings[0].code) == ("FAILED", case.sheet.expected.findings[0])


def test_diff_and_redact(ended: Ended, tmp_path: Path) -> None:
    """A redacted case differs in people alone; the same case not at all."""
    scenario = checklist() / "false-phone.yaml"
    assert ended("record", scenario, "-o", "a.case", "--keep-people")[0] == 0
    assert ended("case", "redact", "a.case", "-o", "b.case")[0] == 0
    assert ended("record", scenario, "-o", "c.case")[0] == 0
    assert tmp_path.joinpath("b.case").read_bytes() == tmp_path.joinpath("c.case").read_bytes()
    assert ended("case", "diff", "b.case", "c.case") == (0, "The cases say the same.\n")
    code, told = ended("case", "diff", "a.case", "b.case")
    assert code == 1
    assert "case.yaml: redacted is" in told
    assert "traffic: exchange " in told


def test_a_redaction_that_would_change_the_verdict_is_refused(tmp_path: Path) -> None:
    """A rule that asks for a part of a word cannot be told with other words."""
    from leadproof.cases.redacting import redacted_case

    for name in ("recipe.yaml", "leadproof.yaml"):
        tmp_path.joinpath(name).write_bytes((checklist() / name).read_bytes())
    text = SMALL.replace("[192.0.2.0/24, 10.20.0.30/32]", "[10.20.0.0/24]") + (
        "  - check_field: {lead: $lead, in: crm, field: Company, contains: ohnson}\n"
    )
    text = text.replace("fill: basics}", 'fill: basics, values: {company: "Johnsons"}}')
    tmp_path.joinpath("small.yaml").write_text(text, encoding="utf-8")
    case = record_scenario(tmp_path / "small.yaml")
    assert case.sheet.expected.verdict == "passed"
    with pytest.raises(RedactionChanges) as refused:
        redacted_case(case, b"0123456789abcdef")
    assert refused.value.code == "CFG886"


def test_a_definition_must_keep_its_promise(ended: Ended, tmp_path: Path) -> None:
    """The library's command makes cases, and refuses a definition that shows something else."""
    library = Path(__file__).parents[3] / "fixtures" / "cases"
    code, told = ended("case", "build", library, "-o", tmp_path / "made", "-k", "last-name-blank.native")
    assert code == 0
    assert "1 cases" in told
    assert ended("replay", tmp_path / "made")[0] == 1
    assert ended("replay", tmp_path / "made", "--mended")[0] == 0
    for name in ("recipe.yaml", "leadproof.yaml"):
        tmp_path.joinpath(name).write_bytes((library / name).read_bytes())
    tmp_path.joinpath("definitions").mkdir()
    text = (library / "definitions" / "last-name-blank.yaml").read_text(encoding="utf-8")
    tmp_path.joinpath("definitions", "x.yaml").write_text(text.replace("MAP306", "NET110"), encoding="utf-8")
    code, told = ended("case", "build", tmp_path, "-o", tmp_path / "made")
    assert code == 2
    assert "CFG887" in told


def test_a_recording_says_what_it_needs(ended: Ended) -> None:
    """Nothing to record, two things at once, a proxy to nowhere, no such host."""
    assert ended("record", "-o", "a.case")[0] == 2
    assert ended("record", "--running", "--har", "x", "-o", "a.case")[0] == 2
    code, told = ended("record", "--proxy", "-o", "a.case")
    assert "RUN840" in told
    assert code == 2
    assert ended("record", "--proxy", "--upstream", "https://x/y", "-o", "a.case")[0] == 2
