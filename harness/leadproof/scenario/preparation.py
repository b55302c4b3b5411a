"""What a connection was prepared with, for the reports: both systems' words side by side and the program chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from leadproof.integration import CampaignMapping
from leadproof.scenario.connected import Connected
from leadproof.systems.outreach import Form
from leadproof.systems.ports import Capability


def prepared(connected: Connected) -> dict[str, Any]:
    """`{"connection", "crm", "marketing", "definitions": [...], "programs": [...]}` of one connection (product.md B3,
    B8). Raises CallFailed where a system does not answer."""
    from leadproof.doctor.definitions import definitions

    rows = definitions(connected.integration, connected.schema("crm"), connected.schema("marketing"))
    campaigns = connected.integration.campaigns
    forms = _forms(connected) if any(one.program.forms for one in campaigns) else {}
    return {
        "connection": connected.name,
        "crm": connected.crm.name,
        "marketing": connected.marketing.name,
        "definitions": [one.to_json() for one in rows],
        "programs": [_program(connected, one, forms) for one in campaigns],
    }


def _forms(connected: Connected) -> Mapping[str, Form]:
    if Capability.FORMS not in connected.marketing.can:
        return {}
    return {one.id: one for one in connected.marketing.forms()}


def _program(connected: Connected, campaign: CampaignMapping, forms: Mapping[str, Form]) -> dict[str, Any]:
    """One campaign with its moving parts; `applications`: the systems that one lead of it passes."""
    told = campaign.program
    return {
        "crm": campaign.crm,
        "marketing": campaign.marketing,
        "group": told.group or "",
        "way": told.way or "",
        "starts": list(told.starts),
        "lists": [{"name": one.name, "obtained": one.obtained or ""} for one in told.lists],
        "forms": [_form(connected, name, forms.get(name)) for name in told.forms],
        "statuses": [list(pair) for pair in campaign.statuses.items()],
        "applications": [connected.marketing.name, connected.crm.name],
        "issues": list(told.issues),
        "effort": told.effort or "",
    }


def _form(connected: Connected, name: str, form: Form | None) -> dict[str, Any]:
    """The form with each of its fields, and the CRM field that an answer lands in ("" where it stays in marketing)."""
    if form is None:
        return {"id": name, "name": name, "known": False, "fields": []}
    fields = [
        {"id": field.id, "required": field.required, "crm": next(_landing(connected, field.id), "")}
        for field in form.fields
    ]
    return {"id": form.id, "name": form.name or form.id, "known": True, "fields": fields}


def _landing(connected: Connected, marketing_field: str) -> Iterator[str]:
    objects: Iterable[str] = connected.people_objects
    for object in objects:
        for mapping in connected.mappings(object):
            if mapping.marketing_field == marketing_field and mapping.writes_crm:
                yield f"{object}.{mapping.crm_field}"
