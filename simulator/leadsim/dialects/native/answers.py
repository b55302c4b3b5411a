"""Engine objects as the native API's JSON bytes. Records go out as the text they are stored as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from leadsim.dialects.native.errors import BAD_PARAMETER, NativeRefusal, detail, problem
from leadsim.engine.change import Saved
from leadsim.engine.records import Org
from leadsim.engine.refusals import Refused
from leadsim.engine.stored import Stored
from leadsim.gateway.messages import JSON, Answer

OUTCOME_STATUS = {"created": 201, "updated": 200, "unchanged": 200, "deleted": 204}


def record_json(record: Stored, only: frozenset[str] | None = None) -> dict[str, Any]:
    """A record's JSON, ready for orjson; `only`: the fields to tell."""
    if only is None:
        values: Any = orjson.Fragment(record.text)
    else:
        values = {field: value for field, value in record.plain.items() if field in only}
    return {
        "object": record.object,
        "id": record.id,
        "version": record.version,
        "created_at": record.created_text,
        "created_by": record.created_by,
        "modified_at": record.modified_text,
        "modified_by": record.modified_by,
        "deleted": record.deleted,
        "merged_into": record.merged_into,
        "values": values,
    }


def answer_record(status: int, record: Stored, only: frozenset[str] | None = None) -> Answer:
    """One record, with its version as the entity tag."""
    return Answer(
        status,
        orjson.dumps(record_json(record, only)),
        {"content-type": JSON, "etag": f'"{record.version}"'},
    )


def records_json(records: Iterable[Stored], only: frozenset[str] | None = None) -> list[dict[str, Any]]:
    """Many records."""
    return [record_json(record, only) for record in records]


def result_json(result: Saved | Refused) -> dict[str, Any]:
    """What became of one row of a batch."""
    if isinstance(result, Refused):
        return {"outcome": "refused", "id": None, "version": None, "record": None, "error": detail(result)}
    record = result.record
    return {
        "outcome": result.outcome,
        "id": record.id,
        "version": record.version,
        "record": record_json(record),
        "error": None,
    }


def only_fields(org: Org, object: str, names: Sequence[str] | None) -> frozenset[str] | None:
    """The fields to tell; refuses those that the object doesn't have, all of them at once."""
    spec = org.schema.get(object)
    if names is None:
        return None
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise NativeRefusal(
            BAD_PARAMETER,
            f"fields: {twice!r} stands twice",
            fix="Name each field once",
            problems=[problem("fields", "repeated", "stands twice", twice)],
        )
    unknown = [name for name in names if name not in spec.fields]
    if unknown:
        raise NativeRefusal(
            "REF701",
            f"{object} has no field {unknown[0]!r}",
            fix="Describe the object to see its fields; ids are meant, not labels",
            problems=[
                {**problem(name, "unknown_field", f"{object} has no field {name!r}", name), "object": object}
                for name in unknown
            ],
        )
    return frozenset(names)


def split_fields(text: str | None) -> list[str] | None:
    """`a,b` as a list; None where the parameter is absent."""
    return None if text is None else text.split(",")
