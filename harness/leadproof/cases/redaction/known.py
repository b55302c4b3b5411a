"""What is known about people from the first reading, found again in any text: words, numbers, addresses, hosts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from leadproof.cases.redaction.fields import TERMS, words
from leadproof.cases.redaction.pseudonyms import EMAIL, NOWHERE, PHONE, WORD, Pseudonyms, respelled, split_number

SHORTEST_WORD = 3
SHORTEST_NUMBER = 5
"""Shorter numbers are years, counts and house numbers: replaced in a person's own fields only."""
SHORTEST_PHONE = 6
LONGEST_NAME = 8
SHORTEST_INSIDE = 5
"""Known words of so many letters are found at either end of a longer word too: Wobbel in Wobbelgruppe. Shorter ones
begin and end too many words that are nobody's."""
LONGEST_COMPOUND = 40
_ID = re.compile(r"(?=\D*\d)\w{12,}")
"""A long word with digits in it is an id, whatever its letters spell."""
_NUMBERS = re.compile(r"[\d\W_]+")
_NOBODY = words("true false yes null none test com org net www http https") | {NOWHERE}
_NO_SHORT_NAMES = TERMS | words(
    "ab ag am an as at be by co da de do dr el en et go he hi id if il in is it la le lt me mr ms my no ny of og oh ok "
    "on or so st to un up us we"
)
_UNSPACED = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
"""Letters of scripts that write no blanks between words: a name stands anywhere in a run of them."""
_DIGITS = re.compile(r"\d+")
_GAP = re.compile(r"[ ()./-]{0,3}")
_IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:]|\.\d)")
_TENANTS = sorted(words(
    "salesforce.com force.com salesforce-sites.com site.com visualforce.com documentforce.com dynamics.com "
    "onmicrosoft.com sharepoint.com mktorest.com marketo.com sugarondemand.com sugaropencloud.eu pipedrive.com "
    "activehosted.com freshsales.io myfreshworks.com eloqua.com zendesk.com hs-sites.com"
))  # fmt: skip
"""Below these each customer has a host."""
_VENDORS = ("pardot.com", "hubapi.com", "hubspot.com", "microsoftonline.com", "microsoft.com", "googleapis.com")
_HOST = re.compile(rf"(?i)(?<![\w.@-])((?:[\w-]{{1,63}}\.)+)({'|'.join(map(re.escape, _TENANTS))})(?![\w-]|\.\w)")
_SHARED = re.compile(
    r"(?i)(?:www|login|test|api|pi|my|app|go|secure|sandbox|lightning|develop|scratch|trailblaze|help|developer|docs|"
    r"trust|status|admin|data|org|c|file|content|crm\d*|(?:na|eu|ap|cs|um|us)\d*)"
)


def composed(text: str) -> str:
    """The text with its accents in their letters (NFC): both spellings are the same person."""
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


class Known:
    """Learns from people's values, and replaces them wherever they stand.

    `fixed`: words that are nobody's; `hosts`: labels of hosts that stay.
    """

    def __init__(self, pseudonyms: Pseudonyms, fixed: Iterable[str], hosts: Iterable[str]) -> None:
        self._pseudonyms = pseudonyms
        self._fixed = frozenset(fixed)
        self._kept_labels = frozenset(hosts)
        self._words: set[str] = set()
        self._begins: set[str] = set()
        self._ends: set[str] = set()
        self._numbers: dict[str, str] = {}
        self._addresses: set[str] = set()
        self._hosts: set[str] = set()
        self._host: re.Pattern[str] | None = None
        self._others: frozenset[str] = frozenset()
        self._codes: tuple[str, ...] = ()

    # --- learning ---------------------------------------------------------------------------------------------------

    def keep(self, text: str, *, prose: bool = False) -> None:
        """These words are a person's; of `prose` all but those that interfaces are made of."""
        for found in EMAIL.finditer(text):
            self._keep_words(found[0].partition("@")[0])
        self._keep_words(EMAIL.sub(" ", text), TERMS if prose else frozenset())

    def _keep_words(self, text: str, nobodys: frozenset[str] = frozenset()) -> None:
        for word in WORD.findall(text):
            folded = word.casefold()
            if folded in self._fixed or folded in _NOBODY or folded in nobodys:
                continue
            shortest = SHORTEST_NUMBER if _NUMBERS.fullmatch(word) else SHORTEST_WORD
            if len(folded) >= shortest or (len(word) > 1 and _UNSPACED.search(word)):
                self._words.add(folded)
                if len(folded) >= SHORTEST_INSIDE and folded.isalpha():
                    self._begins.add(folded[:SHORTEST_INSIDE])
                    self._ends.add(folded[-SHORTEST_INSIDE:])
            elif len(word) == 2 and _short_name(word):
                self._words.add(word)

    def keep_phone(self, text: str) -> None:
        """A phone number, however it is spelled."""
        found = PHONE.search(text)
        spelled = found[0] if found is not None else text
        digits = "".join(one for one in spelled if one.isdigit())
        country, national = split_number(spelled, digits)
        if len(national) >= SHORTEST_PHONE and len(set(national)) > 1:
            before = self._numbers.get(national)
            self._numbers[national] = min(before, country) if before and country else before or country
        self._keep_words("".join(" " if one.isdigit() else one for one in text))

    def keep_ip(self, text: str) -> None:
        """A visitor's address."""
        self._addresses |= {one.lower() for one in _IP.findall(text) if self._pseudonyms.ip(one) != one}

    def keep_host(self, origin: str) -> None:
        """The host of an address that was asked; a vendor's own, and one that is nowhere, tell nothing."""
        host = (urlsplit(origin).hostname or "").lower()
        labels = host.split(".")
        vendor = any(host == one or host.endswith(f".{one}") for one in (*_TENANTS, *_VENDORS))
        if len(labels) < 2 or vendor or labels[-1] in (NOWHERE, "test", "invalid", "localhost") or _IP.fullmatch(host):
            return
        if not self._kept_labels.intersection(labels) and host not in self._hosts:
            self._hosts.add(host)
            self._host = None

    def vocabulary(self) -> list[str]:
        """The pseudonyms of what was learnt: with the key, another reader knows it again."""
        numbers = {f"+{country} {self._pseudonyms.word(one)}" for one, country in self._numbers.items()}
        return sorted({self._pseudonyms.word(word) for word in self._words} | numbers)

    def know(self, vocabulary: Iterable[str]) -> None:
        """What another reader learnt, by its pseudonyms."""
        self._others = frozenset(vocabulary)
        self._codes = tuple(sorted({one[1:].partition(" ")[0] for one in self._others if one.startswith("+")}))

    # --- finding again ----------------------------------------------------------------------------------------------

    def replaced(self, text: str) -> str:
        """The text with e-mails, phone numbers and all that is known replaced."""
        return self._pseudonyms.known(text, self._between)

    def phone(self, text: str) -> str:
        """A phone field's value: a national spelling of a number that is known with its country is that number."""
        digits = "".join(one for one in text if one.isdigit())
        if text.lstrip(" (").startswith(("+", "00")) or len(digits) < SHORTEST_PHONE:
            return self._pseudonyms.phone(text)
        told = self._national(digits)
        return respelled(text, "", told) if told else self._pseudonyms.phone(text)

    def _between(self, text: str) -> str:
        """A piece without e-mails and international numbers."""
        if "." in text:
            if self._host is None:
                names = sorted(self._hosts, key=lambda one: (-len(one), one))
                told = "|".join(map(re.escape, names))
                self._host = re.compile(rf"(?i)(?<![\w.@-])(?:{told})(?![\w-]|\.\w)" if names else r"(?!)")
            for pattern, change in ((_HOST, self._tenant), (self._host, self._customers)):
                if pattern.search(text):
                    return _split(text, pattern, change, self._between)
        if self._addresses and _IP.search(text):
            return _split(text, _IP, self._address, self._numbered)
        return self._numbered(text)

    def _tenant(self, found: re.Match[str]) -> str:
        labels = found[1][:-1].split(".")
        told = [one if self._kept(one) else WORD.sub(lambda word: self._pseudonyms.word(word[0]), one)
                for one in labels]  # fmt: skip
        return ".".join([*told, found[2]])

    def _kept(self, label: str) -> bool:
        return _SHARED.fullmatch(label) is not None or label.lower() in self._kept_labels

    def _customers(self, found: re.Match[str]) -> str:
        return self._pseudonyms.domain(found[0])

    def _address(self, found: re.Match[str]) -> str:
        return self._pseudonyms.ip(found[0]) if found[0].lower() in self._addresses else found[0]

    def _numbered(self, text: str) -> str:
        """National spellings of known phone numbers, and the words between."""
        if not self._numbers and not self._codes:
            return self._worded(text)
        tokens = list(_DIGITS.finditer(text))
        pieces: list[str] = []
        at = number = 0
        while number < len(tokens):
            last, told = self._window(text, tokens, number)
            if told:
                start, end = tokens[number].start(), tokens[last].end()
                pieces += [self._worded(text[at:start]), respelled(text[start:end], "", told)]
                at, number = end, last
            number += 1
        return "".join([*pieces, self._worded(text[at:])])

    def _window(self, text: str, tokens: list[re.Match[str]], first: int) -> tuple[int, str]:
        """The last of the groups of digits that are one known number together, and its pseudonym's digits."""
        start = tokens[first].start()
        digits = ""
        if start and (text[start - 1].isalnum() or text[start - 1] in "_"):
            return first, ""
        best = first, ""
        for last in range(first, min(first + 8, len(tokens))):
            here = tokens[last]
            if last > first and not _GAP.fullmatch(text, tokens[last - 1].end(), here.start()):
                break
            digits += here[0]
            if len(digits) > 15:
                break
            after = text[here.end() : here.end() + 1]
            if len(digits) >= SHORTEST_PHONE and not (after.isalnum() or after == "_"):
                best = (last, told) if (told := self._national(digits)) else best
        return best

    def _national(self, digits: str) -> str:
        """The pseudonym's digits of a number that is known, "" for another. A trunk zero stays."""
        for trunk in ("", "0"):
            bare = digits.removeprefix(trunk)
            if trunk and bare == digits:
                continue
            country = self._country(bare)
            if country is None:
                continue
            if not country:
                return trunk + self._pseudonyms.word(bare)
            told = self._pseudonyms.phone(f"+{country}{bare}")
            return trunk + told[len(country) + 1 :]
        return ""

    def _country(self, national: str) -> str | None:
        known = self._numbers.get(national)
        if known is not None or not self._codes:
            return known
        word = self._pseudonyms.word(national)
        return next((code for code in reversed(self._codes) if f"+{code} {word}" in self._others), None)

    def _worded(self, text: str) -> str:
        return WORD.sub(self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        if self.is_known(word):
            return self._pseudonyms.word(word)
        if not word.isascii() and _UNSPACED.search(word):
            return self._run(word)
        return self._compound(word)

    def _compound(self, word: str) -> str:
        """Known names at the beginning and at the end of a word, the longest first."""
        if not SHORTEST_INSIDE < len(word) <= LONGEST_COMPOUND or _ID.fullmatch(word):
            return word
        folded = word.casefold()
        if len(folded) != len(word) or folded in self._fixed or folded in TERMS:
            return word
        lengths = range(len(word) - 1, SHORTEST_INSIDE - 1, -1)
        for length in lengths if self._others or folded[:SHORTEST_INSIDE] in self._begins else ():
            if word[:length].isalpha() and self.is_known(word[:length]):
                return self._pseudonyms.word(word[:length]) + self._rest(word[length:])
        for length in lengths if self._others or folded[-SHORTEST_INSIDE:] in self._ends else ():
            if word[-length:].isalpha() and self.is_known(word[-length:]):
                return self._rest(word[:-length]) + self._pseudonyms.word(word[-length:])
        return word

    def _rest(self, part: str) -> str:
        """What is left of a compound: a name by itself, another compound, or nobody's."""
        known = len(part) >= SHORTEST_INSIDE and self.is_known(part)
        return self._pseudonyms.word(part) if known else self._compound(part)

    def _run(self, run: str) -> str:
        """Known names inside a run of letters that are written without blanks, the longest first."""
        pieces: list[str] = []
        at = 0
        while at < len(run):
            lengths = range(min(LONGEST_NAME, len(run) - at), 1, -1)
            length = next((one for one in lengths if _UNSPACED.match(run, at) and self.is_known(run[at : at + one])), 0)
            part = run[at : at + max(1, length)]
            pieces.append(self._pseudonyms.word(part) if length else part)
            at += len(part)
        return "".join(pieces)

    def is_known(self, word: str) -> bool:
        """Whether the word is a person's."""
        if len(word) == 2 and not _UNSPACED.match(word):
            return word in self._words or (bool(self._others) and _short_name(word) and self._is_other(word))
        folded = word.casefold()
        return folded in self._words or (bool(self._others) and self._is_other(folded))

    def _is_other(self, word: str) -> bool:
        return self._pseudonyms.word(word) in self._others


def _short_name(word: str) -> bool:
    """Two letters are a name where they are written as one: Bo is, bo and BO are not."""
    cased = word.lower() != word.upper()
    return word.isalpha() and (not cased or word.istitle()) and word.lower() not in _NO_SHORT_NAMES


def _split(
    text: str, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str], rest: Callable[[str], str]
) -> str:
    pieces, at = [], 0
    for found in pattern.finditer(text):
        pieces += [rest(text[at : found.start()]), change(found)]
        at = found.end()
    return "".join([*pieces, rest(text[at:])])
