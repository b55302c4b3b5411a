"""What marketing asks and sends: forms and their answers, lists, e-mails.

Source: formats.md "Ports".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from leadproof.systems.records import Refusal

if TYPE_CHECKING:
    from leadterms.criteria import Criteria


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that a person gave for one field; the source keeps every one."""

    id: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form: the marketing field's id, and whether the form is refused without it."""

    id: str
    required: bool


@dataclass(frozen=True, slots=True)
class Form:
    id: str
    name: str
    fields: tuple[FormField, ...]
    captcha: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a form: a prospect was created or updated, or the form was refused, or nobody knows."""

    outcome: Literal["created", "updated", "refused", "unknown"]
    id: str | None
    prospect: str | None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class MarketingList:
    id: str
    name: str
    dynamic: bool
    criteria: Criteria | None


@dataclass(frozen=True, slots=True)
class EmailSent:
    """An e-mail that was recorded, never sent: who gets it, who is suppressed, who stood on several lists."""

    recipients: tuple[str, ...]
    suppressed: tuple[str, ...]
    duplicates: tuple[str, ...]
