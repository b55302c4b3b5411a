"""A case without secrets and people: its inputs are redacted, and what they lead to is recorded anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

import orjson

from leadproof.cases.case import TRAFFIC, Case, Redaction
from leadproof.cases.har import write_har
from leadproof.cases.recording import About, record_scenario
from leadproof.cases.redaction.inputs import redacted_inputs
from leadproof.cases.redaction.pseudonyms import Pseudonyms
from leadproof.cases.redaction.traffic import Redactor
from leadproof.cases.refusals import RedactionChanges
from leadproof.version import VERSION


def redacted_case(case: Case, key: bytes) -> Case:
    """The case with pseudonyms for people; a case that has them is answered as it is.

    A scenario is run again with redacted inputs. Raises RedactionChanges where that ends otherwise than the recording:
    what went wrong then depends on the very texts that were replaced.
    """
    if case.sheet.redacted.people:
        return case
    pseudonyms = Pseudonyms(key)
    if case.sheet.files is None:
        return _traffic_only(case, pseudonyms)
    schemas = [orjson.loads(data) for name, data in sorted(case.files.items()) if name.startswith("schema/")]
    inputs, _ = redacted_inputs(case, pseudonyms, schemas)
    sheet = inputs.sheet
    with tempfile.TemporaryDirectory(prefix="leadproof-case-") as folder:
        made = record_scenario(
            inputs.lay_out(Path(folder)),
            seed=sheet.seed,
            connector=sheet.connector,
            about=About(sheet.title, sheet.symptom, tuple(sheet.catalogue), sheet.message, sheet.mend),
        )
    was, now = case.sheet.expected, made.sheet.expected
    if (was.verdict, sorted(was.findings)) != (now.verdict, sorted(now.findings)):
        told = ", ".join(now.findings) or "no finding"
        raise RedactionChanges(
            f"With pseudonyms the scenario ends {now.verdict} ({told}) instead of {was.verdict} "
            f"({', '.join(was.findings) or 'no finding'}){_why(made)}."
        )
    return made.with_sheet(redacted=Redaction(secrets=True, people=True))


def _traffic_only(case: Case, pseudonyms: Pseudonyms) -> Case:
    redactor = Redactor(pseudonyms)
    redactor.learn(case.traffic)
    traffic = [redactor.redacted(one) for one in case.traffic]
    told = {key: redactor.text(getattr(case.sheet, key)) for key in ("title", "symptom")}
    redacted = Redaction(secrets=True, people=True)
    return case.with_files({TRAFFIC: write_har(traffic, VERSION)}).with_sheet(**told, redacted=redacted)


def _why(made: Case) -> str:
    """The first cause that the redacted run tells; there are only pseudonyms in it."""
    findings = made.expected.get("findings", [])
    return f": {findings[0]['cause']}" if findings else ""
