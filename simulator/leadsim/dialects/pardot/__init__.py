"""Pardot, now Marketing Cloud Account Engagement: versions 5, 4 and 3 of its API.

Facts: vendors/salesforce-pardot-dynamics-eloqua.md, section 2.
"""

from leadsim.dialects.pardot.dialect import Pardot
from leadsim.dialects.pardot.names import names
from leadsim.dialects.pardot.schema import engine_standard

DIALECT = Pardot()
STANDARD = engine_standard()

__all__ = ["DIALECT", "STANDARD", "names"]
