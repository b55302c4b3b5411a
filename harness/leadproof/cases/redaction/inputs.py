"""Redacts what a scenario is made of: its steps, its recipe, its integrations and its data files.

The redacted scenario is then run again, so a case never holds anything that was not made from redacted inputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from leadproof.cases.case import Case
from leadproof.cases.har import Recorded
from leadproof.cases.redaction.bodies import criteria_row
from leadproof.cases.redaction.fields import Kind, is_secret, kind_of, words, words_of
from leadproof.cases.redaction.pseudonyms import Pseudonyms
from leadproof.cases.redaction.secrets import PLACEHOLDER
from leadproof.cases.redaction.tables import table
from leadproof.cases.redaction.traffic import Redactor
from leadproof.cases.yamltext import yaml_text
from leadproof.transports.exchange import Exchange
from leadproof.transports.protocol import Request, Response
from leadterms.yamltree import read_tree

Schemas = Mapping[str, Mapping[str, Any]]
_PERSON_OBJECTS = frozenset(
    {"lead", "contact", "user", "account", "opportunity", "prospect", "submission", "activity", "queue"}
)
_BY_TYPE: Mapping[str, Kind] = {
    "email": "text", "phone": "phone", "messaging": "text", "social": "text", "address": "text", "url": "text",
    "multi_line": "text",
}  # fmt: skip
_NEVER = frozenset({"dropdown", "multi_select", "radio", "checkbox", "number", "percent", "currency", "auto_number",
                    "formula", "statistics", "user", "reference"})  # fmt: skip
_KEYS = words("id key number no code ref external status stage type")
_COMPARED = ("is", "not", "contains", "held", "texts")
_NAMED = words(
    "name label as lead loser campaign form status statuses list queue user user_name id owner is default_owner assign "
    "connector_users round_robin says scenario about title symptom subject description crm marketing run_as fix members"
)
"""The keys whose texts people choose: names of things, references to them, and prose."""
_USERS = ("id", "user_name", "user")
NUMBERED = "{n}"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def redacted_inputs(
    case: Case, pseudonyms: Pseudonyms, schemas: Sequence[Mapping[str, Any]], *, people: bool = True
) -> tuple[Case, Redactor]:
    """The case with redacted inputs (its traffic is still the old one), and what redacted them, for other texts."""
    inputs = _Inputs(case, pseudonyms, schemas, people)
    return inputs.redacted(), inputs.redactor


class _Inputs:
    """The files of one case, read as trees."""

    def __init__(self, case: Case, pseudonyms: Pseudonyms, schemas: Sequence[Mapping[str, Any]], people: bool) -> None:
        self._case = case
        self._pseudonyms = pseudonyms
        self._types = _types(schemas)
        self._trees: dict[str, Any] = {
            name: read_tree(data.decode("utf-8-sig"), name)[0]
            for name, data in case.files.items()
            if name.endswith(".yaml")
        }
        self._users = sorted(set(self._user_names()))
        self._learning = False
        self.redactor = Redactor(
            pseudonyms,
            protected=[*_schema_texts(schemas), *self._orgs()],
            exact={one: pseudonyms.text(one) for one in self._users},
            kinds=self._kind,
            people=people,
        )

    def redacted(self) -> Case:
        self._learn()
        trees = {name: tree for name, tree in self._trees.items() if isinstance(tree, dict)}
        files = {name: yaml_text(self._tree(tree)).encode() for name, tree in trees.items()}
        for name, data in self._case.files.items():
            if name.startswith("data/"):
                files[name] = table(data.decode("utf-8-sig", "replace"), self._cell).encode()
        sheet = self._case.sheet
        told = {key: self.redactor.text(getattr(sheet, key)) for key in ("title", "symptom", "message")}
        return self._case.with_files(files).with_sheet(**told)

    # --- what is known beforehand -----------------------------------------------------------------------------------

    def _kind(self, name: str) -> Kind | None:
        """By the field's type where a schema has the field, else by its name."""
        type = self._types.get(name.rpartition(".")[2])
        if type is None or type in ("date", "date_time"):
            return kind_of(name)
        if type in _NEVER:
            return None
        if type in _BY_TYPE:
            return _BY_TYPE[type]
        free = name.endswith("__c") and not _KEYS & set(words_of(name))
        return kind_of(name) or ("text" if free else None)

    def _user_names(self) -> Iterator[str]:
        for tree in self._trees.values():
            orgs = tree.get("orgs") if isinstance(tree, dict) else None
            for org in (orgs or {}).values() if isinstance(orgs, dict) else ():
                for user in org.get("users") or ():
                    yield from (str(user[key]) for key in _USERS if user.get(key))
                yield from (str(login["user"]) for login in org.get("logins") or () if login.get("user"))

    def _orgs(self) -> Iterator[str]:
        for tree in self._trees.values():
            if isinstance(tree, dict) and isinstance(tree.get("orgs"), dict):
                yield from tree["orgs"]

    def _learn(self) -> None:
        """Read all values about people first, so that they are known wherever else they stand."""
        self._learning = True
        for tree in self._trees.values():
            self._tree(tree)
        for name, data in self._case.files.items():
            if name.startswith("data/"):
                table(data.decode("utf-8-sig", "replace"), self._learn_cell)
        self._learning = False

    def _learn_cell(self, name: str, text: str, people: bool) -> str:
        if self._kind(name):
            self.redactor.learn_field(name, text)
        return text

    def _cell(self, name: str, text: str, people: bool) -> str:
        return self.redactor.value(name, text) if text else text

    # --- the trees --------------------------------------------------------------------------------------------------

    def _tree(self, tree: Any, name: str = "", about: bool = False) -> Any:
        """The same tree; `about`: what is below stands in a person's record."""
        if isinstance(tree, list):
            if criteria_row(tree) and self._kind(tree[0]):
                return [tree[0], tree[1], self._tree(tree[2], tree[0], True)]
            return [self._tree(one, name, about) for one in tree]
        if not isinstance(tree, dict):
            return self._scalar(name, tree, about)
        made: dict[str, Any] = {}
        for key, value in tree.items():
            if key == "values" and isinstance(value, dict):
                # A campaign of a recipe says no object, and neither does a step about a person.
                person = str(tree.get("object", "Lead")).casefold() in _PERSON_OBJECTS and name != "campaigns"
                made[key] = {one: self._tree(held, one if person else "name", person) for one, held in value.items()}
            elif key in _COMPARED and isinstance(tree.get("field"), str):
                made[key] = self._tree(value, tree["field"], True)
            elif key == "call" and isinstance(value, dict):
                made[key] = self._call(value)
            elif key in ("contacts", "users", "map") and isinstance(value, dict | list):
                made[key] = self._people(value, mapped=key == "map")
            else:
                made[key] = self._tree(value, key, False)
        return made

    def _call(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The step `call`, as the exchange that it makes."""
        pairs = {key: tuple((told.get(key) or {}).items()) for key in ("query", "form")}
        headers = {str(name).lower(): str(text) for name, text in (told.get("headers") or {}).items()}
        form = urlencode(pairs["form"])
        sent = {"content-type": FORM if form else JSON, **headers}
        body = form or str(told.get("body") or "")
        request = Request(
            str(told.get("method", "GET")), str(told.get("path", "/")), pairs["query"], sent, body.encode()
        )
        one = Recorded(Exchange(request, Response(200, {}, b"")), "http://call.invalid")
        if self._learning:
            self.redactor.learn([one])
            return dict(told)
        new = self.redactor.redacted(one).request
        made = {**told, "path": new.path}
        if pairs["query"]:
            made["query"] = {name: _login(value) for name, value in new.query}
        if headers:
            made["headers"] = {name: _login(new.headers[name]) for name in headers}
        text = new.body.decode()
        if form:
            made["form"] = {name: _login(value) for name, value in parse_qsl(text, keep_blank_values=True)}
        elif body:
            made["body"] = _login(text)
        return made

    def _people(self, tree: Any, *, mapped: bool) -> Any:
        """Users, and the people that an integration names; `mapped`: the keys are users too."""
        if isinstance(tree, list):
            return [self._people(one, mapped=False) for one in tree]
        if not isinstance(tree, dict):
            return self._scalar("user", tree, True)
        made: dict[str, Any] = {}
        for key, value in tree.items():
            told = self.redactor.text(key) if mapped else key
            if isinstance(value, dict | list):
                made[told] = self._people(value, mapped=key == "map")
            elif key in ("match", "active"):
                made[told] = value
            else:
                made[told] = self._scalar(key if key in _USERS or _secret(key) or mapped else "name", value, True)
        return made

    def _scalar(self, name: str, value: Any, about: bool) -> Any:
        if not isinstance(value, str):
            return value
        if self._learning:
            self.redactor.secrets.learn_forms(value)
            if _secret(name):
                self.redactor.secrets.learn(value)
            elif about and (self._kind(name) or name == "name"):
                self.redactor.learn_field(name, value)
            return value
        if _secret(name):
            return value if value.startswith("${") else self._placeholder(value)
        if about and name in _USERS:
            return self.redactor.text(value)
        if NUMBERED in value:
            return NUMBERED.join(self._scalar(name, part, about) for part in value.split(NUMBERED))
        if about:
            return self.redactor.value(name, value)
        return self.redactor.text(value) if name in _NAMED else self._addresses(value)

    def _addresses(self, value: str) -> str:
        """Texts of a closed vocabulary, which holds no people but by their addresses."""
        return self._pseudonyms.known(value, lambda rest: rest) if self.redactor.people else value

    def _placeholder(self, secret: str) -> str:
        """A password that still logs in, because all files name the same."""
        return _login(self.redactor.secrets.placeholder(secret))


def _login(text: str) -> str:
    """Placeholders as passwords are written in the files of a scenario: without the braces."""
    return PLACEHOLDER.sub(lambda found: found[0].strip("{}"), text)


def _types(schemas: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Field id -> type, of the objects that hold people; one that is text somewhere counts as text."""
    found: dict[str, str] = {}
    for schema in schemas:
        for object, told in schema["objects"].items():
            if object.casefold() in _PERSON_OBJECTS:
                for field in told["fields"]:
                    if found.get(field["id"]) not in _BY_TYPE:
                        found[field["id"]] = field["type"]
    return found


def _schema_texts(schemas: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for schema in schemas:
        for object, told in schema["objects"].items():
            yield from (object, str(told["label"]))
            for field in told["fields"]:
                yield from (field["id"], str(field.get("label", "")), *map(str, field.get("choices") or ()))


def _secret(name: str) -> bool:
    """In files of ours a finding's code and a field's key are no secrets."""
    return is_secret(name) and name not in ("code", "key")
