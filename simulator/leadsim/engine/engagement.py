"""What prospects do: activities with their points, form submissions, and e-mail sends (recorded, nothing leaves)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import orjson

from leadsim.engine.change import Caller
from leadsim.engine.members import find_member
from leadsim.engine.refusals import Problem, Refused
from leadsim.engine.rules.scoring import points_for
from leadsim.engine.rules.segmentation import read_names
from leadsim.engine.settings import FormSetting
from leadsim.engine.stored import Stored
from leadterms.fieldtypes import blank, parse
from leadterms.refusals import ValueRefused
from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.engine.records import Org
    from leadsim.engine.writing import Writing

# What a CAPTCHA widget would hand in; a form that "asks" accepts this and nothing else.
CAPTCHA_PASSED = "pass"
FORM_REFUSED = "REF709"
# What a form takes for a telephone number (product.md D): E.164 has at most 15 digits, the shortest have about 5.
_PHONE = re.compile(r"\+?(?:[ ()./-]*[0-9]){5,15}[ ()./-]*(?:(?:x|ext\.?|;ext=) ?[0-9]{1,6})?\Z", re.IGNORECASE)


# --- activities ------------------------------------------------------------------------------------------------


def count_activity(transaction: Writing, activity: Stored) -> None:
    """Give the prospect its points and statistics, and do what a page sets off."""
    org = transaction.org
    prospect = org.row(str(activity.values["prospect"]))
    if prospect is None:
        return
    kind, detail = str(activity.values["type"]), str(activity.values.get("detail", ""))
    values = _statistics(org, prospect, kind)
    points, rules = points_for(org, kind, detail, prospect.values)
    if points:
        score = prospect.values.get("score")
        values["score"] = points + (score if isinstance(score, Decimal) else Decimal(0))
    after = transaction.update(prospect, values, system=True, cause=f"activity:{activity.id}")
    if rules:
        because = {"activity": kind, "detail": detail, "points": int(points)}
        transaction.decide("scoring", after, because)
    if kind == "page_view":
        for action in org.bound.page_actions(detail):
            follow_up(transaction, prospect.id, action.add_to_lists, action.campaign, action.status, "page")


def _statistics(org: Org, prospect: Stored, kind: str) -> dict[str, Value]:
    """The statistics fields that an activity moves."""
    values: dict[str, Value] = {}
    for field in org.schema.get("prospect").fields.values():
        if field.type != "statistics" or not field.formula:
            continue
        counted = prospect.values.get(field.id)
        if field.formula.get("count") == kind:
            values[field.id] = (counted if isinstance(counted, Decimal) else Decimal(0)) + 1
        elif field.formula.get("latest") in (kind, "activity"):
            values[field.id] = org.clock.now()
    return values


def follow_up(
    transaction: Writing,
    prospect: str,
    lists: Sequence[str],
    campaign: str | None,
    status: str | None,
    by: str,
) -> None:
    """Put a prospect on lists and into a campaign at once; where it is already, nothing happens."""
    org = transaction.org
    for of_list in lists:
        places = org.lookup("list_membership", "prospect", prospect)
        if all(place.values["list"] != of_list for place in places):
            values = {"list": of_list, "prospect": prospect, "added_by": by}
            transaction.create("list_membership", values, system=True)
    if campaign is None:
        return
    id = org.campaign_named(campaign)
    member = find_member(org, id, "prospect", prospect)
    given = {} if status is None else {"status": status}
    if member is None:
        transaction.create("membership", {"campaign": id, "prospect": prospect, **given})
    elif given:
        transaction.update(member, given)


# --- forms -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form that went in: the record that keeps every answer, and the prospect that it made or changed."""

    submission: Stored
    prospect: Stored
    outcome: Literal["created", "updated"]


def form_setting(org: Org, form: Stored) -> FormSetting:
    """How a form behaves: as the recipe says, else its fields and nothing else."""
    for setting in org.settings.forms:
        if setting.id == form.id:
            return setting
    return FormSetting(id=form.id, fields=list(read_names(form.values.get("fields"))))


def submit_form(
    org: Org, form_id: str, values: Mapping[str, object], by: Caller, *, captcha: str | None = None
) -> Submitted:
    """Hand in a form. The prospect is matched by e-mail (casefolded; of several the oldest), else made; blanks change
    nothing. Raises Refused: gone (no such form), invalid (CAPTCHA, unknown or missing field, bad value)."""
    form = org.get("form", form_id)
    setting = form_setting(org, form)
    fields = org.schema.get("prospect").fields
    problems = _captcha(setting, captcha)
    for field in values:
        if field not in setting.fields:
            text = f"The form {form_id} has no field {field!r}; it has: {', '.join(setting.fields)}."
            problems.append(Problem("form", form_id, field, values[field], "unknown_field", text))
    for field in dict.fromkeys(["email", *setting.required]):
        if blank(_text(values.get(field))):
            text = f"The form {form_id} needs {field!r}, and it is blank."
            problems.append(Problem("form", form_id, field, values.get(field), "required", text))
    answers: dict[str, object] = {}
    for field, answer in values.items():
        if field not in setting.fields or field not in fields or blank(_text(answer)):
            continue
        try:
            parse(fields[field], answer)
            if fields[field].type == "phone" and not _PHONE.match(str(answer).strip()):
                text = f"{str(answer)!r} is no telephone number: 5 to 15 digits, with a plus, spaces, dots or brackets."
                problems.append(Problem("prospect", None, field, answer, "phone", text))
            answers[field] = answer
        except ValueRefused as refused:
            problems.append(
                Problem("prospect", None, field, answer, refused.rule, f"{refused.text} {refused.fix}".strip())
            )
    if problems:
        raise Refused.of(problems, FORM_REFUSED)
    return org.step(by, lambda transaction: _submit(transaction, form, setting, answers))


def _text(answer: object) -> Value:
    return answer if isinstance(answer, str) or answer is None else str(answer)


def _captcha(setting: FormSetting, captcha: str | None) -> list[Problem]:
    passed = setting.captcha in ("none", "pass") or (setting.captcha == "ask" and captcha == CAPTCHA_PASSED)
    if passed:
        return []
    text = f"The form {setting.id} held this submission for a robot's: its CAPTCHA was not passed."
    return [Problem("form", setting.id, None, captcha, "captcha", text)]


def _submit(transaction: Writing, form: Stored, setting: FormSetting, answers: dict[str, object]) -> Submitted:
    org = transaction.org
    email = parse(org.schema.get("prospect").fields["email"], answers["email"])
    known = org.lookup("prospect", "email", email)
    with transaction.allowing_duplicates():
        if known:
            others = {field: answer for field, answer in answers.items() if field != "email"}
            prospect = transaction.update(known[0], others, cause=f"form:{form.id}")
        else:
            source = {"source": setting.source} if setting.source else {}
            prospect = transaction.create("prospect", {**source, **answers})
        # `write` is the change of the prospect that these answers made: they aren't counted twice.
        kept = {"answers": {field: str(answer) for field, answer in answers.items()}, "write": prospect.mod}
        text = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
        submission = transaction.create("submission", {"form": form.id, "prospect": prospect.id, "answers": text})
        activity = {"prospect": prospect.id, "type": "form_submission", "detail": form.id}
        transaction.create("activity", activity)
        follow_up(transaction, prospect.id, setting.add_to_lists, setting.campaign, setting.status, "form")
    after = org.row(prospect.id)
    assert after is not None
    return Submitted(submission, after, "updated" if known else "created")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that a prospect gave: its id (of the submission, or of the change), when, the words, its place."""

    id: str
    at: str
    text: str
    seq: int


def answers(org: Org, prospect_id: str, field: str, since: int = 0, limit: int = 200) -> tuple[list[Answer], int, bool]:
    """Every answer to one field, in order: from forms, and from other writes of the field (sync-semantics.md "Several
    answers to one record"). A blank is no answer. The next cursor, and whether there are more."""
    prospect = org.get("prospect", prospect_id, deleted=True)
    if field not in org.schema.get("prospect").fields:
        raise Refused("invalid", f"prospect has no field {field!r}.")
    found: list[Answer] = []
    by_form: set[int] = set()
    for submission in org.lookup("submission", "prospect", prospect_id):
        kept = orjson.loads(str(submission.values["answers"]))
        if field in kept["answers"]:
            by_form.add(kept["write"])
            found.append(Answer(submission.id, submission.created_text, kept["answers"][field], submission.seq))
    for change in org.reading.history(prospect):
        if change.field != field or change.after is None or change.seq in by_form or change.cause is not None:
            continue
        found.append(Answer(f"{prospect_id}-{change.seq}", change.at, str(change.after), change.seq))
    later = sorted((one for one in found if one.seq > since), key=lambda one: one.seq)
    page = later[:limit]
    return page, page[-1].seq if page else since, len(later) > limit


# --- e-mail ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """An e-mail that was recorded: who would get it, who is held back and why, who stood there twice."""

    email: Stored
    recipients: tuple[str, ...]
    suppressed: tuple[tuple[str, str], ...]
    duplicates: tuple[str, ...]


def send_email(org: Org, lists: Sequence[str], subject: str, by: Caller, *, body: str = "") -> Sent:
    """Record an e-mail to lists. A person on several lists gets one; who is the same person is said by the org's
    identifier, e-mail or CRM id (product.md E). Opted-out and bounced addresses are suppressed."""
    for of_list in lists:
        org.get("list", of_list)
    if not lists:
        raise Refused("invalid", "An e-mail needs at least one list to go to.")
    return org.step(by, lambda transaction: _send(transaction, lists, subject, body))


def _send(transaction: Writing, lists: Sequence[str], subject: str, body: str) -> Sent:
    org = transaction.org
    email = transaction.create("email", {"subject": subject, "body": body, "lists": "\n".join(lists)})
    results: dict[str, list[Any]] = {"sent": [], "suppressed": [], "duplicate": []}
    seen: set[str] = set()
    for of_list in lists:
        for place in org.lookup("list_membership", "list", of_list):
            prospect = org.row(str(place.values["prospect"]))
            if prospect is None or prospect.deleted:
                continue
            outcome, reason = _outcome(org, prospect, seen)
            results[outcome].append((prospect.id, reason) if outcome == "suppressed" else prospect.id)
            values = {
                "email": email.id,
                "prospect": prospect.id,
                "address": prospect.values.get("email"),
                "outcome": outcome,
            }
            transaction.create("email_send", {**values, "reason": reason or None})
            if outcome == "sent":
                transaction.create("activity", {"prospect": prospect.id, "type": "email_sent", "detail": email.id})
    return Sent(email, tuple(results["sent"]), tuple(results["suppressed"]), tuple(results["duplicate"]))


def _outcome(org: Org, prospect: Stored, seen: set[str]) -> tuple[str, str]:
    address = str(prospect.values.get("email", "")).strip().casefold()
    crm_id = prospect.values.get("crm_id")
    person = f"crm:{crm_id}" if org.settings.send_identifier == "crm_id" and crm_id else f"email:{address}"
    if person in seen:
        return "duplicate", "the same person stands on the lists twice"
    seen.add(person)
    if prospect.values.get("opted_out") is True:
        return "suppressed", "opted out"
    if prospect.values.get("bounced") is True:
        return "suppressed", "bounced"
    return ("sent", "") if address else ("suppressed", "no address")
