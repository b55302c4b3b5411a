"""The way of one lead through the systems, and what the connector called: read from the journal for the reports.

Nothing here is asked of the systems, so that a picture never changes what it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from leadproof.sandbox import CONNECTOR
from leadproof.scenario.people import Person
from leadproof.scenario.stage import Stage

Lane: TypeAlias = Literal["form", "marketing", "connector", "crm", "owner", "report"]
LANES: tuple[Lane, ...] = ("form", "marketing", "connector", "crm", "owner", "report")
SUBMISSION, MEMBERS = "submission", frozenset({"CampaignMember", "membership"})
SILENT = frozenset({"activity", "list_membership", "email_send"})
OWNER = {"crm": "Owner", "marketing": "owner"}
RECIPE = "recipe"
CHANGES = 4000
"""Of a scenario with more changes only the first so many are read: a picture has no use for thousands."""
CALLS = 60
BODY = 2000
"""Characters of a body that a report shows."""

Fact: TypeAlias = Mapping[str, Any]


def journey(stage: Stage) -> dict[str, Any] | None:
    """`{"person", "stations": [{"lane", "at", "org", "record", "text", "by"}]}` of the scenario's first person, or
    None where nobody was made or the target has no journal."""
    person = first_person(stage)
    if person is None or stage.lab is None:
        return None
    facts = changes(stage)
    sides = {one.crm.name: "crm" for one in stage.connections.values()}
    sides |= {one.marketing.name: "marketing" for one in stage.connections.values()}
    hers = records_of(person, facts)
    stations: list[dict[str, Any]] = []
    for fact in facts:
        side = sides.get(str(fact["org"]))
        if side is not None and (str(fact["org"]), str(fact["id"])) in hers and fact["object"] not in SILENT:
            stations.extend(_stations(side, fact, stations))
    return {"person": person.name, "stations": stations} if stations else None


def changes(stage: Stage) -> Sequence[Fact]:
    """What was changed after the orgs were built, as far as a picture can use it."""
    assert stage.lab is not None
    return [fact for fact in stage.lab.facts(kinds=["change"]) if fact["actor"] != RECIPE][:CHANGES]


def first_person(stage: Stage) -> Person | None:
    """Whom the pictures are about."""
    for who in stage.cast.values():
        people = who if isinstance(who, list) else [who]
        if people:
            return people[0]
    return None


def records_of(person: Person, facts: Iterable[Fact]) -> set[tuple[str, str]]:
    """The records that stand for the person, and those that name one of them: found in one pass, because a record
    is made before another names it."""
    ids = {id for _, id in person.ids.values()}
    keys = {key.casefold() for key in person.keys}
    found = {(org, id) for org, (_, id) in person.ids.items()}
    for fact in facts:
        here = (str(fact["org"]), str(fact["id"]))
        values = [after for _, after in fact["fields"].values() if isinstance(after, str)]
        if here in found or any(one in ids or one.casefold() in keys for one in values):
            found.add(here)
            ids.add(here[1])
        for other in (fact.get("converted_to") or {}).values() if here in found else ():
            found.add((here[0], str(other)))
            ids.add(str(other))
    return found


def _stations(side: str, fact: Fact, before: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Where the lead is after one change: at the connector first, if that made it."""
    head = {
        "at": fact["at"],
        "org": fact["org"],
        "record": f"{fact['object']} {fact['id']}",
        "by": fact["user"] or fact["actor"],
    }
    if fact["object"] == SUBMISSION:
        yield {**head, "lane": "form", "text": "form filled"}
        return
    if fact["actor"] == CONNECTOR and (not before or before[-1]["by"] != head["by"] or before[-1]["at"] != head["at"]):
        yield {**head, "lane": "connector", "text": f"writes {side}"}
    yield {**head, "lane": side, "text": _said(fact)}
    owner = fact["fields"].get(OWNER[side])
    if side == "crm" and owner is not None and owner[1]:
        yield {**head, "lane": "owner", "text": str(owner[1])}


def _said(fact: Fact) -> str:
    """ "Lead created", "phone, city", "member: Responded"."""
    names = [name for name in fact["fields"] if name.casefold() != "owner"]
    if fact["object"] in MEMBERS:
        status = fact["fields"].get("Status") or fact["fields"].get("status")
        return f"member: {status[1]}" if status else f"member {fact['op']}d"
    if fact["op"] != "update":
        return f"{fact['object']} {_PAST.get(str(fact['op']), str(fact['op']))}"
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


_PAST = {"create": "created", "delete": "deleted", "undelete": "restored", "merge": "merged", "convert": "converted"}


def timeline(stage: Stage) -> list[dict[str, Any]]:
    """The connector's last calls and the faults among them, in order: `{"at", "org", "what", "status", "retry",
    "fault", "request", "response"}`; bodies of what was refused only. Reads that went well are counted. A retry is
    the same call after one that failed."""
    if stage.lab is None:
        return []
    told: list[dict[str, Any]] = []
    failed: set[tuple[str, str, str]] = set()
    for fact in stage.lab.facts(kinds=["exchange", "fault"]):
        if fact["actor"] != CONNECTOR:
            continue
        if fact["kind"] == "fault":
            told.append(_entry(fact, f"fault: {fact['kind_of']}", fault=True))
            continue
        call = (str(fact["org"]), str(fact["method"]), str(fact["path"]))
        status = int(fact["status"])
        entry = _entry(fact, f"{fact['method']} {fact['path']}", status=status, retry=call in failed)
        if status >= 400:
            failed.add(call)
            entry |= {"request": str(fact["request_body"])[:BODY], "response": str(fact["response_body"])[:BODY]}
        else:
            failed.discard(call)
            if fact["method"] == "GET" and not entry["retry"]:
                _count_read(told, entry)
                continue
        told.append(entry)
    return told[-CALLS:]


def _count_read(told: list[dict[str, Any]], entry: dict[str, Any]) -> None:
    """Reads that went well stand as one line for all that follow each other: the story is in the others."""
    last = told[-1] if told else None
    if last is None or not last.get("reads") or last["org"] != entry["org"]:
        told.append({**entry, "reads": 1, "status": 0})
        return
    last["reads"] += 1
    last["what"] = f"{last['reads']} reads"


def _entry(fact: Fact, what: str, *, status: int = 0, retry: bool = False, fault: bool = False) -> dict[str, Any]:
    head = {"at": fact["at"], "org": fact["org"], "what": what, "status": status}
    return {**head, "retry": retry, "fault": fault, "request": "", "response": ""}
