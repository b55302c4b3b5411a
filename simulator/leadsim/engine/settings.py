"""How one org is set up, beyond its objects: assignment, duplicates, validation, scoring, segmentation, e-mail.

Pydantic models, because a recipe (formats.md "Recipe") and the control API hand them in as they were written.
Criteria stay in their written form here; the rules bind them to the fields of the day.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

SyncBehavior = Literal["use_crm", "use_marketing", "use_latest"]


class Strict(BaseModel):
    """A model that refuses keys it doesn't know."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class CriteriaText(Strict):
    """`{rows: [[field, operator, value], ...], logic: "1 AND (2 OR 3)"}`, read by leadterms.criteria."""

    rows: list[list[Any]] = Field(default_factory=list)
    logic: str | None = None

    def written(self) -> dict[str, Any]:
        """The form that leadterms.criteria.parse_criteria reads."""
        return {"rows": self.rows} if self.logic is None else {"rows": self.rows, "logic": self.logic}


class Assignee(Strict):
    """Exactly one of a user, a queue, or several users in turn."""

    user: str | None = None
    queue: str | None = None
    round_robin: list[str] | None = None

    @model_validator(mode="after")
    def _one(self) -> Assignee:
        given = [key for key in ("user", "queue", "round_robin") if getattr(self, key)]
        if len(given) != 1:
            raise ValueError(f"assign to exactly one of user, queue and round_robin, not to {given or 'nobody'}")
        return self


class AssignmentRule(Strict):
    """The first active rule whose criteria match decides the owner. No criteria: every record matches."""

    name: str
    criteria: CriteriaText | None = None
    assign: Assignee
    active: bool = True
    object: str | None = None


class DuplicateRule(Strict):
    """Records whose `match` fields all have the same, non-blank value are duplicates. `across`: the objects to
    search, the record's own if empty; a field has the same id in each of them, else the object isn't searched."""

    name: str
    object: str
    match: list[str]
    across: list[str] = Field(default_factory=list)
    action: Literal["block", "report"] = "block"
    active: bool = True


class ValidationRule(Strict):
    """A record that matches the criteria is refused with `message`, at `field` if one is named."""

    name: str
    object: str
    criteria: CriteriaText
    message: str
    field: str | None = None
    active: bool = True


class ScoringRule(Strict):
    """Points for an activity (of one form, page or e-mail if `detail` names it), or for a submission's values."""

    on: str
    points: int
    detail: str | None = None
    criteria: CriteriaText | None = None


class PageAction(Strict):
    """What happens at once when a prospect visits a page (product.md E: real time)."""

    page: str
    add_to_lists: list[str] = Field(default_factory=list)
    campaign: str | None = None
    status: str | None = None


class FormSetting(Strict):
    """A form: which prospect fields it asks, which of them must be filled, and whether its CAPTCHA is passed."""

    id: str
    name: str = ""
    fields: list[str]
    required: list[str] = Field(default_factory=list)
    captcha: Literal["pass", "fail", "ask", "none"] = "none"
    add_to_lists: list[str] = Field(default_factory=list)
    campaign: str | None = None
    status: str | None = None
    source: str | None = None


class ListSetting(Strict):
    """A list that a recipe declares. With criteria it is dynamic, without it is filled by hand."""

    id: str
    name: str = ""
    criteria: CriteriaText | None = None
    removes_from: list[str] = Field(default_factory=list)
    members: list[str] = Field(default_factory=list)


class Connector(Strict):
    """The MA org's own switch for its CRM connector (product.md C1)."""

    switched_on: bool = True
    verified: bool = True
    notes: str = ""


class Stage(Strict):
    """One stage of a sales pipeline; probability in percent."""

    name: str
    probability: int = 0
    closed: bool = False
    won: bool = False


class View(Strict):
    """A saved filter over one object (product.md F). Values of criteria may be `$me`, `$today`, `$week_start` (Monday),
    `$month_start` or `$month_end`: they are read when the view is, in the org's time zone."""

    name: str
    object: str
    criteria: CriteriaText = Field(default_factory=CriteriaText)
    order: list[tuple[str, Literal["asc", "desc"]]] = Field(default_factory=list)
    layout: Literal["list", "card"] = "list"


class OrgSettings(Strict):
    """All of it, for one org."""

    time_zone: str = "UTC"
    default_owner: str | None = None
    connector_users: list[str] = Field(default_factory=list)
    assignment_rules: list[AssignmentRule] = Field(default_factory=list)
    duplicate_rules: list[DuplicateRule] = Field(default_factory=list)
    validation_rules: list[ValidationRule] = Field(default_factory=list)
    scoring: list[ScoringRule] = Field(default_factory=list)
    qualified_when: CriteriaText | None = None
    page_actions: list[PageAction] = Field(default_factory=list)
    forms: list[FormSetting] = Field(default_factory=list)
    connector: Connector = Field(default_factory=Connector)
    views: list[View] = Field(default_factory=list)
    pipeline: list[Stage] = Field(default_factory=list)
    send_identifier: Literal["email", "crm_id"] = "email"
    twice_on_a_list: bool = False
    reads_lag_seconds: int = 0
    # By field of a person: whose value the marketing tool's own connector takes. Vendors show it on their set-up pages.
    sync_behaviors: dict[str, SyncBehavior] = Field(default_factory=dict)
