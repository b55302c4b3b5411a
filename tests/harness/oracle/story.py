"""Histories written by hand: what people did, what a connector did, and where its cycles began."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from leadproof.integration import parse_text
from leadproof.oracle import CycleSpan, Histories, Oracle, State, Violation
from leadproof.oracle.histories import System, make
from leadproof.systems.campaigns import Campaign, MemberStatus
from leadproof.systems.organization import AssignmentRule, User
from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.values import moment_text

CRM, MARKETING = "acme-crm", "acme-marketing"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEAD = """
leadproof: 1
systems:
  crm: {dialect: native, org: acme-crm}
  marketing: {dialect: native, org: acme-marketing}
"""
BASICS = """
  - {crm: Email, marketing: email}
  - {crm: LastName, marketing: last_name}
  - {crm: {Lead: Company}, marketing: company}
"""
_CRM_FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "Lead": {
        "Email": {"type": "email"},
        "LastName": {"type": "single_line", "required": True},
        "Company": {"type": "single_line", "required": True},
        "Phone": {"type": "phone"},
        "Country": {"type": "single_line"},
        "Rating": {"type": "dropdown", "choices": ("Hot", "Warm", "Cold")},
        "Score__c": {"type": "number", "scale": 0},
        "Comments__c": {"type": "multi_line"},
        "LeadSource": {"type": "single_line"},
        "HasOptedOutOfEmail": {"type": "checkbox"},
        "Owner": {"type": "user"},
        "MarketingId__c": {"type": "single_line"},
    },
    "Contact": {
        "Email": {"type": "email"},
        "LastName": {"type": "single_line", "required": True},
        "Phone": {"type": "phone"},
        "HomePhone": {"type": "phone"},
        "Rating": {"type": "dropdown", "choices": ("Hot", "Warm", "Cold")},
        "Score__c": {"type": "number", "scale": 0},
        "Comments__c": {"type": "multi_line"},
        "LeadSource": {"type": "single_line"},
        "HasOptedOutOfEmail": {"type": "checkbox"},
        "Account": {"type": "reference", "refers_to": "Account"},
        "Owner": {"type": "user"},
        "MarketingId__c": {"type": "single_line"},
    },
    "Account": {
        "Name": {"type": "single_line", "required": True},
        "Phone": {"type": "phone"},
    },
    "Opportunity": {
        "Name": {"type": "single_line", "required": True},
        "Amount": {"type": "currency", "scale": 2},
        "Stage": {"type": "single_line"},
        "Contact": {"type": "reference", "refers_to": "Contact"},
        "Campaign": {"type": "reference", "refers_to": "Campaign"},
        "LeadSource": {"type": "single_line"},
        "IsWon": {"type": "checkbox"},
        "IsClosed": {"type": "checkbox"},
    },
    "Campaign": {"Name": {"type": "single_line"}, "ActualCost": {"type": "currency", "scale": 2}},
    "CampaignMember": {
        "Campaign": {"type": "reference", "refers_to": "Campaign"},
        "Lead": {"type": "reference", "refers_to": "Lead"},
        "Contact": {"type": "reference", "refers_to": "Contact"},
        "Status": {"type": "single_line"},
        "HasResponded": {"type": "checkbox"},
        "FirstRespondedDate": {"type": "date_time"},
    },
}
_MARKETING_FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "prospect": {
        "email": {"type": "email", "required": True},
        "last_name": {"type": "single_line"},
        "company": {"type": "single_line"},
        "phone": {"type": "phone"},
        "country": {"type": "single_line"},
        "rating": {"type": "dropdown", "choices": ("hot", "cold")},
        "score": {"type": "number", "scale": 0},
        "comments": {"type": "multi_line"},
        "source": {"type": "single_line"},
        "opted_out": {"type": "checkbox"},
        "owner": {"type": "user"},
        "crm_id": {"type": "single_line"},
    },
    "account": {
        "name": {"type": "single_line", "required": True},
        "phone": {"type": "phone"},
        "crm_id": {"type": "single_line"},
    },
    "opportunity": {
        "name": {"type": "single_line", "required": True},
        "amount": {"type": "currency", "scale": 2},
        "stage": {"type": "single_line"},
        "prospect": {"type": "reference", "refers_to": "prospect"},
        "crm_id": {"type": "single_line"},
    },
    "campaign": {
        "name": {"type": "single_line"},
        "cost": {"type": "currency", "scale": 2},
        "crm_id": {"type": "single_line"},
    },
    "membership": {
        "campaign": {"type": "reference", "refers_to": "campaign"},
        "prospect": {"type": "reference", "refers_to": "prospect"},
        "status": {"type": "single_line"},
        "responded": {"type": "checkbox"},
        "first_responded_at": {"type": "date_time"},
    },
    "submission": {
        "form": {"type": "single_line"},
        "prospect": {"type": "reference", "refers_to": "prospect"},
        "answers": {"type": "multi_line"},
    },
}


def _schema(objects: dict[str, dict[str, dict[str, Any]]]) -> dict[str, ObjectSpec]:
    return {
        object: ObjectSpec(object, object, {id: FieldSpec(object, id, id, **spec) for id, spec in fields.items()})
        for object, fields in objects.items()
    }


@dataclass
class Thing:
    """A record as it stands."""

    org: str
    object: str
    id: str
    values: dict[str, Any] = field(default_factory=dict)
    version: int = 1

    def __str__(self) -> str:
        return self.id


class Story:
    """Writes facts. What stands inside `with story.cycle():` the connector did."""

    def __init__(self, fields: str = "", *, people: str = "", more: str = "") -> None:
        people_part = f"people: {{{people}}}" if people else ""
        self.integration = parse_text(f"{HEAD}\n{people_part}\nfields:{BASICS}{fields}\n{more}")
        self.facts: list[dict[str, Any]] = []
        self.cycles: list[CycleSpan] = []
        self.users = {
            CRM: [_user("sync"), _user("kari.c"), _user("ola.c")],
            MARKETING: [_user("kari.c"), _user("ola.c")],
        }
        self.rules: list[AssignmentRule] = []
        self.default_owner: str | None = "sync"
        self.state: State | None = None
        self._own = False
        self._request: int | None = None
        self._ids = 0
        self._now = START

    # --- telling ------------------------------------------------------------------------------------------------

    @contextmanager
    def cycle(self, *, reads: bool = True) -> Iterator[None]:
        """A cycle that begins here; unless told otherwise it asks for records."""
        self.cycles.append(CycleSpan(len(self.facts)))
        self._own = True
        if reads:
            self.call(CRM, "GET", f"/{CRM}/crm/v1/changes/Lead")
        yield
        self._own = False

    def crm(self, object: str = "Lead", /, **values: Any) -> Thing:
        """A new record in the CRM; `MarketingId__c=thing` names another."""
        return self._create(CRM, object, values)

    def marketing(self, object: str = "prospect", /, **values: Any) -> Thing:
        """A new record in marketing."""
        return self._create(MARKETING, object, values)

    def edit(self, thing: Thing, **values: Any) -> None:
        """Change some values; None clears."""
        self._change(thing, "update", values)

    def delete(self, thing: Thing) -> None:
        self._change(thing, "delete", {})

    def undelete(self, thing: Thing) -> None:
        self._change(thing, "undelete", {})

    def merge(self, winner: Thing, loser: Thing, **values: Any) -> None:
        """Merge within one request; the winner may take values."""
        self._request = len(self.facts) + 1
        self._change(loser, "merge", {}, merged_into=winner.id)
        if values:
            self._change(winner, "update", values)
        self._request = None

    def convert(self, lead: Thing, **values: Any) -> Thing:
        """Make a contact of a lead, as the CRM does."""
        self._request = len(self.facts) + 1
        copied = {id: lead.values[id] for id in _CRM_FIELDS["Contact"] if id in lead.values}
        contact = self._create(CRM, "Contact", copied | values)
        self._change(lead, "convert", {}, converted_to={"Contact": contact.id})
        self._request = None
        return contact

    def linked(self, lead: Thing, prospect: Thing) -> None:
        """Write both ids."""
        if lead.values.get("MarketingId__c") != prospect.id:
            self.edit(lead, MarketingId__c=prospect.id)
        if prospect.values.get("crm_id") != lead.id:
            self.edit(prospect, crm_id=lead.id)

    def pair(self, **values: Any) -> tuple[Thing, Thing]:
        """A person that both sides know and the first cycle has linked: `crm_*` and `marketing_*` by name."""
        lead = self.crm(**_person("crm"), **_of(values, "crm_"))
        prospect = self.marketing(**_person("marketing"), **_of(values, "marketing_"))
        with self.cycle():
            self.linked(lead, prospect)
        return lead, prospect

    def call(
        self, side: str = CRM, method: str = "PATCH", path: str = "/acme-crm/crm/v1/records/Lead/1", /, **more: Any
    ) -> None:
        """A request of the connector; `status` (200), `request_body`, `response_body`, `response_headers`."""
        bodies: dict[str, Any] = {
            name: json.dumps(more[name]) for name in ("request_body", "response_body") if name in more
        }
        told: dict[str, Any] = {"status": 200, **more, **bodies}
        self._fact(side, kind="exchange", method=method, path=path, **told)

    def fault(self, kind: str, side: str = CRM) -> None:
        """A fault that a call of the connector meets."""
        self._fact(side, kind="fault", kind_of=kind, operation="batch", nth=1)

    # --- judging ------------------------------------------------------------------------------------------------

    def histories(self, *, hidden: bool = False) -> Histories:
        campaigns = {org: self._campaigns(org) for org in (CRM, MARKETING)}
        return make(
            self.facts,
            crm=System(CRM, _schema(_CRM_FIELDS), self.users[CRM], campaigns[CRM]),
            marketing=System(MARKETING, _schema(_MARKETING_FIELDS), self.users[MARKETING], campaigns[MARKETING]),
            cycles=None if hidden else self.cycles,
            own=lambda fact: fact["actor"] == "connector",
            rules=self.rules,
            default_owner=self.default_owner,
            connector_user="sync",
        )

    def judge(self, *, hidden: bool = False) -> list[Violation]:
        """What the oracle says at the end of the story."""
        return Oracle(self.integration, self.histories(hidden=hidden)).judge(self.state)

    def checks(self, *, hidden: bool = False) -> list[str]:
        """The ids of the checks that fail, each once, sorted."""
        return sorted({violation.check for violation in self.judge(hidden=hidden)})

    # --- facts --------------------------------------------------------------------------------------------------

    def _campaigns(self, org: str) -> Sequence[Campaign]:
        object, name = ("Campaign", "Name") if org == CRM else ("campaign", "name")
        statuses = ("Sent", "Responded") if org == CRM else ("sent", "clicked")
        return [
            Campaign(
                fact["id"],
                fact["fields"][name][1],
                (MemberStatus(statuses[0], False), MemberStatus(statuses[1], True)),
            )
            for fact in self.facts
            if fact["kind"] == "change" and fact["object"] == object and fact["op"] == "create"
        ]

    def _create(self, org: str, object: str, values: dict[str, Any]) -> Thing:
        self._ids += 1
        thing = Thing(org, object, f"{object[:3].lower()}-{self._ids}")
        self._change(thing, "create", values)
        return thing

    def _change(self, thing: Thing, op: str, values: dict[str, Any], **more: Any) -> None:
        plain = {id: value.id if isinstance(value, Thing) else value for id, value in values.items()}
        fields = {id: [thing.values.get(id), value] for id, value in plain.items()}
        thing.values.update(plain)
        self._fact(thing.org, kind="change", op=op, object=thing.object, id=thing.id, fields=fields, **more)

    def _fact(self, org: str, **fact: Any) -> None:
        self._now += timedelta(seconds=1)
        who = "connector" if self._own else "sales"
        common = {"n": len(self.facts) + 1, "org": org, "at": moment_text(self._now), "actor": who}
        self.facts.append({**common, "user": "sync" if self._own else "kari.c", "request": self._request, **fact})


def _user(name: str, *, active: bool = True) -> User:
    return User(name, name, name, "", active, False)


def _person(side: str) -> dict[str, str]:
    if side == "crm":
        return {"Email": "kim@acme.example", "LastName": "Test", "Company": "Acme", "Owner": "sync"}
    return {"email": "kim@acme.example", "last_name": "Test", "company": "Acme"}


def _of(values: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
