"""What a recipe may not say, although each of its parts is well formed: it names what does not exist, or says it twice.

Said with its place before an org is built. What real life has stays possible: an inactive user who gets leads, a
rule that matches nobody, a user whom the other system lacks. Criteria are bound here as the engine binds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from leadsim.building import field_spec, kind_of, standard_of
from leadsim.engine.refusals import Refused
from leadsim.engine.schema import ID_PATTERN, OrgSchema
from leadsim.engine.settings import CriteriaText
from leadsim.gateway.allowlist import Allowlist, AllowlistRefused, read_address
from leadsim.recipe import FieldEntry, OrgRecipe, Recipe
from leadterms.criteria import bind, parse_criteria
from leadterms.documents import Document
from leadterms.refusals import CriteriaRefused, LeadtermsError, Problem

WRONG_VALUE = "CFG807"
NOT_THERE = "CFG835"
TWICE = "CFG836"
NOT_BUILT = "CFG837"

Loc: TypeAlias = tuple[str | int, ...]


def problems(document: Document[Recipe]) -> list[Problem]:
    """All of them, each at its place: CFG807 a value that cannot be, CFG835 a name of nothing, CFG836 a name that is
    taken, CFG837 an org or a field that cannot be built, CFG82x criteria, NET111 an odd network."""
    recipe = document.model
    found = list(_actors(document))
    if recipe.clock is not None and recipe.clock.tzinfo is None:
        text = f"The clock {recipe.clock.isoformat()} has no time zone."
        fix = f"Write {recipe.clock.isoformat()}Z for UTC, or an offset such as +01:00."
        found.append(Problem(document.place("clock"), WRONG_VALUE, text, fix))
    for name, org in recipe.orgs.items():
        found += _Org(document, name, org).problems()
    return found


def _actors(document: Document[Recipe]) -> Iterator[Problem]:
    taken: dict[object, str] = {}
    for name, actor in document.model.actors.items():
        place = document.place("actors", name, "address")
        address = read_address(actor.address)
        if address is None:
            text = f"{actor.address} is no IP address."
            yield Problem(place, WRONG_VALUE, text, "Write one address, for example 10.20.0.7 or 2001:db8::7.")
            continue
        first = taken.setdefault(address, name)
        if first != name:
            text = f"The actors {first} and {name} have the same address {actor.address}."
            yield Problem(place, TWICE, text, "Give each its own: the orgs tell callers by it.")


class _Org:
    """One org's part of the recipe."""

    def __init__(self, document: Document[Recipe], name: str, org: OrgRecipe) -> None:
        self._document, self._name, self._recipe = document, name, org
        self._found: list[Problem] = []

    def problems(self) -> list[Problem]:
        """In the order of looking; DocumentRefused sorts them by place."""
        try:
            kind = kind_of(self._name, self._recipe)
        except ValueError as unknown:
            self._say((), WRONG_VALUE, f"{unknown}.", "Add the key `kind`.")
            return self._found
        self._kind = kind
        self._schema = OrgSchema(kind, standard_of(self._recipe.dialect))
        self._doors()
        self._people()
        self._fields()
        self._rules()
        self._marketing()
        self._records()
        return self._found

    # --- who calls, from where, at what time -------------------------------------------------------------------

    def _doors(self) -> None:
        recipe, actors = self._recipe, self._document.model.actors
        try:
            ZoneInfo(recipe.time_zone)
        except (KeyError, ValueError, OSError):
            text = f"There is no time zone {recipe.time_zone!r}."
            self._say(
                ("time_zone",), WRONG_VALUE, text, near(recipe.time_zone, sorted(available_timezones()), few=True)
            )
        try:
            Allowlist(recipe.allowlist)
        except AllowlistRefused as refused:
            for odd in refused.problems:
                at = ("allowlist", recipe.allowlist.index(odd.entry))
                self._say(at, odd.code, f"{odd.entry!r} {odd.text}.", f"{odd.fix}.")
        for number, login in enumerate(recipe.logins):
            if actors:
                self._known(("logins", number, "actor"), "actor", login.actor, actors)

    def _people(self) -> None:
        recipe = self._recipe
        taken: dict[str, str] = {}
        queues = [one.id for one in recipe.queues]
        for key, kind, ids in (("users", "user", [one.id for one in recipe.users]), ("queues", "queue", queues)):
            for number, id in enumerate(ids):
                first = taken.setdefault(id, kind)
                if first != kind or ids.index(id) != number:
                    text = f"{id!r} is already the id of a {first}."
                    self._say((key, number, "id"), TWICE, text, "Give one of the two another id.")
        users, owners = [one.id for one in recipe.users], list(taken)
        if users:
            for number, login in enumerate(recipe.logins):
                self._known(("logins", number, "user"), "user", login.user, users)
            for number, name in enumerate(recipe.connector_users or ()):
                self._known(("connector_users", number), "user", name, users)
        if recipe.default_owner is not None:
            self._known(("default_owner",), "user or queue", recipe.default_owner, owners)
        for number, rule in enumerate(recipe.assignment_rules):
            assign, at = rule.assign, ("assignment_rules", number, "assign")
            if assign.user:
                self._known((*at, "user"), "user", assign.user, users)
            if assign.queue:
                self._known((*at, "queue"), "queue", assign.queue, queues)
            for place, name in enumerate(assign.round_robin or ()):
                self._known((*at, "round_robin", place), "user or queue", name, owners)

    # --- objects and fields ------------------------------------------------------------------------------------

    def _fields(self) -> None:
        added: list[tuple[Loc, FieldEntry]] = []
        for number, object in enumerate(self._recipe.objects):
            try:
                self._schema.add_object(object.id, object.label or object.id)
            except Refused as refused:
                self._say(("objects", number), NOT_BUILT, refused.text)
                continue
            for position, given in enumerate(object.fields):
                at: Loc = ("objects", number, "fields", position)
                try:
                    added.append((at, FieldEntry(object=object.id, **given)))
                except (TypeError, ValueError) as wrong:
                    first = str(wrong).splitlines()
                    self._say(at, WRONG_VALUE, f"The field cannot be read: {' '.join(first[1:3]).strip() or first[0]}.")
        added += [(("fields", number), entry) for number, entry in enumerate(self._recipe.fields)]
        usable = [(at, entry) for at, entry in added if self._object((*at, "object"), entry.object)]
        for at, entry in usable:
            known = [
                *self._schema.get(entry.object).fields,
                *(one.id for _, one in usable if one.object == entry.object),
            ]
            if not self._formula(at, entry, known):
                continue
            try:
                self._schema.add_field(field_spec(entry))
            except (Refused, LeadtermsError) as refused:
                self._say(at, NOT_BUILT, refused.text)

    def _formula(self, at: Loc, entry: FieldEntry, known: Sequence[str]) -> bool:
        """A part of `concat` that is no field's id stands for itself; one that looks like an id is a typing error."""
        if entry.type != "formula":
            return True
        parts = (entry.formula or {}).get("concat", ())
        named = [one for one in ([parts] if isinstance(parts, str) else parts) if isinstance(one, str) and len(one) > 1]
        wrong = [one for one in named if ID_PATTERN.match(one) and one not in known]
        for one in wrong:
            self._known((*at, "formula"), f"field of {entry.object}", one, known)
        return not wrong

    def _object(self, at: Loc, object: str) -> bool:
        return self._known(at, "object", object, self._schema.objects)

    def _field(self, at: Loc, object: str, field: str) -> bool:
        return self._known(at, f"field of {object}", field, self._schema.get(object).fields)

    # --- rules -------------------------------------------------------------------------------------------------

    def _rules(self) -> None:
        recipe = self._recipe
        for key in ("assignment_rules", "duplicate_rules", "validation_rules", "views"):
            self._once(key, "name", [one.name for one in getattr(recipe, key)])
        for number, assignment in enumerate(recipe.assignment_rules):
            at: Loc = ("assignment_rules", number)
            object = assignment.object or ("Lead" if self._kind == "crm" else "prospect")
            if self._object((*at, "object"), object):
                self._criteria((*at, "criteria"), object, assignment.criteria)
        for number, duplicate in enumerate(recipe.duplicate_rules):
            at = ("duplicate_rules", number)
            if self._object((*at, "object"), duplicate.object):
                for position, field in enumerate(duplicate.match):
                    self._field((*at, "match", position), duplicate.object, field)
            for position, across in enumerate(duplicate.across):
                self._object((*at, "across", position), across)
        for number, validation in enumerate(recipe.validation_rules):
            at = ("validation_rules", number)
            if self._object((*at, "object"), validation.object):
                self._criteria((*at, "criteria"), validation.object, validation.criteria)
                if validation.field is not None:
                    self._field((*at, "field"), validation.object, validation.field)
        for number, view in enumerate(recipe.views):
            self._object(("views", number, "object"), view.object)

    def _criteria(self, at: Loc, object: str, criteria: CriteriaText | None) -> None:
        if criteria is None:
            return
        try:
            bind(parse_criteria(criteria.written()), self._schema.query_fields(object))
        except CriteriaRefused as refused:
            self._say(at, refused.code, refused.text, refused.fix)

    # --- marketing ---------------------------------------------------------------------------------------------

    def _marketing(self) -> None:
        recipe = self._recipe
        if self._kind == "crm":
            for key in ("forms", "lists", "scoring", "page_actions", "qualified_when"):
                if getattr(recipe, key):
                    self._say(
                        (key,), NOT_THERE, f"A CRM has no {key.replace('_', ' ')}.", "Move it to the marketing org."
                    )
            return
        lists = [one.id for one in recipe.lists]
        self._once("lists", "id", lists)
        self._once("forms", "id", [one.id for one in recipe.forms])
        for number, form in enumerate(recipe.forms):
            at: Loc = ("forms", number)
            for position, field in enumerate(form.fields):
                self._field((*at, "fields", position), "prospect", field)
            for position, field in enumerate(form.required):
                self._known((*at, "required", position), f"field on the form {form.id}", field, form.fields)
            self._follow_up(at, form.add_to_lists, form.campaign, form.status, lists)
        for number, action in enumerate(recipe.page_actions):
            self._follow_up(("page_actions", number), action.add_to_lists, action.campaign, action.status, lists)
        for number, entry in enumerate(recipe.lists):
            self._criteria(("lists", number, "criteria"), "prospect", entry.criteria)
            for position, name in enumerate(entry.removes_from):
                self._known(("lists", number, "removes_from", position), "list", name, lists)
        for number, rule in enumerate(recipe.scoring):
            self._criteria(("scoring", number, "criteria"), "prospect", rule.criteria)
        self._criteria(("qualified_when",), "prospect", recipe.qualified_when)

    def _follow_up(
        self, at: Loc, add_to_lists: Sequence[str], campaign: str | None, status: str | None, lists: Sequence[str]
    ) -> None:
        for position, name in enumerate(add_to_lists):
            self._known((*at, "add_to_lists", position), "list", name, lists)
        if campaign is None:
            return
        made = {str(one.values.get("name")): one.statuses for one in self._recipe.campaigns}
        made.update({str(one.values.get("name")): [] for one in self._recipe.records if one.object == "campaign"})
        if self._known((*at, "campaign"), "campaign", campaign, made) and status is not None and made[campaign]:
            self._known((*at, "status"), f"member status of {campaign}", status, [one.name for one in made[campaign]])

    # --- records -----------------------------------------------------------------------------------------------

    def _records(self) -> None:
        campaign = "Campaign" if self._kind == "crm" else "campaign"
        for number, entry in enumerate(self._recipe.campaigns):
            for field in entry.values:
                self._field(("campaigns", number, "values", field), campaign, field)
        for number, record in enumerate(self._recipe.records):
            if self._object(("records", number, "object"), record.object):
                for field in record.values:
                    self._field(("records", number, "values", field), record.object, field)

    # --- saying it ---------------------------------------------------------------------------------------------

    def _known(self, at: Loc, kind: str, name: str, known: Iterable[str]) -> bool:
        names = list(known)
        if name in names:
            return True
        self._say(at, NOT_THERE, f"{self._name} has no {kind} {name!r}.", near(name, names))
        return False

    def _once(self, key: str, part: str, names: Sequence[str]) -> None:
        for number, name in enumerate(names):
            if names.index(name) != number:
                text = f"Two of the {key.replace('_', ' ')} are called {name!r}."
                self._say((key, number, part), TWICE, text, "Give one of them another name.")

    def _say(self, at: Loc, code: str, text: str, fix: str = "") -> None:
        self._found.append(Problem(self._document.place("orgs", self._name, *at), code, text, fix))


def near(name: str, known: Sequence[str], *, few: bool = False) -> str:
    """What was probably meant; without a guess the names there are, unless they are too many (`few`: never all)."""
    from rapidfuzz.process import extractOne

    folded: Mapping[str, str] = {one.casefold(): one for one in known}
    found = extractOne(name.casefold(), list(folded), score_cutoff=60)
    if found:
        return f"Did you mean {folded[found[0]]}?"
    return "" if few else f"There are: {', '.join(known) or 'none'}."
