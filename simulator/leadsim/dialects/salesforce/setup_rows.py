"""Rows that are made from the org's settings and audit trail: statuses, stages, rules, the organization, histories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from leadsim.dialects.salesforce.computed import forecast_of
from leadsim.dialects.salesforce.ids import prefix_of
from leadsim.engine.members import statuses_of
from leadsim.engine.store import COLUMNS
from leadterms.criteria import Criteria
from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.dialects.salesforce.catalog import SObject
    from leadsim.dialects.salesforce.view import Record, View

Made = dict[str, Value]
STATUSES_OF_A_CAMPAIGN, FIELDS_OF_A_CHANGE = 100, 1000
CONVERTED_STATUS = "Closed - Converted"
_CREATED_AT = COLUMNS.index("created_at")


def rows(view: View, object: SObject, criteria: Criteria | None = None) -> Iterator[Record]:
    """All rows of an object that no engine object holds. `criteria` may name the parent of a history, to read one
    record's trail instead of all."""
    from leadsim.dialects.salesforce.view import Record

    made = _history(view, object, criteria) if object.history_of is not None else _PROVIDERS[object.name](view)
    for values in made:
        yield Record(view, object, None, {**_stamp(view, object), **values})


def by_id(view: View, id: str) -> Record | None:
    """The row with this id. Histories are looked for by query only."""
    for name in _PROVIDERS:
        object = view.catalog.objects[name]
        if object.prefix == id[:3]:
            for record in rows(view, object):
                if record.id == id:
                    return record
    return None


def _stamp(view: View, object: SObject) -> Made:
    """Who made it and when, where the object says so: the system's own user, when the org's first record was made."""
    if "CreatedDate" not in object.fields or object.history_of is not None:
        return {}
    system = view.ids.make("005", 0)
    first = view.org.store.at(1)
    at = datetime.fromisoformat(str(first[_CREATED_AT]) + "Z") if first is not None else view.now
    return {
        "CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at, "CreatedById": system,
        "LastModifiedById": system,
        "IsDeleted": False,
    }  # fmt: skip


def _organization(view: View) -> Iterator[Made]:
    yield {
        "Id": view.org_id,
        "Name": view.org.name,
        "DefaultLocaleSidKey": "en_US",
        "TimeZoneSidKey": view.org.settings.time_zone,
        "LanguageLocaleKey": "en_US",
        "FiscalYearStartMonth": Decimal(1),
        "OrganizationType": "Enterprise Edition",
        "InstanceName": "SBX1",
        "IsSandbox": True,
    }


def _lead_statuses(view: View) -> Iterator[Made]:
    spec = view.org.schema.get("Lead").fields["Status"]
    for number, choice in enumerate(spec.choices, 1):
        yield {
            "Id": view.ids.make(prefix_of("LeadStatus"), number),
            "MasterLabel": choice,
            "ApiName": choice,
            "SortOrder": Decimal(number),
            "IsDefault": choice == spec.default,
            "IsConverted": choice == CONVERTED_STATUS,
        }


def _stages(view: View) -> Iterator[Made]:
    for number, stage in enumerate(view.org.stages(), 1):
        category, label = forecast_of(stage.probability, stage.closed, stage.won)
        yield {
            "Id": view.ids.make(prefix_of("OpportunityStage"), number),
            "MasterLabel": stage.name,
            "ApiName": stage.name,
            "IsActive": True,
            "SortOrder": Decimal(number),
            "IsClosed": stage.closed,
            "IsWon": stage.won,
            "ForecastCategory": category,
            "ForecastCategoryName": label,
            "DefaultProbability": Decimal(stage.probability),
        }


def _member_statuses(view: View) -> Iterator[Made]:
    for campaign in view.records(view.catalog.objects["Campaign"]):
        assert campaign.stored is not None
        for number, status in enumerate(statuses_of(view.org, campaign.stored)):
            yield {
                "Id": member_status_id(view, campaign.stored.seq, number),
                "CampaignId": campaign.id,
                "Label": status.name,
                "SortOrder": Decimal(number + 1),
                "IsDefault": number == 0,
                "HasResponded": status.responded,
            }


def member_status_id(view: View, campaign: int, number: int) -> str:
    """The id of the `number`th status of the campaign with this seq."""
    return view.ids.make(prefix_of("CampaignMemberStatus"), campaign * STATUSES_OF_A_CAMPAIGN + number)


def _queue_objects(view: View) -> Iterator[Made]:
    for queue in view.records(view.catalog.objects["Group"]):
        assert queue.stored is not None
        id = view.ids.make(prefix_of("QueueSobject"), queue.stored.seq)
        yield {"Id": id, "QueueId": queue.id, "SobjectType": "Lead"}


def _assignment_rules(view: View) -> Iterator[Made]:
    """The vendor has one active rule with ordered entries; the org's rules are these entries."""
    if view.org.settings.assignment_rules:
        yield {
            "Id": view.ids.make(prefix_of("AssignmentRule"), 1), "Name": "Lead assignment", "SobjectType": "Lead",
            "Active": True,
        }  # fmt: skip


def _profiles(view: View) -> Iterator[Made]:
    yield {"Id": view.ids.make(prefix_of("Profile"), 1), "Name": "Standard User", "UserType": "Standard"}


def _history(view: View, object: SObject, criteria: Criteria | None) -> Iterator[Made]:
    """What was changed, field by field, after the record was made."""
    parent = view.catalog.objects[str(object.history_of)]
    assert parent.engine is not None
    key = next(name for name, field in object.fields.items() if parent.name in field.refers_to)
    wanted = [row.value for row in criteria.rows if row.field == key] if criteria is not None else []
    if wanted:
        ids = wanted[0] if isinstance(wanted[0], tuple) else (wanted[0],)
        found = [view.by_id(str(id)) for id in ids]
        parents = iter([one for one in found if one is not None and one.object is parent])
    else:
        parents = view.records(parent)
    fields = parent.by_engine
    for record in parents:
        assert record.stored is not None
        if record.stored.deleted:
            continue
        number, last = 0, 0
        for change in view.org.history(parent.engine, record.stored.id):
            field = fields.get(change.field)
            if change.op == "create" or field is None:
                continue
            number = number + 1 if change.seq == last else 0
            last = change.seq
            yield {
                "Id": view.ids.make(prefix_of(object.name), change.seq * FIELDS_OF_A_CHANGE + number),
                "IsDeleted": False,
                key: record.id,
                "CreatedById": view.user_id(change.user),
                "CreatedDate": datetime.fromisoformat(change.at),
                "Field": field.name if field.relationship is None or field.custom else field.relationship,
                "DataType": _DATA_TYPES.get(field.type, "Text"),
                "OldValue": _shown(view, field.refers_to, change.before),
                "NewValue": _shown(view, field.refers_to, change.after),
            }


_DATA_TYPES: Mapping[str, str] = {
    "boolean": "Boolean", "date": "DateOnly", "datetime": "DateTime", "double": "Double", "int": "Int",
    "currency": "Currency", "percent": "Percent", "reference": "EntityId", "picklist": "DynamicEnum",
    "multipicklist": "MultiEnum", "phone": "Phone", "email": "EmailAddress", "url": "Url", "textarea": "LargeText",
}  # fmt: skip


def _shown(view: View, refers_to: tuple[str, ...], value: object) -> Value:
    if value is None:
        return None
    if "User" in refers_to:
        return view.user_id(str(value))
    return ";".join(value) if isinstance(value, list) else value  # type: ignore[return-value]


_PROVIDERS: Mapping[str, Callable[[View], Iterator[Made]]] = {
    "AssignmentRule": _assignment_rules,
    "CampaignMemberStatus": _member_statuses,
    "LeadStatus": _lead_statuses,
    "OpportunityStage": _stages,
    "Organization": _organization,
    "Profile": _profiles,
    "QueueSobject": _queue_objects,
}
