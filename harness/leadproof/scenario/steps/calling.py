"""The step that a program with the connector's login does when it speaks the vendor's API by itself: one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlencode

from pydantic import Field

from leadproof.findings import Evidence, UnknownCode, entry, find
from leadproof.scenario.registry import Done, Step, StepRefused, named
from leadproof.scenario.stage import Stage
from leadproof.scenario.steps.writing import CODES
from leadproof.systems.failures import CallFailed, Refused
from leadproof.systems.ports import Called, Calls
from leadproof.transports.protocol import Request

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
ROWS_TOLD = 3
"""Refused rows that a step's line tells in full."""


@named("call", needs=("nobody",))
class MakeCall(Step):
    """A program with the connector's login makes one call of the vendor's API, right or wrong, as it stands here.

    A call that the system refuses as a whole stops the scenario with the finding that the refusal means, in the
    system's own words. Rows refused in an answer of status 200 do not, but the
    step's line tells them: check what should be there afterwards."""

    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(default="GET", description="The HTTP method.")
    path: str = Field(pattern="^/", description="The path, as the vendor's pages write it.")
    # What could hold secrets is not said in reports: the journal shows the call, without them.
    query: dict[str, str] = Field(default_factory=dict, repr=False, description="The query's parameters.")
    form: dict[str, str] = Field(default_factory=dict, repr=False, description="What a form holds, as the body.")
    body: str = Field(
        default="", repr=False, description="The body's text, if it is no form; JSON unless a header says otherwise."
    )
    headers: dict[str, str] = Field(
        default_factory=dict,
        repr=False,
        description="Headers in place of the login's own; an empty text leaves one out.",
    )

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        crm, marketing = connected.eyes()
        system: object = crm if side == "crm" else marketing
        if not isinstance(system, Calls):
            raise stage.refused("RUN808", f"The client of {connected.system(side).name} makes no calls of others.")
        try:
            return Done(_told(system.call(self._request())))
        except CallFailed as failed:
            raise StepRefused(
                find(
                    code_of(failed, system.call_codes),
                    f"{failed.system} refused {self.method} {self.path}: {failed.text}",
                    places=[stage.at],
                    evidence=[Evidence(f"{failed.operation}: {failed.text}")],
                )
            ) from failed

    def _request(self) -> Request:
        body = urlencode(list(self.form.items())).encode() if self.form else self.body.encode()
        kind = {"content-type": FORM if self.form else JSON} if body else {}
        headers = {**kind, **{name.lower(): text for name, text in self.headers.items()}}
        return Request(self.method, self.path, tuple(self.query.items()), headers, body)


def _told(called: Called) -> str:
    """The status, and the rows that were refused all the same."""
    count = len(called.refused)
    if not count:
        return f"status {called.status}"
    rows = f"{count} row{'s' * (count > 1)} refused"
    more = f"; and {count - ROWS_TOLD} more" if count > ROWS_TOLD else ""
    return f"status {called.status}, {rows}: {'; '.join(called.refused[:ROWS_TOLD])}{more}"


def code_of(failed: CallFailed, call_codes: Mapping[str, str]) -> str:
    """The finding's code that a refused call means: what it says of the call as such, else of a record."""
    if not isinstance(failed, Refused):
        return failed.code
    known = call_codes.get(failed.refusal.code)
    if known is not None:
        return known
    try:
        return entry(failed.refusal.code).code
    except UnknownCode:
        return CODES[failed.refusal.kind]
