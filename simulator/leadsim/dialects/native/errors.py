"""What the engine and the gateway refuse, as the native API says it: status, code, kind, words.

The status tells whether a write *definitely* did not happen: every 4xx is definite.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from pydantic import ValidationError

from leadsim.engine.refusals import Refused
from leadsim.gateway.messages import Answer
from leadsim.gateway.refusal import GatewayRefusal
from leadsim.gateway.strictness import LaxJson
from leadterms.refusals import LeadtermsError
from leadterms.values import plain

# The engine's kinds: (status, kind in the body).
ENGINE: Mapping[str, tuple[int, str]] = {
    "invalid": (400, "invalid"),
    "duplicate": (409, "duplicate"),
    "locked": (423, "locked"),
    "permission": (403, "permission"),
    "gone": (404, "gone"),
    "conflict": (412, "conflict"),
    "unknown_object": (404, "invalid"),
}

NOT_FOUND = "REF742"
WRONG_METHOD = "REF743"
WRONG_MEDIA = "REF744"
BAD_BODY = "REF745"
BAD_PARAMETER = "REF746"
BAD_CURSOR = "REF747"
BAD_HEADER = "REF748"
JOB_STATE = "REF749"
NOT_SIMULATED = "SIM901"


class NativeRefusal(Exception):
    """The dialect itself refuses: something is wrong with how it was asked."""

    def __init__(
        self,
        code: str,
        text: str,
        *,
        status: int = 400,
        kind: str = "invalid",
        fix: str = "",
        problems: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status
        self.kind = kind
        self.fix = fix
        self.problems = problems or []
        self.headers = headers or {}


def detail(refused: Refused) -> dict[str, Any]:
    """The `error` of one refused write."""
    return {
        "code": refused.code,
        "kind": ENGINE[refused.kind][1],
        "message": refused.text,
        "fix": "",
        "definite": refused.definite,
        "problems": [
            {
                "object": problem.object,
                "id": problem.id,
                "field": problem.field,
                "value": shown(problem.value),
                "rule": problem.rule,
                "message": problem.text,
            }
            for problem in refused.problems
        ],
        "matches": list(refused.matches),
    }


def shown(value: object) -> Any:
    """A refused value as JSON: as it came, or as text if it is too odd for that (a number beyond 64 bits)."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal | date | frozenset | tuple):
        return plain(value)
    try:
        orjson.dumps(value)
    except TypeError:
        return repr(value)
    return value


def problem(field: str, rule: str, text: str, value: object = None) -> dict[str, Any]:
    """One problem with how something was asked."""
    return {"object": None, "id": None, "field": field, "value": shown(value), "rule": rule, "message": text}


def answer_refused(refused: Refused) -> Answer:
    """The engine's refusal of a whole call."""
    return Answer.json(ENGINE[refused.kind][0], {"error": detail(refused)})


def answer_native(refusal: NativeRefusal) -> Answer:
    """The dialect's own refusal."""
    return _answer(
        refusal.status, refusal.code, refusal.kind, refusal.text, refusal.fix, True, refusal.problems, refusal.headers
    )


def answer_gateway(refusal: GatewayRefusal) -> Answer:
    """The gateway's refusal."""
    return _answer(
        refusal.status, refusal.code, refusal.kind, refusal.text, refusal.fix, refusal.definite, [], refusal.headers
    )


def answer_terms(error: LeadtermsError) -> Answer:
    """Criteria or a definition that the vocabulary refuses."""
    return _answer(400, error.code, "invalid", error.text, error.fix, True, [], {})


def _answer(
    status: int, code: str, kind: str, text: str, fix: str, definite: bool, problems: list[Any], headers: dict[str, str]
) -> Answer:
    content = {
        "code": code,
        "kind": kind,
        "message": f"{text}. {fix}" if fix else text,
        "fix": fix,
        "definite": definite,
        "problems": problems,
        "matches": [],
    }
    return Answer.json(status, {"error": content}, headers)


def from_validation(error: ValidationError, code: str, what: str) -> NativeRefusal:
    """Every problem that pydantic found, with the place inside the body or query."""
    problems = [
        problem(
            ".".join(str(part) for part in one["loc"]) or what,
            one["type"],
            one["msg"],
            None if one["type"] in ("missing", "json_invalid") else one.get("input"),
        )
        for one in error.errors(include_url=False, include_context=False)
    ]
    first = problems[0]
    return NativeRefusal(
        code,
        f"the {what} is not what this operation reads: {first['field']}: {first['message']}",
        fix="See the operation in openapi.json",
        problems=problems,
    )


def from_lax_json(lax: LaxJson) -> NativeRefusal:
    """A body that readers would understand differently."""
    return NativeRefusal(
        BAD_BODY,
        f"the body is no strict JSON: {lax}",
        fix="Send each key once, and numbers as JSON has them",
        problems=[problem(lax.key or "body", "strict_json", str(lax))],
    )
