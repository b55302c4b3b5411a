"""The connector on an Account Engagement whose reads lag behind writes: late, but right, and nobody twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.cli.app import app
from tests.harness.cli.test_cli import leadproof

SCENARIO = """\
scenario: A lagging Account Engagement still gets everything across, once
covers: [A1, A2, A3]
steps:
  - create_lead: {as: lead, in: marketing, values: {country: "NO", jobTitle: Buyer}}
  - sync: {cycles: 1}
  - advance_clock: {seconds: 61}
  - sync: {cycles: 3}
  - advance_clock: {seconds: 61}
  - check_delivered: {lead: $lead, count: 1, linked: both}
  - check_every_field: {lead: $lead, from: marketing}
  - edit: {lead: $lead, in: crm, values: {Phone: "+47 22 12 34 56"}}
  - sync: {cycles: 3}
  - submit_form: {lead: $lead, form: Contact us, values: {phone: "00000000"}}
  - sync: {cycles: 2}
  - advance_clock: {seconds: 61}
  - sync: {cycles: 3}
  - advance_clock: {seconds: 61}
  - check_field: {lead: $lead, in: marketing, field: phone, is: "+47 22 12 34 56"}
  - check_field: {lead: $lead, in: crm, field: Phone, is: "+47 22 12 34 56"}
  - create_lead: {as: other, in: crm, values: {LastName: Other, Company: Other}}
  - sync: {cycles: 3}
  - advance_clock: {seconds: 61}
  - sync: {cycles: 3}
  - check_delivered: {lead: $other, count: 1, linked: both}
  - check_quiet: {}
  - check_oracle: {}
"""


@pytest.mark.parametrize("seconds", [20, 60])
def test_everything_arrives_once_the_reads_have_caught_up(seconds: int, tmp_path: Path) -> None:
    """A lead each way, an edit, a form in between; cycles run while the cache is stale, and none concludes from it that
    a write was lost: one record each side, the false number changed back, and then silence."""
    assert app(args=["init", "--crm", "salesforce", "--marketing", "pardot", str(tmp_path)], standalone_mode=False) == 0
    recipe = tmp_path / "recipe.yaml"
    org = "  my-marketing:\n"
    recipe.write_text(recipe.read_text().replace(org, f"{org}    reads_lag_seconds: {seconds}\n"))
    (tmp_path / "first-lead.yaml").write_text(SCENARIO)
    ran = leadproof("run", ".", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "7 of 7 checks held" in ran.stdout
