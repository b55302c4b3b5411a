"""What only a marketing tool does: forms and answers, lists, e-mail, activities, and the switch of its connector."""

from __future__ import annotations

from typing import Any

import orjson

from leadsim.dialects.native import shapes
from leadsim.dialects.native.answers import result_json
from leadsim.dialects.native.cursors import cursor_text, position, read_cursor
from leadsim.dialects.native.headers import idempotency_key
from leadsim.engine.change import Change
from leadsim.engine.engagement import form_setting
from leadsim.engine.refusals import Refused
from leadsim.engine.rules.segmentation import read_names
from leadsim.engine.stored import Stored
from leadsim.gateway.call import Call
from leadsim.gateway.messages import Answer
from leadterms.criteria import Criteria, Ref, Row


def forms(call: Call, query: None, body: None) -> Answer:
    """GET forms"""
    told = []
    for form in call.org.reading.all_of("form"):
        setting = form_setting(call.org, form)
        told.append(
            {
                "id": form.id,
                "name": form.plain.get("name"),
                "fields": list(setting.fields),
                "required": list(dict.fromkeys(["email", *setting.required])),
                "captcha": setting.captcha,
            }
        )
    return Answer.json(200, {"forms": told})


def submit(call: Call, query: None, body: shapes.Submit) -> Answer:
    """POST forms/{id}/submissions: as a visitor's browser does, so it needs no login."""
    call.refuse_failing_row()
    done = call.org.submit_form(call.params["id"], body.values, call.by, captcha=body.captcha)
    return Answer.json(201, {"submission": done.submission.id, "prospect": done.prospect.id, "outcome": done.outcome})


def answers(call: Call, query: shapes.AnswersParameters, body: None) -> Answer:
    """GET prospects/{id}/answers"""
    page, following, more = call.org.answers(
        call.params["id"], query.field, position(call.org, query.since), query.limit
    )
    told = [{"id": one.id, "at": one.at, "text": one.text, "seq": one.seq} for one in page]
    return Answer.json(200, {"answers": told, "next": str(following), "more": more})


def lists(call: Call, query: None, body: None) -> Answer:
    """GET lists"""
    return Answer.json(200, {"lists": [_list(one) for one in call.org.reading.all_of("list")]})


def _list(record: Stored) -> dict[str, Any]:
    criteria = record.plain.get("criteria")
    return {
        "id": record.id,
        "name": record.plain.get("name"),
        "criteria": orjson.loads(criteria) if isinstance(criteria, str) else None,
        "removes_from": list(read_names(record.values.get("removes_from"))),
    }


def add_list(call: Call, query: None, body: shapes.NewList) -> Answer:
    """POST lists: with criteria it fills itself, without it is filled by hand."""
    for emptied in body.removes_from:
        call.org.get("list", emptied)
    values: dict[str, object] = {"name": body.name, "removes_from": "\n".join(body.removes_from)}
    if body.criteria is not None:
        text = body.criteria.model_dump_json(exclude_none=True)
        values |= {"kind": "dynamic", "criteria": text}
    saved = call.save(Change("create", "list", values=values, idempotency_key=idempotency_key(call.request)))
    return Answer.json(201, _list(saved.record))


def list_members(call: Call, query: shapes.CursorParameters, body: None) -> Answer:
    """GET lists/{id}/members"""
    call.org.get("list", call.params["id"])
    criteria = Criteria((Row("list", "=", call.params["id"]),), Ref(1))
    question = (call.org.name, "list", call.params["id"])
    page = call.org.find("list_membership", criteria, (), query.limit, read_cursor(query.cursor, 1, question))
    told = [
        {
            "id": one.id,
            "prospect": one.plain.get("prospect"),
            "added_by": one.plain.get("added_by"),
            "added_at": one.created_text,
        }
        for one in page.records
    ]
    return Answer.json(200, {"members": told, "next": cursor_text(page.next, question)})


def add_list_members(call: Call, query: None, body: shapes.ListMembers) -> Answer:
    """POST lists/{id}/members"""
    call.org.get("list", call.params["id"])
    changes = [
        Change("create", "list_membership", values={"list": call.params["id"], "prospect": prospect})
        for prospect in body.prospects
    ]
    return Answer.json(200, {"results": [result_json(result) for result in call.save_batch(changes)]})


def remove_list_member(call: Call, query: shapes.ProspectParameter, body: None) -> Answer:
    """DELETE lists/{id}/members?prospect="""
    call.org.get("list", call.params["id"])
    places = call.org.lookup("list_membership", "prospect", query.prospect)
    mine = [place for place in places if place.plain.get("list") == call.params["id"]]
    if not mine:
        raise Refused("gone", f"prospect {query.prospect} is not on list {call.params['id']}.")
    for result in call.save_batch([Change("delete", "list_membership", id=place.id) for place in mine]):
        if isinstance(result, Refused):
            raise result
    return Answer(204)


def send_email(call: Call, query: None, body: shapes.Email) -> Answer:
    """POST emails: recorded and de-duplicated; nothing leaves the machine."""
    call.refuse_failing_row()
    sent = call.org.send_email(body.lists, body.subject, call.by, body=body.body)
    return Answer.json(
        201,
        {
            "id": sent.email.id,
            "recipients": list(sent.recipients),
            "suppressed": [prospect for prospect, _ in sent.suppressed],
            "reasons": dict(sent.suppressed),
            "duplicates": list(sent.duplicates),
        },
    )


def activities(call: Call, query: shapes.ActivityParameters, body: None) -> Answer:
    """GET activities"""
    criteria = None
    if query.prospect is not None:
        call.org.get("prospect", query.prospect, deleted=True)
        criteria = Criteria((Row("prospect", "=", query.prospect),), Ref(1))
    question = (call.org.name, "activities", query.prospect)
    page = call.org.find("activity", criteria, (), query.limit, read_cursor(query.cursor, 1, question))
    told = [
        {
            "id": one.id,
            "prospect": one.plain.get("prospect"),
            "type": one.plain.get("type"),
            "detail": one.plain.get("detail"),
            "at": one.created_text,
        }
        for one in page.records
    ]
    return Answer.json(200, {"activities": told, "next": cursor_text(page.next, question)})


def connector(call: Call, query: None, body: None) -> Answer:
    """GET connector"""
    return Answer.json(200, call.org.settings.connector.model_dump())


def set_connector(call: Call, query: None, body: shapes.ConnectorPatch) -> Answer:
    """PATCH connector"""
    call.org.set_connector(call.by, switched_on=body.switched_on, verified=body.verified)
    if body.notes is not None:
        settings = call.org.settings
        held = settings.connector.model_copy(update={"notes": body.notes})
        call.org.configure(settings.model_copy(update={"connector": held}), call.by)
    return connector(call, None, None)
