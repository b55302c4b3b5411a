"""How much of a record versions 3 and 4 answer: full, simple, mobile, bulk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leadsim.dialects.pardot.search import Condition, Search, every
from leadsim.dialects.pardot.standard import Field
from leadsim.dialects.pardot.v4.asking import fields_of, one_or_many, shown
from leadsim.dialects.pardot.view import Record

MOBILE = ("id", "first_name", "last_name", "email", "company")


def full(
    record: Record, output: str, fields: Sequence[Field] | None = None, *, in_query: bool = False
) -> dict[str, Any]:
    """A record as it is answered. In a query a prospect is without its lists and activities, as at the vendor."""
    if output == "mobile" and record.object.table.v5 == "prospects":
        return shown(record, [record.object.v4_fields[name] for name in MOBILE])
    values = shown(record, fields if fields is not None else fields_of(record.object, record))
    if fields is not None or output == "bulk" or output == "mobile":
        return values
    if record.object.table.v5 == "prospects":
        return {**values, **_around(record, output if not in_query else "simple")}
    if record.object.table.v5 == "visitor-activities":
        return values
    return values


def _around(record: Record, output: str) -> dict[str, Any]:
    """The campaign, the assigned user, the last activity; in full the activities and lists too."""
    around: dict[str, Any] = {}
    campaign = record.related(record.object.fields["campaignId"])
    if campaign is not None:
        around["campaign"] = shown(campaign, [campaign.object.v4_fields[name] for name in ("id", "name", "cost")])
    user = record.related(record.object.fields["userId"])
    if user is not None:
        around["assigned_to"] = {"user": shown(user, fields_of(user.object, user))}
    activities = _of(record, "visitor-activities", "prospectId")
    if activities:
        around["last_activity"] = {"visitor_activity": _activity(activities[-1])}
    if output == "simple":
        return around
    if activities:
        around["visitor_activities"] = {"visitor_activity": one_or_many([_activity(one) for one in activities])}
    places = _of(record, "list-memberships", "prospectId")
    if places:
        around["lists"] = {"list_subscription": one_or_many([_subscription(one) for one in places])}
    return around


def _of(record: Record, collection: str, field: str) -> list[Record]:
    object = record.view.catalog.objects[collection]
    return list(every(record.view, Search(object, (Condition(object.fields[field], "=", record.number),))))


def _activity(record: Record) -> dict[str, Any]:
    return {name: value for name, value in shown(record, fields_of(record.object, record)).items() if value is not None}


def _subscription(place: Record) -> dict[str, Any]:
    fields = place.object.v4_fields
    values = shown(place, [fields[name] for name in ("id", "created_at", "updated_at")])
    of_list = place.related(place.object.fields["listId"])
    opted_out = place.named("optedOut")
    subscription = {"id": values["id"], "did_opt_in": not opted_out, "did_opt_out": opted_out}
    if of_list is not None:
        subscription["list"] = shown(of_list, fields_of(of_list.object, of_list))
    return {**subscription, "created_at": values["created_at"], "updated_at": values["updated_at"]}
