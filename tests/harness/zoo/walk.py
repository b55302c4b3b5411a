"""A walk: people change both systems at random, the connector under test runs its cycles, the oracle judges at quiet.

Everything is drawn from a list of small numbers, so that a failing walk can be made shorter by leaving numbers out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from leadproof.connector import Connector
from leadproof.oracle import CycleSpan, Histories, Oracle, State, Violation
from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.failures import Refused
from leadproof.systems.ports import Record, Write
from leadterms.values import Value
from tests.harness.connector.pair import RECIPE, Pair, integration, start

WALK_RECIPE = RECIPE.replace(
    "    users:\n      - {id: sync}\n      - {id: kari.c,",
    "      - {object: Contact, id: Rating, label: Rating, type: dropdown, choices: [Hot, Warm, Cold]}\n"
    "    users:\n      - {id: sync}\n      - {id: kari.c,",
    1,
)
ADDRESSES = ("ann@acme.example", "Bo@acme.example", "ANN@acme.example", "cy@acme.example", "bo@acme.example")
PHONES = (None, "+47 22 12 34 56", "+47 22 12 34 57", "00000000")
COUNTRIES = (None, "Norway", "Iceland", "Chile")
COMPANIES = ("Acme", "Beta Ltd", "Gamma")
SOURCES = (None, "Web", "Trade show")
RATINGS = ((None, None), ("Hot", "hot"), ("Cold", "cold"))
OWNERS = (("kari.c", "kari.m"), ("ola.c", "ola.m"), ("sync", "sync"))
STATUSES = (("Sent", "sent"), ("Responded", "clicked"))
ACCOUNTS = (
    "accounts: {crm: Account, marketing: account, "
    "fields: [{crm: Name, marketing: name}, {crm: Phone, marketing: phone}]}"
)

Move = tuple[int, int, int]


@dataclass(frozen=True)
class Terms:
    """The part of the integration that differs between walks."""

    phone: str = "master: crm, overwrite: if_blank, clears: keep, direction: both"
    country: str = "master: latest"
    people: str = "deliver: all, import: all"
    match: str = "email"
    accounts: bool = False
    clears: str = "keep"

    def fields(self) -> str:
        return f"""
  - {{crm: Email, marketing: email}}
  - {{crm: LastName, marketing: last_name}}
  - {{crm: {{Lead: Company}}, marketing: company}}
  - {{crm: {{Lead: Phone, Contact: HomePhone}}, marketing: phone, {self.phone}}}
  - {{crm: {{Lead: Country, Contact: MailingCountry}}, marketing: country, {self.country}}}
  - crm: Rating
    marketing: rating
    master: {{Lead: marketing, Contact: crm}}
    values: {{Hot: hot, Cold: cold}}
  - {{crm: Score__c, marketing: score, master: marketing, overwrite: never}}
  - {{crm: HasOptedOutOfEmail, marketing: opted_out, sticky: true}}
  - {{crm: LeadSource, marketing: source, only_on: create}}
  - {{crm: Comments__c, marketing: comments, direction: to_crm, answers: append}}
"""

    def integration(self) -> Any:
        people = f"{{crm: [Lead, Contact], marketing: prospect, match: [{self.match}], {self.people}}}"
        more = f"defaults: {{clears: {self.clears}}}\n{ACCOUNTS if self.accounts else ''}"
        return integration(self.fields(), people, more)


class Walk:
    """One walk over one pair of orgs."""

    def __init__(self, terms: Terms, make: Callable[..., Connector] = Connector, *, seed: int = 7) -> None:
        self.pair: Pair = start(terms.integration(), recipe=WALK_RECIPE, make=make, seed=seed)
        self.spans: list[CycleSpan] = []
        self.told: list[str] = []

    # --- what people do -------------------------------------------------------------------------------------

    def go(self, moves: Sequence[Move]) -> None:
        """Do them all; what a system refuses is not done."""
        for kind, which, what in moves:
            move = MOVES[kind % len(MOVES)]
            try:
                self.told.append(f"{move.__name__} {which} {what}: {move(self, which, what) or ''}")
            except Refused as refused:
                self.told.append(f"{move.__name__} {which} {what}: refused, {refused}")

    def cycle(self, which: int = 0, what: int = 0) -> str:
        """One cycle of the connector."""
        began = self.pair.sandbox.lab.last_fact()
        report = self.pair.connector.cycle()
        self.spans.append(CycleSpan(began, self.pair.sandbox.lab.last_fact()))
        return f"{report.writes_crm} {report.writes_marketing}"

    def new_prospect(self, which: int, what: int) -> str:
        return self._write(self.pair.marketer, "create", "prospect", None, {
            "email": ADDRESSES[which % len(ADDRESSES)], "last_name": "Test", "company": "Acme",
            "phone": PHONES[what % 4], "country": COUNTRIES[(what + which) % 4], "score": what * 40,
            "source": SOURCES[what % 3], "opted_out": what % 5 == 4, "rating": RATINGS[which % 3][1],
        })  # fmt: skip

    def new_lead(self, which: int, what: int) -> str:
        return self._write(self.pair.sales, "create", "Lead", None, {
            "Email": ADDRESSES[which % len(ADDRESSES)], "LastName": "Test", "Company": "Acme",
            "Phone": PHONES[what % 4], "Country": COUNTRIES[(what + which) % 4], "LeadSource": SOURCES[what % 3],
            "HasOptedOutOfEmail": what % 5 == 4, "Rating": RATINGS[which % 3][0],
        })  # fmt: skip

    def edit_prospect(self, which: int, what: int) -> str:
        values: dict[str, Value] = (
            {"phone": PHONES[what % 4]},
            {"country": COUNTRIES[what % 4]},
            {"company": COMPANIES[what % 3]},
            {"opted_out": what % 2 == 0},
            {"source": SOURCES[what % 3]},
            {"score": what},
            {"rating": RATINGS[what % 3][1]},
            {"owner": OWNERS[what % 3][1]},
            {"comments": f"note {what}"},
            {"email": ADDRESSES[what % 5]},
        )[(which // 4) % 10]
        return self._edit(self.pair.marketer, "prospect", which, values)

    def edit_person(self, which: int, what: int) -> str:
        values: dict[str, Value] = (
            {"Phone": PHONES[what % 4]},
            {"Country": COUNTRIES[what % 4]},
            {"Company": COMPANIES[what % 3]},
            {"HasOptedOutOfEmail": what % 2 == 0},
            {"LeadSource": SOURCES[what % 3]},
            {"Score__c": what},
            {"Rating": RATINGS[what % 3][0]},
            {"Owner": OWNERS[what % 3][0]},
            {"Comments__c": f"sales {what}"},
            {"Email": ADDRESSES[what % 5]},
        )[(which // 4) % 10]
        people = self._people()
        if not people:
            return ""
        person = people[which % len(people)]
        if person.object == "Contact":
            names = {"Phone": "HomePhone", "Country": "MailingCountry"}
            values = {names.get(name, name): value for name, value in values.items() if name != "Company"}
        return self._write(self.pair.sales, "update", person.object, person.id, values) if values else ""

    def fill_form(self, which: int, what: int) -> str:
        values = {"email": ADDRESSES[which % 5], "last_name": "Test", "company": "Acme", "comments": f"answer {what}"}
        if what % 3 == 0:
            values["phone"] = "00000000"
        return str(self.pair.visitor.submit_form(self.pair.visitor.forms()[0].id, values).outcome)

    def convert(self, which: int, what: int) -> str:
        leads = [lead for lead in self.pair.leads() if lead.converted_to is None]
        if not leads:
            return ""
        return self.pair.sales.convert(leads[which % len(leads)].id).contact_id

    def delete(self, which: int, what: int) -> str:
        if what % 2:
            return self._edit(self.pair.marketer, "prospect", which, None)
        people = self._people()
        if not people:
            return ""
        person = people[which % len(people)]
        return self._write(self.pair.sales, "delete", person.object, person.id, {})

    def join(self, which: int, what: int) -> str:
        """A person joins the campaign, or gets another status."""
        system = self.pair.sales if which % 2 else self.pair.marketer
        people = self._people() if which % 2 else self.pair.prospects()
        if not people:
            return ""
        person = people[(which // 2) % len(people)]
        status = STATUSES[what % 2][0 if which % 2 else 1]
        (result,) = system.set_members([MemberWrite("set", system.campaigns()[0].id, person.object, person.id, status)])
        return f"{person.id} {status} {result.outcome}"

    def leave(self, which: int, what: int) -> str:
        system = self.pair.sales if which % 2 else self.pair.marketer
        members = [member for member in system.members(None, 200).items if not member.deleted]
        if not members:
            return ""
        member = members[(which // 2) % len(members)]
        system.set_members([MemberWrite("remove", member.campaign, member.person_object, member.person)])
        return member.id

    def merge(self, which: int, what: int) -> str:
        leads = [lead for lead in self.pair.leads() if lead.converted_to is None]
        if len(leads) < 2:
            return ""
        winner, loser = leads[which % len(leads)], leads[(which + 1) % len(leads)]
        return self.pair.sales.merge("Lead", winner.id, [loser.id]).id + f" < {loser.id}"

    def account(self, which: int, what: int) -> str:
        accounts = self.pair.leads("Account")
        if not accounts or what % 2:
            return self._write(self.pair.sales, "create", "Account", None, {"Name": "Acme", "Phone": PHONES[which % 4]})
        account = accounts[which % len(accounts)]
        return self._write(self.pair.sales, "update", "Account", account.id, {"Phone": PHONES[what % 4]})

    def _people(self) -> list[Record]:
        leads = [lead for lead in self.pair.leads() if lead.converted_to is None]
        return [*leads, *self.pair.leads("Contact")]

    def _edit(self, system: Any, object: str, which: int, values: dict[str, Value] | None) -> str:
        records = list(system.find(object, None, []))
        if not records:
            return ""
        return self._write(
            system, "delete" if values is None else "update", object, records[which % len(records)].id, values or {}
        )

    def _write(self, system: Any, op: Any, object: str, id: str | None, values: dict[str, Any]) -> str:
        (result,) = system.write([Write(op, object, id, values=values, assign=op == "create")])
        return f"{result.outcome} {result.id} {values} {result.refusal.text if result.refusal else ''}"

    # --- judging -----------------------------------------------------------------------------------------------

    def judge(self, *, hidden: bool = False) -> list[Violation]:
        """Five cycles more (three to settle, two silent), then what the oracle says."""
        for _ in range(5):
            self.told.append(f"cycle: {self.cycle()}")
        pair = self.pair
        facts = list(pair.sandbox.lab.journal())
        histories = Histories.read(facts, pair.sales, pair.marketer, cycles=None if hidden else self.spans)
        return Oracle(pair.integration, histories).judge(State.read(pair.sales, pair.marketer))

    def close(self) -> None:
        self.pair.connector.close()
        self.pair.sandbox.close()


MOVES: Sequence[Callable[[Walk, int, int], str]] = (
    Walk.new_prospect,
    Walk.new_lead,
    Walk.edit_prospect,
    Walk.edit_person,
    Walk.cycle,
    Walk.fill_form,
    Walk.edit_prospect,
    Walk.edit_person,
    Walk.join,
    Walk.cycle,
    Walk.convert,
    Walk.delete,
    Walk.leave,
    Walk.merge,
    Walk.account,
)
"""What a number means; the frequent things stand twice. The rare ones come last."""
BASIC = 10
"""The first moves: no conversion, no delete, no merge."""
