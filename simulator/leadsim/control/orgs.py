"""`/_lab`: the orgs side by side, and their settings."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from leadsim.building import field_spec
from leadsim.control import shapes
from leadsim.control.contents import all_orgs, org_state
from leadsim.control.errors import STATE, LabRefusal, missing
from leadsim.control.serving import BAD_REQUEST, Served
from leadsim.dialects import UnknownDialect
from leadsim.dialects.names import names_of
from leadsim.engine.change import Caller, Change
from leadsim.engine.records import Org
from leadsim.engine.settings import OrgSettings
from leadsim.engine.transaction import Transaction
from leadsim.gateway.allowlist import Allowlist, AllowlistRefused
from leadsim.gateway.site import Site

router = APIRouter(tags=["orgs"])
LAB = Caller(user="", actor="lab")
OrgName = Annotated[shapes.Name, Path(description="An org's name.")]
ABSENT: dict[int | str, dict[str, Any]] = {404: {"model": shapes.Error, "description": "There is no such org."}}
CONFLICT: dict[int | str, dict[str, Any]] = {409: {"model": shapes.Error, "description": "The name is taken."}}
DOOR = ("allowlist", "quota", "logins")
ELSEWHERE = (*DOOR, "fields", "users", "connector")


@router.get("/orgs", operation_id="listOrgs")
async def list_orgs(sandbox: Served) -> shapes.Orgs:
    """All orgs."""
    return all_orgs(sandbox)


@router.post("/orgs", operation_id="addOrg", status_code=201, responses=CONFLICT)
async def add_org(sandbox: Served, asked: shapes.NewOrg) -> shapes.OrgState:
    """Build one more org beside the others."""
    if asked.name in sandbox.gateway.sites:
        raise LabRefusal(409, STATE, f"there is an org {asked.name!r} already", "Drop it, or take another name")
    try:
        return org_state(sandbox.add_org(asked.name, asked.recipe))
    except AllowlistRefused as refused:
        raise _odd_allowlist(refused) from None
    except (ValueError, UnknownDialect) as error:
        raise LabRefusal(400, BAD_REQUEST, str(error)) from None


@router.delete("/orgs/{org}", operation_id="dropOrg", status_code=204, responses=ABSENT)
async def drop_org(sandbox: Served, org: OrgName) -> Response:
    """Remove an org and all it holds."""
    _site(sandbox, org)
    sandbox.drop_org(org)
    return Response(status_code=204)


@router.get("/orgs/{org}/names", operation_id="readNames", responses=ABSENT)
async def read_names(sandbox: Served, org: OrgName) -> shapes.OrgNames:
    """What the org's vendor calls the engine's objects, fields and users; only what differs is listed."""
    site = _site(sandbox, org)
    told = names_of(site.dialect, site.org)
    fields = {object: dict(names) for object, names in told.fields.items()}
    return shapes.OrgNames(objects=dict(told.objects), fields=fields, users=dict(told.users))


@router.get("/orgs/{org}/rules", operation_id="readRules", responses=ABSENT)
async def read_rules(sandbox: Served, org: OrgName) -> shapes.OrgRules:
    """Who gets the org's leads: its assignment rules in their order, and its default owner; how fields sync."""
    settings = _site(sandbox, org).org.settings
    return shapes.OrgRules(
        default_owner=settings.default_owner,
        assignment_rules=settings.assignment_rules,
        sync_behaviors=settings.sync_behaviors,
    )


@router.patch("/orgs/{org}/settings", operation_id="setOrg", responses=ABSENT)
async def set_org(sandbox: Served, org: OrgName, asked: shapes.SettingsPatch) -> shapes.OrgState:
    """Change how an org is set up, as its administrator would."""
    site = _site(sandbox, org)
    given = {name: getattr(asked, name) for name in asked.model_fields_set}
    allowlist = site.allowlist
    try:
        if asked.allowlist is not None:
            allowlist = Allowlist(asked.allowlist)
    except AllowlistRefused as refused:
        raise _odd_allowlist(refused) from None
    for field in asked.fields or ():
        site.org.add_field(field_spec(field), LAB)
    for user in asked.users or ():
        _set_user(site.org, user)
    _check_people(site.org, asked)
    _configure(site.org, given, asked)
    _set_door(site, asked, allowlist)
    return org_state(site)


def _site(sandbox: Served, org: str) -> Site:
    site = sandbox.gateway.sites.get(org)
    if site is None:
        raise missing("org", org, list(sandbox.gateway.sites))
    return site


def _check_people(org: Org, asked: shapes.SettingsPatch) -> None:
    """Whoever the patch names is there, if not active: a setting for nobody can only be a typing error."""
    named = [("default_owner", asked.default_owner)]
    named += [("connector_users", user) for user in asked.connector_users or ()]
    for rule in asked.assignment_rules or ():
        people = (rule.assign.user, rule.assign.queue, *(rule.assign.round_robin or ()))
        named += [(f"assignment rule {rule.name!r}", user) for user in people]
    for where, user in named:
        if user is not None and user not in org.users:
            there = ", ".join(one.id for one in org.users) or "nobody"
            raise LabRefusal(400, BAD_REQUEST, f"{where}: there is no user or queue {user!r}", f"There is: {there}")


def _configure(org: Org, given: dict[str, Any], asked: shapes.SettingsPatch) -> None:
    rules = {name: value for name, value in given.items() if name not in ELSEWHERE}
    if asked.connector is not None:
        rules["connector"] = org.settings.connector.model_copy(update=asked.connector.model_dump(exclude_none=True))
    if not rules:
        return
    held = {name: getattr(org.settings, name) for name in OrgSettings.model_fields}
    org.configure(OrgSettings.model_validate({**held, **rules}, from_attributes=True), LAB)


def _set_user(org: Org, user: shapes.UserPatch) -> None:
    """Change the user, or add it."""
    names = {"user_name": "UserName", "name": "Name", "email": "Email", "active": "IsActive"}
    if org.kind == "marketing":
        names = {"user_name": "user_name", "name": "name", "email": "email", "active": "is_active"}
    object = "User" if org.kind == "crm" else "user"
    values = {names[key]: value for key, value in user.model_dump(exclude={"id"}, exclude_none=True).items()}
    if user.id in org.users:
        org.save(Change("update", object, id=user.id, values=values, assign=False), LAB)
        return
    values = {names["user_name"]: user.id, names["name"]: user.id, names["active"]: True, **values}

    def create(transaction: Transaction) -> None:
        transaction.create(object, values, id=user.id, assign=False)

    org.step(LAB, create)


def _set_door(site: Site, asked: shapes.SettingsPatch, allowlist: Allowlist) -> None:
    if asked.allowlist is not None:
        site.allowlist = allowlist
        site.org.note("allowlist", LAB, allowlist=list(allowlist.entries))
    if asked.quota is not None:
        site.quota.limit = asked.quota.calls_per_day
        site.org.note("quota", LAB, calls_per_day=asked.quota.calls_per_day)
    if asked.logins is not None:
        site.set_logins(asked.logins)
        told = [login.model_dump(exclude={"password"}, exclude_none=True) for login in asked.logins]
        site.org.note("logins", LAB, logins=told)


def _odd_allowlist(refused: AllowlistRefused) -> LabRefusal:
    problems = [
        {"object": None, "id": None, "field": "allowlist", "value": odd.entry, "rule": "network", "message": odd.text}
        for odd in refused.problems
    ]
    return LabRefusal(400, refused.code, refused.text, problems=problems)
