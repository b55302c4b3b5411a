"""The client of a native marketing org."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from leadproof.systems.failures import CallFailed, Refused
from leadproof.systems.native import answers
from leadproof.systems.native.client import NativeSystem
from leadproof.systems.organization import ConnectorStatus, Side
from leadproof.systems.outreach import Answer, EmailSent, Form, MarketingList, Submission
from leadproof.systems.ports import Capability, Cursor, Page, Refusal


class NativeMarketing(NativeSystem):
    """The port `Marketing` over B/marketing/v1."""

    kind: Side = "marketing"
    owner_field = "owner"
    can = NativeSystem.can | {
        Capability.FORMS,
        Capability.ANSWERS,
        Capability.LISTS,
        Capability.EMAIL,
        Capability.CONNECTOR_STATUS,
    }

    def forms(self) -> list[Form]:
        """GET forms."""
        return self._get("forms", lambda raw: [answers.as_form(form) for form in raw["forms"]])

    def submit_form(self, form_id: str, values: Mapping[str, str], *, captcha: str = "") -> Submission:
        """POST forms/{id}/submissions, as a visitor's browser does, without a login; a refusal raises nothing."""
        path = f"forms/{quote(form_id, safe='')}/submissions"
        body: dict[str, Any] = {"values": dict(values)}
        if captcha:
            body["captcha"] = captcha
        try:
            answer = self._call("POST", path, json=body, public=True)
            return self._made(
                f"POST {path}",
                answer,
                lambda raw: Submission(raw["outcome"], raw["submission"], raw["prospect"]),
            )
        except Refused as refused:
            return Submission("refused", None, None, refused.refusal)
        except CallFailed as failed:
            if failed.definite:
                raise
            lost = Refusal(failed.code, failed.text, None, "fault", False)
            return Submission("unknown", None, None, lost)

    def answers(self, id: str, field: str, since: Cursor | None) -> Page[Answer]:
        """GET prospects/{id}/answers."""
        query = [("field", field), *([("since", since)] if since else [])]
        return self._get(
            f"prospects/{quote(id, safe='')}/answers",
            lambda raw: Page([answers.as_answer(a) for a in raw["answers"]], raw["next"] or since or "", raw["more"]),
            query,
        )

    def lists(self) -> list[MarketingList]:
        """GET lists."""
        return self._get("lists", lambda raw: [answers.as_list(one) for one in raw["lists"]])

    def send_email(self, lists: Sequence[str], subject: str) -> EmailSent:
        """POST emails: recorded and de-duplicated; nothing leaves the machine."""
        answer = self._call("POST", "emails", json={"lists": list(lists), "subject": subject})
        return self._made("POST emails", answer, answers.as_email)

    def connector_status(self) -> ConnectorStatus:
        """GET connector."""
        return self._get(
            "connector",
            lambda raw: ConnectorStatus(raw["switched_on"], raw["verified"], raw["notes"] or ""),
        )
