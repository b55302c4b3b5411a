"""Which side changed a field later (`master: latest`).

sync-semantics.md: change time = field history where the vendor has it, else the record's last change not made by
the connector's user; equal at the coarser clock's resolution: the CRM.
"""

from __future__ import annotations

from datetime import UTC, datetime

from leadproof.connector.cycle import Cycle, Visit
from leadproof.connector.kinds import Twin
from leadproof.connector.value_table import Side
from leadproof.systems.ports import Capability, Record

_NEVER = datetime.min.replace(tzinfo=UTC)


def later_side(cycle: Cycle, visit: Visit, twin: Twin) -> Side:
    """The side whose value was entered later by somebody other than the connector."""
    crm, marketing = visit.crm, visit.marketing
    assert crm is not None
    assert marketing is not None
    ours = _changed_at(cycle, "crm", crm, twin)
    theirs = _changed_at(cycle, "marketing", marketing, twin)
    return "marketing" if theirs > ours else "crm"


def _changed_at(cycle: Cycle, side: Side, record: Record, twin: Twin) -> datetime:
    connector = cycle.connector_users[side]
    system = cycle.system(side)
    if Capability.HISTORY in system.can:
        field = twin.spec(side).id
        times = [
            change.at
            for change in system.history(record.object, record.id)
            if change.field == field and change.user != connector
        ]
        return _whole_second(times[-1]) if times else _NEVER
    return _NEVER if record.modified_by == connector else _whole_second(record.modified)


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
