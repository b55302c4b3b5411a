"""Several answers to one record: each is appended once, in order, and nothing else is touched (sync-semantics.md)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from leadproof.integration import Mapping as FieldTerms
from leadproof.oracle.agreement import Agreement
from leadproof.oracle.histories import Histories
from leadproof.oracle.links import Link, Links
from leadproof.oracle.matching import Matching
from leadproof.oracle.standing import SideName, other
from leadproof.oracle.timelines import Edit, Life
from leadproof.oracle.violations import Spot, Violation
from leadterms.fieldtypes import length_limit

_MARK = re.compile(r"^\[(?P<time>[^\]\n#]*?)\s*#(?P<id>[^\]\n]+)\] ", re.MULTILINE)
BECAUSE = "answers: append: each answer is appended once, in its order, as [time #id] text"
AROUND = 42
"""Characters that an answer takes besides its words: `[time #id] ` and a line's end."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One answer as the connector appended it."""

    n: int
    id: str
    text: str


class Answers:
    """Judges the mappings that keep several answers."""

    def __init__(self, agreement: Agreement, histories: Histories, links: Links, matching: Matching) -> None:
        self._agreement = agreement
        self._histories = histories
        self._links = links
        self._matching = matching
        self._submitted = self._submissions()
        self.judged = 0

    def judge(self, link: Link) -> Iterator[Violation]:
        """The appended fields of one standing link."""
        for name, terms in self._agreement.appended.get(link.crm_end.object, {}).items():
            side: SideName = "crm" if terms.direction == "to_crm" else "marketing"
            exchange = self._agreement.exchange(link.crm_end.object, terms)
            if exchange is None:
                continue
            target = exchange.spec(side)
            place = Spot(side, target.object, link.end(side).id, target.id)
            delivered: list[Delivery] = []
            for edit in self._own_edits(link, side, name):
                part = _added(*edit.fields[self._field(link, edit, side, name)])
                if part is None:
                    yield self._wrong(link, place, "text appended", "the text before was changed", BECAUSE)
                    continue
                delivered += _deliveries(edit.n, part)
            given = self._given(link, other(side), name)
            for text in self._got_by_earlier(link, side, name):
                if text in given:
                    given.remove(text)
            self.judged += len(given)
            held = link.end(side).values.get(target.id)
            room = length_limit(target) - len(str(held or ""))
            yield from self._missing(link, place, given, delivered, room)

    def _missing(
        self, link: Link, place: Spot, given: list[str], delivered: list[Delivery], room: int
    ) -> Iterator[Violation]:
        for id, times in Counter(one.id for one in delivered).items():
            if times > 1:
                yield self._wrong(link, place, f"#{id} once", f"{times} times", BECAUSE)
        texts = [one.text for one in delivered]
        wanted, found = Counter(given), Counter(texts)
        due = sum(len(text) + AROUND for text in (wanted - found).elements()) < room
        for text in dict.fromkeys(given):
            if found[text] < wanted[text] and due:
                expected = f"{text!r} {wanted[text]} times" if wanted[text] > 1 else f"{text!r}"
                yield self._wrong(link, place, expected, f"{found[text]} times", BECAUSE)
        for text in dict.fromkeys(texts):
            if found[text] > wanted[text]:
                allowed = f"{wanted[text]} times" if wanted[text] else "nothing like it"
                yield self._wrong(link, place, allowed, f"{text!r} {found[text]} times", BECAUSE)
        if wanted == found and texts != given:
            yield self._wrong(link, place, " then ".join(given), " then ".join(texts), BECAUSE)

    def _got_by_earlier(self, link: Link, side: SideName, name: str) -> list[str]:
        """What partners of before got of the source's answers: delivered is delivered, and nothing is added anew."""
        source = link.begin(other(side))
        earlier = [
            one
            for one in self._links.of(other(side), source)
            if one is not link and one.end(side) is not link.end(side) and (one.opened or 0) < (link.opened or 0)
        ]
        edits = [(one, edit) for one in earlier for edit in self._own_edits(one, side, name)]
        parts = [(edit.n, _added(*edit.fields[self._field(one, edit, side, name)])) for one, edit in edits]
        return [delivery.text for n, part in parts if part is not None for delivery in _deliveries(n, part)]

    def _own_edits(self, link: Link, side: SideName, name: str) -> list[Edit]:
        edits = []
        for _, life in self._chain(link, side):
            field = self._field_of(life, side, name)
            edits += [edit for edit in life.edits if edit.own and field in edit.fields]
        return sorted(edits, key=lambda edit: edit.n)

    def _chain(self, link: Link, side: SideName) -> list[tuple[int, Life]]:
        succession = self._links.crm if side == "crm" else self._links.marketing
        return succession.chain(link.begin(side))

    def _field(self, link: Link, edit: Edit, side: SideName, name: str) -> str:
        for _, life in self._chain(link, side):
            field = self._field_of(life, side, name)
            if field in edit.fields and edit in life.edits:
                return field
        return name

    def _field_of(self, life: Life, side: SideName, name: str) -> str:
        if side == "marketing":
            return name
        terms: FieldTerms | None = self._agreement.appended.get(life.object, {}).get(name)
        return terms.crm_field if terms is not None else ""

    # --- what was answered --------------------------------------------------------------------------------------

    def _submissions(self) -> dict[str, list[tuple[int, int | None, dict[str, str]]]]:
        """Prospect id -> its form answers: where, by which request, field -> text."""
        found: dict[str, list[tuple[int, int | None, dict[str, str]]]] = {}
        for life in self._histories.marketing.lives.of("submission").values():
            raw = str(life.values.get("answers") or "{}")
            kept = json.loads(raw)
            answers = kept.get("answers", kept) if isinstance(kept, dict) else {}
            person = str(life.values.get("prospect") or "")
            found.setdefault(person, []).append((life.born.n, life.born.request, answers))
        return found

    def _given(self, link: Link, side: SideName, name: str) -> list[str]:
        """Every answer of the source, oldest first: a form answer, or an edit that no form made."""
        given: list[tuple[int, str]] = []
        for _, life in self._chain(link, side):
            field = self._field_of(life, side, name)
            submitted = self._submitted.get(life.id, []) if side == "marketing" else []
            requests = {request for _, request, answers in submitted if field in answers}
            given += [(n, answers[field]) for n, _, answers in submitted if field in answers]
            for edit in life.edits:
                after = edit.fields.get(field, (None, None))[1]
                by_form = edit.request is not None and edit.request in requests
                if after and not edit.own and not by_form and edit.op in ("create", "update", "upsert"):
                    given.append((edit.n, str(after)))
        return [text.strip() for _, text in sorted(given) if text.strip()]

    def _wrong(self, link: Link, place: Spot, expected: str, found: str, because: str) -> Violation:
        person = self._matching.name("marketing", link.marketing_end)
        return Violation("oracle.answers", person, place, expected, found, because)


def _added(before: object, after: object) -> str | None:
    """What a write appended to a text; None when it did not leave the rest alone."""
    old, new = str(before or "").rstrip(), str(after or "")
    return new[len(old) :] if new.startswith(old) else None


def _deliveries(n: int, text: str) -> list[Delivery]:
    """The answers in an appended piece of text."""
    marks = list(_MARK.finditer(text.lstrip("\n")))
    body = text.lstrip("\n")
    ends = [mark.start() for mark in marks[1:]] + [len(body)]
    return [Delivery(n, mark["id"], body[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=True)]
