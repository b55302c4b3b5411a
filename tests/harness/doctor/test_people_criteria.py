"""Criteria of `people.deliver` and `people.import`: what no record can be held against is told before anybody waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadterms.refusals import Place
from tests.harness.doctor.planted import findings_of

DELIVER = "integration: {people: {crm: [Lead, Contact], deliver: {when: qualified, criteria: {rows: [[%s]]}}}}"
IMPORT = "integration: {people: {crm: [Lead, Contact], import: {when: criteria, criteria: {rows: [[%s]]}}}}"


@pytest.mark.parametrize(
    ("part", "row", "code"),
    [
        (DELIVER, "scroe, '>=', 50", "CFG823"),
        (DELIVER, "score, '>=', much", "CFG824"),
        (DELIVER, "opted_out, contains, t", "CFG821"),
        (IMPORT, "Statsu, =, Open", "CFG823"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_line(part: str, row: str, code: str, tmp_path: Path) -> None:
    """An unknown field, a value that is none of its type, an operator that the type has not."""
    (found,) = [one for one in findings_of(part % row, tmp_path) if one.code == code]
    assert "Nobody is created by it." in found.cause
    place = found.places[0]
    assert isinstance(place, Place)
    assert place.file.endswith("leadproof.yaml")


@pytest.mark.parametrize(("part", "row"), [(DELIVER, "score, '>=', 50"), (IMPORT, "Company, =, Acme")])
def test_what_one_of_the_objects_has_is_meant_for_it(part: str, row: str, tmp_path: Path) -> None:
    """A contact has no company; the criteria are the leads'."""
    assert not {one.code for one in findings_of(part % row, tmp_path)} & {"CFG821", "CFG823", "CFG824"}
