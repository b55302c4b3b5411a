"""Queries in bulk: what they can't do, and their rows as cells of a file. Both bulk APIs stand on it."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.salesforce.encoding import csv_value, json_value
from leadsim.dialects.salesforce.errors import refused
from leadsim.dialects.salesforce.soql.operands import Aggregate, FieldPath
from leadsim.dialects.salesforce.soql.plans import Column, Plan
from leadsim.dialects.salesforce.soql.running import Runner

NOT_BULK = frozenset(
    {"Organization", "Profile", "LeadStatus", "OpportunityStage", "AssignmentRule", "CampaignMemberStatus"}
)


def check(made: Plan) -> None:
    """Raises ApiRefused for what bulk can't do, with the texts that clients look for."""
    if made.object.name in NOT_BULK:
        text = f"Entity '{made.object.name}' is not supported by the Bulk API."
        raise refused("INVALIDENTITY", text, status=400)
    if made.grouped or made.counted:
        raise refused("FEATURENOTENABLED", "Aggregate Relationships not supported in Bulk Query", status=400)
    if made.offset:
        raise refused("FEATURENOTENABLED", "OFFSET is not supported in Bulk Query", status=400)
    for column in made.columns:
        if not isinstance(column, Column):
            raise refused("FEATURENOTENABLED", "Nested queries are not supported in Bulk Query", status=400)
        if isinstance(column.operand, FieldPath) and column.operand.type == "address":
            raise refused(
                "FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query", status=400
            )


def cells(made: Plan, running: Runner) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of the file."""
    columns = [column for column in made.columns if isinstance(column, Column)]
    header = [_heading(column) for column in columns]
    return header, [[_cell(column, row) for column in columns] for row in running.matching(made)]


def _heading(column: Column) -> str:
    return ".".join(column.operand.names) if isinstance(column.operand, FieldPath) else column.key


def _cell(column: Column, row: Any) -> str:
    operand = column.operand
    assert not isinstance(operand, Aggregate)
    choices = operand.field.choices if isinstance(operand, FieldPath) else ()
    return csv_value(json_value(operand.value(row), operand.type, choices))
