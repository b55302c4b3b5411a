"""The scenario file: what is read, what is refused and where, what `-k` selects, what changes are laid over."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadproof.findings import codes
from leadproof.integration import load as load_integration_file
from leadproof.library import checklist
from leadproof.scenario.document import load_scenario, load_scenarios
from leadproof.scenario.integrations import laid_over, load_integration
from leadproof.scenario.registry import Check, load_all
from leadproof.scenario.selection import SelectionRefused, compile_selection
from leadterms.refusals import DocumentRefused

REFUSED = {
    "an unknown step": ("- check_delivery: {lead: $lead}", "CFG805", "check_delivered"),
    "an unknown key": ("- sync: {cycle: 1}", "CFG805", "cycles"),
    "two steps in one item": ("- {sync: {}, check_oracle: {}}", "CFG832", "dash"),
    "a missing key": ("- edit: {lead: $lead, in: crm}", "CFG806", ""),
    "a wrong word": ("- check_delivered: {lead: $lead, linked: twice}", "CFG807", ""),
    "a key twice": ("- sync: {cycles: 1, cycles: 2}", "CFG803", ""),
    "two wishes": ("- sync: {cycles: 1, until: quiet}", "CFG807", ""),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_mistakes_are_refused_with_place_code_and_suggestion(case: str, tmp_path: Path) -> None:
    """The problem names line 4, where the mistake stands, and what probably was meant."""
    line, code, suggestion = REFUSED[case]
    path = tmp_path / "bad.yaml"
    path.write_text(f"scenario: Bad\ncovers: [A1]\nsteps:\n  {line}\n")
    with pytest.raises(DocumentRefused) as caught:
        load_scenario(path)
    problem = caught.value.problems[0]
    assert (problem.code, problem.place.line) == (code, 4)
    assert suggestion in problem.suggestion
    assert problem.code in codes()


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """Three files, two of them wrong: both are named, and so are two files with one id."""
    (tmp_path / "a.yaml").write_text("scenario: A\nsteps:\n  - check_oracle: {}\n")
    (tmp_path / "b.yaml").write_text("scenario: B\nsteps:\n  - snyc: {}\n")
    (tmp_path / "c.yaml").write_text("scenario: C\nid: a\nsteps:\n  - check_oracle: {}\n")
    with pytest.raises(DocumentRefused) as caught:
        load_scenarios([tmp_path])
    assert {problem.code for problem in caught.value.problems} == {"CFG805", "CFG831"}


def test_a_folder_gives_its_scenarios_and_not_its_other_files() -> None:
    """leadproof.yaml and recipe.yaml of the checklist are no scenarios; a file named twice is one scenario."""
    loaded = load_scenarios([checklist(), checklist() / "first-lead.yaml"])
    ids = [one.id for one in loaded]
    assert len(ids) == len(set(ids)) > 50
    assert not {"leadproof", "recipe", "new-org.recipe"} & set(ids)


def test_every_step_knows_its_line() -> None:
    """The place of a step is where its name stands."""
    loaded = load_scenario(checklist() / "first-lead.yaml")
    lines = (checklist() / "first-lead.yaml").read_text().splitlines()
    for number, step in enumerate(loaded.steps):
        assert step.step in lines[loaded.place(number).line - 1]


def test_every_step_and_check_is_documented_and_used_by_the_checklist() -> None:
    """A step without a docstring, a key without a description, or a check that no shipped scenario shows, is a gap."""
    shown = {step.step for one in load_scenarios([checklist()]) for step in one.steps}
    for name, kind in load_all().items():
        assert kind.__doc__
        assert all(field.description for field in kind.model_fields.values()), name
        assert name in shown or not issubclass(kind, Check) or name == "check_linked", name


WORDS = st.sampled_from(["phone", "owner", "A1", "false"])
TEXTS = st.sampled_from(["A false phone number A1", "The owner", "nothing", "phone owner A2"])


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> tuple[str, object]:
    """An expression as a person writes it, and its meaning as a Python function."""
    kind = draw(st.sampled_from(["word", "not", "and", "or"])) if depth else "word"
    if kind == "word":
        word = draw(WORDS)
        return word, lambda text: word.casefold() in text.casefold()
    left, means = draw(expressions(depth=depth - 1))
    if kind == "not":
        return f"not ({left})", lambda text: not means(text)
    right, also = draw(expressions(depth=depth - 1))
    if kind == "and":
        return f"({left}) and ({right})", lambda text: means(text) and also(text)
    return f"({left}) or ({right})", lambda text: means(text) or also(text)


@given(expressions(), TEXTS)
def test_selection_means_what_it_says(written: tuple[str, object], text: str) -> None:
    """-k agrees with Python's own and, or, not."""
    expression, means = written
    assert compile_selection(expression)(text) == means(text)  # type: ignore[operator]


@pytest.mark.parametrize("expression", ["and", "phone and", "(phone", "phone owner", "not"])
def test_selection_that_cannot_be_read_is_refused(expression: str) -> None:
    """Guessing would run something else."""
    with pytest.raises(SelectionRefused):
        compile_selection(expression)


def test_changes_are_laid_over_the_integration_pair_by_pair() -> None:
    """A changed mapping keeps the rest of itself, other mappings stay, and the file itself is not touched."""
    path = checklist() / "leadproof.yaml"
    plain = load_integration_file(path)
    changed = load_integration(
        path, {"defaults": {"clears": "propagate"}, "fields": [{"marketing": "city", "master": "latest"}]}
    )
    before, after = plain.mapping("Lead", "city"), changed.mapping("Lead", "city")
    assert (before.master, after.master, after.crm_field) == ("crm", "latest", "City")
    assert len(changed.fields) == len(plain.fields)
    assert changed.mapping("Lead", "phone").clears == "propagate"
    assert laid_over({"a": {"b": "1", "c": "2"}}, {"a": {"b": "3"}}) == {"a": {"b": "3", "c": "2"}}


def test_a_wrong_change_is_refused_as_a_wrong_file_is() -> None:
    """A mistyped key in integration_changes is not passed over."""
    with pytest.raises(DocumentRefused):
        load_integration(checklist() / "leadproof.yaml", {"people": {"delets": "ignore"}})
