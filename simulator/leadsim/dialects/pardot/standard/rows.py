"""The form of the tables of objects and fields.

A row is (v5 name, v4 name, v5 type, where its value is, what may be done with it). An empty name: that version has no
such field. Where the value is:

    seq             the record's number
    field:ID        the engine's field ID
    ref:ID          the engine's field ID, a record: clients see its number, `of` says of which object
    at:COLUMN       the engine's moment created_at or modified_at
    by:COLUMN       the engine's user created_by or modified_by
    bin             whether it is in the recycle bin
    made:NAME       made of other values (computed.py)
    -               nothing fills it here

What may be done with it: r required on create, w written, c written on create only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Row = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one object."""

    v5: str
    v4: str
    type: str
    source: str
    key: str = ""
    rights: str = ""
    of: str = ""

    @property
    def writable(self) -> bool:
        """Whether an update may write it."""
        return "w" in self.rights

    @property
    def creatable(self) -> bool:
        """Whether a create may write it."""
        return bool(set("rwc") & set(self.rights))

    @property
    def required(self) -> bool:
        """Whether a create must give it."""
        return "r" in self.rights

    @property
    def relation(self) -> str:
        """The v5 name of the object behind an id: campaignId -> campaign."""
        return self.v5.removesuffix("Id") if self.of and self.v5.endswith("Id") else ""


@dataclass(frozen=True, slots=True)
class Table:
    """One object: its v5 collection, its v4 names (of the path, of the answers), the engine's object.

    `filters`: the v5 names of fields that queries filter by; of numbers and moments the ordered forms too. `sorts`: the
    v4 names that `sort_by` takes. `few`: an org has so few of them that they are read at once. `binned`: what is
    deleted goes to the recycle bin. `missing`: the code where none has an id.
    """

    v5: str
    v4: str
    tag: str
    engine: str
    rows: tuple[Row, ...]
    of: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    sorts: Mapping[str, str] = field(default_factory=dict)
    few: bool = False
    binned: bool = True
    missing: int = 109
    label: str = ""


NUMBERED = ("id",)
DATED = ("id", "createdAt", "updatedAt")

# What nearly every object ends with.
DATES: tuple[Row, ...] = (
    ("createdAt", "created_at", "DateTime", "at:created_at", ""),
    ("updatedAt", "updated_at", "DateTime", "at:modified_at", ""),
)
AUTHORS: tuple[Row, ...] = (
    ("createdById", "", "Integer", "by:created_by", ""),
    ("updatedById", "", "Integer", "by:modified_by", ""),
)
AUTHORS_OF = {"createdById": "users", "updatedById": "users"}
BY_ID_AND_DATE = {"created_at": "descending", "id": "ascending"}
BY_DATES = {**BY_ID_AND_DATE, "updated_at": "descending"}
