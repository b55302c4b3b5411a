"""The vendor's objects with their fields, one literal table for both versions of the API."""

from leadsim.dialects.pardot.standard.assets import ASSETS
from leadsim.dialects.pardot.standard.jobs import JOBS
from leadsim.dialects.pardot.standard.people import PEOPLE
from leadsim.dialects.pardot.standard.rows import Field, Row, Table

OBJECTS: tuple[Table, ...] = (*PEOPLE, *ASSETS, *JOBS)

__all__ = ["OBJECTS", "Field", "Row", "Table"]
