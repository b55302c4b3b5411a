"""50 secrets and 200 personal values in all files of a scenario: none is found in its case, in a log, in a report of
any kind or on the console, and the redacted case ends as the scenario did."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from leadproof.cases.case import read_case
from leadproof.cli import main
from tests.harness.cases.canaries import KEY, Someone, artefacts, must_hold_none, people, secrets

DEFECT = "planted:row_9_swapped"
RECIPE = """
recipe: 1
actors: {connector: {address: 10.20.0.7}, tester: {address: 10.20.0.30}}
orgs:
  acme-crm:
    kind: crm
    password: %(secret0)s
    logins:
      - {actor: connector, user: sync, password: %(secret1)s}
      - {actor: tester, user: %(last2)s, password: %(secret2)s}
    connector_users: [sync]
    users:
      - {id: sync}
      - {id: %(last2)s, name: "%(first2)s %(last2)s", email: "%(email2)s"}
    default_owner: %(last2)s
    assignment_rules:
      - {name: Leads of %(last2)s, criteria: {rows: [[City, "=", "%(company2)s"]]}, assign: {user: %(last2)s}}
    fields:
      - {object: Lead, id: MarketingId__c, type: single_line, length: 40, external_id: true, unique: true}
      - {object: Contact, id: MarketingId__c, type: single_line, length: 40, external_id: true, unique: true}
    records:
      - object: Lead
        values: {FirstName: "%(first0)s", LastName: "%(last0)s", Company: "%(company0)s", Email: "%(email0)s",
                 Phone: "%(phone0)s", Street: "%(street0)s",
                 Description: "Met %(first1)s %(last1)s, %(phone1)s; he is %(handle0)s, born %(born0)s.
                   The group: %(last1)sgruppe, my-%(last1)s. password=%(secret6)s and api_key: %(secret7)s"}
  acme-marketing:
    kind: marketing
    password: %(secret3)s
    logins:
      - {actor: connector, user: sync, password: %(secret4)s}
      - {actor: tester, user: desk.m, password: %(secret5)s}
    connector: {switched_on: true, verified: true}
    connector_users: [sync]
    users: [{id: sync}, {id: desk.m}]
    fields: [{object: prospect, id: messenger, type: messaging}]
    forms: [{id: contact, fields: [first_name, last_name, email, phone, company], required: [email]}]
"""
INTEGRATION = """
leadproof: 1
systems: {crm: {dialect: native, org: acme-crm}, marketing: {dialect: native, org: acme-marketing}}
people:
  crm: [Lead, Contact]
  marketing: prospect
  link: {crm_id_in_marketing: crm_id, marketing_id_in_crm: MarketingId__c}
  match: [email]
  deliver: all
fields:
  - {crm: Email, marketing: email}
  - {crm: FirstName, marketing: first_name}
  - {crm: LastName, marketing: last_name}
  - {crm: {Lead: Company}, marketing: company}
  - {crm: Phone, marketing: phone}
  - {crm: {Lead: City}, marketing: city}
  - {crm: {Lead: Street}, marketing: address}
  - {crm: {Lead: Description}, marketing: comments}
users: {match: user_name, map: {desk.m: %(last2)s}}
contacts: {crm_admin: "%(first1)s %(last1)s", sales: "%(email1)s", vendor_support: "%(phone1)s"}
"""
SCENARIO = """
scenario: The false number of %(first0)s %(last0)s stays
about: "%(last1)s saw that %(email0)s is called at a false number; Bearer %(secret8)s opens it."
steps:
  - create_lead: {as: lead, in: marketing, fill: nothing, values: {first_name: "%(first1)s", last_name: "%(last1)s",
      email: "%(email1)s", company: "%(company1)s", phone: "%(phone1)s", city: "%(company2)s", address: "%(street1)s",
      messenger: "%(handle1)s", birthday: "%(born1)s", comments: "see https://x.example/?access_token=%(secret9)s"}}
  - call: {in: marketing, path: /acme-marketing/marketing/v1/users, headers: {X-Api-Key: %(secret10)s,
      Cookie: "sid=%(secret11)s; theme=dark", X-Auth-Token: %(secret12)s, Private-Token: %(secret13)s,
      X-Amz-Security-Token: %(secret14)s, X-Hub-Signature-256: "sha256=%(secret15)s", X-Session-Id: %(secret16)s,
      X-Client-Secret: %(secret17)s, X-Otp: %(secret18)s, X-Custom: %(secret19)s, X-For: "%(email1)s"}}
  - call: {in: crm, path: /acme-crm/crm/v1/users, headers: {
      Api-Key: %(secret20)s, Ocp-Apim-Subscription-Key: %(secret21)s,
      X-Csrf-Token: %(secret22)s, X-Access-Key: %(secret23)s, X-Signature: %(secret24)s, X-Webhook-Secret: %(secret25)s,
      X-Refresh-Token: %(secret26)s, X-Passphrase: %(secret27)s, Sforce-Session-Id: %(secret28)s, X-Jwt: %(secret29)s}}
  - call: {in: crm, method: POST, path: /acme-crm/oauth/token, form: {grant_type: password, username: sync,
      password: %(secret1)s}}
  - sync: {until: quiet}
  - check_delivered: {lead: $lead}
  - check_owner: {lead: $lead, is: %(last2)s}
  - edit: {lead: $lead, in: marketing, values: {phone: "%(phone2)s"}}
  - import_csv: {file: people.csv, to: marketing}
  - sync: {until: quiet}
  - check_field: {lead: $lead, in: marketing, field: phone, is: "%(phone1)s"}
  - check_oracle: {}
"""
FAILING = "  - check_field: {lead: $lead, in: crm, field: LastName, is: Nobody}\n"
REPORTS = ("html", "junit", "json", "ndjson", "github")
FORMS = ("password={}", "token: {}", "client_secret={}", "Authorization: Bearer {}", "https://u:{}@host.example/x")

Told = Callable[..., tuple[int, str]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Told:
    """Run a command in the test's folder, with the key of its pseudonyms; its exit code, and what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADPROOF_CASE_KEY", KEY.decode())

    def run(*arguments: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ending:
            main([str(one) for one in arguments])
        assert isinstance(ending.value.code, int)
        return ending.value.code, "".join(capsys.readouterr())

    return run


def plant(folder: Path, somebody: list[Someone], hidden: list[str]) -> Path:
    """A scenario with all of them in its files; its path."""
    words = {f"{name}{n}": getattr(who, name) for n, who in enumerate(somebody[:3]) for name in Someone.__annotations__}
    words |= {f"secret{n}": secret for n, secret in enumerate(hidden)}
    folder.mkdir()
    for name, text in (("recipe.yaml", RECIPE), ("leadproof.yaml", INTEGRATION), ("phone.yaml", SCENARIO)):
        folder.joinpath(name).write_text(text % words, encoding="utf-8")
    rows = ["first_name,last_name,email,phone,company,address,messenger,birthday,comments"]
    for number, who in enumerate(somebody[2:]):
        left = hidden[30 + number] if 30 + number < len(hidden) else ""
        note = FORMS[number % len(FORMS)].format(left) if left else f"a friend of {somebody[0].last}s"
        rows.append(f"{','.join((who.first, who.last, who.email, who.phone, who.company, who.street, who.handle))},"
                    f"{who.born},{note}")  # fmt: skip
    folder.joinpath("people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder / "phone.yaml"


def run_with_reports(told: Told, scenario: Path, out: Path) -> bytes:
    """Everything that a run writes: all reports, the journals, and the console with -v."""
    out.mkdir()
    wanted = [part for kind in REPORTS for part in ("--report", f"{kind}={out / kind}")]
    code, console = told("run", scenario, "-v", "--keep", *wanted)
    assert code in (0, 1), console
    folders = (out, Path(".leadproof"), Path("leadproof-kept"))
    written = [one for folder in folders for one in sorted(folder.rglob("*")) if one.is_file()]
    assert len(written) > len(REPORTS)
    assert any(one.name == "journal.ndjson" for one in written)
    return b"\n".join(one.read_bytes() for one in written) + console.encode()


def test_no_canary_is_in_anything_that_is_written(told: Told, tmp_path: Path) -> None:
    """Recipe, integration, steps, calls, rules, users and a data file: 0 found in the case, and in all that a run and a
    replay of it write; secrets are not even in what a run of the scenario itself writes."""
    somebody, hidden = people(25), secrets(50)
    personal = [value for who in somebody for value in who.values()]
    assert (len(set(hidden)), len(set(personal))) == (50, 200)
    scenario = plant(tmp_path / "plain", somebody, hidden)
    planted = b"\n".join(one.read_bytes() for one in scenario.parent.iterdir()).decode()
    assert [canary for canary in (*hidden, *personal) if canary not in planted] == []

    code, recording = told("record", scenario, "-o", "x.case", "--connector", DEFECT)
    assert (code, "OWN302" in recording) == (0, True), recording
    case = read_case(tmp_path / "x.case")
    assert (case.sheet.expected.verdict, case.sheet.redacted.people) == ("failed", True)
    commands = ("case inspect", "case inspect --json", "case verify", "replay --json", "replay --connector recorded")
    consoles = [recording, *(told(*command.split(), "x.case")[1] for command in commands)]
    assert json.loads(consoles[-2])["verdict"] == "FIXED"
    assert "FAILED" in consoles[-1]
    assert "the journal is that of the recording, byte for byte" in consoles[-1]

    laid_out = case.lay_out(tmp_path / "laid out")
    laid_out.write_text(laid_out.read_text(encoding="utf-8") + FAILING, encoding="utf-8")
    reports = run_with_reports(told, laid_out, tmp_path / "reports")
    assert b"Nobody" in reports
    digits = [re.sub(r"\D", "", who.phone)[2:] for who in somebody]
    held = artefacts(tmp_path / "x.case", *consoles) | {"reports": reports}
    must_hold_none([*hidden, *personal, *digits], held)


def test_no_secret_is_in_the_reports_of_a_plain_run(told: Told, tmp_path: Path) -> None:
    """The scenario as it is, with its people: what it logs in with, and what its calls carry, is in no report."""
    somebody, hidden = people(25), secrets(50)
    scenario = plant(tmp_path / "plain", somebody, hidden)
    spoken = {6, 7, 8, 9, *range(30, 50)}  # texts of records, which people wrote and a report of theirs shows
    reports = run_with_reports(told, scenario, tmp_path / "reports")
    must_hold_none([secret for number, secret in enumerate(hidden) if number not in spoken], {"reports": reports})
