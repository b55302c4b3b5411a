"""The client of a native CRM org."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from leadproof.systems.native import answers
from leadproof.systems.native.client import NativeSystem
from leadproof.systems.organization import AssignmentRule, Side
from leadproof.systems.ports import Capability
from leadproof.systems.records import Converted


class NativeCrm(NativeSystem):
    """The port `Crm` over B/crm/v1."""

    kind: Side = "crm"
    owner_field = "Owner"
    can = NativeSystem.can | {Capability.ASSIGNMENT_RULES, Capability.CONVERT}

    def assignment_rules(self) -> list[AssignmentRule]:
        """GET assignment-rules, in the order in which the org tries them."""
        return self._get("assignment-rules", lambda raw: [answers.as_rule(rule) for rule in raw["rules"]])

    def default_owner(self) -> str | None:
        """GET assignment-rules."""
        return self._get("assignment-rules", lambda raw: raw["default_owner"] or None)

    def convert(
        self,
        lead_id: str,
        *,
        account_id: str | None = None,
        contact_id: str | None = None,
        opportunity: str | None = None,
    ) -> Converted:
        """POST leads/{id}/convert; an account is made of the lead's company unless one is named."""
        body: dict[str, Any] = {"opportunity": {"Name": opportunity} if opportunity else False}
        if account_id is not None:
            body["account_id"] = account_id
        if contact_id is not None:
            body["contact_id"] = contact_id
        path = f"leads/{quote(lead_id, safe='')}/convert"
        answer = self._call("POST", path, json=body)
        return self._made(
            f"POST {path}",
            answer,
            lambda raw: Converted(raw["contact_id"], raw.get("account_id"), raw.get("opportunity_id")),
        )
