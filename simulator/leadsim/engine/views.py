"""Saved filters (product.md F): "created this week", "assigned to me", "deals closing this month"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from leadsim.engine.change import Caller
from leadsim.engine.refusals import Refused
from leadsim.engine.rules.bound import bind_text
from leadsim.engine.settings import CriteriaText, View
from leadterms.criteria import Criteria

if TYPE_CHECKING:
    from leadsim.engine.records import Org


def named_view(org: Org, name: str) -> View:
    """The view of that name. Raises Refused("invalid") that lists the others."""
    for view in org.settings.views:
        if view.name == name:
            return view
    names = ", ".join(repr(view.name) for view in org.settings.views) or "none"
    raise Refused("invalid", f"There is no view {name!r}. Views: {names}.")


def read_view(org: Org, view: View, by: Caller) -> Criteria:
    """The view's criteria with `$me` and the days of today, bound. Raises Refused("invalid") when they don't fit."""
    meant = _days(org)
    meant["$me"] = by.user
    types = {id: spec.type for id, spec in org.schema.query_fields(view.object).items()}
    rows = [[_read(part, types.get(row[0]), meant, org) for part in row] for row in view.criteria.rows]
    return bind_text(org, view.object, CriteriaText(rows=rows, logic=view.criteria.logic), f"view {view.name!r}")


def _days(org: Org) -> dict[str, str]:
    today = org.clock.now().astimezone(ZoneInfo(org.settings.time_zone)).date()
    month = today.replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    return {
        "$today": today.isoformat(),
        "$week_start": (today - timedelta(days=today.weekday())).isoformat(),
        "$month_start": month.isoformat(),
        "$month_end": (following - timedelta(days=1)).isoformat(),
    }


def _read(part: Any, type: str | None, meant: Mapping[str, str], org: Org) -> Any:
    """A value as it is meant; a day that is compared with a time begins at the org's midnight."""
    if not isinstance(part, str) or part not in meant:
        return part
    if type != "date_time" or part == "$me":
        return meant[part]
    midnight = datetime.combine(datetime.fromisoformat(meant[part]), time(), ZoneInfo(org.settings.time_zone))
    return midnight.astimezone(UTC).isoformat().replace("+00:00", "Z")
