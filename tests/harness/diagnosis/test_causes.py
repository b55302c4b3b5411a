"""The causes of failed checks: each planted mistake is named first, at its place, with the facts that prove it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from leadproof.findings import Finding
from leadproof.library import checklist, scenarios_folder
from leadproof.mutation.ground import Ground
from leadproof.mutation.kinds import load_all
from leadproof.mutation.mutants import Mutant, Planted, by_name, connector_of, singles
from leadproof.mutation.trials import Bench, first_failure
from leadproof.reports.collected import Entry
from leadproof.scenario.document import load_scenario, load_scenarios
from leadproof.scenario.runner import Options, run_scenario
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario
from tests.harness.findings.patched import assert_its_patch_spoils_nothing

GROUND = Ground.read(checklist() / "leadproof.yaml", checklist() / "recipe.yaml")
OPEN = [one for one in singles(GROUND, load_all().values(), seed="1", sites=1) if not one.parts[0].kind.held_out]


def failure(mutant: Mutant, scenario: str) -> Entry:
    """The first failure of a scenario with a mutant in its files."""
    options = Options("1", sources=Planted(GROUND, mutant), connector=connector_of(mutant), to_first_failure=True)
    found = first_failure(run_scenario(load_scenario(checklist() / f"{scenario}.yaml"), options))
    assert found is not None, f"{scenario} did not notice {mutant.name}"
    return found


def cause(mutant: str, scenario: str) -> dict[str, Any]:
    """The likeliest cause that a report of this failure shows."""
    finding = failure(by_name(GROUND, mutant), scenario).finding
    assert finding is not None
    return dict(finding)


def test_a_refused_address_is_proved_by_the_exchange_and_stands_in_the_recipe() -> None:
    """Code, sentence, the recipe's line, the org, the exchange's number in the journal, and the fix."""
    told = cause("connector_moved@connector", "first-lead")
    assert told["code"] == "NET110"
    assert "198.51.100.7" in told["cause"]
    line = next(n for n, text in enumerate(_recipe(), 1) if "allowlist:" in text)
    assert (told["places"][0]["line"], Path(told["places"][0]["file"]).name) == (line, "recipe.yaml")
    assert told["evidence"][0]["org"] == "acme-crm"
    assert told["evidence"][0]["seq"] > 0
    assert "403" in told["evidence"][0]["text"]
    assert told["fix"]


def _recipe() -> list[str]:
    return (checklist() / "recipe.yaml").read_text(encoding="utf-8").splitlines()


def test_a_password_that_was_changed_is_told_at_the_logins() -> None:
    """The doctor looks with the connector's own login, so it sees what the connector meets."""
    told = cause("password_changed@acme-crm", "first-lead")
    assert (told["code"], told["level"]) == ("CON110", "error")
    assert "logins" in "".join(_recipe()[told["places"][0]["line"] - 1])


def test_a_setting_is_a_cause_where_the_check_would_hold_with_another_one() -> None:
    """Counterfactual: the mapping's line, what it says, what it would have to say, and what that would break."""
    told = cause("overwrite_allowed@phone", "false-phone")
    assert told["code"] == "OWN311"
    assert "overwrite: always" in told["cause"]
    assert "overwrite: if_blank" in told["fix"]
    assert told["breaks"]
    assert told["places"][0]["file"].endswith("leadproof.yaml")


def test_a_default_that_was_changed_is_told_at_the_defaults() -> None:
    """Not at the mapping, which says nothing of it."""
    told = cause("default_clears_changed@clears", "every-field-both-ways")
    line = next(
        n for n, text in enumerate(GROUND.integration_path.read_text("utf-8").splitlines(), 1) if "defaults:" in text
    )
    assert (told["code"], told["places"][0]["line"]) == ("OWN312", line)


def test_a_rule_that_does_not_take_the_lead_tells_the_condition_and_the_value() -> None:
    """Which row of which rule, and what the lead holds there."""
    told = cause("rule_value_misspelt@Nordic", "assignment-rules")
    assert told["code"] == "ASG220"
    assert "NOland" in told["cause"]
    assert "Country is SE" in told["cause"]


def test_a_defect_of_the_connector_is_no_mistake_of_the_files() -> None:
    """The same check fails as with `overwrite: always`, and the cause is the connector, told with who wrote what."""
    told = cause("defect_row_9_swapped@connector", "false-phone")
    assert told["code"] == "OWN337"
    assert "did not obey" in told["cause"]
    assert any(one["seq"] for one in told["evidence"])


def test_the_connectors_word_is_not_believed() -> None:
    """It says that all is well; the journal tells that it never called."""
    told = cause("defect_do_nothing@connector", "first-lead")
    assert told["code"] == "CYC620"


def test_a_field_that_ended_wrong_is_told_with_its_mapping_and_what_else_to_write() -> None:
    """Both ends of the mapping, its line, and the setting that says so if it was meant so."""
    fix = cause("defect_row_7_removed@connector", "converted-lead")["fix"]
    line = next(n for n, text in enumerate(_integration(), 1) if "marketing: birthday" in text)
    assert f"prospect.birthday into Contact.Birthdate (leadproof.yaml:{line})." in fix
    assert fix.endswith("If Contact.Birthdate is to stay blank, write `overwrite: never` there.")
    plain = cause("defect_row_9_removed@connector", "false-phone")["fix"]
    assert "Lead.Phone into prospect.phone (leadproof.yaml:" in plain


def _integration() -> list[str]:
    return (checklist() / "leadproof.yaml").read_text(encoding="utf-8").splitlines()


def test_a_cursor_that_went_too_far_is_told_before_what_was_lost_by_it() -> None:
    """The journal shows where the answer ended and what was asked next; that the org refuses such a cursor in the end,
    or that a value is missing, follows from it."""
    found = failure(by_name(GROUND, "defect_exclusive_watermark@connector"), "name-stays").findings
    codes = [one["code"] for one in found]
    assert codes[0] == "CYC627"
    assert {"REF747", "OWN301"} <= set(codes[1:])
    ended, asked = (one["text"].rpartition(" ")[2] for one in found[0]["evidence"])
    assert int(asked) == int(ended) + 1
    assert f"came after {asked}," in found[0]["cause"]
    assert "`next`" in found[0]["fix"]


@pytest.mark.parametrize("defect", ["echoes", "never_retries", "row_9_removed"])
def test_a_connector_that_keeps_its_cursor_is_not_told_that_it_went_too_far(defect: str) -> None:
    """Another defect loses or doubles something too."""
    scenario = {"never_retries": "rows-locked", "echoes": "first-lead"}.get(defect, "false-phone")
    found = failure(by_name(GROUND, f"defect_{defect}@connector"), scenario).findings
    assert "CYC627" not in [one["code"] for one in found]


def test_a_step_that_could_not_be_done_has_a_cause_too() -> None:
    """The owner cannot be changed because the user left, and that is told before the refusal."""
    entry = failure(by_name(GROUND, "mapped_user_inactive@kari.m"), "rules-not-owners")
    assert entry.finding is not None
    assert entry.finding["code"] in ("USR102", "ASG206")


def test_the_connection_comes_before_what_a_step_lacks() -> None:
    """Of a password that was changed and a campaign's misspelt name the password is told first, the name after it; the
    name alone is told at once."""
    both = by_name(GROUND, "password_changed@acme-marketing + campaign_misspelt@spring")
    assert [one["code"] for one in failure(both, "merge").findings][:2] == ["CON110", "CFG833"]
    assert cause("campaign_misspelt@spring", "merge")["code"] != "CON110"


def test_causes_are_ranked_and_told_once() -> None:
    """Ranks count from 0, and no code stands twice at one place."""
    found = failure(by_name(GROUND, "value_without_partner@rating"), "every-choice").findings
    assert [one["rank"] for one in found] == list(range(len(found)))
    keys = [(one["code"], str(one["places"][:1])) for one in found]
    assert len(set(keys)) == len(keys)


@pytest.mark.slow
@pytest.mark.parametrize("mutant", OPEN, ids=lambda mutant: mutant.name)
def test_every_open_kind_is_caught_and_named(mutant: Mutant) -> None:
    """On the shipped checklist: noticed, and the cause among the first three (docs/score.md tells the shares)."""
    bench = Bench(GROUND, [one for one in load_scenarios([checklist()]) if len(one.scenario.integration_files) == 1])
    trial = bench.try_one(mutant)
    assert trial.fate == "caught"
    assert trial.right is not None, trial
    assert trial.right < 3, trial


def test_a_field_that_refuses_what_its_partner_takes_is_told_before_the_value() -> None:
    """The scenario's value is right by the one definition and wrong by the other: they disagree, and that is told."""
    told = failure(by_name(GROUND, "fewer_decimals@Budget__c"), "edits-both-ways").findings
    assert [one["code"] for one in told] == ["MAP362", "CFG807"]


def test_what_was_sent_and_refused_was_not_left_out() -> None:
    """A unique field that the connector did write is no required field that it forgot."""
    mutant = by_name(GROUND, "field_made_unique@Score__c")
    told = failure(mutant, "every-owner").findings
    assert "OWN301" not in [one["code"] for one in told]
    assert told[0]["code"] == "DUP402"


PERMISSIONS = {"api": "hasn't approved this consumer", "write": "INSUFFICIENT_ACCESS_OR_READONLY"}


@pytest.mark.parametrize("lacking", sorted(PERMISSIONS))
def test_a_vendors_refusal_is_told_in_its_own_words(lacking: str, tmp_path: Path) -> None:
    """Salesforce refuses the connector's user: the permission comes first, with the vendor's own text."""
    may = sorted({"api", "read", "write"} - {lacking})
    logins = [{"actor": "connector", "user": "sync", "may": may}, {"actor": "tester", "user": "desk.c"}]
    story = {
        "scenario": "The user of the sync lost a permission",
        "steps": [
            {"create_lead": {"as": "lead", "in": "marketing", "fill": "basics"}},
            {"change_org": {"in": "crm", "settings": {"logins": logins}}},
            {"sync": {"cycles": 1}},
            {"check_delivered": {"lead": "$lead"}},
        ],
    }
    pair = scenarios_folder() / "pairs" / "salesforce-native"
    for name in ("leadproof.yaml", "recipe.yaml"):
        shutil.copy(pair / name, tmp_path / name)
    (tmp_path / "story.yaml").write_text(json.dumps(story), "utf-8")
    found = first_failure(run_scenario(load_scenario(tmp_path / "story.yaml"), Options("1")))
    assert found is not None
    assert found.findings[0]["code"] == "CON111"
    assert PERMISSIONS[lacking].casefold() in found.findings[0]["cause"].casefold()


def test_an_owner_without_partner_is_named_from_marketings_side() -> None:
    """Marketing's owner stayed as it was, because the CRM's has no partner: the pair that is missing is written out."""
    told = cause("user_not_mapped@kari.m", "owner-by-marketing")
    assert told["code"] == "USR101"
    assert "`kari.m: kari.c`" in told["fix"]


QUEUE = """
create_lead: {as: lead, in: marketing, campaign: spring, fill: basics, owner: ola.m, values: {score: 120, country: NO}}
sync: {until: quiet}
change_owner: {lead: $lead, in: crm, to: nordic-queue}
sync: {until: quiet}
check_owner: {lead: $lead, in: marketing, is: kari.m}
"""
PAIRED = """
create_lead: {as: lead, in: crm, fill: basics, owner: per.c}
sync: {until: quiet}
check_owner: {lead: $lead, in: marketing, is: kari.m}
"""
NOBODY = """
create_lead: {as: lead, in: marketing, fill: basics, owner: kari.m}
sync: {until: quiet}
check_owner: {lead: $lead, is: kari.c}
"""
UNKNOWN = """
create_lead: {as: lead, in: marketing, fill: basics, owner: tor.m, values: {country: NO}}
sync: {until: quiet}
check_owner: {lead: $lead, is: by_rules}
"""


def _told(steps: str, folder: Path, **integration: Any) -> list[Finding]:
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    found = by_scenario.play({"steps": read, "integration": integration}, "USR101", folder)
    for one in found:
        assert_its_patch_spoils_nothing(one, folder)
    return found


@pytest.mark.parametrize("steps", [QUEUE, PAIRED])
def test_a_queue_or_somebody_who_is_paired_already_is_no_missing_pair(steps: str, tmp_path: Path) -> None:
    """A queue has no partner by the law, and a pair more for the same user would be refused when the file is read."""
    told = _told(steps, tmp_path)
    assert told, "the check failed, so a cause is told"
    assert "USR101" not in [one.code for one in told if one.patch or "users.map" in one.cause]


def test_who_is_paired_with_nobody_is_not_paired_a_second_time(tmp_path: Path) -> None:
    """The pair is there and names a stranger: that is told, without a second pair of the same key."""
    told = _told(NOBODY, tmp_path, people={"assign_by": "marketing"}, users={"map": {"kari.m": "nobody.c"}})
    assert told[0].code == "USR106"
    assert not [one.patch for one in told if one.patch]


def test_no_pair_is_proposed_where_nobody_knows_the_partner(tmp_path: Path) -> None:
    """The cause is told, in words: a pair with a blank name would be refused when the file is read."""
    told = [one for one in _told(UNKNOWN, tmp_path, people={"assign_by": "marketing"}) if one.code == "USR101"]
    assert told
    assert not [one for one in told if one.patch or "tor.m:" in one.fix]


def test_a_value_map_comes_before_a_setting_that_nobody_wrote() -> None:
    """That the check would hold with `only_on: create` too says nothing, where two choices are crosswise."""
    assert cause("values_crosswise@status", "every-status")["code"] == "MAP352"


def test_a_required_field_without_mapping_comes_before_the_rows_that_lack_it() -> None:
    """The doctor knows why the field is blank; the refusal only that it is."""
    told = failure(by_name(GROUND, "mapping_missing@last_name"), "delivered-as-contact").findings
    assert [one["code"] for one in told[:2]] == ["MAP361", "MAP306"]


def test_a_field_that_is_nearly_mapped_is_misspelt() -> None:
    """Nothing maps the field, and a mapping names almost it: that one does not exist, and what to write is told."""
    told = cause("crm_id_misspelt@grade", "reporting-grade")
    assert told["code"] == "MAP301"
    assert "Write Grade__c instead of" in told["fix"]


def test_a_person_who_left_is_told_before_the_login_that_was_theirs() -> None:
    """The scenario enters its records as that user: the refused login follows from the switched-off user."""
    told = failure(by_name(GROUND, "mapped_user_inactive@desk.m"), "every-owner").findings
    assert [one["code"] for one in told[:2]] == ["USR102", "CON110"]
