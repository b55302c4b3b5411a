"""Points for what a prospect does, and whether it is qualified (product.md B2, E)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.engine.records import Org
    from leadsim.engine.settings import ScoringRule


def points_for(
    org: Org, activity: str, detail: str, prospect: Mapping[str, Value]
) -> tuple[Decimal, list[ScoringRule]]:
    """The points of all rules that an activity fits, and those rules."""
    rules = [
        rule
        for rule, fits in org.bound.scoring()
        if rule.on == activity
        and (rule.detail is None or rule.detail.casefold() == detail.casefold())
        and (fits is None or fits(prospect))
    ]
    return sum((Decimal(rule.points) for rule in rules), Decimal(0)), rules


def qualify(org: Org, values: dict[str, Value]) -> None:
    """Set `is_qualified` by the org's criteria, in both directions; without criteria it is an ordinary checkbox."""
    fits = org.bound.qualified()
    if fits is not None:
        values["is_qualified"] = fits({key: value for key, value in values.items() if key != "is_qualified"})
