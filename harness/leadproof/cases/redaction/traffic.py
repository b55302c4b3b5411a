"""Redacts exchanges: first everything is read and what is personal or secret is learnt, then everything is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest
from urllib.parse import quote, unquote

from leadproof.cases.har import Recorded
from leadproof.cases.redaction.bodies import changed, nested, unpacked
from leadproof.cases.redaction.codes import asked_as, says_no_secret
from leadproof.cases.redaction.fields import (
    HEADERS,
    KEY,
    Kind,
    Visit,
    is_prose,
    is_secret,
    is_term,
    kind_of,
    names_field,
)
from leadproof.cases.redaction.known import Known, composed
from leadproof.cases.redaction.pseudonyms import EMAIL, PHONE, WORD, Pseudonyms
from leadproof.cases.redaction.queries import literals, requeried
from leadproof.cases.redaction.secrets import PLACEHOLDER, Secrets
from leadproof.cases.redaction.wrappings import through
from leadproof.transports.exchange import Exchange
from leadproof.transports.protocol import Request, Response, TransportFailed

_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}(/\d+)?|[0-9a-f]*:[0-9a-f:]+(/\d+)?")
_LIKE_A_SECRET = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[A-Za-z0-9+/=._~:!-]{12,}")
Kinds = Callable[[str], Kind | None]


class Redactor:
    """Takes secrets and people out of traffic.

    `protected`: texts that name no person (ids and labels of fields, picklist values, names of campaigns and rules);
    they stay where they stand alone. `exact`: texts that become others as a whole (users' ids). `people` False leaves
    people as they are: for dummy data.
    """

    def __init__(
        self,
        pseudonyms: Pseudonyms,
        *,
        protected: Iterable[str] = (),
        exact: Mapping[str, str] | None = None,
        kinds: Kinds = kind_of,
        people: bool = True,
    ) -> None:
        self.pseudonyms = pseudonyms
        self.secrets = Secrets()
        self.people = people
        self._kinds = kinds
        self._exact = {text.casefold(): new for text, new in (exact or {}).items()}
        self._protected = {text.casefold() for text in protected}
        fixed = {word for text in self._protected for word in WORD.findall(text)}
        self._known = Known(pseudonyms, fixed, self._protected)
        self._names: dict[str, str] = {}

    def vocabulary(self) -> list[str]:
        """The pseudonyms of what was learnt: with the key, another reader knows it again."""
        return self._known.vocabulary()

    def know_pseudonyms(self, vocabulary: Iterable[str]) -> None:
        """What another reader learnt, by its pseudonyms."""
        self._known.know(vocabulary)

    # --- first reading ----------------------------------------------------------------------------------------------

    def learn(self, recorded: Iterable[Recorded]) -> None:
        """Read the traffic: what is secret, and which words are people's."""
        for one in recorded:
            self._known.keep_host(one.origin)
            self._visited(one, self._learn_leaf)
        self._names.clear()

    def learn_field(self, name: str, text: str) -> None:
        """What stands in a field of this name is a person's."""
        self._learn_kind(name, self._kinds(name) or "text", composed(text))
        self._names.clear()

    def _learn_leaf(self, name: str, text: str, people: bool) -> str:
        if name == KEY:
            if text not in self._names:
                self._names[text] = ""
                self._learn_plain("", text, False)
            return text
        if self._secret(name, text):
            self.secrets.learn(text)
            return text

        def learn(plain: str) -> str:
            if nested(plain, self._learn_leaf) is None:
                self._learn_plain(name, plain, people)
            return plain

        through(text, learn)
        return text

    def _learn_plain(self, name: str, text: str, people: bool) -> None:
        self.secrets.learn_forms(text)
        text = composed(text)
        for kind, value in literals(text, self._kinds):
            self._learn_kind("", kind, value)
        for found in EMAIL.finditer(text):
            self._known.keep(found[0])
        for found in PHONE.finditer(text):
            self._known.keep_phone(found[0])
        if self._personal(name, text, people):
            self._learn_kind(name, self._kinds(name) or "text", text)

    def _learn_kind(self, name: str, kind: Kind, text: str) -> None:
        if kind == "phone":
            self._known.keep_phone(text)
        elif kind == "ip":
            self._known.keep_ip(text)
        elif kind in ("text", "date"):  # a title is many people's, and a word of every text
            self._known.keep(text, prose=is_prose(name))

    # --- second reading ---------------------------------------------------------------------------------------------

    def redacted(self, one: Recorded) -> Recorded:
        """The exchange without secrets and people, its bodies unpacked."""
        return self._visited(one, self._change_leaf)

    def text(self, text: str) -> str:
        """Any text: known secrets, e-mails, phone numbers and known words replaced, in every wrapping."""
        return self._change_leaf("", text, False)

    def value(self, name: str, text: str) -> str:
        """What stands in a field of this name."""
        return self._change_leaf(name, text, True)

    def _change_leaf(self, name: str, text: str, people: bool) -> str:
        if name == KEY:
            if text not in self._names:
                self._names[text] = text if names_field(text) else self._change_leaf("", text, False)
            return self._names[text]
        if self._secret(name, text):
            return self.secrets.placeholder(text)

        def change(plain: str) -> str:
            inner = nested(plain, self._change_leaf)
            return inner if inner is not None else self._plain(name, plain, people)

        return through(text, change)

    def _secret(self, name: str, text: str) -> bool:
        """Whether the leaf is a secret, by its name."""
        return is_secret(name) and not _is_none(text) and not says_no_secret(name, text, self._protected)

    def _plain(self, name: str, text: str, people: bool) -> str:
        text = self.secrets.hide(text)
        if not self.people:
            return text
        kept = PLACEHOLDER.findall(text)
        if kept:
            parts = [self._people(name, part, people) for part in PLACEHOLDER.split(text)]
            return "".join(part + mark for part, mark in zip_longest(parts, kept, fillvalue=""))
        return self._people(name, text, people)

    def _people(self, name: str, text: str, people: bool) -> str:
        """A text without secrets: its people. One without any keeps the spelling of its accents."""
        told = composed(text)
        new = self._replaced(name, told, people)
        return text if new == told else new

    def _replaced(self, name: str, text: str, people: bool) -> str:
        new = self._exact.get(text.casefold())
        if new is not None:
            return new
        if self._personal(name, text, people):
            return self._pseudonym(self._kinds(name), text)
        return requeried(text, self._kinds, self._literal, self._known.replaced)

    def _pseudonym(self, kind: Kind | None, text: str) -> str:
        if kind == "phone":
            return self._known.phone(text)
        if kind == "ip":
            return self._known.replaced(text)
        if kind == "date":
            return self.pseudonyms.date(text)
        return self.pseudonyms.place(text) if kind == "place" else self.pseudonyms.text(text)

    def _literal(self, kind: Kind, text: str) -> str:
        return text if text.casefold() in self._protected else self._pseudonym(kind, text)

    def _personal(self, name: str, text: str, people: bool) -> bool:
        """Whether the leaf is a value about a person, by its name and what stands beside it."""
        bare = name.rpartition(".")[2].casefold()
        kind = self._kinds(name)
        if kind is None and not (people and bare == "name"):
            return False
        if bare in ("address", "name", "title") and not people:
            return False
        folded = text.strip().casefold()
        if folded in ("", "true", "false", "null", "none"):
            return False
        return folded not in self._protected and (kind == "ip" or not _ADDRESS.fullmatch(folded))

    # --- what an exchange is made of --------------------------------------------------------------------------------

    def _visited(self, one: Recorded, visit: Visit) -> Recorded:
        request, response = one.request, one.response
        asked = Request(
            request.method,
            _path(request.path, visit),
            tuple(
                (visit(KEY, key, False), visit(_asked(request.path, key), value, False)) for key, value in request.query
            ),
            _headers(request.headers, visit),
            _body(request.body, request.headers, visit),
        )
        answered = response and Response(
            response.status, _headers(response.headers, visit), _body(response.body, response.headers, visit)
        )
        failed = one.exchange.failure
        if failed is not None:  # its detail may name hosts and people, and no replay needs it
            failed = TransportFailed(failed.kind, "recorded", definite=failed.definite)
        origin = visit("", one.origin, False)
        return replace(one, exchange=Exchange(asked, answered, failed), origin=origin, user=visit("", one.user, False))


def _asked(path: str, key: str) -> str:
    """The name of a parameter; that of a parameterised search holds whom somebody looks for."""
    return "full_name" if key == "q" and path.lower().rstrip("/").endswith("parameterizedsearch") else asked_as(key)


def _is_none(text: str) -> bool:
    """Values under a secret's name that are none: an empty one, a truth value, one that is gone already."""
    return text.strip().casefold() in ("", "true", "false", "null", "none") or text.startswith("{secret")


def _path(path: str, visit: Visit) -> str:
    """Segment by segment; one that follows a field's name is that field's value (.../by/Email/x). One that interfaces
    are made of stays, although somebody wrote the word in a comment."""
    told: list[str] = []
    before = ""
    for segment in path.split("/"):
        plain = unquote(segment)
        new = plain if is_term(plain) else visit(before if kind_of(before) else "", plain, False)
        told.append(segment if new == plain else quote(new, safe="@:!$&'()*+,;=~"))
        before = plain
    return "/".join(told)


def _headers(headers: Mapping[str, str], visit: Visit) -> dict[str, str]:
    """Those that are on the list, redacted; of the others the name, and the scheme of an authorisation."""
    kept: dict[str, str] = {}
    for name, value in headers.items():
        if name in ("content-encoding", "content-length", "transfer-encoding"):
            continue  # bodies are kept unpacked
        if name in HEADERS and not is_secret(name):
            kept[name] = visit("", value, False)
            continue
        scheme, blank, rest = value.partition(" ")
        if name in ("authorization", "proxy-authorization") and blank:
            kept[name] = f"{scheme} {visit('token', rest, False)}"
        elif is_secret(name) or _LIKE_A_SECRET.fullmatch(value):
            kept[name] = visit("token", value, False)
        else:
            visit(name, value, False)  # what is in it is learnt, and left out
            kept[name] = ""
    return kept


def _body(body: bytes, headers: Mapping[str, str], visit: Visit) -> bytes:
    try:
        plain = unpacked(body, headers.get("content-encoding", ""))
    except ValueError:
        return b""  # what cannot be read cannot be proven clean
    return changed(plain, headers.get("content-type", ""), visit)
