"""Form handlers: what they ask for, and a submission as a visitor's browser sends it.

A handler's embed code holds its public address; a post there is answered by a redirect to the success or the error
location, or where neither is set by a page. Which prospect it was, no answer tells: it is found by its e-mail address
afterwards. Source: guide, "Form Handler Object" and "Form Handler Field Object".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from leadproof.systems.failures import Refused, ServerFailed
from leadproof.systems.outreach import Form, FormField, Submission
from leadproof.systems.pardot.describing import PROSPECT, Json, moment
from leadproof.systems.pardot.reading import Reader
from leadproof.systems.pardot.session import Session
from leadproof.systems.ports import Refusal
from leadproof.systems.salesforce.errors import beginning

_HANDLER = "id,name,embedCode,successLocation,errorLocation"
_FIELD = "id,formHandlerId,name,prospectApiFieldId,isRequired"
_ACTION = re.compile(r"""(?:action=["']|(?=https?://))([^"'\s<>]+)""")


@dataclass(frozen=True, slots=True)
class Handler:
    """A form handler. `names`: the prospect's field -> the name that the posted form gives it."""

    form: Form
    path: str
    names: Mapping[str, str]
    failure: str


def handlers(reader: Reader) -> Iterator[Handler]:
    """All form handlers, with their fields by the prospect's field ids."""
    fields: dict[str, list[Json]] = {}
    for raw in reader.pages("form-handler-fields", _FIELD):
        fields.setdefault(str(raw["formHandlerId"]), []).append(raw)
    for raw in reader.pages("form-handlers", _HANDLER):
        own = fields.get(str(raw["id"]), [])
        asked = tuple(FormField(str(one["prospectApiFieldId"]), one.get("isRequired") is True) for one in own)
        names = {str(one["prospectApiFieldId"]): str(one["name"]) for one in own}
        found = _ACTION.search(str(raw.get("embedCode") or ""))
        path = urlsplit(found[1]).path if found else ""
        yield Handler(
            Form(str(raw["id"]), str(raw["name"]), asked, ""), path, names, str(raw.get("errorLocation") or "")
        )


def submit(session: Session, reader: Reader, form_id: str, values: Mapping[str, str]) -> Submission:
    """Post the values; raises Refused where there is no such form, and what the wire fails with."""
    handler = next((one for one in handlers(reader) if form_id in (one.form.id, one.form.name)), None)
    if handler is None or not handler.path:
        text = f"there is no form handler {form_id}"
        raise Refused("", "form", Refusal("109", text, None, "gone", True))
    email = next((values[id] for id in ("email",) if id in values), "")
    before = _known(reader, email)
    form = [(handler.names.get(id, id), value) for id, value in values.items()]
    response = session.visit("POST", handler.path, form)
    if response.status >= 500:
        text = f"status {response.status}: {beginning(response.body)}"
        raise ServerFailed("", "form", text, status=response.status, definite=False, retry_after_seconds=None)
    location = response.headers.get("location", "")
    failed = response.status >= 400 or bool(handler.failure and location.startswith(handler.failure))
    if failed or (not location and b"error" in response.body.lower()):
        said = " ".join(re.sub(r"<[^>]+>", " ", response.body.decode("utf-8", "replace")).split())
        text = said[:200] or f"the form was sent on to {location or 'nowhere'}"
        return Submission("refused", None, None, Refusal("36", text, None, "invalid", True))
    after = _known(reader, email)
    if not after:
        return Submission("created", None, None)
    newest = max(after.values(), key=lambda row: moment(str(row["updatedAt"])))
    outcome = "updated" if str(newest["id"]) in before else "created"
    return Submission("updated" if outcome == "updated" else "created", None, str(newest["id"]))


def _known(reader: Reader, email: str) -> dict[str, Json]:
    """The prospects of an address by id."""
    if not email:
        return {}
    return {str(row["id"]): row for row in reader.query(PROSPECT, ("email",), [("email", email)])}
