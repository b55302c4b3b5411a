"""convertLead, merge and undelete: REST has no call for them (SOAP API guide "Core Calls").

Each answers results with `success` and `errors` of `statusCode`, `message` and `fields`.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from leadproof.systems.failures import BadAnswer, Refused
from leadproof.systems.records import Converted
from leadproof.systems.salesforce.errors import VendorError
from leadproof.systems.salesforce.session import Session, children, local

MOST_LOSERS = 2
"""Records that one merge takes into its master."""


def convert_lead(
    session: Session,
    org: str,
    lead: str,
    *,
    status: str,
    account_id: str | None,
    contact_id: str | None,
    opportunity: str | None,
) -> Converted:
    """convertLead of one lead. Raises Refused, CallFailed."""
    wish = [
        _element("accountId", account_id),
        _element("contactId", contact_id),
        _element("convertedStatus", status),
        _element("doNotCreateOpportunity", "false" if opportunity else "true"),
        _element("leadId", lead),
        _element("opportunityName", opportunity),
        _element("overwriteLeadSource", "false"),
        _element("sendNotificationEmail", "false"),
    ]
    call = f"<urn:convertLead><urn:leadConverts>{''.join(wish)}</urn:leadConverts></urn:convertLead>"
    result = _only(session, org, "convertLead", call)
    contact = local(result, "contactId")
    if not contact:
        raise BadAnswer(org, "convertLead", "the answer names no contact")
    return Converted(contact, local(result, "accountId") or None, local(result, "opportunityId") or None)


def merge_records(session: Session, org: str, object: str, winner: str, losers: Sequence[str]) -> None:
    """merge, two losers a call. Raises Refused, CallFailed."""
    for start in range(0, len(losers), MOST_LOSERS):
        ids = "".join(_element("recordToMergeIds", one) for one in losers[start : start + MOST_LOSERS])
        master = (
            f"<urn:masterRecord><sobj:type>{escape(object)}</sobj:type><sobj:Id>{escape(winner)}</sobj:Id>"
            "</urn:masterRecord>"
        )
        _only(session, org, "merge", f"<urn:merge><urn:request>{master}{ids}</urn:request></urn:merge>")


def undelete_record(session: Session, org: str, id: str) -> None:
    """undelete of one record. Raises Refused, CallFailed."""
    _only(session, org, "undelete", f"<urn:undelete>{_element('ids', id)}</urn:undelete>")


def _element(name: str, text: str | None) -> str:
    return "" if text is None else f"<urn:{name}>{escape(text)}</urn:{name}>"


def _only(session: Session, org: str, operation: str, call: str) -> ElementTree.Element:
    """The one result of a call about one record."""
    results = children(session.soap(call), "result")
    if len(results) != 1:
        raise BadAnswer(org, operation, f"{len(results)} results for one record")
    result = results[0]
    if local(result, "success") == "true":
        return result
    errors = children(result, "errors")
    if not errors:
        raise BadAnswer(org, operation, "neither a success nor an error")
    fields = tuple(one.text or "" for one in children(errors[0], "fields"))
    error = VendorError(local(errors[0], "statusCode"), local(errors[0], "message"), fields)
    raise Refused(org, operation, error.refusal())
