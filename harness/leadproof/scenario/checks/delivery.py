"""Checks of lead flow: delivered once, linked both ways, absent, counted, not doubled (product.md A2)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Literal

from pydantic import Field

from leadproof.findings import At, Finding, find
from leadproof.integration.renaming import renamed_rows
from leadproof.scenario.connected import Connected
from leadproof.scenario.people import Person, crm_records, prospects
from leadproof.scenario.registry import Check, Result, failed, named, passed
from leadproof.scenario.stage import Stage
from leadproof.scenario.wording import listed
from leadproof.systems.ports import Record
from leadterms.criteria import parse_criteria
from leadterms.refusals import CriteriaRefused

Linked = Literal["both", "crm", "marketing", "no", "any"]


def records_on(connected: Connected, side: str, person: Person) -> list[Record]:
    """The live records on this side that stand for the person."""
    return crm_records(connected, person) if side == "crm" else prospects(connected, person)


def links(connected: Connected, crm: Record, prospect: Record) -> tuple[bool, bool]:
    """Whether marketing's record names the CRM's, and the CRM's names marketing's."""
    there = prospect.values.get(connected.crm_id_field) == crm.id if connected.crm_id_field else True
    here = crm.values.get(connected.marketing_id_field) == prospect.id if connected.marketing_id_field else True
    return there, here


def _names(records: list[Record]) -> str:
    return listed([f"{one.object} {one.id}" for one in records]) if records else "no record"


@named("check_delivered")
class CheckDelivered(Check):
    """The lead is in the CRM exactly `count` times (1) and linked: `both` ways, in `crm` or `marketing` only, `no`,
    or `any`. For a group every one of them. `object` says as what (Lead, Contact); `in` names another org."""

    lead: str = Field(description="The lead or group, as `$name`.")
    count: int = Field(default=1, description="How many records of the lead.")
    linked: Linked = Field(default="both", description="both, crm, marketing, no or any.")
    object: str = Field(default="", description="As what: Lead or Contact.")
    in_: str = Field(default="crm", alias="in", description="Where: crm, marketing or an org's name.")

    def compare(self, stage: Stage) -> Result:
        connected, side = stage.located(self.in_)
        object = connected.object_id(side, self.object)
        return delivered(stage, self.lead, self.in_, self.count, self.linked, object)


def delivered(stage: Stage, lead: str, where: str, count: int, linked: Linked, object: str) -> Result:
    """Whether the lead, or each of a group, stands there `count` times and linked as it should be."""
    connected, side = stage.located(where)
    org = connected.system(side).name
    people = stage.people(lead)
    wrong: list[str] = []
    suspects: list[Finding] = []
    found_text = ""
    for person in people:
        records = [one for one in records_on(connected, side, person) if object in ("", one.object)]
        if len(records) != count:
            wrong.append(f"{person.name}: {_names(records)}")
            suspects.append(_delivery_cause(person, org, records))
            continue
        found_text = _names(records)
        problem = _link_problem(connected, side, person, records[0], linked) if count == 1 else ""
        if problem:
            wrong.append(f"{person.name}: {found_text}, {problem}")
            suspects.append(_link_cause(connected, person, records[0], problem))
    what = _wanted(org, count, linked)
    if not wrong:
        who = found_text if len(people) == 1 else f"all {len(people)} leads"
        return passed(f"{who} {what}" if count else f"no record in {org}")
    expected = what if len(people) == 1 else f"all {len(people)} {what}"
    more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    found = "; ".join(wrong[:5]) + more
    return failed(f"delivery to {org}", expected, found, findings=stage.causes(*suspects[:1]))


def _wanted(org: str, count: int, linked: Linked) -> str:
    what = f"once in {org}" if count == 1 else f"{count} times in {org}"
    if count == 1 and linked != "any":
        what += {"both": ", linked both ways", "no": ", not linked"}.get(linked, f", linked in {linked} only")
    return what


_LINKED: dict[tuple[bool, bool], str] = {
    (True, True): "linked both ways",
    (False, False): "not linked",
    (False, True): "linked in the CRM only",
    (True, False): "linked in marketing only",
}
_ASKED: dict[Linked, tuple[bool, bool]] = {
    "both": (True, True),
    "no": (False, False),
    "crm": (False, True),
    "marketing": (True, False),
}


def _link_problem(connected: Connected, side: str, person: Person, record: Record, linked: Linked) -> str:
    """How the person's two records are linked, if it is not as asked; "" if it is."""
    if linked == "any":
        return ""
    partners = records_on(connected, "marketing" if side == "crm" else "crm", person)
    if not partners:
        return "" if linked == "no" else "without a partner on the other side"
    crm, prospect = (record, partners[0]) if side == "crm" else (partners[0], record)
    held = links(connected, crm, prospect)
    return "" if held == _ASKED[linked] else _LINKED[held]


def _delivery_cause(person: Person, org: str, records: list[Record]) -> Finding:
    if records:
        places = [At("", org, one.object, one.id) for one in records]
        return find("DUP403", f"{person.name} stands in {org} as {_names(records)}.", places=places)
    return find("CYC601", f"{person.name} is not in {org}.", places=[At("", org)])


def _link_cause(connected: Connected, person: Person, record: Record, problem: str) -> Finding:
    at = At("", "", record.object, record.id, connected.marketing_id_field)
    return find("CYC603", f"{person.name}: {record.object} {record.id} is {problem}.", places=[at])


@named("check_linked")
class CheckLinked(Check):
    """The lead's two records name each other."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(default="crm", alias="in", description="Where: crm, marketing or an org's name.")

    def compare(self, stage: Stage) -> Result:
        return delivered(stage, self.lead, self.in_, 1, "both", "")


@named("check_absent")
class CheckAbsent(Check):
    """No live record of the lead is in this system."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")

    def compare(self, stage: Stage) -> Result:
        connected, side = stage.located(self.in_)
        org = connected.system(side).name
        found = {one.name: records for one in stage.people(self.lead) if (records := records_on(connected, side, one))}
        if not found:
            return passed(f"no record of {self.lead} in {org}")
        text = "; ".join(f"{name}: {_names(records)}" for name, records in found.items())
        return failed(f"absence from {org}", "no record", text, findings=stage.causes())


@named("check_count")
class CheckCount(Check):
    """The system holds exactly `is` live records of an object, of those that `criteria` select."""

    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    object: str = Field(description="The object.")
    criteria: dict[str, Any] | None = Field(default=None, description="Rows and logic that select records.")
    is_: int = Field(alias="is", ge=0, description="What it must be.")

    def compare(self, stage: Stage) -> Result:
        connected, side = stage.located(self.in_)
        system = connected.system(side)
        try:
            object = connected.object_id(side, self.object)
            asked = renamed_rows(self.criteria or {}, lambda name: connected.field_id(side, object, name))
            criteria = parse_criteria(asked) if self.criteria else None
        except CriteriaRefused as refused:
            raise stage.refused(refused.code, refused.text, fix=refused.fix) from None
        field = next(iter(connected.specs(side, object)), "")  # counting needs no more of a record than one value
        count = sum(1 for _ in system.find(object, criteria, [field]))
        what = f"{object} records in {system.name}"
        if count == self.is_:
            return passed(f"{count} {what}")
        return failed(f"number of {what}", str(self.is_), str(count), findings=stage.causes())


@named("check_no_duplicates")
class CheckNoDuplicates(Check):
    """Nobody stands twice in either system: no two live people with one e-mail address or one link. Without anybody
    in either system there is nothing to prove, and the check fails."""

    connection: str | None = Field(
        default=None,
        description="One connection, by its integration file's name without ending; all of them unless said.",
    )

    def compare(self, stage: Stage) -> Result:
        connected = stage.connection(self.connection)
        doubled: list[str] = []
        places: list[At] = []
        counted = 0
        for side, objects in (("crm", connected.people_objects), ("marketing", (connected.prospect,))):
            system = connected.system(side)
            link = connected.marketing_id_field if side == "crm" else connected.crm_id_field
            by_key: dict[str, list[Record]] = defaultdict(list)
            for object in objects:
                key = connected.match_field(side, object)
                fields = [one for one in (key, link) if one in connected.specs(side, object)]
                for record in system.find(object, None, fields):
                    if record.converted_to is not None:
                        continue
                    counted += 1
                    for field in fields:
                        value = record.values.get(field)
                        if isinstance(value, str) and value.strip():
                            by_key[f"{field} {value.strip().casefold()}"].append(record)
            for key, records in sorted(by_key.items()):
                if len(records) > 1:
                    doubled.append(f"{system.name}: {key}: {_names(records)}")
                    places.extend(At(side, system.name, one.object, one.id) for one in records)
        if not counted:
            return failed("duplicates", "people to look at", "nobody in either system", findings=stage.causes())
        if not doubled:
            return passed(f"{counted} people, none of them twice")
        cause = find("DUP403", f"One person has several records: {doubled[0]}.", places=places)
        return failed("duplicates", "none", "; ".join(doubled[:5]), findings=stage.causes(cause))
