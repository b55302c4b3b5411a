"""A campaign's place in the program chart (product.md B8): what cannot be read from either system."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

Name: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Group: TypeAlias = Literal["generation", "conversion", "cold_leads", "sales_support", "cross_sell"]
Obtained: TypeAlias = Literal["opted_in", "organic", "imported", "bought"]


class ProgramList(BaseModel):
    """A list that the campaign addresses, and how its people were obtained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    obtained: Obtained | None = None


def _named(raw: object) -> object:
    """`lists: [Trade fair]` is short for `lists: [{name: Trade fair}]`."""
    return [{"name": one} if isinstance(one, str) else one for one in raw] if isinstance(raw, list) else raw


class Program(BaseModel):
    """`starts`: the search term or the advertisement that leads people in; `forms` by their ids in marketing, each
    field of which is drawn with the CRM field that it lands in; `issues` that are known; `effort` in words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group: Group | None = None
    way: Literal["inbound", "outbound"] | None = None
    starts: list[Name] = []
    lists: Annotated[list[ProgramList], BeforeValidator(_named, json_schema_input_type=list[ProgramList | str])] = []
    forms: list[Name] = []
    issues: list[Name] = []
    effort: Name | None = None
