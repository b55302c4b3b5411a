"""The client of a Salesforce org: REST for records, SOAP for what REST has not (conversion, merge, undelete).

Written from the vendor's REST API, SOQL and SOAP developer guides; it speaks the vendor's field ids only
(`OwnerId`, `StageName`, `Score__c`).
"""

from leadproof.systems.credentials import Credentials
from leadproof.systems.salesforce.client import SalesforceCrm
from leadproof.transports.protocol import Transport

__all__ = ["SalesforceCrm", "open_crm"]


def open_crm(transport: Transport, org: str, credentials: Credentials) -> SalesforceCrm:
    """A client of the org behind the transport (its My Domain host); nothing is sent yet."""
    return SalesforceCrm(transport, org, credentials)
