"""Two people who were taken for one: linked by a key that they share, while another key says that they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.subject import lives, people_of
from leadproof.findings import Evidence, find
from leadproof.oracle.agreement import key_text
from leadproof.oracle.links import Link
from leadproof.oracle.standing import SideName
from leadproof.oracle.timelines import Life, typed
from leadproof.scenario.registry import Check
from leadterms.fields import FieldSpec

EMAIL = "email"
"""What the field that says best who somebody is is called on both sides, whatever its case."""
SIDES: tuple[SideName, SideName] = ("crm", "marketing")


def look_at_matches(case: Case) -> Iterator[Cause]:
    """Links of the check's people (of a check that names nobody: all links) that join two people."""
    if not isinstance(case.step, Check):
        return
    people = people_of(case)
    links: list[Link] = []
    for person in people:
        for side in SIDES:
            found = [case.link_of(side, life) for life in lives(case, side, person)]
            links += [one for one in found if one is not None and one not in links]
    for link in links if people else list(case.links):
        cause = _joined(case, link)
        if cause is not None:
            yield cause
            return


def _joined(case: Case, link: Link) -> Cause | None:
    """The cause, where the records stood on both sides before they were linked, and say that they are two people."""
    if link.opened is None or link.made is not None:
        return None
    cycle = case.histories.cycle_of(link.opened)
    n = cycle.start if cycle is not None else link.opened - 1
    differing = ""
    for name, here, there in _keys(case, link):
        mine, theirs = _text(here, link.crm, n), _text(there, link.marketing, n)
        if mine is None or theirs is None:
            continue
        if mine == theirs and name in case.integration.people.match:
            return _cause(case, link, f"{name} {mine}", differing) if differing else None
        differing = differing or (f"{mine} and {theirs}" if mine != theirs else "")
    return None


def _cause(case: Case, link: Link, shared: str, differing: str) -> Cause:
    match = ", ".join(case.integration.people.match)
    text = (
        f"{link.crm.object} {link.crm.id} and {link.marketing.object} {link.marketing.id} are linked, for people are "
        f"matched by {match} and they share {shared}; they are two people ({differing})."
    )
    places = [
        case.integration.place("people", "match"),
        case.at("crm", link.crm.object, link.crm.id),
        case.at("marketing", link.marketing.object, link.marketing.id),
    ]
    proof = Evidence(f"linked, though {differing} differ", case.org("marketing"), link.opened)
    return Cause(find("DUP411", text, places=places, evidence=[proof]), Proof.PROVED)


def _keys(case: Case, link: Link) -> list[tuple[str, FieldSpec, FieldSpec]]:
    """The fields that say who somebody is, what says most first: the e-mail address, if people are matched by something
    else, and the match keys in their order. By marketing's name, with both sides' definitions."""
    match: Sequence[str] = case.integration.people.match
    found = []
    for mapping in case.integration.mappings(link.crm.object):
        here = case.agreement.spec("crm", link.crm.object, mapping.crm_field)
        there = case.agreement.spec("marketing", link.marketing.object, str(mapping.marketing_field))
        if here is None or there is None:
            continue
        if there.id in match or {here.id.casefold(), there.id.casefold()} == {EMAIL}:
            found.append((there.id, here, there))
    return sorted(found, key=lambda one: match.index(one[0]) if one[0] in match else -1)


def _text(spec: FieldSpec, life: Life, n: int) -> str | None:
    return key_text(typed(spec, life.at(spec.id, n)))
