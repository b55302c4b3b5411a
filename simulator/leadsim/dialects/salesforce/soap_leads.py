"""SOAP's convertLead, merge and undelete: what the vendor's REST API has no call for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from leadsim.dialects.salesforce.catalog import SObject
from leadsim.dialects.salesforce.errors import ApiError
from leadsim.dialects.salesforce.ids import SHORT, read_id
from leadsim.dialects.salesforce.row_errors import of_engine
from leadsim.dialects.salesforce.session import Session
from leadsim.dialects.salesforce.setup_rows import CONVERTED_STATUS
from leadsim.dialects.salesforce.writing import read_row
from leadsim.dialects.salesforce.xmltree import local_name, text, texts
from leadsim.engine.change import Change, Saved
from leadsim.engine.refusals import Refused

MOST_CONVERSIONS, MOST_MERGES, MOST_UNDELETES = 100, 2, 200
NOT_SIMULATED_WISHES = {
    "opportunityId": "An existing opportunity",
    "sendNotificationEmail": "An e-mail to the owner",
}
"""What a conversion may ask for and is refused here: element -> what it would be."""


def _xml(name: str, value: Any) -> str:
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    shown = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{shown}</{name}>"


def _errors(errors: list[ApiError]) -> str:
    return "".join(
        f"<errors>{''.join(_xml('fields', one) for one in error.fields or ())}"
        f"{_xml('message', error.message)}{_xml('statusCode', error.code)}</errors>"
        for error in errors
    )


def _given_id(element: Any, name: str) -> str | None:
    given = text(element, name)
    return read_id(given) if given else None


def _wishes(element: Any, name: str) -> bool:
    """An xsd:boolean."""
    return text(element, name).lower() in ("true", "1")


# --- convertLead ------------------------------------------------------------------------------------------------


def convert_lead(session: Session, body: Any) -> str:
    """The results of `convertLead`, in order."""
    wishes = [one for one in body if local_name(one) == "leadConverts"]
    if len(wishes) > MOST_CONVERSIONS:
        error = ApiError("LIMIT_EXCEEDED", f"Maximum number of leads to convert is {MOST_CONVERSIONS}", ())
        return "".join(_converted(None, None, [error]) for _ in wishes)
    return "".join(_convert(session, one) for one in wishes)


def _convert(session: Session, wish: Any) -> str:
    lead = _given_id(wish, "leadId")
    errors = _check_conversion(session, wish, lead)
    if errors or lead is None:
        return _converted(lead, None, errors)
    catalog, call = session.catalog, session.call
    options: dict[str, object] = {
        "account_id": _given_id(wish, "accountId"),
        "contact_id": _given_id(wish, "contactId"),
        "opportunity": _opportunity(wish),
    }
    changes = [
        Change("update", "Lead", lead, values={"Status": text(wish, "convertedStatus")}, assign=False),
        Change("convert", "Lead", lead, values={k: v for k, v in options.items() if v is not None}),
    ]
    try:
        saved = _all_saved(call.save_batch(changes, all_or_none=True))[1]
        _after_conversion(session, wish, saved.record.plain)
    except Refused as refusal:
        about = refusal.problems[0].object if refusal.problems else ""
        object = catalog.by_engine.get(about, catalog.objects["Lead"])
        return _converted(lead, None, of_engine(refusal, object, session.view))
    finally:
        session.view.forget()
    return _converted(lead, saved.record.plain, [])


def _all_saved(results: Sequence[Saved | Refused]) -> list[Saved]:
    """What was saved. Raises the refusal that the others followed from."""
    refusals = [one for one in results if isinstance(one, Refused)]
    if refusals:
        raise next((one for one in refusals if one.kind != "conflict"), refusals[0])
    return [one for one in results if isinstance(one, Saved)]


def _check_conversion(session: Session, wish: Any, lead: str | None) -> list[ApiError]:
    for name in ("leadId", "accountId", "contactId", "ownerId"):
        if text(wish, name) and _given_id(wish, name) is None:
            return [ApiError("MALFORMED_ID", f"malformed id {text(wish, name)}", (name,))]
    record = session.view.by_id(lead) if lead else None
    if record is None or record.object.name != "Lead":
        return [ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("leadId",))]
    if record.named("IsConverted") is True:
        return [ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())]
    status = text(wish, "convertedStatus")
    if status != CONVERTED_STATUS:
        return [ApiError("INVALID_STATUS", f"invalid convertedStatus: {status}", ())]
    for name, what in NOT_SIMULATED_WISHES.items():
        if text(wish, name).lower() not in ("", "false", "0"):
            return [ApiError("NOT_SIMULATED", f"{what} ({name}) is not simulated by this sandbox.", (name,))]
    if _wishes(wish, "overwriteLeadSource") and not text(wish, "contactId"):
        return [ApiError("REQUIRED_FIELD_MISSING", "overwriteLeadSource needs a contactId", ("contactId",))]
    if text(wish, "opportunityName") and _wishes(wish, "doNotCreateOpportunity"):
        said = "opportunityName must be left blank where doNotCreateOpportunity is true"
        return [ApiError("INVALID_ARGUMENT_TYPE", said, ("opportunityName",))]
    return _check_contact(session, wish) or _check_owner(session, _given_id(wish, "ownerId"))


def _check_contact(session: Session, wish: Any) -> list[ApiError]:
    """An existing contact comes with its account (SOAP API guide "convertLead")."""
    contact, account = _given_id(wish, "contactId"), _given_id(wish, "accountId")
    if contact is None:
        return []
    if account is None:
        return [ApiError("REQUIRED_FIELD_MISSING", "contactId needs an accountId", ("accountId",))]
    record = session.view.by_id(contact)
    if record is None or record.object.name != "Contact" or record.named("AccountId") != account:
        return [ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("contactId",))]
    return []


def _check_owner(session: Session, owner: str | None) -> list[ApiError]:
    """Who is to own what is made must be somebody active: asked before anything is done."""
    if owner is None:
        return []
    user = session.view.engine_user(owner)
    if user is None:
        return [ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("ownerId",))]
    known = session.view.org.users.get(user)
    if known is not None and not known.active:
        return [ApiError("INACTIVE_OWNER_OR_USER", f"operation performed with inactive user [{owner[:SHORT]}]", ())]
    return []


def _opportunity(wish: Any) -> object:
    if _wishes(wish, "doNotCreateOpportunity"):
        return False
    name = text(wish, "opportunityName")
    return {"Name": name} if name else True


def _after_conversion(session: Session, wish: Any, became: Any) -> None:
    """What the call says beyond the conversion itself: who owns what it made, and whose lead source counts."""
    call = session.call
    if _wishes(wish, "overwriteLeadSource"):
        lead = session.view.by_id(str(_given_id(wish, "leadId")))
        source = lead.named("LeadSource") if lead is not None else None
        if source:
            contact = became["ConvertedContact"]
            change = Change("update", "Contact", contact, values={"LeadSource": source}, assign=False)
            _all_saved(call.org.save_batch([change], call.by, all_or_none=True))
    owner = _given_id(wish, "ownerId")
    user = session.view.engine_user(owner) if owner else None
    if user is None:
        return
    given = {"Contact": text(wish, "contactId"), "Account": text(wish, "accountId"), "Opportunity": ""}
    changes = [
        Change("update", object, became[f"Converted{object}"], values={"Owner": user}, assign=False)
        for object, existing in given.items()
        if not existing and became.get(f"Converted{object}")
    ]
    _all_saved(call.org.save_batch(changes, call.by, all_or_none=True))


def _converted(lead: str | None, became: Any, errors: list[ApiError]) -> str:
    ids = became or {}
    return (
        "<result>"
        + _xml("accountId", ids.get("ConvertedAccount"))
        + _xml("contactId", ids.get("ConvertedContact"))
        + _errors(errors)
        + _xml("leadId", lead)
        + _xml("opportunityId", ids.get("ConvertedOpportunity"))
        + _xml("success", not errors)
        + "</result>"
    )


# --- merge and undelete -----------------------------------------------------------------------------------------


def merge(session: Session, body: Any) -> str:
    """The results of `merge`: up to two records go into a master record."""
    return "".join(_merge(session, one) for one in body if local_name(one) == "request")


def _merge(session: Session, request: Any) -> str:
    master = next((one for one in request if local_name(one) == "masterRecord"), None)
    winner = _given_id(master, "Id") if master is not None else None
    losers = [read_id(one) for one in texts(request, "recordToMergeIds")]
    record = session.view.by_id(winner) if winner else None
    named = text(master, "type") if master is not None else ""
    if master is not None and session.catalog.get(named) is None:
        return _merged(None, [], [ApiError("INVALID_TYPE", f"sObject type '{named}' is not supported.", ())])
    object = record.object if record is not None else None
    # What is no record of the type that is named.
    if object is None or object.engine is None or "m" not in object.can or object is not session.catalog.get(named):
        return _merged(None, [], [ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())])
    malformed = next((one for one in texts(request, "recordToMergeIds") if read_id(one) is None), None)
    if malformed is not None:
        return _merged(winner, [], [ApiError("MALFORMED_ID", f"malformed id {malformed}", ("recordToMergeIds",))])
    if not losers or len(losers) > MOST_MERGES or len(set(losers)) < len(losers):
        return _merged(
            winner, [], [ApiError("INVALID_ARGUMENT_TYPE", "one or two records can be merged into a master", ())]
        )
    values, errors = _master_values(session, master, object)
    if errors:
        return _merged(winner, [], errors)
    changes = [Change("merge", object.engine, loser, into=winner) for loser in losers]
    if values:
        changes.insert(0, Change("update", object.engine, winner, values=values, assign=False))
    try:
        _all_saved(session.call.save_batch(changes, all_or_none=True))
    except Refused as refusal:
        return _merged(winner, [], of_engine(refusal, object, session.view))
    finally:
        session.view.forget()
    return _merged(winner, [str(loser) for loser in losers], [])


def _master_values(session: Session, master: Any, object: SObject) -> tuple[dict[str, object], list[ApiError]]:
    """The fields that the master is given with the merge, and those that it is to lose."""
    raw: dict[str, Any] = dict.fromkeys(texts(master, "fieldsToNull"))
    for one in master:
        if local_name(one) not in ("type", "Id", "fieldsToNull"):
            name = local_name(one)
            if name.lower() in (nulled.lower() for nulled in texts(master, "fieldsToNull")):
                return {}, [ApiError("INVALID_FIELD", f"Duplicate field specified: {name}", (name,))]
            raw[name] = (one.text or "").strip() or None
    read = read_row(raw, object, "update", session.view, source=("",))
    return read.values, read.errors


def _merged(winner: str | None, losers: list[str], errors: list[ApiError]) -> str:
    return (
        "<result>"
        + _errors(errors)
        + _xml("id", winner)
        + "".join(_xml("mergedRecordIds", loser) for loser in losers)
        + _xml("success", not errors)
        + "</result>"
    )


def undelete(session: Session, body: Any) -> str:
    """The results of `undelete`, in order."""
    ids = texts(body, "ids")
    if len(ids) > MOST_UNDELETES:
        error = ApiError("EXCEEDED_ID_LIMIT", f"cannot undelete more than {MOST_UNDELETES} records at a time", ())
        return "".join(_undeleted(None, [error]) for _ in ids)
    return "".join(_undelete(session, one) for one in ids)


def _undelete(session: Session, given: str) -> str:
    id = read_id(given)
    if id is None:
        return _undeleted(None, [ApiError("MALFORMED_ID", f"malformed id {given}", ())])
    record = session.view.by_id(id)
    if record is None or record.object.engine is None or "n" not in record.object.can:
        return _undeleted(None, [ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())])
    stored = record.stored
    if stored is not None and not stored.deleted:
        return _undeleted(None, [ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin", ())])
    try:
        session.call.save(Change("undelete", record.object.engine, id))
    except Refused as refusal:
        return _undeleted(None, of_engine(refusal, record.object, session.view))
    finally:
        session.view.forget()
    return _undeleted(id, [])


def _undeleted(id: str | None, errors: list[ApiError]) -> str:
    return f"<result>{_errors(errors)}{_xml('id', id)}{_xml('success', not errors)}</result>"
