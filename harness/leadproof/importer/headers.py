"""Which column goes to which field: by `--map`, by id, by label, or because a known export calls it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from leadproof.importer.report import (
    BAD_MAP,
    COLUMN_TWICE,
    NO_KEY_COLUMN,
    ColumnUse,
    ImportRefused,
    Note,
)
from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.typetable import FIELD_TYPES

RECORD_ID = "id"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is used: its position, header and field (None: the record's own id)."""

    position: int
    header: str
    field: FieldSpec | None

    @property
    def target(self) -> str:
        return self.field.id if self.field is not None else RECORD_ID


@dataclass(frozen=True, slots=True)
class HeaderMap:
    """All columns of the file and where they go. Several may share a field: `joined` fields hold each on a
    line of its own, of the others the first that is not blank counts."""

    columns: tuple[Column, ...]
    uses: tuple[ColumnUse, ...]
    keys: tuple[str, ...]
    joined: frozenset[str]


# What exports call a field, and the field's ids in the systems that we know. Salesforce: report exports
# (Lead, Contact) and its Data Import Wizard; Pardot: the prospect export. Compared without case, spaces and
# punctuation.
KNOWN: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("Email", "E-mail", "Email Address"), ("email", "Email")),
    (("First Name", "Given Name"), ("first_name", "FirstName", "firstName")),
    (("Last Name", "Surname", "Family Name"), ("last_name", "LastName", "lastName")),
    (("Company", "Company / Account", "Company Name", "Account Name"), ("company", "Company")),
    (("Title", "Job Title"), ("job_title", "Title", "jobTitle")),
    (("Phone", "Business Phone", "Work Phone"), ("phone", "Phone")),
    (("Mobile", "Mobile Phone", "Cell Phone"), ("mobile", "MobilePhone", "mobile__c")),
    (("Home Phone",), ("HomePhone",)),
    (
        ("Street", "Address One", "Address Two", "Address 1", "Address 2", "Address Line 1", "Mailing Street",
         "Mailing Address Line 1", "Mailing Address Line 2", "Address"),
        ("address", "Street", "MailingStreet", "addressOne"),
    ),
    (("City", "Mailing City"), ("city", "City", "MailingCity")),
    (("State/Province", "State", "Mailing State/Province", "Territory"), ("state", "State", "MailingState")),
    (
        ("Zip/Postal Code", "Zip", "Postal Code", "Zip Code", "Mailing Zip/Postal Code"),
        ("zip", "PostalCode", "MailingPostalCode"),
    ),
    (("Country", "Mailing Country"), ("country", "Country", "MailingCountry")),
    (("Website", "Web Site", "URL"), ("website", "Website")),
    (("Industry",), ("industry", "Industry")),
    (("No. of Employees", "Employees", "Number of Employees"), ("employees", "NumberOfEmployees")),
    (("Annual Revenue",), ("annual_revenue", "AnnualRevenue", "annualRevenue")),
    (("Lead Source", "Source"), ("source", "LeadSource")),
    (("Lead Status",), ("Status",)),
    (("Rating",), ("rating", "Rating", "rating__c")),
    (("Comments", "Description", "Notes"), ("comments", "Description")),
    (("Lead Owner", "Contact Owner", "Owner", "Assigned User"), ("owner", "Owner", "OwnerId", "assignedToId")),
    (("Score",), ("score",)),
    (("Grade",), ("grade",)),
    (("Opted Out", "Email Opt Out", "Do Not Email"), ("opted_out", "HasOptedOutOfEmail", "optedOut")),
    (("Do Not Call",), ("do_not_call", "DoNotCall", "isDoNotCall")),
    (("Birthdate", "Birthday", "Date of Birth"), ("birthday", "Birthdate", "birthday__c")),
    (("CRM Contact FID", "Contact ID", "CRM Lead FID", "Lead ID", "CRM ID", "CRM FID"), ("crm_id", "salesforceId")),
)  # fmt: skip
_OWN_ID: Mapping[str, tuple[str, ...]] = {
    "Lead": ("Lead ID", "CRM Lead FID"),
    "Contact": ("Contact ID", "CRM Contact FID"),
    "prospect": ("Prospect ID",),
    "prospects": ("Prospect ID",),
}
_ORDER_OF_IDS = {"crmcontactfid": 0, "contactid": 1}
_JOINED = ("address", "Street", "MailingStreet", "addressOne")
_CONSENT = ("opted_out", "HasOptedOutOfEmail", "optedOut")
EMAIL_FIELDS = ("email", "Email")
_BY_HAND = frozenset({"user", "reference"})


def plain_header(header: str) -> str:
    """A header without case, spaces and punctuation."""
    return "".join(character for character in header.casefold() if character.isalnum())


def parse_map(items: Sequence[str]) -> dict[str, str]:
    """`--map "Mobile=phone_mobile"` as header -> field id; "Header=" leaves a column out. Raises
    ImportRefused (DQ484)."""
    mapping = {}
    for item in items:
        header, equals, target = item.rpartition("=")
        if not equals or not header.strip():
            raise ImportRefused(BAD_MAP, f"--map {item!r} is not HEADER=FIELD.", 'Write --map "Mobile=phone".')
        mapping[header.strip()] = target.strip()
    return mapping


def map_headers(
    headers: Sequence[str], spec: ObjectSpec, mapping: Mapping[str, str] | None = None
) -> tuple[HeaderMap, list[Note]]:
    """Where each column goes. `mapping` is `--map` (header -> field id, or "" to leave it out). Raises
    ImportRefused: DQ482 no column is a key, DQ483 two columns want one field, DQ484 a wrong `--map`."""
    given = _checked_mapping(headers, spec, mapping or {})
    notes: list[Note] = []
    uses: list[ColumnUse] = []
    columns: list[Column] = []
    seen: dict[str, int] = {}
    for position, header in enumerate(headers):
        name = plain_header(header)
        use = _use(header, name, spec, given)
        if use.field is not None and name in seen and header not in given:
            said = f"a column with this header stands before it (column {seen[name] + 1})"
            use = ColumnUse(header, None, "", f"{said}. Rename one of the two.")
        seen.setdefault(name, position)
        uses.append(use)
        if use.field is not None:
            columns.append(Column(position, header, spec.fields.get(use.field) if use.field != RECORD_ID else None))
    joined = _check_shared(columns, notes)
    columns.sort(key=lambda one: (_ORDER_OF_IDS.get(plain_header(one.header), 9), one.position))
    keys = _keys(columns, spec)
    if not keys:
        raise ImportRefused(
            NO_KEY_COLUMN,
            f"No column holds an e-mail address or a CRM id. Columns: {', '.join(map(repr, headers))}.",
            'Name it with --map "Your header=email".',
        )
    return HeaderMap(tuple(columns), tuple(uses), keys, joined), notes


def _checked_mapping(headers: Sequence[str], spec: ObjectSpec, mapping: Mapping[str, str]) -> dict[str, str]:
    from rapidfuzz.process import extractOne

    by_name = {plain_header(header): header for header in reversed(headers)}
    checked = {}
    for header, target in mapping.items():
        own = header if header in headers else by_name.get(plain_header(header))
        if own is None:
            near = extractOne(header, list(headers), score_cutoff=60)
            raise ImportRefused(
                BAD_MAP,
                f"--map names the column {header!r}, which the file does not have.",
                f"Did you mean {near[0]!r}?" if near else f"Columns: {', '.join(headers)}.",
            )
        field: str | None = target if target in ("", RECORD_ID) else _find_field(target, spec)
        if field is None:
            near = extractOne(target, list(spec.fields), score_cutoff=50)
            raise ImportRefused(
                BAD_MAP,
                f"--map {header!r} names the field {target!r}, which {spec.id} does not have.",
                f"Did you mean {near[0]!r}?" if near else "",
            )
        unwritable = _unwritable(spec.fields[field]) if field in spec.fields else ""
        if unwritable:
            raise ImportRefused(BAD_MAP, f"--map {header!r} names {field!r}: {unwritable}", "Leave it out.")
        checked[own] = field
    return checked


def _find_field(name: str, spec: ObjectSpec) -> str | None:
    """A field by its id, whatever its case, or by its label."""
    if name in spec.fields:
        return name
    plain = plain_header(name)
    for by in ("id", "label"):
        for field in spec.fields.values():
            if plain_header(getattr(field, by)) == plain:
                return field.id
    return None


def _unwritable(field: FieldSpec) -> str:
    if FIELD_TYPES[field.type].computed or field.read_only or field.system:
        return f"{field.id} is filled by the system."
    return ""


def _use(header: str, name: str, spec: ObjectSpec, given: Mapping[str, str]) -> ColumnUse:
    if header in given:
        target = given[header]
        return ColumnUse(header, target or None, "map", "" if target else "--map says so.")
    if not name:
        return ColumnUse(header, None, "", "it has no header.")
    if name in map(plain_header, _OWN_ID.get(spec.id, ())):
        return ColumnUse(header, RECORD_ID, "export")
    candidates = (
        ("id", _find_by(name, spec, "id")),
        ("label", _find_by(name, spec, "label")),
        ("export", _find_known(name, spec)),
    )
    for how, found in candidates:
        if found is None:
            continue
        field = spec.fields[found]
        reason = _unwritable(field)
        if field.type in _BY_HAND:
            reason = f"{field.id} names a {field.type}, which exports write by name; use --map if it holds ids."
        return ColumnUse(header, None, "", reason) if reason else ColumnUse(header, found, how)
    return ColumnUse(header, None, "", f"{spec.id} has no field of this name.")


def _find_by(name: str, spec: ObjectSpec, attribute: Literal["id", "label"]) -> str | None:
    for field in spec.fields.values():
        if plain_header(getattr(field, attribute)) == name:
            return field.id
    return None


def _find_known(name: str, spec: ObjectSpec) -> str | None:
    for headers, ids in KNOWN:
        if name in map(plain_header, headers):
            return next((one for one in ids if one in spec.fields), None)
    return None


def _check_shared(columns: Sequence[Column], notes: list[Note]) -> frozenset[str]:
    """Two columns may share a field only where that loses nothing: address lines, CRM ids, consent."""
    by_target: dict[str, list[Column]] = {}
    for column in columns:
        by_target.setdefault(column.target, []).append(column)
    joined = set()
    for target, sharing in by_target.items():
        if len(sharing) == 1:
            continue
        names = " and ".join(repr(one.header) for one in sharing)
        if target in _JOINED:
            joined.add(target)
            notes.append(Note(f"The columns {names} become the lines of {target}."))
        elif target in ("crm_id", "salesforceId"):
            notes.append(Note(f"{target} is the first of the columns {names} that is not blank; contact before lead."))
        elif target in _CONSENT:
            notes.append(Note(f"{target} is true where {names} says so."))
        else:
            raise ImportRefused(
                COLUMN_TWICE,
                f"The columns {names} both go to {target}.",
                f'Leave one out with --map "{sharing[1].header}=".',
            )
    return frozenset(joined)


def _keys(columns: Sequence[Column], spec: ObjectSpec) -> tuple[str, ...]:
    """The fields by which rows and records are recognised, the surest first: own id, external ids, e-mail."""
    targets = [column.target for column in columns]
    keys = [RECORD_ID] if RECORD_ID in targets else []
    keys += [one for one in targets if one in spec.fields and spec.fields[one].external_id]
    keys += [one for one in targets if one in EMAIL_FIELDS]
    return tuple(dict.fromkeys(keys))
