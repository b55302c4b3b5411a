"""The integration file: what is read, what is refused, and the view with every default (formats.md
"Integration")."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadproof.cli.texts import SCHEMAS
from leadproof.findings.catalogue import entry
from leadproof.integration import (
    Integration,
    json_schema,
    live_settings,
    load,
    parse_text,
    problems_together,
    problems_with_schemas,
)
from leadproof.library import scenarios_folder
from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.refusals import DocumentRefused, Place, Problem

EXAMPLE = """\
leadproof: 1
systems:
  crm: {dialect: salesforce, org: acme-crm}
  marketing: {dialect: pardot, org: acme-marketing}
defaults: {master: crm, direction: both, overwrite: if_blank, clears: keep, answers: replace}
people:
  crm: [Lead, Contact]
  marketing: prospect
  link: {crm_id_in_marketing: salesforceId, marketing_id_in_crm: pi_id__c}
  match: [email]
  ambiguous: refuse
  deletes: ignore
  deliver: {when: qualified, criteria: {rows: [[score, ">=", 100]], logic: "1"}}
  assign_by: crm_rules
fields:
  - {crm: Email, marketing: email}
  - {crm: {Lead: Phone, Contact: HomePhone}, marketing: phone, used_by: [segmentation]}
  - {crm: Rating, marketing: rating, master: {Lead: marketing, Contact: crm}, values: {Hot: hot, Cold: cold}}
  - {crm: Score__c, marketing: score, master: marketing, overwrite: never}
  - {crm: Comments__c, marketing: comments, direction: to_crm, answers: append}
  - {crm: LeadSource, marketing: source, direction: to_crm, only_on: create}
  - {crm: AnnualRevenue, direction: none}
users: {match: user_name, map: {kari.m: kari.c}}
campaigns:
  - {crm: Spring test, marketing: spring, statuses: {clicked: Responded, sent: Sent}}
"""
SMALL = """\
systems:
  crm: {dialect: native, org: c}
  marketing: {dialect: native, org: m}
fields:
  - {crm: Email, marketing: email}
"""


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(DocumentRefused) as caught:
        parse_text(text, file="leadproof.yaml")
    for problem in caught.value.problems:
        assert entry(problem.code).title
    return caught.value.problems


def test_the_example_of_the_format(tmp_path: Path) -> None:
    """The file of formats.md is read, with the places of its parts."""
    path = tmp_path / "leadproof.yaml"
    path.write_text(EXAMPLE, "utf-8")
    integration = load(path)
    assert integration.path == path
    assert integration.people.link.crm_id_in_marketing == "salesforceId"
    assert integration.people.deliver.criteria is not None
    assert str(integration.people.deliver.criteria.parsed().logic) == "1"
    assert integration.users.map == {"kari.m": "kari.c"}
    assert integration.campaigns[0].statuses == {"clicked": "Responded", "sent": "Sent"}
    assert integration.place("fields", 2, "master") == Place(str(path), 18, 38)
    assert integration.warnings == ()


def test_defaults_are_those_of_the_native_dialect() -> None:
    """A small file needs systems and fields only."""
    integration = parse_text(SMALL)
    people = integration.people
    assert (people.crm, people.marketing, people.match) == (["Lead", "Contact"], "prospect", ["email"])
    assert (people.link.crm_id_in_marketing, people.link.marketing_id_in_crm) == ("crm_id", "MarketingId__c")
    assert (people.ambiguous, people.deletes, people.deliver.when, people.import_.when) == (
        "refuse",
        "ignore",
        "all",
        "all",
    )
    assert (people.deliver_as, people.assign_by) == ("lead", "crm_rules")
    (mapping,) = integration.mappings("Lead")
    assert (mapping.master, mapping.direction, mapping.overwrite) == ("crm", "both", "if_blank")
    assert (mapping.clears, mapping.answers, mapping.only_on, mapping.sticky) == ("keep", "replace", None, False)
    assert mapping.values_to_crm is mapping.values_to_marketing is None


def test_mappings_are_resolved_by_object() -> None:
    """Field, master and value map are those of the object; a CRM-only field is declared with direction
    none."""
    integration = parse_text(EXAMPLE)
    lead, contact = ({one.id: one for one in integration.mappings(name)} for name in ("Lead", "Contact"))
    assert list(lead) == ["email", "phone", "rating", "score", "comments", "source", "crm:AnnualRevenue"]
    assert (lead["phone"].crm_field, contact["phone"].crm_field) == ("Phone", "HomePhone")
    assert (lead["rating"].master, contact["rating"].master) == ("marketing", "crm")
    assert lead["rating"].values_to_marketing == {"Hot": "hot", "Cold": "cold"}
    assert lead["rating"].values_to_crm == {"hot": "Hot", "cold": "Cold"}
    only = lead["crm:AnnualRevenue"]
    assert (only.marketing_field, only.direction, only.writes_crm, only.writes_marketing) == (
        None,
        "none",
        False,
        False,
    )
    assert lead["comments"].writes_crm
    assert not lead["comments"].writes_marketing
    assert lead["phone"].used_by == ("segmentation",)
    assert lead["phone"].place == Place("<text>", 17, 5)
    assert integration.mapping("Lead", "score").overwrite == "never"
    with pytest.raises(KeyError):
        integration.mapping("Lead", "nothing")


rules = st.fixed_dictionaries(
    {},
    optional={
        "master": st.sampled_from(["crm", "marketing", "latest"]),
        "direction": st.sampled_from(["both", "to_crm", "to_marketing", "none"]),
        "overwrite": st.sampled_from(["always", "if_blank", "never"]),
        "clears": st.sampled_from(["keep", "propagate"]),
    },
)


@given(rules, rules, rules)
def test_every_rule_comes_from_the_nearest_place(
    own: dict[str, str], base: dict[str, str], defaults: dict[str, str]
) -> None:
    """A mapping's own rule, else that of the mapping it extends, else the file's default, else the
    format's."""

    def flow(items: dict[str, str]) -> str:
        return "".join(f", {key}: {value}" for key, value in items.items())

    text = SMALL + (
        f"  - {{crm: A, marketing: a{flow(base)}}}\n"
        f"  - {{crm: B, marketing: b, extends: a{flow(own)}}}\n"
        f"defaults: {json.dumps(defaults)}\n"
    )
    mapping = parse_text(text).mapping("Lead", "b")
    standard = {"master": "crm", "direction": "both", "overwrite": "if_blank", "clears": "keep"}
    for rule, value in (standard | defaults | base | own).items():
        assert getattr(mapping, rule) == value


def test_short_forms() -> None:
    """`deliver: assigned`, `import: none` and a bare name of a person are read."""
    integration = parse_text(SMALL + "people: {deliver: assigned, import: none}\ncontacts: {sales: the desk}\n")
    assert integration.people.deliver.when == "assigned"
    assert integration.people.import_.when == "none"
    assert integration.contacts.sales is not None
    assert integration.contacts.sales.name == "the desk"


@pytest.mark.parametrize(
    ("before", "after", "code", "place", "hint"),
    [
        ("marketing: phone, used_by", "marketng: phone, used_by", "CFG805", "17:46", "'marketing'"),
        ("answers: append", "answers: apend", "CFG807", "20:73", "'append'"),
        ("master: {Lead: marketing", "master: {Lead: marketin", "CFG807", "18:53", "'marketing'"),
        ("dialect: pardot, ", "", "CFG806", "4:3", "Add it"),
        ("leadproof: 1", "leadproof: 2", "CFG807", "1:12", ""),
        ("{crm: LeadSource", "{crm: Email", "MAP320", "21:5", "Remove one"),
        ("marketing: source", "marketing: email", "MAP320", "21:5", "Remove one"),
        ("master: {Lead:", "master: {Leed:", "MAP322", "18:53", "Lead, Contact"),
        ("{Lead: Phone, C", "{Leed: Phone, C", "MAP322", "17:18", "Lead, Contact"),
        ("match: [email]", "match: [mail]", "MAP323", "10:11", "marketing: mail"),
        ("direction: to_crm, answers", "answers", "MAP324", "20:5", "to_crm"),
        ("Cold: cold}", "Cold: hot}", "MAP325", "18:5", "to_marketing"),
        ("{crm: AnnualRevenue, direction: none}", "{crm: AnnualRevenue}", "MAP326", "22:5", "direction: none"),
        ("overwrite: never}", "extends: scor}", "CFG842", "19:67", "another"),
        (', criteria: {rows: [[score, ">=", 100]], logic: "1"}', "", "CFG841", "13:3", "criteria"),
        ('[score, ">="', '[score, "=>"', "CFG821", "13:30", ">="),
        ('logic: "1"', 'logic: "1 AND 2"', "CFG822", "13:30", "1 AND"),
        ("org: acme-crm}", "org: acme-crm, url: 'https://acme.example'}", "CFG807", "3:50", ""),
        ("org: acme-crm}", "org: acme-crm, credentials: {password: secret}}", "CFG807", "3:69", ""),
    ],
)  # fmt: skip
def test_what_is_refused(before: str, after: str, code: str, place: str, hint: str) -> None:
    """Each mistake is refused at its place with a code that is explained and a way to mend it."""
    assert before in EXAMPLE
    (problem,) = refused(EXAMPLE.replace(before, after))
    assert problem.code == code
    assert str(problem.place) == f"leadproof.yaml:{place}"
    assert hint in problem.suggestion


def test_all_problems_at_once() -> None:
    """A file with several mistakes names each of them, in its order."""
    found = refused(EXAMPLE.replace("match: [email]", "match: [mail]").replace("direction: to_crm, answers", "answers"))
    assert [one.code for one in found] == ["MAP323", "MAP324"]


def test_deliver_as_needs_its_object() -> None:
    """A person cannot be delivered as an object that is not synced."""
    (problem,) = refused(SMALL + "people: {crm: [Contact]}\n")
    assert problem.code == "MAP322"
    assert parse_text(SMALL + "people: {crm: [Contact], deliver_as: contact}\n").people.deliver_as == "contact"


@pytest.mark.parametrize(
    ("rules", "warned"),
    [
        ("direction: to_crm, overwrite: never", True),
        ("direction: to_marketing, master: marketing, overwrite: never", True),
        ("direction: to_crm, master: marketing, overwrite: never", False),
        ("direction: to_crm, overwrite: if_blank", False),
        ("direction: both, overwrite: never", False),
        ("direction: to_crm, overwrite: never, answers: append", False),
    ],
)
def test_a_mapping_that_moves_nothing_is_a_warning(rules: str, warned: bool) -> None:
    """Towards its own master with overwrite never, nothing moves after creation: allowed, and said."""
    integration = parse_text(SMALL + f"  - {{crm: Description, marketing: comments, {rules}}}\n")
    assert [one.code for one in integration.warnings] == ["MAP313"] * warned


def spec(object: str, id: str, type: str, **more: object) -> FieldSpec:
    return FieldSpec.from_json({"object": object, "id": id, "type": type, **more})


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{crm: Number, marketing: job_title}", "MAP307"),
        ("{crm: Number, marketing: job_title, direction: to_marketing}", None),
        ("{crm: Title, marketing: days, direction: to_marketing}", "MAP307"),
        ("{crm: Title, marketing: days, direction: to_crm}", None),
        ("{crm: Fixed, marketing: job_title, direction: to_crm}", "MAP307"),
        ("{crm: Title, marketing: job_title, direction: to_crm, answers: append}", "MAP308"),
        ("{crm: Description, marketing: job_title, direction: to_crm, answers: append}", None),
        ("{crm: Unknown, marketing: unknown}", None),
    ],
)
def test_targets_that_cannot_be_written(line: str, code: str | None) -> None:
    """Read-only, formula and auto-number fields cannot be targets; several answers need many lines."""
    lead = [
        spec("Lead", "Number", "auto_number"),
        spec("Lead", "Title", "single_line"),
        spec("Lead", "Fixed", "single_line", read_only=True),
        spec("Lead", "Description", "multi_line"),
    ]
    person = [
        spec("prospect", "job_title", "single_line"),
        spec("prospect", "days", "formula", formula={"days_since": "x"}),
    ]
    crm = {"Lead": ObjectSpec("Lead", "Lead", {one.id: one for one in lead})}
    marketing = {"prospect": ObjectSpec("prospect", "Prospect", {one.id: one for one in person})}
    found = problems_with_schemas(parse_text(SMALL + f"  - {line}\n"), crm, marketing)
    assert [one.code for one in found] == ([code] if code else [])
    assert all(one.place.line == 6 for one in found)


def test_two_connections_of_one_marketing_org() -> None:
    """A marketing field has one master among all connections; a field that marketing masters may be shared; a
    CRM org is connected once; another marketing org is another matter."""
    north = parse_text(SMALL, file="north.yaml")
    south = parse_text(SMALL.replace("org: c}", "org: s}"), file="south.yaml")
    (problem,) = problems_together([north, south])
    assert (problem.code, str(problem.place)) == ("MAP321", "south.yaml:5:5")
    shared = parse_text(
        SMALL.replace("org: c}", "org: s}").replace("marketing: email}", "marketing: email, master: marketing}")
    )
    assert problems_together([north, shared]) == []
    assert problems_together([north, parse_text(SMALL.replace("org: m}", "org: n}"))]) == []
    assert [one.code for one in problems_together([north, north])] == ["CFG843"]


def test_live_settings_come_from_the_environment() -> None:
    """URL and credentials are variables; one that is not set is named with its place, and no secret is in the
    file."""
    text = SMALL.replace("org: c}", "org: c, url: '${CRM_URL}', credentials: {password: '${CRM_PASSWORD}'}}")
    integration = parse_text(text, file="leadproof.yaml")
    environment = {"CRM_URL": "https://crm.example", "CRM_PASSWORD": "s3cret"}
    assert live_settings(integration, "crm", environment) == {"url": "https://crm.example", "password": "s3cret"}
    assert live_settings(integration, "marketing", {}) == {}
    with pytest.raises(DocumentRefused) as caught:
        live_settings(integration, "crm", {"CRM_URL": "https://crm.example", "CRM_PASSWORD": ""})
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line) == ("CFG844", 2)
    assert "CRM_PASSWORD" in problem.text


def test_the_json_schema_is_draft_07() -> None:
    """The schema is valid draft-07, accepts the format's example and refuses an unknown key and a bad
    choice."""
    from ruamel.yaml import YAML

    schema = json_schema(Integration)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert "$defs" not in json.dumps(schema)
    judge = jsonschema_rs.Draft7Validator(schema)
    example = YAML(typ="safe", pure=True).load(
        EXAMPLE.replace("leadproof: 1", 'leadproof: "1"').replace("100", '"100"')
    )
    assert judge.is_valid(example)
    assert not judge.is_valid(example | {"feilds": []})
    assert not judge.is_valid(example | {"defaults": {"master": "crn"}})


SHIPPED = [path for path in sorted(scenarios_folder().rglob("*.yaml")) if path.name != "exceptions.yaml"]


def test_an_editor_finds_nothing_wrong_in_what_we_ship() -> None:
    """Every integration, recipe and scenario that is shipped holds by its schema as an editor reads it: 1 is a number
    there, and `deliver: all` is short for more."""
    from ruamel.yaml import YAML

    judges = {name: jsonschema_rs.Draft7Validator(schema()) for name, schema in SCHEMAS.items()}
    wrong = []
    for path in SHIPPED:
        held = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
        as_json = json.loads(json.dumps(held, default=lambda moment: moment.isoformat()))
        kind = "integration" if "leadproof" in held else "recipe" if "recipe" in held and "orgs" in held else "scenario"
        wrong += [f"{path.name}: {one.instance_path} {one.message}" for one in judges[kind].iter_errors(as_json)]
    assert wrong == []
    assert len(SHIPPED) > 60
