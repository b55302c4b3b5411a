"""Every code whose example can be executed is found in its example and not in its near miss, in the golden words."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.findings import entry
from tests.harness.doctor.golden import PAGE, told
from tests.harness.doctor.planted import executable, executable_codes, findings_of

STATIC = (
    *("NET110", "CON101", "CON102", "CON110", "CON111", "CON112"),
    *("USR102", "USR103", "USR106", "RPT504", "RPT506", "OWN350", "OWN351"),
    *(f"ASG{number}" for number in range(201, 210)),
    *("MAP301", "MAP302", "MAP303", "MAP307", "MAP308", "MAP309", "MAP310", "MAP311", "MAP313", "MAP320"),
    *(f"MAP{number}" for number in (*range(322, 328), *range(360, 365))),
)
"""What the doctor, or the loading of the files before it, finds without a scenario."""


@pytest.mark.parametrize("code", STATIC)
def test_its_example_and_near_miss_can_be_executed(code: str) -> None:
    """What a person reads in `leadproof explain` is what is tested."""
    told = entry(code)
    assert executable(told.example) is not None
    assert executable(told.near_miss) is not None


@pytest.mark.parametrize("code", executable_codes())
def test_the_example_is_found_in_the_golden_words(code: str, tmp_path: Path) -> None:
    """The code comes out of its example, and says what it said when a person last read it."""
    found = findings_of(entry(code).example, tmp_path)
    assert code in [one.code for one in found]
    assert told(code, found) in PAGE.read_text("utf-8"), "read it, then: python -m tests.harness.doctor.golden --write"


@pytest.mark.parametrize("code", executable_codes())
def test_the_near_miss_stays_silent(code: str, tmp_path: Path) -> None:
    """What looks like the mistake and is none is not called one."""
    assert code not in [one.code for one in findings_of(entry(code).near_miss, tmp_path)]
