"""Checks of values: one field, several, or every mapped field of a lead (product.md A3)."""

from __future__ import annotations

from pydantic import Field, model_validator

from leadproof.findings import At, Evidence, Finding, find
from leadproof.integration import Mapping
from leadproof.scenario.checks.delivery import records_on
from leadproof.scenario.connected import Connected
from leadproof.scenario.people import Person, known_record
from leadproof.scenario.registry import Check, Entered, Result, Row, failed, named, passed
from leadproof.scenario.stage import Stage
from leadproof.scenario.wording import cell, field_name, listed, shown
from leadproof.systems.ports import Record
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import blank, convert, same
from leadterms.refusals import ConversionRefused
from leadterms.values import Value


def one_record(stage: Stage, connected: Connected, side: str, person: Person) -> Record | Result:
    """The person's one record on this side, or the failed Result that says how many there are. Where the scenario
    made it itself, that one, whatever others there are."""
    own = known_record(connected, side, person)
    if own is not None:
        return own
    records = records_on(connected, side, person)
    if len(records) == 1:
        return records[0]
    org = connected.system(side).name
    found = listed([f"{one.object} {one.id}" for one in records]) if records else "no record"
    cause = find("CYC601", f"{person.name} has {found} in {org}.", places=[At(side, org)])
    return failed(f"{person.name} in {org}", "one record", found, findings=stage.causes(cause))


@named("check_field")
class CheckField(Check):
    """One field of a lead holds a value (`is`), is blank (`blank: yes`), contains a text (`contains`), or is not a
    value (`not`). Values are compared by the field's type: a phone in E.164, an e-mail whatever its case."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    field: str = Field(description="The field's id.")
    is_: Entered = Field(default=None, alias="is", description="What it must be.")
    not_: Entered = Field(default=None, alias="not", description="What it must not be.")
    contains: str = Field(default="", description="A text that must be in it.")
    blank: bool | None = Field(default=None, description="Whether it must be blank.")

    @model_validator(mode="after")
    def _one_expectation(self) -> CheckField:
        said = self.model_fields_set & {"is_", "not_", "contains", "blank"}
        if len(said) != 1:
            raise ValueError("say exactly one of `is`, `not`, `contains` and `blank`")
        return self

    def compare(self, stage: Stage) -> Result:
        results = [self._compare(stage, person) for person in stage.people(self.lead)]
        wrong = [one for one in results if one.verdict != "passed"]
        if wrong or len(results) == 1:
            return wrong[0] if wrong else results[0]
        return passed(f"{results[0].compared}, and {len(results) - 1} more likewise")

    def _compare(self, stage: Stage, person: Person) -> Result:
        connected, side = stage.located(self.in_)
        record = one_record(stage, connected, side, person)
        if isinstance(record, Result):
            return record
        spec = stage.spec(connected, side, record.object, self.field)
        value = record.values.get(spec.id)
        where = f"{connected.system(side).name} {record.object}.{field_name(spec)}"
        held, expected = self._judge(stage, connected, side, record, spec, value)
        if held:
            return passed(f"{where} {expected}")
        return failed(
            where, expected, shown(value), findings=stage.causes(_cause(stage, connected, side, record, spec))
        )

    def _judge(
        self, stage: Stage, connected: Connected, side: str, record: Record, spec: FieldSpec, value: Value
    ) -> tuple[bool, str]:
        if self.blank is not None:
            return blank(value) == self.blank, "is blank" if self.blank else "is not blank"
        if self.contains:
            return self.contains in str(value or ""), f"contains {self.contains!r}"
        raw = self.is_ if "is_" in self.model_fields_set else self.not_
        wanted = stage.typed(connected, side, record.object, {self.field: raw})[spec.id]
        if "is_" in self.model_fields_set:
            return same(spec, value, wanted), f"is {shown(wanted)}"
        return not same(spec, value, wanted), f"is not {shown(wanted)}"


def _cause(stage: Stage, connected: Connected, side: str, record: Record, spec: FieldSpec) -> Finding:
    """What the mapping's rules suggest when a field holds the wrong value."""
    org = connected.system(side).name
    at = At(side, org, record.object, record.id, spec.id)
    mapping = _mapping_of(connected, side, record.object, spec.id)
    if mapping is None:
        text = f"{record.object}.{spec.id} of {org} is in no field mapping, so nothing syncs it."
        return find("MAP316", text, places=[at], fix="Add the field to `fields` in the integration.")
    rules = f"master {mapping.master}, overwrite {mapping.overwrite}, clears {mapping.clears}, {mapping.direction}"
    text = f"{mapping.crm_object}.{mapping.crm_field} <-> {mapping.marketing_field} ({rules}) does not hold."
    code = "OWN302" if mapping.master != side and mapping.master != "latest" else "OWN301"
    evidence = [Evidence(f"the mapping says: {rules}")]
    return find(code if not stage.findings else "MAP316", text, places=[at, mapping.place], evidence=evidence)


def _mapping_of(connected: Connected, side: str, object: str, field_id: str) -> Mapping | None:
    objects = [object] if side == "crm" else list(connected.people_objects)
    for crm_object in objects:
        for one in connected.mappings(crm_object):
            if field_id == (one.crm_field if side == "crm" else one.marketing_field):
                return one
    return None


@named("check_fields")
class CheckFields(Check):
    """Several fields of a lead hold these values, in one system."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    values: dict[str, Entered] = Field(min_length=1, description="Field id -> value.")

    def compare(self, stage: Stage) -> Result:
        connected, side = stage.located(self.in_)
        person = stage.person(self.lead)
        record = one_record(stage, connected, side, person)
        if isinstance(record, Result):
            return record
        wanted = stage.typed(connected, side, record.object, self.values)
        specs = connected.specs(side, record.object)
        org = connected.system(side).name
        rows, wrong = [], []
        for key, value in wanted.items():
            right = same(specs[key], record.values.get(key), value)
            shown_cell = cell(org, specs[key], record.values.get(key))
            marketing, crm = (None, shown_cell) if side == "crm" else (shown_cell, None)
            rows.append(Row(marketing, crm, shown(value), "passed" if right else "failed"))
            if not right:
                wrong.append(key)
        if not wrong:
            return passed(f"{len(rows)} fields of {record.object} {record.id}", rows=rows)
        cause = _cause(stage, connected, side, record, specs[wrong[0]])
        expected = "; ".join(f"{key} = {shown(wanted[key])}" for key in wrong)
        found = "; ".join(f"{key} = {shown(record.values.get(key))}" for key in wrong)
        return failed(f"{len(rows)} fields in {org}", expected, found, rows=rows, findings=stage.causes(cause))


@named("check_every_field")
class CheckEveryField(Check):
    """Every value that was entered on one side (`from`) stands in the mapped field of the other, right in type.

    A value that the mapping's direction keeps at home is listed and not required. Several answers are required
    to be contained."""

    lead: str = Field(description="The lead or group, as `$name`.")
    from_: str = Field(alias="from", description="The side where the values were entered.")
    to: str = Field(default="", description="The side where they must arrive; the other one unless said.")

    def compare(self, stage: Stage) -> Result:
        connected, side = stage.located(self.from_)
        if self.to:
            connected, other = stage.located(self.to)
        else:
            other = "marketing" if side == "crm" else "crm"
        person = stage.person(self.lead)
        source = one_record(stage, connected, side, person)
        target = one_record(stage, connected, other, person)
        if isinstance(source, Result):
            return source
        if isinstance(target, Result):
            return target
        crm_object = source.object if side == "crm" else target.object
        rows, wrong = [], []
        for mapping in connected.mappings(crm_object):
            row = self._row(stage, connected, side, mapping, source, target, person)
            if row is not None:
                rows.append(row)
                if row.verdict == "failed":
                    wrong.append((mapping, row))
        asked = sum(1 for row in rows if row.verdict != "skipped")
        there = connected.system(other).name
        if not wrong and asked:
            return passed(f"{asked} values of {source.object} {source.id} arrived in {there}", rows=rows)
        if not asked:
            return failed(f"fields in {there}", "at least one mapped value", "no mapped field was filled", rows=rows)
        expected = "; ".join(f"{_target_id(one, other)} = {row.expected}" for one, row in wrong)
        found = "; ".join(f"{_target_id(one, other)} = {_shown_there(row, other)}" for one, row in wrong)
        return failed(
            f"{asked} fields in {there}",
            expected,
            found,
            rows=rows,
            findings=stage.causes(*(_not_arrived(connected, other, target, one, row) for one, row in wrong[:3])),
        )

    def _row(
        self,
        stage: Stage,
        connected: Connected,
        side: str,
        mapping: Mapping,
        source: Record,
        target: Record,
        person: Person,
    ) -> Row | None:
        here = mapping.crm_field if side == "crm" else str(mapping.marketing_field)
        there = str(mapping.marketing_field) if side == "crm" else mapping.crm_field
        org = connected.system(side).name
        if (org, here) not in person.entered:
            return None
        other = "marketing" if side == "crm" else "crm"
        source_spec = stage.spec(connected, side, source.object, here)
        target_spec = stage.spec(connected, other, target.object, there)
        entered, arrived = person.entered[(org, here)], target.values.get(there)
        cells = (
            cell(org, source_spec, entered),
            cell(connected.system(other).name, target_spec, arrived),
        )
        marketing, crm = cells if side == "marketing" else (cells[1], cells[0])
        travels = mapping.direction in ("both", "to_crm" if other == "crm" else "to_marketing")
        if not travels:
            return Row(marketing, crm, "", "skipped", f"not synced this way (direction {mapping.direction})")
        values = mapping.values_to_crm if other == "crm" else mapping.values_to_marketing
        try:
            zone = _zone_of_days(connected, side, source_spec, target_spec)
            expected = convert(entered, source_spec, target_spec, time_zone=zone, values=values)
        except ConversionRefused as refused:
            return Row(marketing, crm, f"(refused: {refused.text})", "failed", refused.code)
        if mapping.answers == "append":
            right = blank(expected) or str(expected) in str(arrived or "")
        else:
            right = same(target_spec, arrived, expected)
        return Row(marketing, crm, shown(expected), "passed" if right else "failed")


def _zone_of_days(connected: Connected, side: str, source: FieldSpec, target: FieldSpec) -> str:
    """A day belongs to the org that keeps it as a day (sync-semantics.md "Types")."""
    if {source.type, target.type} != {"date", "date_time"}:
        return "UTC"
    other = "marketing" if side == "crm" else "crm"
    return connected.time_zone(side if source.type == "date" else other)


def _target_id(mapping: Mapping, side: str) -> str:
    return mapping.crm_field if side == "crm" else str(mapping.marketing_field)


def _shown_there(row: Row, side: str) -> str:
    held = row.crm if side == "crm" else row.marketing
    return held.text if held is not None else "(blank)"


def _not_arrived(connected: Connected, side: str, target: Record, mapping: Mapping, row: Row) -> Finding:
    at = At(side, connected.system(side).name, target.object, target.id, _target_id(mapping, side))
    if row.remark:
        return find(row.remark, row.expected.strip("()"), places=[mapping.place, at])
    held = _shown_there(row, side)
    text = f"{mapping.crm_field} <-> {mapping.marketing_field}: expected {row.expected}, found {held}."
    return find("MAP316", text, places=[at, mapping.place])
