"""How the standard objects are written down: one row a field.

A row is (API name, label, type, size, flags, more). Size: characters, or "digits.decimals" of a number. Flags:
c createable, u updateable, r required (not nillable), d defaulted on create, n the name field, k id look-up.
More: `to` (objects that a reference points at), `via` (its relationship's name), `children` (the relationship's name
on the other side), `choices`, `default`, `restricted`, `part` (the compound field that it belongs to), and where the
value comes from when it isn't the engine's field of the same name: `engine` (another id), `column` (of the record
itself), `computed` (a function of values.py), `never` (nothing here ever fills it).

Names, labels, types and lengths are the vendor's, as real orgs describe them.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Row: TypeAlias = tuple[str, str, str, str, str, dict[str, Any]]

NEVER: dict[str, Any] = {"never": True}

SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
INDUSTRIES = (
    "Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting",
    "Education", "Electronics", "Energy", "Engineering", "Entertainment", "Environmental", "Finance",
    "Food & Beverage", "Government", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media",
    "Not For Profit", "Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation",
    "Utilities", "Other",
)  # fmt: skip
ACCURACIES = (
    "Address", "NearAddress", "Block", "Street", "ExtendedZip", "Zip", "Neighborhood", "City", "County", "State",
    "Unknown",
)  # fmt: skip

ID: Row = ("Id", "{label} ID", "id", "18", "dk", {"column": "id"})
DELETED: Row = ("IsDeleted", "Deleted", "boolean", "", "d", {"column": "deleted"})
AUDIT: tuple[Row, ...] = (
    ("CreatedDate", "Created Date", "datetime", "", "d", {"column": "created_at"}),
    ("CreatedById", "Created By ID", "reference", "", "d", {"to": ("User",), "via": "CreatedBy",
    "column": "created_by"}),
    ("LastModifiedDate", "Last Modified Date", "datetime", "", "d", {"column": "modified_at"}),
    (
        "LastModifiedById", "Last Modified By ID", "reference", "", "d",
        {"to": ("User",), "via": "LastModifiedBy", "column": "modified_by"},
    ),
    ("SystemModstamp", "System Modstamp", "datetime", "", "d", {"column": "modified_at"}),
)  # fmt: skip
SEEN: tuple[Row, ...] = (
    ("LastActivityDate", "Last Activity", "date", "", "", NEVER),
    ("LastViewedDate", "Last Viewed Date", "datetime", "", "", NEVER),
    ("LastReferencedDate", "Last Referenced Date", "datetime", "", "", NEVER),
)


def mergeable(object: str) -> tuple[Row, ...]:
    """What a record that can be merged begins with: its id, whether it is gone, and into which one it went."""
    more = {"to": (object,), "via": "MasterRecord", "column": "merged_into"}
    return (ID, DELETED, ("MasterRecordId", "Master Record ID", "reference", "", "", more))


def address(prefix: str) -> tuple[Row, ...]:
    """A postal address: its parts, its place on earth, and the compound field over them."""
    start = f"{prefix} " if prefix else ""
    part = {"part": f"{prefix}Address"}
    return (
        (f"{prefix}Street", f"{start}Street", "textarea", "255", "cu", part),
        (f"{prefix}City", f"{start}City", "string", "40", "cu", part),
        (f"{prefix}State", f"{start}State/Province", "string", "80", "cu", part),
        (f"{prefix}PostalCode", f"{start}Zip/Postal Code", "string", "20", "cu", part),
        (f"{prefix}Country", f"{start}Country", "string", "80", "cu", part),
        (f"{prefix}Latitude", f"{start}Latitude", "double", "18.15", "cu", part),
        (f"{prefix}Longitude", f"{start}Longitude", "double", "18.15", "cu", part),
        (
            f"{prefix}GeocodeAccuracy", f"{start}Geocode Accuracy", "picklist", "40", "cu",
            {"choices": ACCURACIES, "restricted": True, **part},
        ),
        (f"{prefix}Address", f"{start}Address", "address", "", "", {"computed": "address"}),
    )  # fmt: skip
