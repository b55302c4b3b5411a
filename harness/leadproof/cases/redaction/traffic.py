"""Redacts exchanges: first everything is read and what is personal or secret is learnt, then everything is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest
from urllib.parse import quote, unquote

from leadproof.cases.har import Recorded
from leadproof.cases.redaction.bodies import changed, nested, unpacked
from leadproof.cases.redaction.fields import HEADERS, Kind, is_secret, kind_of, words
from leadproof.cases.redaction.pseudonyms import EMAIL, NOWHERE, WORD, Pseudonyms
from leadproof.cases.redaction.secrets import PLACEHOLDER, Secrets
from leadproof.cases.redaction.wrappings import through
from leadproof.transports.exchange import Exchange
from leadproof.transports.protocol import Request, Response

SHORTEST_WORD = 3
SHORTEST_NUMBER = 5
"""Shorter numbers are years, counts and house numbers: replaced in a person's own fields only."""
_CONDITION = re.compile(
    r"(?i)(?<![\w.])([A-Za-z_][\w.]{0,120})(\s{0,9}(?:=|!=|<>|<=|>=|<|>|\bLIKE\b|\b(?:NOT\s+)?IN\b)\s*\(?\s*)"
    r"('(?:[^'\\]|\\.)*'(?:\s*,\s*'(?:[^'\\]|\\.)*')*)"
)
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")
_NUMBERS = re.compile(r"[\d\W_]+")
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}(/\d+)?|[0-9a-f]*:[0-9a-f:]+(/\d+)?")
_LIKE_A_SECRET = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[A-Za-z0-9+/=._~:-]{12,}")
_NOBODY = words("true false yes null none test com org net www http https") | {NOWHERE}
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
        self._fixed = {word for text in self._protected for word in WORD.findall(text)}
        self._words: set[str] = set()
        self._pseudonyms: frozenset[str] = frozenset()

    def vocabulary(self) -> list[str]:
        """The pseudonyms of the words that were learnt: with the key, another reader knows the words again."""
        return sorted(self.pseudonyms.word(word) for word in self._words)

    def know_pseudonyms(self, vocabulary: Iterable[str]) -> None:
        """The words of another reading, by their pseudonyms."""
        self._pseudonyms = frozenset(vocabulary)

    # --- first reading ----------------------------------------------------------------------------------------------

    def learn(self, recorded: Iterable[Recorded]) -> None:
        """Read the traffic: what is secret, and which words are people's."""
        for one in recorded:
            self._visited(one, self._learn_leaf)

    def learn_value(self, text: str) -> None:
        """These words are a person's."""
        for found in EMAIL.finditer(text):
            self._keep(found[0].partition("@")[0])
        self._keep(EMAIL.sub(" ", text))

    def _keep(self, text: str) -> None:
        for word in WORD.findall(text):
            folded = word.casefold()
            shortest = SHORTEST_NUMBER if _NUMBERS.fullmatch(word) else SHORTEST_WORD
            if len(folded) >= shortest and folded not in self._fixed and folded not in _NOBODY:
                self._words.add(folded)

    def _learn_leaf(self, name: str, text: str, people: bool) -> str:
        if is_secret(name) and text and not _spoken_secret(text):
            self.secrets.learn(text)
            return text

        def learn(plain: str) -> str:
            if nested(plain, self._learn_leaf) is not None:
                return plain
            self.secrets.learn_forms(plain)
            for field, value in _conditions(plain):
                if self._kinds(field):
                    self.learn_value(value)
            for found in EMAIL.finditer(plain):
                self.learn_value(found[0])
            if self._personal(name, plain, people):
                self.learn_value(plain)
            return plain

        through(text, learn)
        return text

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
        if is_secret(name) and text and not _spoken_secret(text):
            return self.secrets.placeholder(text)

        def change(plain: str) -> str:
            inner = nested(plain, self._change_leaf)
            return inner if inner is not None else self._plain(name, plain, people)

        return through(text, change)

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
        """A text without secrets: its people."""
        new = self._exact.get(text.casefold())
        if new is not None:
            return new
        if self._personal(name, text, people):
            return self._pseudonym(self._kinds(name), text)
        pieces, at = [], 0
        for found in _CONDITION.finditer(text):
            pieces += [self.pseudonyms.known(text[at : found.start()], self._is_known), self._condition(found)]
            at = found.end()
        return "".join([*pieces, self.pseudonyms.known(text[at:], self._is_known)])

    def _pseudonym(self, kind: Kind | None, text: str) -> str:
        if kind == "phone":
            return self.pseudonyms.phone(text)
        if kind == "date":
            return self.pseudonyms.date(text)
        return self.pseudonyms.text(text)

    def _condition(self, found: re.Match[str]) -> str:
        kind = self._kinds(found[1])
        if kind is None:
            return self.pseudonyms.known(found[0], self._is_known)
        told = _LITERAL.sub(lambda one: f"'{self._literal(kind, one[1])}'", found[3])
        return f"{found[1]}{found[2]}{told}"

    def _literal(self, kind: Kind, text: str) -> str:
        plain = text.replace("\\'", "'")
        if plain.casefold() in self._protected:
            return text
        return self._pseudonym(kind, plain).replace("'", "\\'")

    def _is_known(self, word: str) -> bool:
        folded = word.casefold()
        return folded in self._words or (bool(self._pseudonyms) and self.pseudonyms.word(folded) in self._pseudonyms)

    def _personal(self, name: str, text: str, people: bool) -> bool:
        """Whether the leaf is a value about a person, by its name and what stands beside it."""
        bare = name.rpartition(".")[2].casefold()
        kind = self._kinds(name)
        if kind is None and not (people and bare == "name"):
            return False
        if bare in ("address", "name") and not people:
            return False
        folded = text.strip().casefold()
        if folded in ("", "true", "false", "null", "none"):
            return False
        return folded not in self._protected and not _ADDRESS.fullmatch(folded)

    # --- what an exchange is made of --------------------------------------------------------------------------------

    def _visited(self, one: Recorded, visit: Callable[[str, str, bool], str]) -> Recorded:
        request, response = one.request, one.response
        asked = Request(
            request.method,
            _path(request.path, visit),
            tuple((key, visit(key, value, False)) for key, value in request.query),
            _headers(request.headers, visit),
            _body(request.body, request.headers, visit),
        )
        answered = response and Response(
            response.status, _headers(response.headers, visit), _body(response.body, response.headers, visit)
        )
        return replace(one, exchange=Exchange(asked, answered, one.exchange.failure), user=visit("", one.user, False))


def _spoken_secret(text: str) -> bool:
    """Values under a secret's name that are none: an empty one, a truth value, one that is gone already."""
    return text.strip().casefold() in ("", "true", "false", "null", "none") or text.startswith("{secret")


def _conditions(text: str) -> Iterable[tuple[str, str]]:
    for found in _CONDITION.finditer(text):
        for literal in _LITERAL.finditer(found[3]):
            yield found[1], literal[1]


def _path(path: str, visit: Callable[[str, str, bool], str]) -> str:
    """Segment by segment; one that follows a field's name is that field's value (.../by/Email/x)."""
    told: list[str] = []
    before = ""
    for segment in path.split("/"):
        plain = unquote(segment)
        new = visit(before if kind_of(before) else "", plain, False)
        told.append(segment if new == plain else quote(new, safe="@:!$&'()*+,;=~"))
        before = plain
    return "/".join(told)


def _headers(headers: Mapping[str, str], visit: Callable[[str, str, bool], str]) -> dict[str, str]:
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


def _body(body: bytes, headers: Mapping[str, str], visit: Callable[[str, str, bool], str]) -> bytes:
    try:
        plain = unpacked(body, headers.get("content-encoding", ""))
    except ValueError:
        return b""  # what cannot be read cannot be proven clean
    return changed(plain, headers.get("content-type", ""), visit)
