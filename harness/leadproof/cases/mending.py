"""The mended set-up of a case: the case's own mend laid over its files, and nothing else changed."""

from __future__ import annotations

from typing import Any

from leadproof.cases.case import BUILTIN, RECIPE, Case
from leadproof.cases.refusals import NotPossible
from leadproof.cases.yamltext import yaml_text
from leadproof.scenario.integrations import laid_over
from leadterms.yamltree import read_tree

INTEGRATION = "integration.yaml"


def mended(case: Case) -> Case:
    """The case without its defect. Raises NotPossible where the case does not say how it is mended."""
    mend = case.sheet.mend
    if mend is None:
        raise NotPossible("The case does not say how its set-up is mended.", "Replay it without --mended.")
    files = {
        name: laid_over_text(case.files[name], changes)
        for name, changes in ((RECIPE, mend.recipe), (INTEGRATION, mend.integration))
        if changes
    }
    connector = mend.connector or (BUILTIN if case.sheet.connector != BUILTIN else case.sheet.connector)
    return case.with_files(files).with_sheet(connector=connector)


def laid_over_text(data: bytes, changes: dict[str, Any]) -> bytes:
    """A YAML file with changes laid over it: mappings key by key, field mappings pair by pair, other lists whole."""
    tree, _ = read_tree(data.decode("utf-8-sig"), "<case>")
    return yaml_text(laid_over(tree if isinstance(tree, dict) else {}, changes)).encode()
