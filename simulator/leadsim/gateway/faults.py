"""Faults that mean something (product.md H8), switched on by operation, count or probability from the seed.

Where they act (architecture.md "The rules of the house", 7): `before` the dialect (a status, a delay, an expired
token, a refused connection), `after` it (an answer that is lost after it was applied), by `row` (partial success, a
row lock), or in what is `read` (a stale read). Lost answers are really lost on the wire, by the edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from leadsim.engine.chance import Stream

Kind: TypeAlias = Literal[
    "status", "delay", "lost_after_apply", "partial", "row_lock", "token_expired", "stale_read",
    "reset", "truncated", "refused", "timeout",
]  # fmt: skip
Operation: TypeAlias = Literal[
    "any", "create", "update", "upsert", "delete", "batch", "query", "changes", "read", "token", "members",
]  # fmt: skip
Chance = Annotated[float, Field(ge=0, le=1)]
ChanceText = Annotated[str, Field(pattern=r"^(0|1|0?\.[0-9]{1,9})$")]
"""A scenario's YAML is strings first."""
ROW_KINDS = frozenset({"partial", "row_lock"})
READS = frozenset({"query", "changes", "read", "members"})
WRITES = frozenset({"create", "update", "upsert", "delete", "batch"})
SIDES = ("crm", "marketing")
_AFTER_BY_DEFAULT = frozenset({"lost_after_apply", "truncated"})


# What only some kinds read: elsewhere it would be ignored.
_ONLY_OF = {"status": ("status",), "seconds": ("delay",), "rows": ("partial", "row_lock")}


class FaultSpec(BaseModel):
    """One fault as a scenario or `/_lab/faults` writes it (formats.md "Scenario")."""

    model_config = ConfigDict(extra="forbid", strict=True)

    at: str = Field(description="An org's name, or `crm` or `marketing` for every org of that kind.", min_length=1)
    operation: Operation = "any"
    object: str | None = Field(None, description="Only calls about this object.")
    nth: int = Field(1, ge=1, le=1_000_000, description="The first matching call that fails, counted from 1.")
    times: int | Literal["always"] = Field(1, description="How many matching calls fail, or `always`.")
    probability: Chance | ChanceText | None = Field(
        None, description="From the nth on, each matching call fails with this chance, drawn from the seed."
    )
    kind: Kind
    status: int | None = Field(None, ge=400, le=599, description="For `status`: what is answered; 503 by default.")
    retry_after: int | None = Field(None, ge=0, le=86_400, description="Seconds for a Retry-After header.")
    seconds: int | None = Field(None, ge=0, le=86_400, description="For `delay`: how long, on the sandbox's clock.")
    rows: int | list[int] | None = Field(
        None, description="For `partial` and `row_lock`: how many matching rows fail, or which (from 0); 1 by default."
    )
    after_apply: bool | None = Field(
        None, description="For `reset` and `timeout`: whether the call is applied before its answer is lost."
    )

    @model_validator(mode="after")
    def _fits(self) -> FaultSpec:
        if isinstance(self.times, int) and self.times < 1:
            raise ValueError("times must be 1 or more, or 'always'")
        if isinstance(self.rows, int) and self.rows < 1:
            raise ValueError("rows must be 1 or more, or a list of row numbers")
        if isinstance(self.rows, list) and any(row < 0 for row in self.rows):
            raise ValueError("row numbers count from 0")
        if self.kind == "refused" and self.after_apply:
            raise ValueError("a refused connection never applied anything")
        for key, kinds in _ONLY_OF.items():
            if getattr(self, key) is not None and self.kind not in kinds:
                raise ValueError(f"{key} says nothing about {self.kind}; it goes with {' and '.join(kinds)}")
        return self


@dataclass(frozen=True, slots=True)
class Target:
    """What a call is about: an operation on an object, and the row of a batch (None: the call as a whole)."""

    operation: str
    object: str | None = None
    row: int | None = None


@dataclass(slots=True)
class Fault:
    """A fault that is switched on, and what it has counted."""

    id: int
    spec: FaultSpec
    seen: int = 0
    fired: int = 0

    def rows(self, targets: Iterable[Target]) -> list[int]:
        """The rows of a batch that fail, of those that match."""
        matching = [target.row for target in targets if target.row is not None and self._fits(target)]
        wanted = self.spec.rows if self.spec.rows is not None else 1
        if isinstance(wanted, int):
            return matching[:wanted]
        return [row for row in matching if row in wanted]

    def _fits(self, target: Target) -> bool:
        spec = self.spec
        if spec.object is not None and spec.object != target.object:
            return False
        return spec.operation in ("any", "batch", target.operation)

    def about(self, org: str, side: str, targets: Sequence[Target]) -> bool:
        """Whether a call is one that this fault counts."""
        spec = self.spec
        if spec.at not in (org, side):
            return False
        if spec.kind in ROW_KINDS:
            return any(target.row is not None and self._fits(target) for target in targets)
        if spec.kind == "stale_read" and targets[0].operation not in READS:
            return False
        if spec.kind == "token_expired" and targets[0].operation == "token":
            return False
        return any(self._matches(target) for target in targets)

    def _matches(self, target: Target) -> bool:
        spec = self.spec
        if spec.object is not None and spec.object != target.object:
            return False
        return spec.operation in ("any", target.operation)

    def falls_due(self, draw: Stream) -> bool:
        """Count one matching call; whether it fails."""
        self.seen += 1
        spec = self.spec
        if self.seen < spec.nth or (spec.times != "always" and self.fired >= spec.times):
            return False
        if spec.probability is not None and draw.fraction() >= float(spec.probability):
            return False
        self.fired += 1
        return True

    @property
    def applies_first(self) -> bool:
        """Whether the call is applied before its answer is lost."""
        after = self.spec.after_apply
        return self.spec.kind in _AFTER_BY_DEFAULT if after is None else after

    def to_json(self) -> dict[str, Any]:
        """As `/_lab/faults` lists it."""
        return {"id": self.id, "seen": self.seen, "fired": self.fired, **self.spec.model_dump(exclude_none=True)}


@dataclass(slots=True)
class Fired:
    """The faults that fall due in one call, by where they act."""

    before: list[Fault] = field(default_factory=list)
    rows: list[Fault] = field(default_factory=list)
    after: list[Fault] = field(default_factory=list)
    reads: list[Fault] = field(default_factory=list)

    @property
    def stale(self) -> bool:
        """Whether what is read is old."""
        return bool(self.reads)


class Faults:
    """The faults of one world, in the order they were switched on."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._made = 0

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, spec: FaultSpec) -> Fault:
        """Switch a fault on."""
        self._made += 1
        fault = self._faults[self._made] = Fault(self._made, spec)
        return fault

    def remove(self, id: int) -> bool:
        """Switch one off; False when there is none of this id."""
        return self._faults.pop(id, None) is not None

    def clear(self) -> None:
        """Switch all off."""
        self._faults.clear()

    def all(self) -> list[Fault]:
        """What is switched on, spent ones too."""
        return list(self._faults.values())

    def due(self, org: str, side: str, targets: Sequence[Target], draw: Stream) -> Fired:
        """Count a call; what of it fails, and where."""
        fired = Fired()
        for fault in self._faults.values():
            if not fault.about(org, side, targets) or not fault.falls_due(draw):
                continue
            kind = fault.spec.kind
            if kind in ROW_KINDS:
                fired.rows.append(fault)
            elif kind == "stale_read":
                fired.reads.append(fault)
            elif fault.applies_first:
                fired.after.append(fault)
            else:
                fired.before.append(fault)
        return fired

    def state(self) -> Mapping[str, Any]:
        """For a snapshot."""
        return {"made": self._made, "faults": [(f.id, f.spec, f.seen, f.fired) for f in self._faults.values()]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Back to what `state` returned."""
        self._made = state["made"]
        self._faults = {id: Fault(id, spec, seen, fired) for id, spec, seen, fired in state["faults"]}
