"""What `/_lab` reads and answers, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from leadsim.engine.settings import (
    AssignmentRule,
    CriteriaText,
    DuplicateRule,
    FormSetting,
    PageAction,
    ScoringRule,
    Stage,
    SyncBehavior,
    ValidationRule,
)
from leadsim.gateway.faults import FaultSpec
from leadsim.gateway.strictness import Whole
from leadsim.recipe import FieldEntry, Login, OrgRecipe, Quota

Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Mode = Literal["frozen", "virtual", "follow"]
FACTS = 1000
CENTURY_SECONDS = 100 * 366 * 24 * 3600


class Asked(BaseModel):
    """Something a client sends: a key that isn't known is refused, and text is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Parameters(BaseModel):
    """A query: text, each value in its one spelling; a name that isn't known is refused."""

    model_config = ConfigDict(extra="forbid")


class Reset(Asked):
    """How to start over."""

    seed: int | str | None = Field(None, description="Build the world anew from this seed; keep the seed if absent.")


class Fork(Asked):
    """Where a fork is served."""

    as_: Name | None = Field(None, alias="as", description="The fork's name; the snapshot's if absent.")


class ClockMode(Asked):
    """How the clock moves: a second a request (virtual), never (frozen), with the wall (follow)."""

    mode: Mode


class Advance(Asked):
    """How far the clock moves on."""

    seconds: int = Field(ge=0, le=CENTURY_SECONDS)


class JournalParameters(Parameters):
    """Which facts of the journal."""

    kind: Literal["exchange", "change", "decision", "fault", "note"] | None = None
    org: str | None = None
    object: str | None = None
    id: str | None = None
    after: Whole = Field(0, ge=0, le=2**53, description="Only facts with a greater number.")
    limit: Whole = Field(FACTS, ge=1, le=10_000)


class DigestParameters(Parameters):
    """Whose chain."""

    org: str | None = None


class NewOrg(Asked):
    """One more org."""

    name: Name
    recipe: OrgRecipe


class ConnectorPatch(Asked):
    """The MA org's switch for its connector; what isn't named stays."""

    switched_on: bool | None = None
    verified: bool | None = None
    notes: str | None = None


class UserPatch(Asked):
    """A user that is changed, or added if the org has none of this id."""

    id: str = Field(min_length=1, max_length=80)
    user_name: str | None = None
    name: str | None = None
    email: str | None = None
    active: bool | None = None


class SettingsPatch(Asked):
    """What changes of an org; what isn't named stays. Done in the order: fields, users, rules, door."""

    fields: list[FieldEntry] | None = None
    users: list[UserPatch] | None = None
    default_owner: str | None = None
    assignment_rules: list[AssignmentRule] | None = None
    duplicate_rules: list[DuplicateRule] | None = None
    validation_rules: list[ValidationRule] | None = None
    scoring: list[ScoringRule] | None = None
    qualified_when: CriteriaText | None = None
    page_actions: list[PageAction] | None = None
    forms: list[FormSetting] | None = None
    connector: ConnectorPatch | None = None
    connector_users: list[str] | None = None
    pipeline: list[Stage] | None = None
    send_identifier: Literal["email", "crm_id"] | None = None
    twice_on_a_list: bool | None = None
    reads_lag_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None
    sync_behaviors: dict[str, SyncBehavior] | None = None
    allowlist: list[str] | None = None
    quota: Quota | None = None
    logins: list[Login] | None = None


class Expectation(Asked):
    """Exchanges that should stand in the journal. In texts `*` stands for anything."""

    name: str = ""
    org: str | None = None
    actor: str | None = None
    user: str | None = None
    method: str | None = None
    path: str | None = Field(None, description="Such as `/*/crm/v1/records/Lead/*`.")
    status: int | None = None
    query: dict[str, str] | None = Field(None, description="Parameters that it has, at least.")
    request_body: Any = Field(None, description="JSON that its body holds: keys at least, lists row by row.")
    response_body: Any = Field(None, description="The same of the answer.")
    values: dict[str, Any] | None = Field(None, description="Values that it writes, alone or in a row of a batch.")
    exactly: int | None = Field(None, ge=0)
    at_least: int | None = Field(None, ge=0, description="1, where no count is given.")
    at_most: int | None = Field(None, ge=0)


class Verification(Asked):
    """What is expected of the journal's exchanges; with `ordered`, one after the other."""

    expect: Annotated[list[Expectation], Field(min_length=1, max_length=100)]
    ordered: bool = False
    after: int = Field(0, ge=0, le=2**53, description="Only exchanges with a greater number.")


# --- what is answered --------------------------------------------------------------------------------------------


class ClockState(BaseModel):
    """The sandbox's time and how it moves."""

    now: Moment
    mode: Mode


class OrgState(BaseModel):
    """One org, as the sandbox holds it."""

    name: str
    kind: Literal["crm", "marketing"]
    dialect: str
    time_zone: str
    allowlist: list[str]
    quota: dict[str, Any]
    reads_lag_seconds: int


class OrgNames(BaseModel):
    """The engine's names -> the vendor's, where they differ."""

    objects: dict[str, str]
    fields: dict[str, dict[str, str]]
    """By the engine's object."""
    users: dict[str, str]


class OrgRules(BaseModel):
    """Who gets the org's leads, and whose value of a field the marketing tool's own connector takes."""

    default_owner: str | None
    assignment_rules: list[AssignmentRule]
    sync_behaviors: dict[str, SyncBehavior]


class Orgs(BaseModel):
    """All orgs, by name."""

    orgs: list[OrgState]


class Actor(BaseModel):
    """A caller with a simulated address."""

    name: str
    address: str


class State(BaseModel):
    """What the sandbox is; `last` is the number of the journal's newest fact."""

    seed: int | str
    scenario: str
    last: int
    clock: ClockState
    orgs: list[OrgState]
    actors: list[Actor]
    snapshots: list[str]
    forks: list[str]


class Snapshots(BaseModel):
    """The names of the saved states."""

    snapshots: list[str]


class Forked(BaseModel):
    """Where a fork is served: its paths are the sandbox's own below this prefix."""

    fork: str
    path: str


class Forks(BaseModel):
    """The forks that are served."""

    forks: list[Forked]


class FaultState(FaultSpec):
    """A fault that is switched on: the matching calls seen, and those that failed."""

    id: int
    seen: int
    fired: int


class Faults(BaseModel):
    """All that are switched on, spent ones too."""

    faults: list[FaultState]


class JournalPage(BaseModel):
    """Facts in their order; `next` is the `after` of the page that follows, null after the last."""

    facts: list[dict[str, Any]]
    next: int | None
    digest: str


class Digest(BaseModel):
    """SHA-256 over the journal, in hex (formats.md "The digest"); `last` is the number of its newest fact."""

    digest: str
    last: int


class Difference(BaseModel):
    """Where an exchange is not what was expected."""

    what: str
    expected: Any
    found: Any


class Nearest(BaseModel):
    """An exchange that nearly fits."""

    n: int
    method: str
    path: str
    status: int
    differences: list[Difference]


class Outcome(BaseModel):
    """What became of one expectation: the numbers of the exchanges that fit, and the nearest if it isn't met."""

    name: str
    met: bool
    wanted: str
    found: int
    matches: list[int]
    because: str
    nearest: list[Nearest]


class Verified(BaseModel):
    """Whether all expectations are met."""

    met: bool
    results: list[Outcome]


class ErrorDetail(BaseModel):
    """What was refused, why, and how to mend it."""

    code: str
    kind: str
    message: str
    fix: str
    definite: bool
    problems: list[dict[str, Any]]
    matches: list[str]


class Error(BaseModel):
    """The body of every refusal."""

    error: ErrorDetail
