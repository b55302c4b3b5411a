"""Logging in, and what the org tells about itself."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from leadsim.dialects.native.shapes.words import Asked, Moment, Parameters, PlainValue, RawValue, Side, Told
from leadsim.gateway.strictness import Truth


class TokenAnswer(Told):
    """RFC 6749, 5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class TokenForm(BaseModel):
    """The token request's form (RFC 6749, 4.3 and 4.4)."""

    model_config = ConfigDict(extra="forbid")

    grant_type: Literal["password", "client_credentials"]
    username: str | None = None
    password: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class QuotaState(Told):
    """Calls of the org's day; null where nothing limits."""

    limit: int | None
    used: int
    left: int | None
    resets_at: Moment


class Whoami(Told):
    """Who is calling, as the org sees it. `newest`: by object, where its change feed ends now; `epoch`: changes when
    the org goes back to a saved state, from where the same places are reached again."""

    user: str
    actor: str
    address: str
    permissions: list[str]
    quota: QuotaState
    time: Moment
    time_zone: str
    org: str
    kind: Side
    newest: dict[str, str]
    epoch: int


class ObjectName(Told):
    """An object's id and label."""

    id: str
    label: str


class Field_(Told):  # noqa: N801 (the name `Field` is pydantic's)
    """A field's definition, as describe tells it."""

    model_config = ConfigDict(extra="forbid", title="Field")

    object: str
    id: str
    label: str
    type: str
    required: bool
    unique: bool
    external_id: bool
    length: int | None
    scale: int | None
    choices: list[str]
    restricted: bool
    default: PlainValue
    read_only: bool
    formula: dict[str, Any] | None
    refers_to: str | None
    system: bool


class Described(Told):
    """An object with its fields."""

    id: str
    label: str
    fields: list[Field_]


class ObjectsParameters(Parameters):
    """What to tell of the objects."""

    with_fields: Truth = Field(False, description="Tell each as describeObject does: the whole org in one call.")


class Objects(Told):
    """The objects of the org; with their fields where they were asked for."""

    objects: list[Described] | list[ObjectName]


class NewField(Asked):
    """A custom field's definition."""

    object: str | None = None
    id: str
    type: str
    label: str | None = None
    required: bool = False
    unique: bool = False
    external_id: bool = False
    length: int | None = Field(None, ge=0)
    scale: int | None = Field(None, ge=0)
    choices: list[str] = Field(default_factory=list)
    restricted: bool = True
    default: RawValue = None
    read_only: bool = False
    formula: dict[str, Any] | None = None
    refers_to: str | None = None
    system: Literal[False] = False


class User(Told):
    """A user, or in a CRM a queue."""

    id: str
    user_name: str
    name: str
    email: str
    active: bool
    queue: bool


class Users(Told):
    """All users, queues last."""

    users: list[User]
