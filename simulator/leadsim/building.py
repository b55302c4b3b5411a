"""From a recipe to an org: its settings, its fields, its users, its first records, all through Org.save."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import orjson

from leadsim.dummies import Dummies
from leadsim.engine.change import Caller
from leadsim.engine.records import Org
from leadsim.engine.refusals import Refused
from leadsim.engine.schema import OrgKind, OrgSchema, Parts, Standard
from leadsim.engine.settings import OrgSettings
from leadsim.engine.transaction import Transaction
from leadsim.recipe import FieldEntry, OrgRecipe, RecordEntry
from leadterms.fields import FieldSpec
from leadterms.refusals import LeadtermsError

RECIPE = Caller(user="recipe", actor="recipe")
Told: TypeAlias = list[tuple[str, dict[str, Any]]]
SCHEMAS_KEPT = 64
_DRAWN: dict[tuple[int, str], tuple[Parts, Told]] = {}
CONNECTOR = "connector"
KIND_OF_DIALECT: Mapping[str, OrgKind] = {
    "salesforce": "crm", "dynamics": "crm", "sugarcrm": "crm", "oracle": "crm", "agile": "crm", "nethunt": "crm",
    "hubspot": "crm", "pardot": "marketing", "marketingpilot": "marketing", "eloqua": "marketing",
    "beschannels": "marketing", "marketo": "marketing", "mautic": "marketing",
}  # fmt: skip


class RecipeRefused(Refused):
    """What a recipe asks for breaks the org's own rules; `loc` says which part of the recipe asks for it."""

    def __init__(self, refused: Refused, loc: tuple[str | int, ...], text: str = "") -> None:
        super().__init__(refused.kind, text or refused.text, problems=refused.problems, code=refused.code)
        self.loc = loc


def kind_of(name: str, recipe: OrgRecipe) -> OrgKind:
    """Which side an org is on: its `kind`, else its dialect's, else what its name says. ValueError when unknown."""
    if recipe.kind is not None:
        return recipe.kind
    if recipe.dialect in KIND_OF_DIALECT:
        return KIND_OF_DIALECT[recipe.dialect]
    for text in (recipe.dialect.casefold(), name.casefold()):
        if "crm" in text:
            return "crm"
        if "marketing" in text:
            return "marketing"
    raise ValueError(f"org {name!r}: say `kind: crm` or `kind: marketing`; its dialect {recipe.dialect!r} serves both")


def standard_of(dialect: str, org: str = "") -> Standard | None:
    """What the vendor's orgs have from the start: `STANDARD` of its dialect package, with the ids of the named org;
    None for the engine's own."""
    if not dialect.isidentifier() or importlib.util.find_spec(f"leadsim.dialects.{dialect}") is None:
        return None
    package = importlib.import_module(f"leadsim.dialects.{dialect}")
    found = getattr(package, "STANDARD", None)
    if not isinstance(found, Standard):
        return None
    return found if found.ids_of is None else replace(found, new_id=found.ids_of(org))


def settings_of(recipe: OrgRecipe) -> OrgSettings:
    """The engine's part of an org's recipe."""
    shared = {key: getattr(recipe, key) for key in OrgSettings.model_fields if hasattr(recipe, key)}
    if recipe.connector_users is None:
        users = [login.user for login in recipe.logins if login.actor == CONNECTOR]
        shared["connector_users"] = list(dict.fromkeys(users))
    return OrgSettings.model_validate(shared, from_attributes=True)


def build_org(org: Org, recipe: OrgRecipe) -> None:
    """Fill a new org. Raises Refused when the recipe breaks the org's own rules, saying which record."""
    _draw_schema(org, recipe)
    Building(org, recipe).records()
    org.check_settings()


def _draw_schema(org: Org, recipe: OrgRecipe) -> None:
    """The recipe's objects and fields. A run builds a world for each scenario, mostly of one recipe: what was made of
    its words once is taken over by the next org, which is told of it by the same facts."""
    words = recipe.model_dump_json(include={"objects", "fields", "pipeline"})
    drawn = id(org.schema.standard.objects), words  # the table lives as long as the process does
    known = _DRAWN.get(drawn)
    if known is not None:
        org.schema.take(known[0])
        told = known[1]
    else:
        told = _draw(org.schema, recipe)
        if len(_DRAWN) >= SCHEMAS_KEPT:
            _DRAWN.clear()
        _DRAWN[drawn] = org.schema.parts(), told
    for what, more in told:
        org.note(what, RECIPE, **more)


def _draw(schema: OrgSchema, recipe: OrgRecipe) -> Told:
    """Add the objects and fields; what the org is to be told of them."""
    told: Told = []
    for entry in recipe.objects:
        fields = [field_spec(FieldEntry(object=entry.id, **given)) for given in entry.fields]
        if schema.add_object(entry.id, entry.label or entry.id, fields):
            told.append(("object_added", {"of": entry.id, "fields": [spec.to_json() for spec in fields]}))
    if recipe.pipeline and schema.kind == "crm":
        schema.replace_choices("Opportunity", "Stage", [stage.name for stage in recipe.pipeline])
    for field in recipe.fields:
        spec = field_spec(field)
        if schema.add_field(spec):
            told.append(("field_added", {"field": spec.to_json()}))
    return told


def field_spec(entry: FieldEntry) -> FieldSpec:
    """A recipe's field as the schema has it. Raises Refused("invalid")."""
    given = entry.model_dump(exclude_none=True)
    try:
        return FieldSpec.from_json({"label": entry.id, **given})
    except LeadtermsError as refused:
        raise Refused("invalid", f"{refused.text} {refused.fix}".strip(), code=refused.code) from None


class Building:
    """The first records of one org, in the order: users, queues, campaigns, records, forms, lists."""

    def __init__(self, org: Org, recipe: OrgRecipe) -> None:
        self._org = org
        self._recipe = recipe
        self._names: dict[str, str] = {}
        self._dummies = Dummies(org.chance.stream(org.name, "faker"))

    def records(self) -> None:
        """Make them all."""
        org, recipe = self._org, self._recipe
        for user in recipe.users:
            self._make(("User", "user")[org.kind == "marketing"], self._user_values(user), user.id)
        for queue in recipe.queues:
            self._make("Queue", {"Name": queue.name or queue.id}, queue.id)
        for number, campaign in enumerate(recipe.campaigns, 1):
            statuses = orjson.dumps([status.model_dump() for status in campaign.statuses]).decode()
            field = "MemberStatuses" if org.kind == "crm" else "member_statuses"
            values = {**campaign.values, **({field: statuses} if campaign.statuses else {})}
            object = "Campaign" if org.kind == "crm" else "campaign"
            entry = RecordEntry.model_validate({"object": object, "values": values, "as": campaign.as_})
            self._entry(entry, "campaigns", number)
        for number, entry in enumerate(recipe.records, 1):
            self._entry(entry, "records", number)
        for form in recipe.forms:
            self._make("form", {"name": form.name or form.id, "fields": "\n".join(form.fields)}, form.id)
        self._lists()

    def _user_values(self, user: Any) -> dict[str, Any]:
        user_name = user.user_name or user.id
        if self._org.kind == "crm":
            return {
                "UserName": user_name,
                "Name": user.name or user_name,
                "Email": user.email,
                "IsActive": user.active,
            }
        return {
            "user_name": user_name,
            "name": user.name or user_name,
            "email": user.email,
            "is_active": user.active,
        }

    def _make(self, object: str, values: Mapping[str, Any], id: str | None, *, assign: bool = False) -> str:
        def work(transaction: Transaction) -> str:
            return transaction.create(object, values, id=id, assign=assign).id

        return self._org.step(RECIPE, work)

    def _entry(self, entry: RecordEntry, key: str, place: int) -> None:
        for number in range(1, entry.count + 1):
            try:
                values = {
                    field: self._dummies.value(written, number, self._names) for field, written in entry.values.items()
                }
                id = self._make(entry.object, self._owned(entry, values), None, assign=entry.assign)
            except (Refused, ValueError) as refused:
                text = f"{key}, entry {place} ({entry.object}): {refused}"
                why = refused if isinstance(refused, Refused) else Refused("invalid", text)
                raise RecipeRefused(why, (key, place - 1), text) from None
            if entry.as_ is not None and number == 1:
                self._names[entry.as_] = id

    def _owned(self, entry: RecordEntry, values: dict[str, Any]) -> dict[str, Any]:
        """What a recipe makes has no creator among the users; in a CRM it belongs to the default owner."""
        owner = None if entry.object not in self._org.schema.objects else self._org.schema.traits(entry.object).owner
        default = self._recipe.default_owner
        if owner is None or owner in values or entry.assign or self._org.kind != "crm" or default is None:
            return values
        user = self._org.users.get(default)
        return {**values, owner: default} if user is not None and user.active else values

    def _lists(self) -> None:
        for entry in self._recipe.lists:
            values: dict[str, Any] = {
                "name": entry.name or entry.id,
                "removes_from": "\n".join(entry.removes_from),
            }
            if entry.criteria is not None:
                values |= {"kind": "dynamic", "criteria": orjson.dumps(entry.criteria.written()).decode()}
            self._make("list", values, entry.id)
            for member in entry.members:
                prospect = self._dummies.value(member, 1, self._names)
                self._make("list_membership", {"list": entry.id, "prospect": prospect}, None)
