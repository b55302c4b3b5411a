"""What would notice a mistake that survived: what a scenario has to do, and the shipped one that does it.

A mistake shows only where something is done that it spoils: a rule that takes nobody needs a lead that it is meant
for, a cursor that skips a row needs a second page. The table is the answer to "and now?" of `leadproof mutate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from leadproof.mutation.kind import Kind
from leadproof.mutation.notices import TABLE


@dataclass(frozen=True, slots=True)
class Notice:
    """`does`: what a scenario has to do, its check last; `shown_by`: the shipped scenario (of the checklist) that
    does it; "" where none was looked for."""

    does: str
    shown_by: str


NOTICES: Mapping[str, Notice] = MappingProxyType(
    {name: Notice(does, shown_by) for does, shown_by, names in TABLE for name in names.split()}
)
"""By the kind of mistake."""


def notice_of(kind: Kind) -> Notice:
    """What would notice it; of a kind that is held out, the check that it names itself."""
    return NOTICES.get(kind.name) or Notice(kind.check, "")
