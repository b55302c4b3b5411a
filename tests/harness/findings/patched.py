"""What a finding proposes is tried: its patch applies to the file as it stands, which loads as well as before."""

from __future__ import annotations

from pathlib import Path

from leadproof.findings import Finding
from leadproof.integration import load
from leadproof.sandbox import load_recipe
from leadproof.scenario.document import load_scenario
from leadterms.refusals import DocumentRefused
from tests.harness.troubleshooting.following import patched

LOADERS = (("leadproof:", load), ("recipe:", load_recipe), ("scenario:", load_scenario))
"""The key that each kind of file must have -> who reads it."""


def assert_its_patch_spoils_nothing(finding: Finding, folder: Path) -> None:
    """Our own loader finds nothing in the patched file that it did not find before."""
    if finding.patch is None:
        return
    path = Path(finding.patch.splitlines()[0].removeprefix("--- "))
    text = path.read_text("utf-8")
    after = patched(text, finding.patch, path)
    assert after != text
    new = _problems(after, folder) - _problems(text, folder)
    assert not new, f"the patch of {finding.code} spoils {path.name}: {sorted(new)}\n{finding.patch}"


def _problems(text: str, folder: Path) -> set[tuple[str, str]]:
    tried = folder / "tried.yaml"
    tried.write_text(text, "utf-8")
    loader = next(loads for key, loads in LOADERS if any(line.startswith(key) for line in text.splitlines()))
    try:
        loader(tried)
    except DocumentRefused as refused:
        return {(one.code, one.text) for one in refused.problems}
    finally:
        tried.unlink()
    return set()
