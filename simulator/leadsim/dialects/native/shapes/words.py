"""What all shapes are made of: values, pages, criteria, refusals, records."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

RAW = {"type": ["null", "boolean", "number", "string", "array"], "items": {"type": "string"}}
PLAIN = {"type": ["null", "boolean", "string", "array"], "items": {"type": "string"}}
RawValue = Annotated[Any, WithJsonSchema(RAW)]
PlainValue = Annotated[Any, WithJsonSchema(PLAIN)]
Values = Annotated[
    dict[str, RawValue],
    Field(description="Field id -> value. Text is read by the field's type; null or blank text empties the field."),
]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Side = Literal["crm", "marketing"]
LIMIT = 2000
BATCH = 200
KEY_LIMIT = 255
BIGGEST = 2**63 - 1


class Asked(BaseModel):
    """Something a client sends: a key that isn't known is refused, and text is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Parameters(BaseModel):
    """The query of an operation: text, read leniently; a name that isn't known is refused."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """Something the API answers; extra keys would be undocumented ones."""

    model_config = ConfigDict(extra="forbid")


class Problem(Told):
    """One thing that is wrong: with which field of which record, by which rule."""

    object: str | None
    id: str | None
    field: str | None
    value: Any
    rule: str
    message: str


class ErrorDetail(Told):
    """What was refused, why, and how to mend it. `definite`: it certainly was not applied."""

    code: str
    kind: Literal[
        "invalid", "duplicate", "locked", "permission", "gone", "conflict", "address", "login", "expired", "quota",
        "not_simulated", "fault",
    ]  # fmt: skip
    message: str
    fix: str
    definite: bool
    problems: list[Problem]
    matches: list[str]


class Error(Told):
    """The body of every refusal."""

    error: ErrorDetail


class Record(Told):
    """A record. `values` holds the fields that aren't blank."""

    object: str
    id: str
    version: int
    created_at: Moment
    created_by: str
    modified_at: Moment
    modified_by: str
    deleted: bool
    merged_into: str | None
    values: dict[str, PlainValue]


class Fields(Parameters):
    """Which fields to answer."""

    fields: str | None = Field(None, description="Field ids, separated by commas; all by default.")


class PageParameters(Parameters):
    """Where in a feed to read."""

    since: str | None = Field(None, description="The `next` of the page before; from the beginning if absent.")
    limit: int = Field(LIMIT, ge=1, le=LIMIT)


class CursorParameters(Parameters):
    """Which page to read."""

    cursor: str | None = Field(None, description="The `next` of the page before.")
    limit: int = Field(LIMIT, ge=1, le=LIMIT)


CriteriaRow = Annotated[
    list[Any],
    Field(min_length=2, max_length=3),
    WithJsonSchema({"type": "array", "items": {}, "minItems": 2, "maxItems": 3}),
]


class Criteria(Asked):
    """Rows of (field, operator, value), joined by logic such as "1 AND (2 OR 3)"; by AND if absent."""

    rows: list[CriteriaRow]
    logic: str | None = None


class CriteriaTold(Told):
    """Criteria as they were written."""

    rows: list[list[Any]]
    logic: str | None = None
