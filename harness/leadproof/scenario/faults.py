"""A fault as a scenario writes it, in its head or in a step (formats.md "Scenario", product.md H8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Operation = Literal[
    "create", "update", "upsert", "delete", "batch", "query", "changes", "read", "token", "members", "any"
]
Kind = Literal[
    "status", "delay", "lost_after_apply", "partial", "row_lock", "token_expired", "stale_read", "reset", "truncated",
    "refused", "timeout",
]  # fmt: skip


class Fault(BaseModel):
    """Something that goes wrong: the `nth` call of an operation, `times` times. The sandbox has the last word on
    what fits together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: str = Field(min_length=1, description="The org where it happens, or crm or marketing for all of that kind.")
    operation: Operation = Field(default="any", description="Which calls.")
    kind: Kind = Field(description="What goes wrong.")
    object: str = Field(default="", description="Only calls about this object.")
    nth: int = Field(default=1, ge=1, description="From the how-manieth such call.")
    times: Literal["always"] | int = Field(default=1, description="How often, or always.")
    probability: str = Field(default="", description="How likely, from 0 to 1, instead of counting.")
    status: int | None = Field(default=None, description="For `status`: the HTTP status that is answered.")
    retry_after: int | None = Field(default=None, ge=0, description="Seconds that the answer asks to wait.")
    seconds: int | None = Field(default=None, ge=0, description="For `delay`: how long, on the sandbox's clock.")
    rows: int | list[int] | None = Field(
        default=None, description="For `partial` and `row_lock`: how many rows of a batch, or which, from 0."
    )
    after_apply: bool | None = Field(
        default=None, description="For `reset` and `timeout`: whether the call is applied before its answer is lost."
    )

    def told(self) -> Mapping[str, Any]:
        """What the file says, as `/_lab/faults` takes it."""
        return self.model_dump(exclude_unset=True, include=set(Fault.model_fields))
