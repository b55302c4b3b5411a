"""The recipe: what the simulated orgs hold at the start (formats.md "Recipe"), as pydantic models."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, field_validator

from leadsim.certificates import rsa_key
from leadsim.engine.settings import (
    AssignmentRule,
    Connector,
    CriteriaText,
    DuplicateRule,
    FormSetting,
    ListSetting,
    PageAction,
    ScoringRule,
    Stage,
    Strict,
    SyncBehavior,
    ValidationRule,
    View,
)


class Actor(Strict):
    """Somebody who calls, and the address that the orgs see."""

    address: str


class Login(Strict):
    """Which user an actor is in this org, and what that user may do. `password` None: "leadproof-" + user."""

    actor: str
    user: str
    may: list[str] = Field(default_factory=lambda: ["api", "read", "write"])
    password: str | None = None
    expires_seconds: int | None = None


class ConnectedApp(Strict):
    """A program that an org's administrator let in (OAuth 2.0): its key and secret, and the certificate (X.509, PEM,
    an RSA key) that its signed assertions are checked with. `run_as`: whom it comes in as by key and secret alone;
    `users`: who may be spoken for by an assertion, None for everybody."""

    client_id: str
    client_secret: str = ""
    run_as: str | None = None
    users: list[str] | None = None
    certificate: str | None = None

    @field_validator("certificate")
    @classmethod
    def _readable(cls, certificate: str | None) -> str | None:
        if certificate is not None:
            rsa_key(certificate)
        return certificate


class Quota(Strict):
    """API calls a day (from midnight in the org's time zone); None = no limit."""

    calls_per_day: int | None = Field(default=None, ge=0)


class UserEntry(Strict):
    """A user. `user_name` None: the id; `name` None: the user name."""

    id: str
    user_name: str | None = None
    name: str | None = None
    email: str | None = None
    active: bool = True
    password: str | None = None


class QueueEntry(Strict):
    """A queue that can own records."""

    id: str
    name: str | None = None


class FieldEntry(Strict):
    """A custom field; the keys of leadterms.fields.FieldSpec."""

    object: str
    id: str
    label: str | None = None
    type: str
    required: bool = False
    unique: bool = False
    external_id: bool = False
    length: int | None = None
    scale: int | None = None
    choices: list[str] = Field(default_factory=list)
    restricted: bool = True
    default: Any = None
    read_only: bool = False
    formula: dict[str, Any] | None = None
    refers_to: str | None = None


class ObjectEntry(Strict):
    """A custom object with its fields (their `object` is this one)."""

    id: str
    label: str | None = None
    fields: list[dict[str, Any]] = Field(default_factory=list)


class MemberStatusEntry(Strict):
    """A status that members of a campaign can have."""

    name: str
    responded: bool = False


class CampaignEntry(Strict):
    """A campaign with its member statuses. `as`: its name for `$name` in records."""

    as_: str | None = Field(default=None, alias="as")
    values: dict[str, Any]
    statuses: list[MemberStatusEntry] = Field(default_factory=list)


class RecordEntry(Strict):
    """One record, or `count` alike. A value may be `{fake: provider}` (Faker, seeded) or `$name` of an earlier `as`."""

    object: str
    as_: str | None = Field(default=None, alias="as")
    count: int = Field(default=1, ge=0)
    values: dict[str, Any] = Field(default_factory=dict)
    assign: bool = False


class OrgRecipe(Strict):
    """One org."""

    dialect: str = "native"
    kind: Literal["crm", "marketing"] | None = None
    time_zone: str = "UTC"
    allowlist: list[str] = Field(default_factory=lambda: ["0.0.0.0/0", "::/0"])
    logins: list[Login] = Field(default_factory=list)
    connected_apps: list[ConnectedApp] = Field(default_factory=list)
    refresh_token_rotation: bool = True
    password: str | None = None
    passwords: dict[str, str] = Field(default_factory=dict)
    quota: Quota = Field(default_factory=Quota)
    fields: list[FieldEntry] = Field(default_factory=list)
    objects: list[ObjectEntry] = Field(default_factory=list)
    users: list[UserEntry] = Field(default_factory=list)
    queues: list[QueueEntry] = Field(default_factory=list)
    default_owner: str | None = None
    assignment_rules: list[AssignmentRule] = Field(default_factory=list)
    duplicate_rules: list[DuplicateRule] = Field(default_factory=list)
    validation_rules: list[ValidationRule] = Field(default_factory=list)
    scoring: list[ScoringRule] = Field(default_factory=list)
    qualified_when: CriteriaText | None = None
    page_actions: list[PageAction] = Field(default_factory=list)
    forms: list[FormSetting] = Field(default_factory=list)
    lists: list[ListSetting] = Field(default_factory=list)
    campaigns: list[CampaignEntry] = Field(default_factory=list)
    connector: Connector = Field(default_factory=Connector)
    connector_users: list[str] | None = None
    views: list[View] = Field(default_factory=list)
    pipeline: list[Stage] = Field(default_factory=list)
    send_identifier: Literal["email", "crm_id"] = "email"
    twice_on_a_list: bool = False
    reads_lag_seconds: int = 0
    sync_behaviors: dict[str, SyncBehavior] = Field(default_factory=dict)
    records: list[RecordEntry] = Field(default_factory=list)


class Recipe(Strict):
    """The whole file."""

    recipe: int = 1
    clock: datetime | None = None
    clock_mode: Literal["virtual", "frozen", "follow"] = "virtual"
    actors: dict[str, Actor] = Field(default_factory=dict)
    orgs: dict[str, OrgRecipe]
