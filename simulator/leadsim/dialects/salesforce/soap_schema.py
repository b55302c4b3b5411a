"""Whether a SOAP request is what the WSDL says: each element known, once where it may stand once, of its type.

The tables of wsdl.py are the schema. The order of elements is not asked for: clients in use don't keep it. The texts of
the faults are those that the vendor's dispatcher and reader are seen to give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadsim.dialects.salesforce.wsdl import MESSAGES, OBJECTS, PARTNER, TYPES
from leadsim.dialects.salesforce.xmltree import XmlRefused, local_name, namespace_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree.ElementTree import Element

BOOLEANS = frozenset({"true", "false", "1", "0"})
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
# Operations of the partner API that the sandbox doesn't answer: refused by name, all others are none of the vendor's.
OTHER_OPERATIONS = frozenset(
    {"changeOwnPassword", "create", "delete", "deleteByExample", "describeAllTabs", "describeAppMenu",
     "describeApprovalLayout", "describeAvailableQuickActions", "describeCompactLayouts",
     "describeDataCategoryGroupStructures", "describeDataCategoryGroups", "describeDataCategoryMappings",
     "describeFlexiPages", "describeGlobal", "describeGlobalTheme", "describeKnowledgeSettings", "describeLayout",
     "describeNouns", "describePathAssistants", "describePrimaryCompactLayouts", "describeQuickActions",
     "describeQuickActionsForRecordType", "describeSObject", "describeSObjectListViews", "describeSObjects",
     "describeSearchLayouts", "describeSearchScopeOrder", "describeSearchableEntities", "describeSoftphoneLayout",
     "describeSoqlListViews", "describeTabs", "describeTheme", "describeVisualForce", "emptyRecycleBin",
     "executeListView", "findDuplicates", "findDuplicatesByIds", "getDeleted", "getUpdated", "invalidateSessions",
     "performQuickActions", "process", "query", "queryAll", "queryMore", "renderEmailTemplate",
     "renderStoredEmailTemplate", "resetPassword", "retrieve", "retrieveMassQuickActionTemplates",
     "retrieveQuickActionTemplates", "search", "sendEmail", "sendEmailMessage", "setPassword", "update", "upsert"}
)  # fmt: skip
# Headers whose wish is not granted here, where any of their elements says one: header -> the operations it is for.
HEADERS: Mapping[str, frozenset[str]] = {
    "AllOrNoneHeader": frozenset({"undelete"}),
    "AllowFieldTruncationHeader": frozenset({"convertLead", "merge", "undelete"}),
    "AssignmentRuleHeader": frozenset({"merge"}),
    "DuplicateRuleHeader": frozenset({"convertLead", "merge", "undelete"}),
    "EmailHeader": frozenset({"merge"}),
    "LoginScopeHeader": frozenset({"login"}),
    "OwnerChangeOptions": frozenset({"convertLead", "merge"}),
}
# The one element of such a header that is answered: clients name the org of any user so, not only of a portal's.
GRANTED: Mapping[str, str] = {"LoginScopeHeader": "organizationId"}


def check_operation(operation: str, namespace: str) -> None:
    """Raises XmlRefused for what is no operation of the partner API."""
    if namespace != PARTNER or operation not in OTHER_OPERATIONS | MESSAGES.keys():
        name = f"{{{namespace}}}{operation}"
        raise XmlRefused(f"No operation available for request {name}, please check the WSDL for the service.")


def check_message(operation: str, body: Element) -> None:
    """Raises XmlRefused for a body that isn't the operation's."""
    _check(body, MESSAGES[operation][0], operation)


def unanswered_header(operation: str, headers: Mapping[str, Element]) -> str:
    """The name of a header that asks this operation for what is not simulated, "" where none does."""
    for name, header in headers.items():
        granted = GRANTED.get(name, "")
        texts = [one.text or "" for one in header.iter() if not granted or local_name(one) != granted]
        asks = any(text.strip().lower() not in ("", "false", "0") for text in texts)
        if asks and operation in HEADERS.get(name, ()):
            return name
    return ""


def _check(element: Element, rows: Sequence[tuple[str, str, str]], type: str) -> None:
    known = {name: (kind, many) for name, kind, many in rows}
    seen: set[str] = set()
    for one in element:
        name = local_name(one)
        kind, many = known.get(name, ("", ""))
        if not kind or namespace_of(one) != PARTNER or (name in seen and many != "*"):
            raise XmlRefused(f"Element {one.tag} invalid at this location in type {type}")
        seen.add(name)
        if one.get(NIL) not in ("true", "1"):
            _check_value(one, kind)
    if element.text and element.text.strip():
        raise XmlRefused(f"Text {element.text.strip()[:40]!r} invalid at this location in type {type}")


def _check_value(element: Element, kind: str) -> None:
    named = kind.partition(":")[2]
    if kind == "ens:sObject":
        _check_record(element)
    elif named in TYPES:
        _check(element, TYPES[named], named)
    elif len(element):
        raise XmlRefused(f"Element {element[0].tag} invalid at this location in type {kind}")
    elif kind == "xsd:boolean" and (element.text or "").strip() not in BOOLEANS:
        raise XmlRefused(f"'{(element.text or '').strip()}' is not a valid value for the type xsd:boolean")


def _check_record(element: Element) -> None:
    """A record: its type, then fields of the objects' namespace or, as clients write them, of the partner's."""
    names = [local_name(one) for one in element]
    if "type" not in names:
        raise XmlRefused("Missing entity type information. sObject requires a separate 'type' field be sent.")
    for one in element:
        name = local_name(one)
        if namespace_of(one) not in (OBJECTS, PARTNER) or (name != "fieldsToNull" and names.count(name) > 1):
            raise XmlRefused(f"Element {one.tag} invalid at this location in type sObject")
