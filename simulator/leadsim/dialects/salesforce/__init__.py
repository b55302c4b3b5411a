"""Salesforce: REST, SOAP login and conversion, SOQL, Composite, Bulk.

Facts: vendors/salesforce-pardot-dynamics-eloqua.md, section 1.
"""

from leadsim.dialects.salesforce.dialect import Salesforce
from leadsim.dialects.salesforce.names import names
from leadsim.dialects.salesforce.schema import engine_standard

__all__ = ["DIALECT", "STANDARD", "names"]

DIALECT = Salesforce()
STANDARD = engine_standard()
