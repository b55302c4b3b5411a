"""A CRM and a marketing org in one process, and the connector between them: what the tests of this folder stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from leadproof.connector import Connector, CycleReport
from leadproof.integration import Integration
from leadproof.integration import parse_text as parse_integration
from leadproof.sandbox import Sandbox
from leadproof.systems.ports import Crm, Marketing, Record, System, Write
from leadterms.documents import parse_text
from leadterms.values import Value

RECIPE = """
recipe: 1
clock: 2026-03-02T09:00:00Z
actors:
  connector: {address: 10.20.0.7}
  person: {address: 10.20.0.9}
  visitor: {address: 203.0.113.9}
orgs:
  acme-crm:
    dialect: native
    kind: crm
    logins:
      - {actor: connector, user: sync}
      - {actor: person, user: kari.c}
    fields:
      - {object: Lead, id: Score__c, label: Score, type: number, scale: 0}
      - {object: Lead, id: Comments__c, label: Comments, type: multi_line, length: 2000}
      - {object: Contact, id: Score__c, label: Score, type: number, scale: 0}
      - {object: Contact, id: Comments__c, label: Comments, type: multi_line, length: 2000}
    users:
      - {id: sync}
      - {id: kari.c, user_name: kari@acme.example}
      - {id: ola.c, user_name: ola@acme.example}
      - {id: solo.c, user_name: solo@acme.example}
      - {id: gone.c, user_name: gone@acme.example, active: false}
    queues: [{id: nordic, name: Nordic}]
    default_owner: sync
    assignment_rules:
      - {name: Norway, criteria: {rows: [[Country, "=", Norway]]}, assign: {user: kari.c}}
      - {name: Queue, criteria: {rows: [[Country, "=", Iceland]]}, assign: {queue: nordic}}
    campaigns:
      - as: spring
        values: {Name: Spring test}
        statuses: [{name: Sent}, {name: Responded, responded: true}]
  acme-marketing:
    dialect: native
    kind: marketing
    logins:
      - {actor: connector, user: sync}
      - {actor: person, user: kari.m}
      - {actor: visitor, user: web}
    users:
      - {id: sync}
      - {id: web}
      - {id: kari.m, user_name: " KARI@acme.example"}
      - {id: ola.m, user_name: ola@acme.example}
    connector: {switched_on: true, verified: true}
    forms: [{id: contact, fields: [email, last_name, company, phone, comments], captcha: pass}]
    campaigns:
      - as: spring
        values: {name: spring}
        statuses: [{name: sent}, {name: clicked, responded: true}]
"""

PEOPLE = "{crm: [Lead, Contact], marketing: prospect, match: [email], deliver: all, import: all}"
FIELDS = """
  - {crm: Email, marketing: email}
  - {crm: LastName, marketing: last_name}
  - {crm: FirstName, marketing: first_name}
  - {crm: {Lead: Company}, marketing: company}
  - {crm: {Lead: Phone, Contact: HomePhone}, marketing: phone}
  - {crm: {Lead: Country, Contact: MailingCountry}, marketing: country}
  - {crm: Score__c, marketing: score, master: marketing, overwrite: never}
"""
CAMPAIGNS = "  - {crm: Spring test, marketing: spring, statuses: {clicked: Responded, sent: Sent}}"


def integration(fields: str = FIELDS, people: str = PEOPLE, more: str = "", campaigns: str = CAMPAIGNS) -> Integration:
    """An integration file of these parts."""
    return parse_integration(
        "leadproof: 1\n"
        "systems: {crm: {dialect: native, org: acme-crm}, marketing: {dialect: native, org: acme-marketing}}\n"
        f"people: {people}\nfields:\n{fields}\ncampaigns:\n{campaigns}\n{more}"
    )


@dataclass
class Pair:
    """Both orgs as the connector sees them (`crm`, `marketing`) and as people do (`sales`, `marketer`)."""

    sandbox: Sandbox
    integration: Integration
    store: Path | None
    make: Callable[..., Connector]
    crm: Crm
    marketing: Marketing
    sales: Crm
    marketer: Marketing
    visitor: Marketing
    connector: Connector = field(init=False)

    def __post_init__(self) -> None:
        self.connector = self.make(self.integration, self.crm, self.marketing, self.store)

    def restart(self, integration: Integration | None = None) -> None:
        """The connector dies and comes back with its store (and perhaps another integration file)."""
        self.connector.close()
        self.integration = integration or self.integration
        self.connector = self.make(self.integration, self.crm, self.marketing, self.store)

    def cycle(self) -> CycleReport:
        return self.connector.cycle()

    def sync(self, most: int = 3) -> list[CycleReport]:
        """Cycles until one is silent, which must be so after `most` that are not."""
        reports = []
        for _ in range(most + 1):
            reports.append(self.cycle())
            if reports[-1].silent:
                return reports
        raise AssertionError(f"not silent after {most} cycles: {reports[-1]}")

    def prospect(self, **values: Any) -> str:
        """A marketer makes a prospect."""
        return write(
            self.marketer, Write("create", "prospect", values={"last_name": "Test", "company": "Acme", **values})
        )

    def lead(self, **values: Any) -> str:
        """A salesperson makes a lead."""
        return write(self.sales, Write("create", "Lead", values={"LastName": "Test", "Company": "Acme", **values}))

    def edit(self, id: str, **values: Value) -> None:
        """A marketer edits a prospect."""
        write(self.marketer, Write("update", "prospect", id, values=values))

    def edit_crm(self, id: str, object: str = "Lead", **values: Value) -> None:
        """A salesperson edits a record."""
        write(self.sales, Write("update", object, id, values=values))

    def prospects(self) -> list[Record]:
        return list(self.marketer.find("prospect", None, []))

    def leads(self, object: str = "Lead") -> list[Record]:
        return list(self.sales.find(object, None, []))

    def one(self, id: str) -> Record:
        (record,) = self.marketer.read("prospect", [id], [])
        return record

    def one_crm(self, id: str, object: str = "Lead") -> Record:
        (record,) = self.sales.read(object, [id], [])
        return record

    def lead_of(self, prospect: str) -> Record:
        """The CRM lead that the prospect is linked with."""
        return self.one_crm(str(self.one(prospect).values["crm_id"]))


def write(system: System, told: Write) -> str:
    """One write by a person; refused ones fail the test."""
    (result,) = system.write([told])
    assert result.refusal is None, result.refusal
    assert result.id is not None
    return result.id


def start(
    told: Integration | None = None,
    *,
    recipe: str = RECIPE,
    store: Path | None = None,
    seed: int = 7,
    make: Callable[..., Connector] = Connector,
    install: bool = True,
    over: Literal["process", "http"] = "process",
) -> Pair:
    """Both orgs, and the connector with its link fields installed."""
    from leadsim.recipe import Recipe

    sandbox = Sandbox.start(parse_text(recipe, Recipe), seed=seed, over=over)
    pair = Pair(
        sandbox=sandbox,
        integration=told or integration(),
        store=store,
        make=make,
        crm=sandbox.crm("acme-crm"),
        marketing=sandbox.marketing("acme-marketing"),
        sales=sandbox.crm("acme-crm", "person"),
        marketer=sandbox.marketing("acme-marketing", "person"),
        visitor=sandbox.marketing("acme-marketing", "visitor"),
    )
    if install:
        pair.connector.install()
    return pair
