"""A query that can be run: what it selects, from what, under which conditions, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leadsim.dialects.salesforce.catalog import SField, SObject
from leadsim.dialects.salesforce.soql import tree
from leadsim.dialects.salesforce.soql.operands import Operand, RowOperand

Wrapper = Literal["", "label", "format"]


@dataclass(frozen=True, slots=True)
class Column:
    """One selected value. `key` is its name in a grouped answer."""

    operand: Operand
    key: str
    wrapper: Wrapper = ""


@dataclass(frozen=True, slots=True)
class SubQuery:
    """Selected children: the relationship's name, the child's field that points at the parent, and their plan."""

    name: str
    field: SField
    plan: Plan


@dataclass(frozen=True, slots=True)
class Test:
    """One condition whose operand is known; `values` are read by conditions.py."""

    operand: Operand
    operator: str
    values: tuple[tree.Written, ...]
    inner: Plan | None
    at: int


@dataclass(frozen=True, slots=True)
class Negated:
    part: Where


@dataclass(frozen=True, slots=True)
class Both:
    word: Literal["AND", "OR"]
    parts: tuple[Where, ...]


Where = Test | Negated | Both


@dataclass(frozen=True, slots=True)
class Order:
    operand: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A query that can be run."""

    text: str
    object: SObject
    columns: tuple[Column | SubQuery, ...]
    where: Where | None
    group: tuple[RowOperand, ...]
    having: Where | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int
    all_rows: bool
    grouped: bool
    counted: bool
