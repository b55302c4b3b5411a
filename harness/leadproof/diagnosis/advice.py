"""What to do about a field that ended wrong: which fields, at which line, and what to write if it was meant so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingOf
from types import MappingProxyType

from leadproof.diagnosis.case import Case
from leadproof.findings import entry
from leadproof.findings.patches import where
from leadproof.integration import Mapping
from leadproof.oracle import Violation

MOST_FIELDS = 3
OTHERWISE: MappingOf[str, tuple[str, str]] = MappingProxyType(
    {
        "OWN304": ("is to be cleared with its partner", "clears: propagate"),
        "OWN330": ("is to stay blank", "overwrite: never"),
        "OWN331": ("is to be filled", "overwrite: if_blank"),
        "OWN332": ("is to stay when its partner is cleared", "clears: keep"),
        "OWN333": ("is to be filled only while it is blank", "overwrite: if_blank"),
        "OWN336": ("is to be written", "direction: both"),
        "OWN337": ("may be overwritten by its partner", "overwrite: always"),
    }
)
"""Finding -> what somebody may have meant instead, and how the integration says it."""


def mapping_of(case: Case, violation: Violation) -> Mapping | None:
    """The mapping of the field that ended wrong, in the file's order the first."""
    place = violation.place
    for object in case.integration.people.crm:
        if place.object not in (object, case.agreement.marketing_object):
            continue
        for mapping in case.integration.mappings(object):
            if place.field == (mapping.crm_field if place.system == "crm" else mapping.marketing_field):
                return mapping
    return None


def advice(case: Case, code: str, found: Sequence[Violation]) -> str:
    """The catalogue's fix with the fields that it is about; "" where no mapping is."""
    pairs = list(dict.fromkeys(_pairs(case, found)))
    if not pairs:
        return ""
    more = f" and {len(pairs) - MOST_FIELDS} more" if len(pairs) > MOST_FIELDS else ""
    text = f"{entry(code).fix.rstrip('.')}: {', '.join(told for told, _ in pairs[:MOST_FIELDS])}{more}."
    if code not in OTHERWISE:
        return text
    meant, setting = OTHERWISE[code]
    which = pairs[0][1] if len(pairs) == 1 else "such a field"
    return f"{text} If {which} {meant}, write `{setting}` there."


def _pairs(case: Case, found: Sequence[Violation]) -> Iterator[tuple[str, str]]:
    """`prospect.job_title into Lead.Title (leadproof.yaml:21)`, and the field that is written."""
    for violation in found:
        mapping = mapping_of(case, violation)
        if mapping is None or mapping.marketing_field is None:
            continue
        crm = f"{mapping.crm_object}.{mapping.crm_field}"
        marketing = f"{case.agreement.marketing_object}.{mapping.marketing_field}"
        source, target = (marketing, crm) if violation.place.system == "crm" else (crm, marketing)
        line = f" ({where(mapping.place)})" if mapping.place is not None else ""
        yield f"{source} into {target}{line}", target
