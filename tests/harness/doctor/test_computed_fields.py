"""Formulas and statistics in a mapping: what they compute decides what they fit, and not the word for their type."""

from __future__ import annotations

from pathlib import Path

from tests.harness.doctor.planted import findings_of

FIELDS = """
crm:
  fields:
    - {object: Lead, id: Places__c, label: Places, type: formula, formula: {sum: [NumberOfEmployees, Seats__c]}}
    - {object: Lead, id: Greeting__c, label: Greeting, type: formula, formula: {concat: [FirstName, LastName]}}
    - {object: Lead, id: Views__c, label: Views, type: number, scale: 0}
    - {object: Lead, id: Seen__c, label: Seen, type: date_time}
    - {object: Lead, id: Day__c, label: Day, type: date}
marketing:
  fields:
    - {object: prospect, id: places, label: Places, type: number, scale: 0}
    - {object: prospect, id: greeting, label: Greeting, type: single_line, length: 200}
    - {object: prospect, id: first_day, label: First day, type: date}
integration:
  fields:
"""


def wrong_types(folder: Path, *mappings: str) -> list[str]:
    """What the doctor says of types that do not convert."""
    text = FIELDS + "".join(f"    - {{{one}}}\n" for one in mappings)
    found = [one for one in findings_of(text, folder) if one.level == "error"]
    assert {one.code for one in found} <= {"MAP303"}
    return [one.cause for one in found]


def test_a_computed_field_fits_what_holds_its_values(tmp_path: Path) -> None:
    """A sum is a number, joined texts are a text, a count is a number, the latest of something a moment."""
    assert wrong_types(
        tmp_path,
        "crm: {Lead: Places__c}, marketing: places, direction: to_marketing",
        "crm: {Lead: Greeting__c}, marketing: greeting, direction: to_marketing",
        "crm: {Lead: Views__c}, marketing: page_views, direction: to_crm",
        "crm: {Lead: Seen__c}, marketing: last_activity_at, direction: to_crm",
    ) == []  # fmt: skip


def test_a_computed_field_fits_nothing_else(tmp_path: Path) -> None:
    """A sum is no day, a count is none, and a moment is no number."""
    assert wrong_types(
        tmp_path,
        "crm: {Lead: Places__c}, marketing: first_day, direction: to_marketing",
        "crm: {Lead: Day__c}, marketing: page_views, direction: to_crm",
        "crm: {Lead: Views__c}, marketing: last_activity_at, direction: to_crm",
    ) == [
        "Lead.Places__c is a formula and prospect.first_day a date; there is no lossless way.",
        "prospect.page_views is a statistics and Lead.Day__c a date; there is no lossless way.",
        "prospect.last_activity_at is a statistics and Lead.Views__c a number; there is no lossless way.",
    ]  # fmt: skip
