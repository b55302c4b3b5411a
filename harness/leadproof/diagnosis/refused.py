"""C4, from the outside: a row that a system refused, in the words of the person who has to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from leadproof.diagnosis.calls import Call, Refusal
from leadproof.diagnosis.case import Case
from leadproof.findings import At, Finding, UnknownCode, entry, find
from leadproof.integration import Mapping
from leadproof.oracle.histories import FOREVER
from leadproof.oracle.standing import SideName
from leadproof.oracle.timelines import Life

if TYPE_CHECKING:
    from leadproof.scenario.registry import Step
    from leadproof.scenario.stage import Stage
    from leadterms.refusals import Place

_CODE = re.compile(r"\[(REF7\d\d)\]")
_RULES = {"REF720": "MAP303", "REF721": "MAP305", "REF722": "MAP312", "REF723": "MAP312", "REF724": "MAP304"}
"""What a field's own rule refused (leadterms.refusals.RULE_CODES) -> what that means for a mapping."""
_FIELD = re.compile(r"\b([A-Za-z]\w*)\.([A-Za-z]\w*)\b")
_DEFINED = (("has no choice", "MAP304"), ("characters; this value has", "MAP305"), ("digits after the point", "MAP312"))
"""How a field's own definition refuses a value that the step did not say: it was brought there by a mapping."""
_WORDS = (
    ("required", "MAP306"),
    *((word, "MAP307") for word in ("read-only", "read only", "not writable", "filled by the system")),
)
PASSING = ("REF703", "REF706", "NET109", "NET105", "NET106", "NET107")
_KINDS = {"duplicate": "DUP402", "locked": "REF703", "permission": "CON111"}


def code_of(refusal: Refusal) -> str:
    """The finding that a refusal is."""
    if refusal.kind in _KINDS:
        return _KINDS[refusal.kind]
    if refusal.code in _RULES:
        return _RULES[refusal.code]
    for word, code in _WORDS:
        if word in refusal.text.casefold():
            return code
    try:
        return entry(refusal.code).code
    except UnknownCode:
        return "REF701"


def finding_of(case: Case, refusal: Refusal) -> Finding:
    """A refused row as a cause, at the field that it was about and at the mapping that fills it."""
    side = "crm" if refusal.call.org == case.org("crm") else "marketing"
    object = str(refusal.item.get("object") or "")
    fields = [field for field in [refusal.field, *_named(refusal)] if field]
    place = next((one.place for field in fields for one in mappings_of(case, side, object, field)), None)
    what = " ".join(str(refusal.item.get(key)) for key in ("op", "object", "id") if refusal.item.get(key))
    text = f"{refusal.call.org} refused to {what or 'write'}: {refusal.text.rstrip('.')} [{refusal.code}]."
    at = case.at(side, object, refusal.id, fields[0] if fields else "")
    return find(code_of(refusal), text, places=[place, at], evidence=[refusal.evidence()])


def refused_step(stage: Stage, step: Step, failure: Finding) -> Iterator[Finding]:
    """A step of the scenario's own that a system refused: its refusal by its own name, and the key that it lacked."""
    told = _CODE.search(failure.cause)
    code = told[1] if told is not None else failure.code if failure.code == "REF701" else ""
    if code:
        brought = list(_brought(stage, step, failure))
        # A vendor's words alone say little: an argument of a call is "required" too. A field that is mapped, or our own
        # code in the text, says that a record was refused.
        words = (*(_WORDS if told or brought else ()), *(_DEFINED if brought else ()))
        kind = {"REF702": "DUP402"}.get(code) or next((kind for word, kind in words if word in failure.cause), "")
        places = (*brought, *failure.places)
        yield find(kind or _RULES.get(code, code), failure.cause, places=places, evidence=failure.evidence)
    for connected in stage.connections.values():
        match = connected.integration.people.match
        if "needs 'email'" in failure.cause and "email" not in match:
            text = f"People are matched by {', '.join(match)}, so the step entered that and no e-mail address."
            yield find("DUP411", text, places=[connected.integration.place("people", "match")])


def _brought(stage: Stage, step: Step, failure: Finding) -> Iterator[Place | At]:
    """The mapping of the field that was refused, and the field, where the step itself said no value for it."""
    entered = getattr(step, "values", None) or {}
    for object, field in _FIELD.findall(failure.cause):
        for connected in stage.connections.values():
            integration, crm = connected.integration, object in connected.integration.people.crm
            for mapping in integration.mappings(object if crm else integration.people.crm[0]):
                mine = mapping.crm_field if crm else mapping.marketing_field
                known = crm or object == integration.people.marketing
                if known and mine == field and field not in entered and mapping.marketing_field is not None:
                    side = "crm" if crm else "marketing"
                    if mapping.place is not None:
                        yield mapping.place
                    yield At(side, connected.system(side).name, object, "", field)
                    return


def _named(refusal: Refusal) -> Iterator[str]:
    """The fields of the row that the refusal's text names."""
    values = refusal.item.get("values")
    for field in values if isinstance(values, dict) else ():
        if field in refusal.text:
            yield field


def mappings_of(case: Case, side: str, object: str, field: str) -> Iterator[Mapping]:
    """The mappings that write a field; on the marketing side those of every CRM object."""
    objects = [object] if side == "crm" else case.integration.people.crm
    for one in objects:
        for mapping in case.integration.mappings(one):
            if field == (mapping.crm_field if side == "crm" else mapping.marketing_field):
                yield mapping


def for_the_moment(refusal: Refusal) -> bool:
    """Whether the same row may be taken a moment later."""
    return refusal.code in PASSING or refusal.kind in ("locked", "fault", "conflict")


def standing(case: Case) -> list[Refusal]:
    """The refusals after which the same row was not taken: still a cause."""
    found = []
    refusals = case.calls.refusals()
    for one in refusals:
        later = [call for call in case.calls.all if call.n > one.call.n and call.org == one.call.org and call.writes]
        if not any(_took(call, one) for call in later):
            found.append(one)
    return found


def _took(call: Call, refusal: Refusal) -> bool:
    """Whether a later call wrote all the fields of the refused row."""
    wanted = refusal.item.get("values") or {}
    for item, result in zip(call.items, call.results, strict=False):
        same_record = item.get("id") == refusal.item.get("id") and item.get("object") == refusal.item.get("object")
        taken = result.get("outcome") != "refused" and same_record
        if taken and set(wanted) <= set(item.get("values") or {}) and (item.get("id") or item.get("values") == wanted):
            return True
    return False


def about(case: Case, refusal: Refusal, *lives: Life) -> bool:
    """Whether a refused row is about one of these records: it is it, names it, or holds its key."""
    values = refusal.item.get("values")
    held = {str(one).strip().casefold() for one in (values.values() if isinstance(values, dict) else ()) if one}
    held |= {str(refusal.item.get("id") or "").casefold()}
    for life in lives:
        side: SideName = "marketing" if life.object == case.agreement.marketing_object else "crm"
        keys = case.agreement.keys_at(side, life, FOREVER)
        if life.id.casefold() in held or any(text in held for _, text in keys):
            return True
    return False
