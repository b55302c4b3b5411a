"""Makes a case of traffic: of a recording proxy, of a running sandbox's journal, or of a HAR file from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from leadproof.cases.before import state_before
from leadproof.cases.case import CONNECTOR, EXPECTED, RECIPE, TRAFFIC, Case, Redaction, Sheet, Vendors, Wanted
from leadproof.cases.forwarding import Upstream
from leadproof.cases.har import NO_TIME, Recorded, write_har
from leadproof.cases.links import LINKS, NOT_TOLD, Linked, memory_json
from leadproof.cases.redaction.pseudonyms import Pseudonyms
from leadproof.cases.redaction.recipes import redacted_recipe
from leadproof.cases.redaction.traffic import Redactor
from leadproof.transports.exchange import Exchange
from leadproof.transports.protocol import Request, Response, TransportFailed
from leadproof.version import VERSION

VOCABULARY = "vocabulary.json"
TIME_HEADERS = ("x-time",)


@dataclass
class Capture:
    """Answers for a gate: sends everything on and keeps what came back, in the order of the requests."""

    upstream: Upstream
    recorded: list[Recorded] = field(default_factory=list)

    def __call__(self, origin: str, request: Request) -> Response:
        """Send on and keep; a failure of the wire is kept too. What leads nowhere is no traffic."""
        if not self.upstream.leads(origin):
            return self.upstream.send(origin, request)
        try:
            response = self.upstream.send(origin, request)
        except TransportFailed as failed:
            self.recorded.append(Recorded(Exchange(request, failure=failed), origin))
            raise
        at = next((response.headers[name] for name in TIME_HEADERS if name in response.headers), NO_TIME)
        self.recorded.append(Recorded(Exchange(request, response), origin, at))
        return response


@dataclass(frozen=True, slots=True)
class Source:
    """What the systems of a recording are made of, where they are a sandbox's: the recipe as it was read, its text,
    and the seed."""

    document: Any
    text: str
    seed: str


def case_of_traffic(
    recorded: Sequence[Recorded],
    *,
    title: str,
    symptom: str = "",
    vendors: Vendors | None = None,
    source: Source | None = None,
    links: Sequence[Linked] | None = None,
    key: bytes | None = None,
) -> Case:
    """The case, redacted; without a key people stay as they are, which is for dummy data only. `links`: whom the
    connector had linked before; None where nobody knows.

    Equal traffic gives equal bytes. With a source the case can be replayed against a sandbox that is made anew.
    """
    files: dict[str, bytes] = {
        CONNECTOR: memory_json(links or (), NOT_TOLD if links is not None else (LINKS, *NOT_TOLD))
    }
    pseudonyms = Pseudonyms(key) if key is not None else Pseudonyms(bytes(16))
    redactor = Redactor(pseudonyms, people=key is not None)
    if source is not None:
        files |= state_before(source.document, source.seed, "")
        recipe, redactor = redacted_recipe(source.text, files, pseudonyms, people=key is not None)
        files[RECIPE] = recipe
        if key is not None:
            files |= state_before(_parsed(recipe), source.seed, "")
    redactor.learn(recorded)
    redacted = [redactor.redacted(one) for one in recorded]
    files[TRAFFIC] = write_har(redacted, VERSION)
    files[EXPECTED] = orjson.dumps({"verdict": "passed", "findings": [], "checks": [], "digest": ""}) + b"\n"
    if key is not None:
        files[VOCABULARY] = orjson.dumps({"words": redactor.vocabulary()}) + b"\n"
    sheet = Sheet(
        case=1,
        title=redactor.text(title),
        symptom=redactor.text(symptom),
        vendors=vendors or Vendors(crm="unknown", marketing="unknown"),
        expected=Wanted(verdict="passed"),
        seed=source.seed if source is not None else "1",
        redacted=Redaction(secrets=True, people=key is not None),
    )
    return Case(sheet, files)


def _parsed(recipe: bytes) -> Any:
    from leadproof.sandbox import read_recipe

    return read_recipe(recipe.decode(), RECIPE)


def without_control(recorded: Iterable[Recorded]) -> list[Recorded]:
    """The traffic of the systems alone: what a tester asked of the sandbox's controls is no part of it."""
    return [one for one in recorded if not one.request.path.startswith("/_")]


def sandbox_redactor(case: Case, pseudonyms: Pseudonyms) -> Redactor:
    """A redactor that knows the fields of the case's systems, if the case has their schemas."""
    from leadproof.cases.redaction.inputs import redacted_inputs

    schemas = [orjson.loads(data) for name, data in sorted(case.files.items()) if name.startswith("schema/")]
    bare = Case(case.sheet.model_copy(update={"files": None}), {})
    return redacted_inputs(bare, pseudonyms, schemas)[1]
