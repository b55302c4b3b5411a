"""`leadproof import-schema`: what a real org's describe becomes, and what is no describe."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadproof.cli.app import app
from leadproof.describes import DescribeRefused, Imported, as_recipe_part, read_describes, recipe_fields
from leadproof.describes.formulas import translate
from leadproof.findings import entry
from leadproof.sandbox import Sandbox, read_recipe, standard_schema
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import length_limit, parse
from leadterms.refusals import DocumentRefused
from tests.dialects.salesforce.desk import Desk

DESCRIBES = Path(__file__).parents[3] / "fixtures" / "vendors" / "salesforce" / "describes"
STANDARD = standard_schema("salesforce")


def imported_from(path: Path, *wanted: str) -> Imported:
    """What the file gives a recipe."""
    return recipe_fields(read_describes(path, wanted), STANDARD)


def by_id(imported: Imported) -> dict[str, FieldSpec]:
    """Its fields."""
    return {one.id: one for one in imported.fields}


def command(*arguments: object) -> int:
    """The command in this process; its exit code."""
    code = app(args=["import-schema", *map(str, arguments)], standalone_mode=False)
    assert isinstance(code, int)
    return code


def saved(folder: Path, content: object, name: str = "describe.json") -> Path:
    """A file with this JSON."""
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_types_lengths_choices_and_keys_carry_over() -> None:
    """Each custom field of a described Lead has its type, size, list, default and keys; standard ones are left out."""
    fields = by_id(imported_from(DESCRIBES / "lead.json"))
    assert "Email" not in fields
    assert fields["Lead_Score__c"] == FieldSpec("Lead", "Lead_Score__c", "Lead Score", "number", scale=0)
    tier = fields["Tier__c"]
    assert (tier.type, tier.choices, tier.restricted, tier.default) == ("dropdown", ("Gold", "Silver"), True, "Gold")
    assert (fields["Topics__c"].type, fields["Topics__c"].restricted) == ("multi_select", False)
    erp = fields["ERP_Number__c"]
    assert (erp.label, erp.length, erp.unique, erp.external_id) == ("ERP number", 20, True, True)
    assert fields["Second_Email__c"].required
    assert fields["Wants_Call__c"].default is True
    assert fields["Discount__c"].default == Decimal("12.5")
    assert (fields["Account_Manager__c"].type, fields["Parent_Account__c"].refers_to) == ("user", "Account")
    assert fields["Ticket__c"].type == "auto_number"
    assert fields["Last_Visit__c"].read_only


def test_formulas_become_the_crm_s_own_computing() -> None:
    """A formula that the sandbox knows is computed there; another is a read-only field, and is told."""
    imported = imported_from(DESCRIBES / "lead.json")
    fields = by_id(imported)
    assert fields["Salutation_Line__c"].formula == {"concat": ["FirstName", " ", "LastName"]}
    assert fields["Double_Score__c"].formula == {"sum": ["Lead_Score__c", "Lead_Score__c"]}
    assert fields["Age_In_Days__c"].formula == {"days_since": "created_at"}
    assert (fields["Heat__c"].type, fields["Heat__c"].read_only) == ("single_line", True)
    (told,) = [one for one in imported.notes if one.code == "MAP341"]
    assert "Heat__c" in told.cause


def test_every_foreign_type_is_said_aloud() -> None:
    """A type that the sandbox lacks is a warning which says what becomes of the field."""
    imported = imported_from(DESCRIBES / "lead.json")
    told = {one.cause.split()[0]: one.cause for one in imported.notes if one.code == "MAP340"}
    assert sorted(told) == ["Lead.Calls_At__c", "Lead.Card__c", "Lead.Office__c"]
    assert "left out" in told["Lead.Office__c"]
    assert {"Office__c"}.isdisjoint(by_id(imported))
    assert all(entry(one.code).level == one.level for one in imported.notes)


def test_a_type_nobody_has_heard_of_is_left_out_and_told(tmp_path: Path) -> None:
    """A type of a later release of the vendor is no crash and no guess."""
    field = {"name": "New__c", "type": "hologram", "custom": True}
    imported = imported_from(saved(tmp_path, {"name": "Lead", "fields": [field]}))
    assert imported.fields == []
    assert [one.code for one in imported.notes] == ["MAP340"]


def test_references_reach_what_is_imported_together(tmp_path: Path) -> None:
    """A reference to a custom object holds if that object is in the file; alone it becomes text, and is told."""
    alone = imported_from(DESCRIBES / "lead.json")
    assert by_id(alone)["Sales_Region__c"].type == "single_line"
    assert [one.code for one in alone.notes if "Sales_Region__c" in one.cause] == ["MAP343"]
    together = imported_from(DESCRIBES / "several.json")
    assert by_id(together)["Sales_Region__c"].refers_to == "Region__c"
    assert together.objects == [("Region__c", "Region")]
    assert imported_from(DESCRIBES / "several.json", "lead").objects == []


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: one,
        lambda one: [one],
        lambda one: {"status": 0, "result": one, "warnings": []},
        lambda one: {"hasErrors": False, "results": [{"statusCode": 200, "result": one}]},
    ],
)
def test_however_it_was_fetched(tmp_path: Path, wrap: Any) -> None:
    """A bare answer, a list, the command line's and a composite batch's give the same fields."""
    bare = json.loads((DESCRIBES / "lead.json").read_text())
    assert imported_from(saved(tmp_path, wrap(bare))).fields == imported_from(DESCRIBES / "lead.json").fields


def test_what_a_shell_made_of_the_file(tmp_path: Path) -> None:
    """PowerShell's UTF-16 and a mark before UTF-8 are read too."""
    text = (DESCRIBES / "command-line.json").read_text()
    for encoding in ("utf-16", "utf-8-sig"):
        path = tmp_path / f"{encoding}.json"
        path.write_bytes(text.encode(encoding))
        assert [one.name for one in read_describes(path)] == ["Region__c"]


@pytest.mark.parametrize(
    ("content", "because"),
    [
        ([], "empty list"),
        ("text", "a JSON str"),
        ({"sobjects": [], "encoding": "UTF-8"}, "list of all objects"),
        ([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}], "INVALID_SESSION_ID"),
        ({"status": 1, "name": "NoOrgFound", "message": "No org"}, "NoOrgFound"),
        ({"results": [{"statusCode": 404, "result": [{"errorCode": "NOT_FOUND", "message": "no"}]}]}, "NOT_FOUND"),
        ({"name": "Lead", "fields": []}, "lists no fields"),
        ({"fields": [{"name": "A", "type": "string"}]}, "no `name`"),
        ({"name": "Lead", "fields": [{"name": "A"}]}, "entry 0"),
        ({"totalSize": 1, "records": []}, "no `fields`"),
        ([{"name": "A", "fields": [{"name": "B", "type": "id"}]}] * 2, "twice"),
    ],
)
def test_what_is_no_describe_is_refused(tmp_path: Path, content: object, because: str) -> None:
    """Every other JSON is refused by CFG850, which says what the file is instead."""
    with pytest.raises(DescribeRefused) as refused:
        read_describes(saved(tmp_path, content))
    assert refused.value.code == "CFG850"
    assert because in refused.value.text
    assert refused.value.fix


def test_a_login_page_is_refused_at_its_line(tmp_path: Path) -> None:
    """What is no JSON at all is shown by its first words."""
    page = tmp_path / "describe.json"
    page.write_text("<html>\n<title>Login</title>")
    with pytest.raises(DescribeRefused, match=r"describe\.json:1:1.*<html>"):
        read_describes(page)


def test_an_object_that_is_not_in_the_file_is_refused() -> None:
    """CFG851 names what the file holds."""
    with pytest.raises(DescribeRefused, match="it holds Lead") as refused:
        read_describes(DESCRIBES / "lead.json", ["Contact"])
    assert refused.value.code == "CFG851"


RECIPE = """\
recipe: 1
orgs:
  # the sales org
  my-crm:
    dialect: salesforce
    fields:
      - {object: Lead, id: Mine__c, label: Mine, type: url}  # kept

    users: [{id: sync}]
  my-marketing: {kind: marketing}
"""


def test_a_recipe_takes_the_fields_and_keeps_its_text(tmp_path: Path) -> None:
    """--into adds lines and changes none; the second time it adds nothing; the org can be built."""
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE)
    assert command(DESCRIBES / "several.json", "--into", recipe) == 0
    text = recipe.read_text()
    assert [line for line in text.splitlines() if line in RECIPE.splitlines()] == RECIPE.splitlines()
    with Sandbox.start(recipe, seed=1) as sandbox:
        schema = sandbox.schema("my-crm")
        assert {"Mine__c", "ERP_Number__c", "Age_In_Days__c"} <= schema["Lead"].fields.keys()
        assert schema["Region__c"].fields["Code__c"].required
    assert command(DESCRIBES / "several.json", "--into", recipe) == 0
    assert recipe.read_text() == text


def test_a_field_of_the_recipe_that_differs_stops_the_import(tmp_path: Path) -> None:
    """A person's own line is never overwritten: CFG852, and the file is as it was."""
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE.replace("Mine__c, label: Mine", "Tier__c, label: Tier"))
    with pytest.raises(Exception, match=r"has Lead\.Tier__c already") as refused:
        command(DESCRIBES / "lead.json", "--into", recipe)
    assert getattr(refused.value, "code", "") == "CFG852"
    assert "Lead_Score__c" not in recipe.read_text()


@pytest.mark.parametrize("broken", ["fields: []", "fields: [{object: Lead, id: A__c, type: url}]"])
def test_a_list_in_one_line_is_not_rewritten(tmp_path: Path, broken: str) -> None:
    """CFG853 says at which line there is no place."""
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"recipe: 1\norgs:\n  my-crm:\n    dialect: salesforce\n    {broken}\n")
    with pytest.raises(Exception, match=r"recipe\.yaml:5") as refused:
        command(DESCRIBES / "lead.json", "--into", recipe)
    assert getattr(refused.value, "code", "") == "CFG853"


def test_the_part_for_pasting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """-o writes what stdout would show; notes go to stderr."""
    assert command(DESCRIBES / "command-line.json", "-o", tmp_path / "fields.yaml") == 0
    assert command(DESCRIBES / "command-line.json") == 0
    told = capsys.readouterr()
    assert told.out == (tmp_path / "fields.yaml").read_text()
    assert "1 custom fields of Region__c" in told.err


# --- the property: our own dialect's describe gives back the recipe's fields ------------------------

LABELS = st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
IDS = st.from_regex(r"[A-Z][a-z]{0,6}__c", fullmatch=True)
CHOICES = st.lists(LABELS, min_size=1, max_size=4, unique=True)


@st.composite
def custom_fields(draw: st.DrawFn) -> dict[str, Any]:
    """A recipe's custom field of a type that Salesforce can tell from all others."""
    type = draw(st.sampled_from([
        "single_line", "multi_line", "number", "percent", "currency", "date", "date_time", "checkbox", "dropdown",
        "multi_select", "user", "reference", "email", "phone", "url", "auto_number", "formula",
    ]))  # fmt: skip
    field: dict[str, Any] = {"object": "Lead", "id": draw(IDS), "label": draw(LABELS), "type": type}
    if type in ("single_line", "multi_line", "email", "phone", "url"):
        field["length"] = draw(st.none() | st.integers(1, 255))
    if type in ("number", "percent", "currency"):
        field["scale"] = draw(st.none() | st.integers(0, 6))
    if type in ("dropdown", "multi_select"):
        field["choices"] = draw(CHOICES)
        field["restricted"] = draw(st.booleans())
    if type == "reference":
        field["refers_to"] = draw(st.sampled_from(["Account", "Contact", "Lead", "Campaign"]))
    if type == "formula":
        spaced = st.lists(st.sampled_from(["FirstName", "LastName", " ", ", ", '"', "\\"]), min_size=1, max_size=4)
        sums = st.lists(st.sampled_from(["AnnualRevenue", "NumberOfEmployees"]), min_size=1, max_size=3)
        days = st.sampled_from(["created_at", "modified_at"])
        kind, arguments = draw(st.sampled_from([("concat", spaced), ("sum", sums), ("days_since", days)]))
        field["formula"] = {kind: draw(arguments)}
        return field
    if type == "auto_number":
        return field
    rights = draw(st.sampled_from(["", "required", "read_only"]))
    if rights and not (rights == "required" and type == "checkbox"):
        field[rights] = True
    if type == "single_line":
        field["unique"], field["external_id"] = draw(st.booleans()), draw(st.booleans())
    default = draw(st.none() | st.just(_default(type, field)))
    return {**field, "default": default} if default is not None else field


def _default(type: str, field: dict[str, Any]) -> Any:
    return {
        "checkbox": "true",
        "dropdown": field.get("choices", [""])[0],
        "number": "7",
        "percent": "7",
        "single_line": "'",
        "multi_line": '"',
        "phone": "\\",
    }.get(type)


def settled(spec: FieldSpec) -> FieldSpec:
    """With what Salesforce always says: a text's length, a number's decimals, a checkbox's default."""
    if spec.type in ("number", "percent", "currency") and spec.scale is None:
        spec = replace(spec, scale=2)
    if spec.type in ("single_line", "multi_line", "email", "phone", "url", "auto_number"):
        spec = replace(spec, length=length_limit(spec))
    if spec.type == "checkbox":
        spec = replace(spec, default=bool(parse(spec, spec.default)))
    return spec


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(custom_fields(), min_size=1, max_size=8, unique_by=lambda one: one["id"].lower()))
def test_our_own_describe_gives_the_recipe_back(tmp_path_factory: pytest.TempPathFactory, fields: Any) -> None:
    """Recipe -> org -> describe -> import: the same custom fields, and nothing to note."""
    fields = [{key: value for key, value in one.items() if value is not None} for one in fields]
    desk = Desk(fields=fields, assignment_rules=[])
    path = saved(tmp_path_factory.mktemp("own"), desk.send("GET", "/sobjects/Lead/describe").json)
    imported = imported_from(path)
    wanted = {one["id"]: settled(FieldSpec.from_json(one)) for one in fields}
    assert by_id(imported) == wanted
    assert {one.cause.split()[0] for one in imported.notes} == {
        f"Lead.{one.id}" for one in wanted.values() if one.read_only
    }
    part = "".join(f"    {line}\n" for line in as_recipe_part(imported, "own").splitlines())
    again = read_recipe(f"recipe: 1\norgs:\n  o:\n    dialect: salesforce\n{part}", "again").model.orgs["o"].fields
    read = [FieldSpec.from_json({"label": one.id, **one.model_dump(exclude_none=True)}) for one in again]
    assert {one.id: settled(one) for one in read} == wanted


@given(st.text(max_size=40), st.sampled_from(["string", "double", "boolean"]))
def test_a_formula_is_translated_only_into_fields_that_exist(text: str, result: str) -> None:
    """Any text is either refused or becomes one of the sandbox's formulas over known fields."""
    formula = translate(text, result, ["A", "B__c"])
    assert formula is None or next(iter(formula)) in ("concat", "sum", "days_since")


@pytest.mark.parametrize(
    ("text", "result", "formula"),
    [
        ("firstname&' '&lastname", "string", {"concat": ["FirstName", " ", "LastName"]}),
        ("FirstName & LastName", "string", {"concat": ["FirstName", "LastName"]}),
        ("Score__c + Score__c", "double", {"sum": ["Score__c", "Score__c"]}),
        ("today() - DATEVALUE( CreatedDate )", "double", {"days_since": "created_at"}),
        ("TODAY() - Born__c", "double", {"days_since": "Born__c"}),
        ("Score__c", "double", {"sum": ["Score__c"]}),
        ("Score__c - Score__c", "double", None),
        ("Account.Name & LastName", "string", None),
        ("IF(Score__c > 1, 1, 2)", "double", None),
        ("FirstName & 'Dear'", "string", None),
        ("FirstName &", "string", None),
        ("Missing__c + Score__c", "double", None),
        ("", "string", None),
    ],
)
def test_which_formulas_are_understood(text: str, result: str, formula: dict[str, Any] | None) -> None:
    """Joined texts, sums and days since a date, in any letter case; nothing is guessed."""
    assert translate(text, result, ["FirstName", "LastName", "Score__c", "Born__c"]) == formula


def test_the_recipe_part_is_a_recipe() -> None:
    """What is printed can be pasted: it is read without a problem, and a broken one would be refused."""
    part = as_recipe_part(imported_from(DESCRIBES / "several.json"), "several.json")
    around = "recipe: 1\norgs:\n  o:\n    dialect: salesforce\n" + "".join(f"    {one}\n" for one in part.splitlines())
    assert len(read_recipe(around, "x").model.orgs["o"].fields) == 30
    with pytest.raises(DocumentRefused):
        read_recipe(around.replace("type: number", "type: nimber"), "x")
