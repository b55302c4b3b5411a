"""The native API's JSON as the ports' dataclasses; nothing here sends anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast, get_args

from leadproof.systems.campaigns import Campaign, Member, MemberStatus, Report, ReportName
from leadproof.systems.organization import Assignee, AssignmentRule, Connection, Newest, Quota, Side, User
from leadproof.systems.outreach import Answer, EmailSent, Form, FormField, MarketingList
from leadproof.systems.ports import Refusal
from leadproof.systems.records import RefusalKind
from leadterms.criteria import Criteria, parse_criteria

Json = Mapping[str, Any]

_KINDS = frozenset(get_args(RefusalKind))
_LISTS = {
    "crm": ("CampaignMember", "Campaign", ("User", "Queue")),
    "marketing": ("membership", "campaign", ("user",)),
}
"""The objects whose records are an org's memberships, campaigns and users."""


def sentences(error: Json) -> tuple[str, str]:
    """What an error body says, and what it says to do about it: its message repeats the fix at its end."""
    text, fix = str(error.get("message") or ""), str(error.get("fix") or "")
    return (text.removesuffix(fix).rstrip(". "), f"{fix.rstrip('.')}.") if fix else (text, "")


def refused_rows(body: object) -> tuple[str, ...]:
    """The rows of a batch that were refused in an answer of status 200."""
    rows = body.get("results") if isinstance(body, Mapping) else None
    told = [(number, one) for number, one in enumerate(rows if isinstance(rows, list) else (), 1)]
    return tuple(
        f"row {number}: {(one.get('error') or {}).get('message', 'refused')}"
        for number, one in told
        if isinstance(one, Mapping) and one.get("outcome") == "refused"
    )


def as_refusal(error: Json) -> Refusal:
    """An error body, of a whole call or of one row of a batch."""
    kind = error.get("kind", "invalid")
    problems = error.get("problems") or ()
    field = next((p["field"] for p in problems if p.get("field")), None)
    return Refusal(
        code=str(error.get("code", "")),
        text=str(error.get("message", "refused without a reason")),
        field=field,
        kind=cast("RefusalKind", kind if kind in _KINDS else "invalid"),
        definite=error.get("definite") is True,
        matches=tuple(error.get("matches") or ()),
    )


def moment(text: str) -> datetime:
    """ISO text with its offset as an aware datetime."""
    return datetime.fromisoformat(text)


def moment_or_none(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def as_connection(raw: Json) -> Connection:
    quota = raw["quota"]
    return Connection(
        user=raw["user"],
        actor=raw["actor"],
        address=raw["address"],
        permissions=tuple(raw["permissions"]),
        quota=Quota(quota["limit"], quota["used"], quota["left"], moment_or_none(quota.get("resets_at"))),
        time=moment(raw["time"]),
        time_zone=raw["time_zone"],
        org=raw["org"],
        kind=cast("Side", raw["kind"]),
        newest=as_newest(raw["newest"], raw["kind"], raw.get("epoch", 0)) if "newest" in raw else None,
    )


def as_newest(changes: Mapping[str, str], kind: str, epoch: int) -> Newest:
    """`epoch`: after a restore the same places are reached again, with other changes."""
    members, campaigns, users = _LISTS[kind]
    listed = " ".join([str(epoch), *(changes[object] for object in users)])
    return Newest(changes, changes[members], f"{epoch} {changes[campaigns]}", listed)


def as_user(raw: Json) -> User:
    return User(raw["id"], raw["user_name"], raw["name"] or "", raw["email"] or "", raw["active"], raw["queue"])


def as_campaign(raw: Json) -> Campaign:
    statuses = tuple(MemberStatus(status["name"], status["responded"]) for status in raw["statuses"])
    return Campaign(raw["id"], raw["name"], statuses)


def as_member(raw: Json) -> Member:
    return Member(
        id=raw["id"],
        campaign=raw["campaign"],
        person_object=raw["person_object"],
        person=raw["person"],
        status=raw["status"] or "",
        responded=raw["responded"],
        deleted=raw["deleted"],
        modified=moment(raw["modified_at"]),
        first_responded=moment_or_none(raw.get("first_responded_at")),
    )


def as_report(name: ReportName, raw: Json) -> Report:
    return Report(
        name,
        tuple(raw["columns"]),
        tuple(_figures(row) for row in raw["rows"]),
        _figures(raw["totals"]),
    )


def _figures(row: Json) -> dict[str, str]:
    return {column: "" if figure is None else str(figure) for column, figure in row.items()}


def as_rule(raw: Json) -> AssignmentRule:
    assign = raw["assign"]
    kind = next(k for k in ("user", "queue", "round_robin") if assign.get(k))
    to = assign[kind]
    return AssignmentRule(
        raw["name"],
        parse_criteria(raw["criteria"]) if raw["criteria"] else Criteria(),
        Assignee(cast("Any", kind), (to,) if isinstance(to, str) else tuple(to)),
        raw["active"],
    )


def as_form(raw: Json) -> Form:
    required = frozenset(raw["required"])
    fields = tuple(FormField(field, field in required) for field in raw["fields"])
    return Form(raw["id"], raw["name"], fields, raw["captcha"])


def as_list(raw: Json) -> MarketingList:
    criteria = parse_criteria(raw["criteria"]) if raw.get("criteria") else None
    return MarketingList(raw["id"], raw["name"], criteria is not None, criteria)


def as_answer(raw: Json) -> Answer:
    return Answer(str(raw["id"]), moment(raw["at"]), raw["text"])


def as_email(raw: Json) -> EmailSent:
    return EmailSent(tuple(raw["recipients"]), tuple(raw["suppressed"]), tuple(raw["duplicates"]))
