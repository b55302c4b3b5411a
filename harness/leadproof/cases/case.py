"""A case: one portable file that reproduces what went wrong. README.md in fixtures/cases documents the layout.

Its parts (formats.md "Case bundle"): the sheet `case.yaml`, the files of the scenario, what both systems hold before
the first step, the traffic, and the expectation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from leadproof.cases.archive import pack, safe_name, unpack
from leadproof.cases.har import Recorded, read_har
from leadproof.cases.refusals import CaseDamaged, CaseVersion
from leadproof.cases.yamltext import yaml_text
from leadproof.version import VERSION
from leadterms.documents import parse_text
from leadterms.yamltree import read_tree

LAYOUT = 1
SHEET = "case.yaml"
MANIFEST = "manifest.json"
EXPECTED = "expected.json"
TRAFFIC = "traffic.har"
SCENARIO = "scenario.yaml"
RECIPE = "recipe.yaml"
CONNECTOR = "before/connector.json"
BUILTIN = "builtin"

Verdict = Literal["passed", "failed", "error", "skipped"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Vendors(_Strict):
    """The dialects of the two systems."""

    crm: str
    marketing: str


class Wanted(_Strict):
    """What the recording ended with: the verdict, and the codes of its findings, the likeliest cause first."""

    verdict: Verdict
    findings: list[str] = Field(default_factory=list)


class Files(_Strict):
    """What the scenario's files are called where they refer to each other; in the case they have fixed names.

    The scenario's id is taken from its name, a connection's from its integration's: both are in the digest.
    """

    scenario: str
    recipe: str
    integrations: list[str] = Field(min_length=1)
    data: list[str] = Field(default_factory=list)


class Mend(_Strict):
    """The same set-up without the defect: the files that stand in `mended/` instead, and the right connector."""

    files: list[str] = Field(default_factory=list)
    connector: str = ""


class Redaction(_Strict):
    """What was taken out when the case was written."""

    secrets: bool = True
    people: bool = False


class Sheet(_Strict):
    """case.yaml: what a person reads first."""

    case: int
    title: str
    symptom: str = ""
    catalogue: list[str] = Field(default_factory=list)
    message: str = ""
    vendors: Vendors
    expected: Wanted
    seed: str = "1"
    clock: str = ""
    connector: str = BUILTIN
    files: Files | None = None
    mend: Mend | None = None
    redacted: Redaction = Field(default_factory=Redaction)
    made_by: str = VERSION


@dataclass(frozen=True)
class Case:
    """The sheet, and every other file by its name in the case (the manifest is made when it is written)."""

    sheet: Sheet
    files: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def traffic(self) -> list[Recorded]:
        """The exchanges in their order; none where the case holds no traffic."""
        return read_har(self.files[TRAFFIC]) if TRAFFIC in self.files else []

    @cached_property
    def expected(self) -> dict[str, Any]:
        """expected.json: verdict, findings, checks and digest of the recording."""
        try:
            told: dict[str, Any] = orjson.loads(self.files.get(EXPECTED, b"{}"))
        except orjson.JSONDecodeError as wrong:
            raise CaseDamaged(f"{EXPECTED} cannot be read: {wrong}.") from wrong
        checks = told.get("checks", []) if isinstance(told, dict) else None
        if not isinstance(checks, list) or any(
            not isinstance(one, dict) or {"id", "verdict"} - set(one) for one in checks
        ):
            raise CaseDamaged(f"{EXPECTED} is not what a recording writes.")
        return told

    def with_files(self, files: Mapping[str, bytes]) -> Case:
        """The case with some files replaced or added."""
        return Case(self.sheet, {**self.files, **files})

    def with_sheet(self, **changes: Any) -> Case:
        """The case with a changed sheet."""
        return Case(self.sheet.model_copy(update=changes), self.files)

    # --- the file ------------------------------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """The whole file; the same case gives the same bytes."""
        sheet = yaml_text(self.sheet.model_dump(mode="json", exclude_defaults=False, exclude_none=True)).encode()
        files = {SHEET: sheet, **self.files}
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        manifest = {"case": LAYOUT, "files": sums}
        return pack({**files, MANIFEST: orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)})

    def write(self, path: Path) -> None:
        """Write it, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.part")
        fresh.write_bytes(self.to_bytes())
        fresh.replace(path)

    # --- the scenario's files -------------------------------------------------------------------------------------

    def lay_out(self, folder: Path) -> Path:
        """Write the scenario's files below a folder of ours, under the names they know each other by; the scenario's
        path. Raises CaseDamaged for a case without a scenario, or with names that lead out of the folder."""
        names = self.sheet.files
        if names is None:
            raise CaseDamaged("The case holds no scenario.")
        for inside, name in scenario_files(names).items():
            if not safe_name(name):
                raise CaseDamaged(f"{SHEET} calls a file {name!r}, which cannot be a file's name in a case.")
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self._file(inside))
        return folder / names.scenario

    def _file(self, name: str) -> bytes:
        if name not in self.files:
            raise CaseDamaged(f"The case lacks {name}.")
        return self.files[name]


def scenario_files(names: Files) -> dict[str, str]:
    """Name in the case -> name beside the scenario."""
    told = {SCENARIO: names.scenario, RECIPE: names.recipe}
    for number, name in enumerate(names.integrations, 1):
        told["integration.yaml" if number == 1 else f"integration-{number}.yaml"] = name
    for number, name in enumerate(names.data, 1):
        told[f"data/{number}-{Path(name).name}"] = name
    return told


def read_case(path: Path) -> Case:
    """Read and verify a case. Raises CaseRefused (NoCase, HostileCase, CaseTooLarge, CaseVersion, CaseDamaged), and
    DocumentRefused for a sheet that is not what the format says."""
    files = unpack(path)
    for needed in (SHEET, MANIFEST):
        if needed not in files:
            raise CaseDamaged(f"{path} holds no {needed}.")
    _verify(path, files)
    return Case(_sheet(path, files.pop(SHEET)), {name: data for name, data in files.items() if name != MANIFEST})


def _verify(path: Path, files: Mapping[str, bytes]) -> None:
    """The manifest names each file and its SHA-256, and no other."""
    try:
        manifest = orjson.loads(files[MANIFEST])
        version, sums = manifest["case"], dict(manifest["files"])
    except (KeyError, TypeError, ValueError) as wrong:
        raise CaseDamaged(f"{path}: {MANIFEST} cannot be read: {wrong!r}.") from wrong
    if version != LAYOUT:
        raise CaseVersion(f"{path} has version {version!r} of the format; this version reads {LAYOUT}.")
    here = set(files) - {MANIFEST}
    if here != set(sums):
        odd = sorted(here ^ set(sums))[0]
        raise CaseDamaged(f"{path}: {odd} stands only in the {'case' if odd in here else 'manifest'}.")
    for name in sorted(sums):
        if hashlib.sha256(files[name]).hexdigest() != sums[name]:
            raise CaseDamaged(f"{path}: {name} is not what the manifest says.")


def _sheet(path: Path, data: bytes) -> Sheet:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise CaseDamaged(f"{path}: {SHEET} is not UTF-8.") from wrong
    name = f"{path}:{SHEET}"
    tree, _ = read_tree(text, name)
    version = tree.get("case") if isinstance(tree, dict) else None
    if version is not None and version != str(LAYOUT):
        raise CaseVersion(f"{path} has version {version!r} of the format; this version reads {LAYOUT}.")
    return parse_text(text, Sheet, file=name).model
