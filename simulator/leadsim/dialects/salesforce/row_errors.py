"""The engine's refusal of one record as the vendor's errors: one literal row for each rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from leadsim.dialects.salesforce.catalog import SField, SObject
from leadsim.dialects.salesforce.errors import READ_ONLY, ApiError
from leadsim.dialects.salesforce.ids import SHORT
from leadsim.dialects.salesforce.view import View
from leadsim.engine.refusals import Problem, Refused

USE_EXISTING = "Use one of these records?"
ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"
NO_RIGHT = (
    "Unable to create/update fields: {names}. Please check the security settings of this field and verify that it is "
    "read/write for your profile or permission set."
)


def _too_long(field: SField, problem: Problem) -> ApiError:
    text = f"{field.label}: data value too large: {problem.value} (max length={field.length})"
    return ApiError("STRING_TOO_LONG", text, (field.name,))


def _choice(field: SField, problem: Problem) -> ApiError:
    text = f"{field.label}: bad value for restricted picklist field: {problem.value}"
    return ApiError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", text, (field.name,))


def _email(field: SField, problem: Problem) -> ApiError:
    return ApiError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {problem.value}", (field.name,))


def _range(field: SField, problem: Problem) -> ApiError:
    text = f"{field.label}: value outside of valid range on numeric field: {problem.value}"
    return ApiError("NUMBER_OUTSIDE_VALID_RANGE", text, (field.name,))


def _reference(field: SField, problem: Problem) -> ApiError:
    return ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,))


def _inactive(field: SField, problem: Problem) -> ApiError:
    text = f"operation performed with inactive user [{problem.value}] as owner of {problem.object.lower()}"
    return ApiError("INACTIVE_OWNER_OR_USER", text, (field.name,))


def _integrity(field: SField, problem: Problem) -> ApiError:
    return ApiError("FIELD_INTEGRITY_EXCEPTION", f"{field.label}: {problem.text}", (field.name,))


def _no_right(field: SField, problem: Problem) -> ApiError:
    return ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", NO_RIGHT.format(names=field.name), (field.name,))


# Rule of the engine -> the vendor's error. What is not here breaks the field's integrity.
RULES: Mapping[str, Callable[[SField, Problem], ApiError]] = {
    "length": _too_long,
    "choice": _choice,
    "email": _email,
    "range": _range,
    "scale": _range,
    "reference": _reference,
    "user": _reference,
    "inactive": _inactive,
    "read_only": _no_right,
}


def of_engine(refusal: Refused, object: SObject, view: View) -> list[ApiError]:
    """What the engine refuses about one record. A list, because one record may have several faults."""
    if refusal.problems:
        return _problems(refusal, object, view)
    if refusal.kind == "duplicate":
        return [duplicates(refusal, object, view)]
    if refusal.kind == "gone":
        return [gone(refusal)]
    if refusal.kind == "locked":
        ids = ", ".join(refusal.matches) or "1"
        return [
            ApiError("UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {ids}", ())
        ]
    if refusal.kind == "conflict":
        return [ApiError("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK, ())]
    if refusal.kind == "permission":
        return [ApiError("INSUFFICIENT_ACCESS_OR_READONLY", READ_ONLY, ())]
    return [ApiError("FIELD_INTEGRITY_EXCEPTION", refusal.text, ())]


def gone(refusal: Refused) -> ApiError:
    """A record that was converted, deleted, or never was."""
    if refusal.code == "REF708":
        return ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())
    if "doesn't exist" in refusal.text:
        return ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
    return ApiError("ENTITY_IS_DELETED", "entity is deleted", ())


def _problems(refusal: Refused, object: SObject, view: View) -> list[ApiError]:
    errors: list[ApiError] = []
    fields = object.by_engine
    # A value that can't be read leaves its field blank: what is wrong with it is said, not that it is missing.
    unfit = {one.field for one in refusal.problems if one.rule != "required"}
    missing = [
        fields[one.field].name
        for one in refusal.problems
        if one.rule == "required" and one.field is not None and one.field in fields and one.field not in unfit
    ]
    if missing:
        text = f"Required fields are missing: [{', '.join(missing)}]"
        errors.append(ApiError("REQUIRED_FIELD_MISSING", text, tuple(missing)))
    for problem in refusal.problems:
        field = fields.get(problem.field or "")
        if problem.rule == "required" and field is not None:
            continue
        if problem.rule == "unique":
            errors.append(_unique(refusal, field, problem))
        elif problem.rule.startswith("rule:"):
            names = (field.name,) if field is not None else ()
            errors.append(ApiError("FIELD_CUSTOM_VALIDATION_EXCEPTION", problem.text, names))
        elif field is None:
            errors.append(ApiError("FIELD_INTEGRITY_EXCEPTION", problem.text, ()))
        else:
            errors.append(RULES.get(problem.rule, _integrity)(field, _in_words(problem, field, view)))
    return errors


def _in_words(problem: Problem, field: SField, view: View) -> Problem:
    """The problem with a user's id as clients know it."""
    if problem.rule != "inactive":
        return problem
    id = view.user_id(str(problem.value))
    return Problem(problem.object, problem.id, problem.field, id[:SHORT], problem.rule, problem.text)


def _unique(refusal: Refused, field: SField | None, problem: Problem) -> ApiError:
    other = refusal.matches[0][:SHORT] if refusal.matches else ""
    name = field.name if field is not None else problem.field
    return ApiError("DUPLICATE_VALUE", f"duplicate value found: {name} duplicates value on record with id: {other}", ())


def duplicates(refusal: Refused, object: SObject, view: View) -> ApiError:
    """What a duplicate rule found, with the records that stand in the way."""
    if object.name == "CampaignMember":
        return ApiError("DUPLICATE_VALUE", "Already a campaign member.", ())
    rule = _rule_name(refusal)
    by_type: dict[str, list[dict[str, Any]]] = {}
    for id in refusal.matches:
        record = view.by_id(id)
        kind = record.object.name if record is not None else object.name
        by_type.setdefault(kind, []).append(
            {
                "additionalInformation": [],
                "fieldDiffs": [],
                "matchConfidence": 100.0,
                "record": {"attributes": {"type": kind, "url": f"/services/data/v59.0/sobjects/{kind}/{id}"}, "Id": id},
            }
        )
    results = [
        {
            "entityType": kind,
            "errors": [],
            "matchEngine": "ExactMatchEngine",
            "matchRecords": records,
            "rule": rule,
            "size": len(records),
            "success": True,
        }
        for kind, records in sorted(by_type.items())
    ]
    result = {
        "allowSave": True,
        "duplicateRule": rule,
        "duplicateRuleEntityType": object.name,
        "errorMessage": USE_EXISTING,
        "matchResults": results,
    }
    return ApiError("DUPLICATES_DETECTED", USE_EXISTING, None, {"duplicateResult": result})


def _rule_name(refusal: Refused) -> str:
    """The engine's text names the rule in quotes."""
    parts = refusal.text.split("'")
    return parts[1].replace(" ", "_") if len(parts) > 2 else "Duplicate_Rule"
