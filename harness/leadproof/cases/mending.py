"""The mended set-up of a case: the files without the defect that the case itself brings, and nothing else changed."""

from __future__ import annotations

from leadproof.cases.case import Case, scenario_files
from leadproof.cases.refusals import CaseDamaged, NotPossible

FOLDER = "mended"


def mended(case: Case) -> Case:
    """The case without its defect. Raises NotPossible where the case does not say how it is mended."""
    mend, names = case.sheet.mend, case.sheet.files
    if mend is None or names is None:
        raise NotPossible("The case does not say how its set-up is mended.", "Replay it without --mended.")
    inside = {outside: name for name, outside in scenario_files(names).items()}
    files: dict[str, bytes] = {}
    for name in mend.files:
        held = case.files.get(f"{FOLDER}/{name}")
        if held is None or name not in inside:
            raise CaseDamaged(f"The case lacks {FOLDER}/{name}.")
        files[inside[name]] = held
    return case.with_files(files).with_sheet(connector=mend.connector or case.sheet.connector)
