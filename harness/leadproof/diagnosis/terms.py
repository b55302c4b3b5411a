"""C5: which rule of the integration gave another value than the check wants.

Counterfactual: the row is decided again by the oracle's law with one setting changed at a time. A setting with which
the check would hold is a cause; the settings that somebody wrote down, and not as usual, come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.fields import mapping_of
from leadproof.diagnosis.subject import Wanted, wanted
from leadproof.findings import Evidence, Finding, find
from leadproof.findings.patches import replaced, where
from leadproof.integration import Integration, Mapping
from leadproof.oracle.agreement import Agreement
from leadproof.oracle.links import Link
from leadproof.oracle.values import Values, text_of
from leadterms.refusals import Place

SETTINGS: dict[str, tuple[str, tuple[object, ...], str]] = {
    "master": ("OWN310", ("crm", "marketing", "latest"), "Edits of the side that is master now will be changed back."),
    "overwrite": (
        "OWN311",
        ("if_blank", "never", "always"),
        "Edits of the replica will end otherwise in every record.",
    ),
    "direction": ("OWN313", ("both", "to_crm", "to_marketing"), "The field will travel where it did not."),
    "clears": ("OWN312", ("keep", "propagate"), "Emptied values will end otherwise in every record."),
    "sticky": ("OWN314", (True, False), "Consent will be decided by another rule in every record."),
    "only_on": ("OWN315", ("create", None), "The field will be decided by another rule after creation."),
}
"""Setting -> its code, the values it can have (the usual one first), and what changing it would break."""
USUALLY = {
    "sticky": (("hasoptedoutofemail", "opted_out", "donotcall", "do_not_call"), True),
    "only_on": (("leadsource", "source"), "create"),
}
"""Fields that have a rule of their own (sync-semantics.md "Consent", "Lead source"): without it the rule is missing."""
WRITTEN = 2
"""Up to here somebody wrote the setting, or forgot the usual one; what is as usual, and unwritten, only may be it."""
USUAL = {"master": "crm", "overwrite": "if_blank", "direction": "both", "clears": "keep"}


@dataclass(frozen=True)
class _Other:
    """One setting with another value, with which the check would hold. `odd`: how likely it is the mistake; less is
    likelier."""

    setting: str
    now: object
    then: object
    odd: int
    place: Place | None


def look_at_terms(case: Case) -> Iterator[Cause]:
    """The settings that made the value another one than the check wants, as long as the contract was kept."""
    broken = {(one.place.record, one.place.field) for one in case.violations}
    for want in wanted(case):
        link, mapping = case.link_of(want.side, want.life), mapping_of(case, want)
        if link is None or mapping is None or mapping.marketing_field is None:
            continue
        if (want.life.id, want.field) in broken or mapping.answers == "append":
            continue
        found = sorted(_others(case, want, link, mapping), key=lambda one: one.odd)
        for place, other in enumerate(found[:3]):
            proved = place == 0 and other.odd <= WRITTEN
            yield Cause(_finding(case, want, mapping, other), Proof.PROVED if proved else Proof.FITTING)


def _others(case: Case, want: Wanted, link: Link, mapping: Mapping) -> Iterator[_Other]:
    written = case.integration.fields[int(mapping.loc[1])]
    for setting, (_, values, _) in SETTINGS.items():
        now = getattr(mapping, setting)
        said = getattr(written, setting, None)
        default = getattr(case.integration.defaults, setting, None)
        for then in values:
            if then == now or not _holds(case, want, link, mapping, {setting: then}):
                continue
            place: Place | None
            if said is not None and now != (default if default is not None else False):
                odd, place = 0, mapping.place
            elif default is not None and said is None and default != USUAL.get(setting):
                odd, place = 1, case.integration.place("defaults")
            elif setting in USUALLY:
                usual = then == USUALLY[setting][1] and want.field.casefold() in USUALLY[setting][0]
                odd, place = 1 if usual else 4, mapping.place
            else:
                odd, place = 2 + (said is None), mapping.place
            yield _Other(setting, now, then, odd, place)
            break


def _holds(case: Case, want: Wanted, link: Link, mapping: Mapping, changed: dict[str, object]) -> bool:
    """Whether the check would hold, had the mapping said this."""
    other = Agreement(altered(case.integration, int(mapping.loc[1]), changed), case.histories)
    found = Values(other, case.histories, case.links, case.matching).ends_of(link, str(mapping.marketing_field))
    if found is None:
        return False
    return any(want.fits(end.of("crm" if want.side == "crm" else "marketing")) for end in found[1])


def altered(integration: Integration, number: int, changed: dict[str, object]) -> Integration:
    """The integration with one field mapping changed."""
    fields = list(integration.fields)
    fields[number] = fields[number].model_copy(update=changed)
    other = integration.model_copy(update={"fields": fields})
    other._resolved = {}
    return other


def _finding(case: Case, want: Wanted, mapping: Mapping, other: _Other) -> Finding:
    code, _, breaks = SETTINGS[other.setting]
    pair = f"{mapping.crm_field} <-> {mapping.marketing_field}"
    text = (
        f"{pair} says {other.setting}: {_said(other.now)}, so {case.org(want.side)} {want.life.object}.{want.field} "
        f"holds {text_of(want.held)}; with {other.setting}: {_said(other.then)} the check would hold."
    )
    there = f" at {where(other.place)}" if other.place is not None else ""
    fix = f"Write `{other.setting}: {_said(other.then)}` for {pair}{there}, or correct what the scenario expects."
    patch = None
    if other.now is not None and other.then is not None:
        patch = replaced(other.place, *(f"{other.setting}: {_said(one)}" for one in (other.now, other.then)))
    proof = [Evidence(f"the oracle's law, applied again to both histories with {other.setting}: {_said(other.then)}")]
    proof += [
        Evidence(
            f"{edit.user or 'a visitor'} set {want.field} to {text_of_plain(edit.fields[want.field][1])}",
            case.org(want.side),
            edit.n,
        )
        for edit in want.life.edits[-6:]
        if want.field in edit.fields
    ]
    at = case.at(want.side, want.life.object, want.life.id, want.field)
    return find(code, text, places=[other.place, at], evidence=proof, fix=fix, patch=patch, breaks=breaks)


def text_of_plain(value: object) -> str:
    """A journalled value as a person reads it."""
    return "nothing" if value in (None, "") else str(value)


def _said(value: object) -> str:
    if value is None:
        return "(nothing)"
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
