"""The integration file as written: pydantic models of formats.md "Integration".

One file is one connection. Nothing here has its defaults applied; `Integration.mappings` does that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from leadproof.integration.mapping import Mapping, resolve
from leadproof.integration.programs import Name, Program
from leadterms.criteria import Criteria, parse_criteria
from leadterms.documents import Document, Place, Problem
from leadterms.refusals import CriteriaRefused

Side: TypeAlias = Literal["crm", "marketing"]
Master: TypeAlias = Literal["crm", "marketing", "latest"]
Direction: TypeAlias = Literal["both", "to_crm", "to_marketing", "none"]
Overwrite: TypeAlias = Literal["always", "if_blank", "never"]
Clears: TypeAlias = Literal["keep", "propagate"]
Answers: TypeAlias = Literal["replace", "append"]
Use: TypeAlias = Literal["segmentation", "automation", "assignment", "qualification", "reporting", "email"]
FromEnvironment: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$")
]

NO_CRITERIA = "CFG841"


class Part(BaseModel):
    """A part of the file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Credentials(Part):
    """What a live system asks for, each as `${ENV}`: a file that is shared holds no secret. The last four are
    Salesforce's and Account Engagement's (systems/credentials.py)."""

    username: FromEnvironment | None = None
    password: FromEnvironment | None = None
    client_id: FromEnvironment | None = None
    client_secret: FromEnvironment | None = None
    token: FromEnvironment | None = None
    security_token: FromEnvironment | None = None
    api_version: FromEnvironment | None = None
    business_unit_id: FromEnvironment | None = None
    login_url: FromEnvironment | None = None


class SystemRef(Part):
    """One side: which dialect and org; `url` and `credentials` for a live system only. `time_zone` (IANA) is
    the zone of the org's days where the system does not say it itself."""

    dialect: Name
    org: Name
    url: FromEnvironment | None = None
    credentials: Credentials | None = None
    time_zone: Name | None = None


class Systems(Part):
    crm: SystemRef
    marketing: SystemRef


class Defaults(Part):
    """What a field mapping takes where it says nothing (sync-semantics.md "Rights")."""

    master: Master = "crm"
    direction: Direction = "both"
    overwrite: Overwrite = "if_blank"
    clears: Clears = "keep"
    answers: Answers = "replace"


class CriteriaPart(Part):
    """Rows and logic as written; `parsed` reads them (not yet bound to an object's fields)."""

    rows: list[list[str | list[str] | None]] = []
    logic: str | None = None

    @model_validator(mode="after")
    def _readable(self) -> CriteriaPart:
        try:
            self.parsed()
        except CriteriaRefused as refused:
            raise PydanticCustomError(refused.code, "{text}", {"text": refused.text, "fix": refused.fix}) from None
        return self

    def parsed(self) -> Criteria:
        """The criteria. Raises CriteriaRefused."""
        return parse_criteria({"rows": self.rows, "logic": self.logic})


class Link(Part):
    """The two fields in which each record holds the other's id (the defaults are the native dialect's)."""

    crm_id_in_marketing: Name = "crm_id"
    marketing_id_in_crm: Name = "MarketingId__c"


def _when(raw: object) -> object:
    """`deliver: all` is short for `deliver: {when: all}`."""
    return {"when": raw} if isinstance(raw, str) else raw


class Deliver(Part):
    """Which leads of marketing are created in the CRM."""

    when: Literal["all", "assigned", "qualified", "on_request"] = "all"
    criteria: CriteriaPart | None = None

    @model_validator(mode="after")
    def _complete(self) -> Deliver:
        if self.when == "qualified" and self.criteria is None:
            fix = "Add criteria: {rows: [[score, '>=', 100]]}."
            raise PydanticCustomError(NO_CRITERIA, "`when: qualified` needs criteria.", {"fix": fix})
        return self


class Import(Part):
    """Which records of the CRM are created in marketing."""

    when: Literal["all", "criteria", "none"] = "all"
    criteria: CriteriaPart | None = None

    @model_validator(mode="after")
    def _complete(self) -> Import:
        if self.when == "criteria" and self.criteria is None:
            fix = "Add criteria: {rows: [[LeadSource, '=', Web]]}."
            raise PydanticCustomError(NO_CRITERIA, "`when: criteria` needs criteria.", {"fix": fix})
        return self


class People(Part):
    """Whose records are synced, how they are matched, created, deleted and assigned."""

    crm: list[Name] = Field(default=["Lead", "Contact"], min_length=1)
    marketing: Name = "prospect"
    link: Link = Link()
    match: list[Name] = Field(default=["email"], min_length=1)
    ambiguous: Literal["refuse", "oldest", "newest"] = "refuse"
    deletes: Literal["ignore", "propagate", "recycle"] = "ignore"
    deliver: Annotated[Deliver, BeforeValidator(_when, json_schema_input_type=Deliver | str)] = Deliver()
    deliver_as: Literal["lead", "contact"] = "lead"
    import_: Annotated[Import, BeforeValidator(_when, json_schema_input_type=Import | str)] = Field(
        default=Import(), alias="import"
    )
    assign_by: Literal["crm_rules", "marketing"] = "crm_rules"


class FieldMapping(Part):
    """One CRM field and one marketing field. What is absent comes from the mapping that `extends` names (by
    its marketing field), then from the defaults. `values`: CRM choice -> marketing choice."""

    crm: Name | dict[Name, Name] | None = None
    marketing: Name | None = None
    master: Master | dict[Name, Master] | None = None
    overwrite: Overwrite | None = None
    direction: Direction | None = None
    clears: Clears | None = None
    answers: Answers | None = None
    only_on: Literal["create"] | None = None
    sticky: bool | None = None
    values: dict[Name, Name] | None = None
    used_by: list[Use] = []
    extends: Name | None = None


class Users(Part):
    """Who is who: by user name, and by `map` (marketing user: CRM user) where the names differ. `default_owner`: the
    CRM's user or queue who gets what has no partner, for a CRM whose API does not tell it (Salesforce's default lead
    owner stands in its set-up pages only)."""

    match: Literal["user_name"] = "user_name"
    map: dict[Name, Name] = {}
    default_owner: Name | None = None


class CampaignMapping(Part):
    """One campaign on both sides; `statuses`: marketing status -> CRM status; `program`: for the program chart."""

    crm: Name
    marketing: Name
    statuses: dict[Name, Name] = {}
    master: Master = "marketing"
    program: Program = Program()


class OtherField(Part):
    crm: Name
    marketing: Name
    values: dict[Name, Name] | None = None


class OtherObject(Part):
    """Accounts or opportunities, which flow from the CRM to marketing; `link` is marketing's field for the
    CRM id."""

    crm: Name
    marketing: Name
    link: Name = "crm_id"
    fields: list[OtherField] = []


def _named(raw: object) -> object:
    """`sales: Kari` is short for `sales: {name: Kari}`."""
    return {"name": raw} if isinstance(raw, str) else raw


class Person(Part):
    """Whom to ask; `terms` are those of vendor support."""

    name: Name
    email: Name | None = None
    phone: Name | None = None
    terms: Name | None = None


AnyPerson: TypeAlias = Annotated[Person, BeforeValidator(_named, json_schema_input_type=Person | str)]


class Contacts(Part):
    """product.md B10."""

    crm_admin: AnyPerson | None = None
    sales: AnyPerson | None = None
    vendor_support: AnyPerson | None = None


class Accepted(Part):
    """A warning or note of the doctor that is meant so, and why; `about`: a name that it mentions (a rule, a field),
    unsaid: wherever it comes up. An error cannot be accepted."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern="^[A-Za-z]{2,3}[0-9]{3}$")]
    about: Name | None = None
    because: Name


class OrgSettings(Part):
    """What an org does not tell by itself: its time zone (IANA), the country of telephone numbers without a
    code."""

    time_zone: Name | None = None
    phone_region: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] | None = None


class Integration(Part):
    """What one connection is meant to do. `load` reads it from a file; then `place` knows where each part
    stands and `warnings` what is odd but allowed."""

    leadproof: Literal["1"] = "1"
    systems: Systems
    defaults: Defaults = Defaults()
    people: People = People()
    fields: list[FieldMapping] = []
    users: Users = Users()
    campaigns: list[CampaignMapping] = []
    accounts: OtherObject | None = None
    opportunities: OtherObject | None = None
    contacts: Contacts = Contacts()
    orgs: dict[Name, OrgSettings] = {}
    accept: list[Accepted] = []

    _document: Document[Integration] | None = PrivateAttr(default=None)
    _warnings: tuple[Problem, ...] = PrivateAttr(default=())
    _resolved: dict[str, tuple[Mapping, ...]] = PrivateAttr(default_factory=dict)

    def mappings(self, crm_object: str) -> list[Mapping]:
        """The field mappings of one CRM object (Lead, Contact) in the order of the file, all defaults
        applied. Fields that only the CRM has are declared with direction none; marketing-only ones are not
        listed."""
        known = self._resolved  # once: pydantic looks private attributes up slowly, and this is asked all the time
        found = known.get(crm_object)
        if found is None:
            found = known[crm_object] = resolve(self, crm_object)
        return list(found)

    def mapping(self, crm_object: str, id: str) -> Mapping:
        """The mapping with this id (its marketing field, or "crm:<field>"). Raises KeyError."""
        for one in self.mappings(crm_object):
            if one.id == id:
                return one
        raise KeyError(f"{crm_object} has no mapping {id!r}")

    @property
    def path(self) -> Path | None:
        """The file it was read from."""
        return self._document.path if self._document else None

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What `load` found odd but allowed."""
        return self._warnings

    def place(self, *loc: str | int) -> Place | None:
        """Where the part at `loc` stands in the file; None when it was not read from one."""
        document = self._document
        return document.place(*loc) if document else None
