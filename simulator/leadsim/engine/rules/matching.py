"""Is this record there already? The org's duplicate rules, on create and when a matched field changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadsim.engine.rules.validation import same_key
from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.engine.records import Org
    from leadsim.engine.settings import DuplicateRule
    from leadsim.engine.stored import Stored


@dataclass(frozen=True, slots=True)
class Match:
    """One duplicate rule that found records: the same values in its fields, blanks never."""

    rule: DuplicateRule
    records: tuple[Stored, ...]


def find_duplicates(
    org: Org, object: str, seq: int | None, values: Mapping[str, Value], given: Mapping[str, Value]
) -> list[Match]:
    """What the active rules find for a record that is about to be stored, in the order of the rules.

    A rule is asked only when one of its fields is written: an old duplicate doesn't hinder other edits. Converted
    records are history, as deleted ones are, and match nothing."""
    matches: list[Match] = []
    for rule in org.settings.duplicate_rules:
        if not rule.active or rule.object != object or not any(field in given for field in rule.match):
            continue
        found: list[Stored] = []
        for searched in rule.across or [object]:
            fields = org.schema.get(searched).fields
            if any(values.get(field) is None or field not in fields for field in rule.match):
                continue
            first, *rest = rule.match
            found.extend(
                other
                for other in org.lookup(searched, first, values[first])
                if other.seq != seq
                and other.values.get("IsConverted") is not True
                and all(same_key(other.values.get(field), values[field]) for field in rest)
            )
        if found:
            matches.append(Match(rule, tuple(found)))
    return matches
