"""What follows from a refused row: the finding, and whether it is tried again.

sync-semantics.md "Cycles": failed records are retried by policy; others go on.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from leadproof.connector.cycle import Cycle, Marks, Visit, describe_refusal
from leadproof.connector.kinds import Kind
from leadproof.connector.set_aside import Policy
from leadproof.connector.value_table import Side
from leadproof.findings import UnknownCode, entry
from leadproof.systems.ports import Refusal, Write

Next: TypeAlias = Literal["again", "without", "aside"]
"""`again`: read both records anew and decide once more; `without`: leave out the refused field."""

_CODES: dict[str, tuple[str, Policy]] = {
    "invalid": ("REF701", "on_change"),
    "duplicate": ("DUP402", "on_change"),
    "locked": ("REF703", "soon"),
    "conflict": ("REF706", "soon"),
    "gone": ("REF705", "few"),
    "permission": ("CON111", "few"),
    "fault": ("CYC604", "soon"),
}


def after_refusal(
    cycle: Cycle, kind: Kind, visit: Visit, side: Side, write: Write, refusal: Refusal, *, last: bool, marks: Marks
) -> Next:
    """Decide what to do about one refused row. `last`: no further try in this cycle."""
    if refusal.kind in ("conflict", "gone") and not last:
        return "again"
    if refusal.kind == "invalid" and refusal.field in write.values and not last:
        barred = [twin for twin in kind.twins.get(_crm_object(visit, write), ()) if twin.spec(side).id == refusal.field]
        if barred:
            visit.barred.update(twin.id for twin in barred)
            _tell(cycle, visit, side, write, refusal, "REF701")
            set_refused_aside(kind, visit, "REF701", refusal, "on_change", marks)
            return "without"
    code, policy = _CODES[refusal.kind]
    if refusal.kind == "invalid" and refusal.field and refusal.field not in write.values:
        code = "MAP306" if _required(cycle, side, write, refusal.field) else code
    if refusal.kind == "fault" and _known(refusal.code):
        code = refusal.code
    _tell(cycle, visit, side, write, refusal, code)
    set_refused_aside(kind, visit, code, refusal, policy, marks)
    return "aside"


def policy_of(refusal: Refusal) -> Policy:
    """When a row that was refused so is tried again."""
    return _CODES[refusal.kind][1]


def unknown_outcome(kind: Kind, visit: Visit, refusal: Refusal | None, marks: Marks) -> None:
    """The answer was lost and the system could not be asked: the intent stays open for the next cycle."""
    text = "The answer was lost; the next cycle asks what became of the write."
    visit.troubled = True
    code = refusal.code if refusal is not None and _known(refusal.code) else "CYC604"
    marks.set_aside(kind, visit.source, visit.asking, code, text, "each_cycle")


def set_refused_aside(kind: Kind, visit: Visit, code: str, refusal: Refusal, policy: Policy, marks: Marks) -> None:
    visit.troubled = True
    marks.set_aside(kind, visit.source, visit.asking, code, describe_refusal(refusal), policy)


def _tell(cycle: Cycle, visit: Visit, side: Side, write: Write, refusal: Refusal, code: str) -> None:
    place = cycle.at(visit.source, visit.asking)
    target = cycle.system(side).name
    cycle.find(
        code,
        f"{target} refused to {write.op} {write.object} {write.id or ''} for {visit.asking.object} "
        f"{visit.asking.id}: {describe_refusal(refusal)}".replace("  ", " "),
        place,
    )


def _crm_object(visit: Visit, write: Write) -> str:
    return visit.crm.object if visit.crm is not None else write.object


def _required(cycle: Cycle, side: Side, write: Write, field: str) -> bool:
    schema = cycle.schemas.crm if side == "crm" else cycle.schemas.marketing
    spec = schema[write.object].fields.get(field)
    return spec is not None and spec.required


def _known(code: str) -> bool:
    try:
        entry(code)
    except UnknownCode:
        return False
    return True
