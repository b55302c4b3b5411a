"""Describes: of the whole org, of one object. All keys that a real answer has, with true values."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.salesforce.catalog import LISTS, NUMBERS, TYPES, Catalog, Child, SField, SObject
from leadsim.dialects.salesforce.encoding import json_value
from leadterms.values import plain

CORE_URLS = ("describe", "rowTemplate", "sobject")


def global_entry(object: SObject, base: str) -> dict[str, Any]:
    """One object as the global describe lists it."""
    entry = _traits(object)
    entry["urls"] = _urls(object, base)
    return entry


def describe(object: SObject, catalog: Catalog, base: str) -> dict[str, Any]:
    """The whole describe of an object."""
    described = _traits(object)
    described.update(
        {
            "actionOverrides": [],
            "childRelationships": [_child(one) for one in catalog.children[object.name]],
            "compactLayoutable": object.engine is not None,
            "defaultImplementation": None,
            "extendedBy": None,
            "extendsInterfaces": None,
            "fields": [describe_field(one) for one in object.fields.values()],
            "implementedBy": None,
            "implementsInterfaces": None,
            "listviewable": None,
            "lookupLayoutable": None,
            "namedLayoutInfos": [],
            "networkScopeFieldName": None,
            "recordTypeInfos": [_master_record_type(object, base)] if object.engine is not None else [],
            "searchLayoutable": object.engine is not None,
            "sobjectDescribeOption": "FULL",
            "supportedScopes": [{"label": f"All {object.plural.lower()}", "name": "everything"}],
            "urls": {**_urls(object, base), "layouts": f"{base}/sobjects/{object.name}/describe/layouts"},
        }
    )
    return described


def _traits(object: SObject) -> dict[str, Any]:
    """What both describes say."""
    real = object.engine is not None
    return {
        "activateable": False,
        "associateEntityType": object.history_of and "History",
        "associateParentEntity": object.history_of,
        "createable": "c" in object.can,
        "custom": object.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": "d" in object.can,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": object.prefix,
        "label": object.label,
        "labelPlural": object.plural,
        "layoutable": real,
        "mergeable": "m" in object.can,
        "mruEnabled": "u" in object.can,
        "name": object.name,
        "queryable": True,
        "replicateable": real,
        "retrieveable": True,
        "searchable": real,
        "triggerable": real,
        "undeletable": "n" in object.can,
        "updateable": "u" in object.can,
    }


def _urls(object: SObject, base: str) -> dict[str, str]:
    root = f"{base}/sobjects/{object.name}"
    return {"describe": f"{root}/describe", "rowTemplate": f"{root}/{{ID}}", "sobject": root}


def _child(child: Child) -> dict[str, Any]:
    return {
        "cascadeDelete": child.object in ("CampaignMember", "OpportunityContactRole"),
        "childSObject": child.object,
        "deprecatedAndHidden": False,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.name,
        "restrictedDelete": False,
    }


def _master_record_type(object: SObject, base: str) -> dict[str, Any]:
    id = "012000000000000AAA"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": id,
        "urls": {"layout": f"{base}/sobjects/{object.name}/describe/layouts/{id}"},
    }


def describe_field(field: SField) -> dict[str, Any]:
    """One field."""
    text = field.type in ("string", "textarea", "picklist", "multipicklist", "phone", "email", "url", "reference", "id")
    return {
        "aggregatable": field.aggregatable,
        "aiPredictionField": False,
        "autoNumber": field.auto_number,
        "byteLength": field.length * 3 if text and field.type not in ("reference", "id") else field.length,
        "calculated": field.calculated,
        "calculatedFormula": field.formula,
        "cascadeDelete": False,
        "caseSensitive": False,
        "compoundFieldName": field.part_of,
        "controllerName": None,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": json_value(field.default, field.type) if field.type == "boolean" else None,  # type: ignore[arg-type]
        "defaultValueFormula": _default_formula(field),
        "defaultedOnCreate": field.defaulted,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": 10 if field.type == "int" else 0,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": field.external_id,
        "extraTypeInfo": _extra_type(field),
        "filterable": field.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": field.groupable,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": field.id_lookup,
        "inlineHelpText": None,
        "label": field.label,
        "length": field.length,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": len(field.refers_to) > 1,
        "nillable": field.nillable,
        "permissionable": field.custom or (field.createable and field.nillable),
        "picklistValues": [_choice(choice, field) for choice in field.choices] if field.type in LISTS else [],
        "polymorphicForeignKey": len(field.refers_to) > 1,
        "precision": field.precision if field.type in NUMBERS else 0,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": list(field.refers_to),
        "relationshipName": field.relationship,
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "searchPrefilterable": bool(field.refers_to),
        "soapType": TYPES[field.type][0],
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }


def _default_formula(field: SField) -> str | None:
    """A custom field's fixed default as the formula that gives it; lists mark theirs among their values."""
    if not field.custom or field.default is None or field.type in ("boolean", *LISTS):
        return None
    if field.type in NUMBERS:
        return str(plain(field.default))  # type: ignore[arg-type]
    if field.type not in ("string", "textarea", "email", "phone", "url"):
        return None
    return '"' + str(field.default).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _extra_type(field: SField) -> str | None:
    if field.type == "textarea":
        return "plaintextarea"
    if field.name in ("FirstName", "LastName", "Salutation") and field.part_of == "Name":
        return "personname"
    return None


def _choice(choice: str, field: SField) -> dict[str, Any]:
    return {"active": True, "defaultValue": choice == field.default, "label": choice, "validFor": None, "value": choice}
