"""The step that a visitor of the web site does."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadproof.scenario.people import Person
from leadproof.scenario.registry import Done, Entered, Step, named
from leadproof.scenario.stage import Stage
from leadterms.fieldtypes import parse
from leadterms.refusals import ValueRefused


@named("submit_form")
class SubmitForm(Step):
    """A visitor fills a form of the marketing tool. `lead` is somebody known; `as` names a new person.

    What the form asks for and `values` does not say comes from the dummy person: e-mail always, names, company
    and phone for a new person. `expect: refused` passes only if the form is refused (a CAPTCHA, a bad address)."""

    form: str = Field(description="The form's id or name.")
    lead: str = Field(default="", description="The lead or group, as `$name`.")
    as_: str = Field(default="", alias="as", description="The name by which later steps say `$name`.")
    in_: str = Field(default="marketing", alias="in", description="Where: crm, marketing or an org's name.")
    values: dict[str, Entered] = Field(default_factory=dict, description="Field id -> value.")
    captcha: str = Field(default="", description="What the visitor answers to the CAPTCHA.")
    expect: Literal["accepted", "refused"] = Field(default="accepted", description="What must come of it.")

    def run(self, stage: Stage) -> Done:
        connected, _ = stage.located(self.in_)
        marketing = connected.marketing
        forms = {one.id: one for one in marketing.forms()}
        by_name = {one.name: one for one in forms.values()}
        form = forms.get(self.form) or by_name.get(self.form)
        if form is None:
            raise stage.unknown(f"form in {marketing.name}", self.form, forms)
        person = stage.person(self.lead) if self.lead else Person(self.as_ or "visitor", made_in=marketing.name)
        asked = [one.id for one in form.fields]
        entered = {
            connected.field_id("marketing", connected.prospect, key): _text(one) for key, one in self.values.items()
        }
        values = {**self._known(stage, person, asked), **entered}
        answer = marketing.submit_form(form.id, values, captcha=self.captcha)
        if answer.outcome in ("refused", "unknown"):
            why = answer.refusal.text if answer.refusal is not None else "the answer was lost"
            if self.expect == "refused" and answer.outcome == "refused":
                return Done(f"refused, as expected: {why}")
            raise stage.refused("REF709", f"Form {form.id} of {marketing.name} was refused: {why}")
        if self.expect == "refused":
            raise stage.refused("RUN808", f"Form {form.id} was accepted, and the scenario expects a refusal.")
        self._remember(stage, person, values, answer.prospect)
        return Done(f"{answer.outcome} {answer.prospect} from form {form.id}")

    def _known(self, stage: Stage, person: Person, asked: list[str]) -> dict[str, str]:
        connected, _ = stage.located(self.in_)
        key = connected.match_field("marketing", connected.prospect)
        if self.lead:
            return {key: person.keys[-1]} if key in asked and person.keys else {}
        who = stage.new_identity()
        basics = {
            "first_name": who.first_name,
            "last_name": who.last_name,
            "email": who.email,
            "company": who.company,
            "phone": who.phone,
        }
        named = {one: connected.engine_field("marketing", connected.prospect, one) for one in asked}
        return {one: basics[name] for one, name in named.items() if name in basics}

    def _remember(self, stage: Stage, person: Person, values: dict[str, str], prospect: str | None) -> None:
        connected, _ = stage.located(self.in_)
        specs, org = connected.specs("marketing", connected.prospect), connected.marketing.name
        for key, text in values.items():
            if key in specs:
                try:
                    person.entered[(org, key)] = parse(specs[key], text)
                except ValueRefused:
                    person.entered[(org, key)] = text
        person.remember_key(values.get(connected.match_field("marketing", connected.prospect)))
        if prospect is not None:
            person.ids.setdefault(org, (connected.prospect, prospect))
            if (org, connected.prospect, prospect) not in stage.made:
                stage.made.append((org, connected.prospect, prospect))
        if self.as_:
            stage.name(self.as_, person)


def _text(value: Entered) -> str:
    if isinstance(value, list):
        return ";".join(value)
    return value or ""
