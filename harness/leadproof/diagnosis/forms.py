"""What a form gave a person by itself: its lead source, which nobody typed in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.fields import mapping_of
from leadproof.diagnosis.subject import wanted
from leadproof.findings import Evidence, find
from leadproof.oracle.timelines import Life
from leadproof.scenario.checks.reports import CheckReport
from leadterms.refusals import Place

SOURCE = "source"
"""Marketing's field that a form fills by its own setting (formats.md "Recipe")."""


@dataclass(frozen=True)
class Given:
    """A lead source that a form gave: which form, to whom, what, by which fact of the journal."""

    form: str
    life: Life
    value: str
    n: int

    def cause(self, case: Case, expected: str) -> Cause:
        """The cause, at the form's line of the recipe."""
        org = case.org("marketing")
        text = f"The form {self.form} gives its people the source {self.value}; {expected}."
        at = case.at("marketing", self.life.object, self.life.id, SOURCE)
        said = f"{self.life.object} {self.life.id} got {SOURCE} = {self.value} with an answer to the form {self.form}"
        fix = f"Correct `source` of the form {self.form}, or what the scenario expects."
        places = [_place(case, self.form), at]
        return Cause(find("RPT509", text, places=places, evidence=[Evidence(said, org, self.n)], fix=fix), Proof.PROVED)


def look_at_sources(case: Case) -> Iterator[Cause]:
    """Where a check wants another lead source than the one that a form gave."""
    if isinstance(case.step, CheckReport):
        yield from _of_report(case, case.step)
        return
    for want in wanted(case):
        mapping = mapping_of(case, want)
        field = want.field if want.side == "marketing" else mapping.marketing_field if mapping is not None else None
        link = case.link_of(want.side, want.life)
        if field != SOURCE or link is None or not want.said:
            continue
        for one in given(case):
            if one.life.id == link.marketing_end.id and want.held == one.value:
                yield one.cause(case, f"the check wants {want.text.removeprefix('is ')}")


def _of_report(case: Case, step: CheckReport) -> Iterator[Cause]:
    """A row by source with too few, while a form gave a source of which the scenario says nothing."""
    if step.report != "lead_source":
        return
    rows = [row.get("row", "") for row in step.expect]
    wrong = [row for row in rows if row and any(one.expected.startswith(f"{row} ") for one in case.result.rows)]
    told = [one for one in given(case) if one.value not in rows]
    if wrong and told:
        yield told[0].cause(case, f"the report is expected to count {', '.join(dict.fromkeys(wrong))}")


def given(case: Case) -> Iterator[Given]:
    """The sources that forms gave, each person's first: the answers did not hold them, and they came in the request of
    the answers."""
    for fact in case.facts:
        if fact["kind"] != "change" or fact["org"] != case.org("marketing") or fact.get("object") != "submission":
            continue
        fields = {name: pair[1] for name, pair in (fact.get("fields") or {}).items()}
        life = case.life("marketing", case.agreement.marketing_object, str(fields.get("prospect") or ""))
        if life is None or SOURCE in _answers(fields.get("answers")):
            continue
        for edit in life.edits:
            value = edit.fields[SOURCE][1] if SOURCE in edit.fields else None
            if value and not edit.own and edit.request is not None and edit.request == fact.get("request"):
                yield Given(str(fields.get("form") or ""), life, str(value), edit.n)


def _answers(text: object) -> dict[str, Any]:
    try:
        read = json.loads(str(text or "{}"))
    except ValueError:
        return {}
    answers = read.get("answers") if isinstance(read, dict) else None
    return answers if isinstance(answers, dict) else {}


def _place(case: Case, form: str) -> Place | None:
    forms = [one.id for one in case.connected.marketing.forms()]
    return case.in_recipe(case.org("marketing"), "forms", forms.index(form)) if form in forms else None
