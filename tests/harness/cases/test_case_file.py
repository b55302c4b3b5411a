"""The case as a file: equal content is equal bytes, and nothing that a stranger put into it does harm."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadproof.cases import archive
from leadproof.cases.archive import pack, safe_name, unpack
from leadproof.cases.case import Case, Sheet, Vendors, Wanted, read_case
from leadproof.cases.refusals import CaseDamaged, CaseRefused, CaseTooLarge, CaseVersion, HostileCase, NoCase
from leadproof.cases.yamltext import yaml_text
from leadterms.refusals import DocumentRefused
from leadterms.yamltree import read_tree

SHEET = Sheet(
    case=1,
    title="Sales gets no leads",
    vendors=Vendors(crm="native", marketing="native"),
    expected=Wanted(verdict="failed", findings=["NET110"]),
)


def small_case() -> Case:
    return Case(SHEET, {"scenario.yaml": b"scenario: x\n", "before/acme.jsonl": b"{}\n"})


def zipped(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in entries:
            made.writestr(name, content)
    return path


def test_the_same_case_is_the_same_bytes(tmp_path: Path) -> None:
    """Order of insertion, folder and time don't matter; what is read is what was written."""
    case = small_case()
    turned = Case(SHEET, dict(reversed(list(case.files.items()))))
    assert case.to_bytes() == turned.to_bytes()
    case.write(tmp_path / "deep" / "a.case")
    again = read_case(tmp_path / "deep" / "a.case")
    assert again.sheet == case.sheet
    assert again.files == case.files
    assert again.to_bytes() == case.to_bytes()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    info.create_system = 3
    return info


@pytest.mark.parametrize(
    "name",
    [
        "../evil", "/etc/passwd", "a/../../evil", "C:\\evil", "..\\evil", "a\\..\\b", "a//b", "./a", "a/.", "a/..", "",
        "folder/", "con", "NUL.txt", "a.", "a ", "x" * 200, "a/b/c/d/e", "a\x00b", "~root", ".bashrc", "a:b",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    """Traversal, roots, drives, device names: refused, and nothing is written beside the file."""
    path = tmp_path / "x.case"
    if name:
        zipped(path, (zipfile.ZipInfo("a"), b""))
        raw = zipfile.ZipInfo("a")
        raw.filename = name
        zipped(path, (raw, b"content"))
        with pytest.raises(HostileCase) as refused:
            unpack(path)
        assert refused.value.code == "CFG881"
        assert sorted(one.name for one in tmp_path.iterdir()) == ["x.case"]
    assert not safe_name(name)
    with pytest.raises(HostileCase):
        pack({name: b""})


@pytest.mark.parametrize("names", [("a", "a"), ("data/x", "Data/X"), ("a", "A"), ("a", "a/b")])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_hide_each_other_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    """Duplicate and case-colliding names mean different things on different machines."""
    path = zipped(tmp_path / "x.case", *((name, b"1") for name in names))
    with pytest.raises(HostileCase):
        unpack(path)


def test_links_are_refused(tmp_path: Path) -> None:
    """A link could be followed out of the case."""
    with pytest.raises(HostileCase, match="link"):
        unpack(zipped(tmp_path / "x.case", (link("data"), b"/etc")))


def test_bombs_are_refused_before_they_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many entries, too much altogether, too tightly packed, too large a file: each by its own words."""
    path = tmp_path / "x.case"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("bomb", b"\x00" * (8 << 20))
    with pytest.raises(CaseTooLarge, match="times its size"):
        unpack(path)
    zipped(path, *((f"e{number}", b"") for number in range(archive.ENTRIES + 1)))
    with pytest.raises(CaseTooLarge, match="entries"):
        unpack(path)
    monkeypatch.setattr(archive, "TOTAL_BYTES", 1000)
    zipped(path, ("a", bytes(range(256)) * 2), ("b", bytes(range(256)) * 2))
    with pytest.raises(CaseTooLarge, match="larger than it may be"):
        unpack(path)
    monkeypatch.setattr(archive, "FILE_BYTES", 100)
    with pytest.raises(CaseTooLarge, match="at most 100"):
        unpack(path)


def test_an_entry_that_lies_about_its_size_is_counted_as_it_comes(tmp_path: Path) -> None:
    """The directory of the zip is not believed: a size of 1 in it doesn't let 8 MB through."""
    path = tmp_path / "x.case"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("bomb", b"\x00" * (8 << 20))
    raw = path.read_bytes()
    path.write_bytes(raw.replace((8 << 20).to_bytes(4, "little"), (1).to_bytes(4, "little")))
    with pytest.raises(CaseRefused):
        unpack(path)


def broken_header(raw: bytes) -> bytes:
    return raw[:40] + b"\xff" * 20 + raw[60:]


@pytest.mark.parametrize("spoil", [lambda raw: b"", lambda raw: raw[:50], lambda raw: raw[:-30], broken_header])
def test_broken_zips_are_told(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """Cut off, empty, or damaged in the middle."""
    path = tmp_path / "x.case"
    path.write_bytes(spoil(small_case().to_bytes()))
    with pytest.raises((NoCase, CaseDamaged)) as refused:
        read_case(path)
    assert refused.value.code in ("CFG880", "CFG884")


def rewritten(case: Case, name: str, content: bytes) -> bytes:
    """The case's zip with one entry replaced, and the manifest as it was."""
    held = io.BytesIO(case.to_bytes())
    with zipfile.ZipFile(held) as read:
        files = {one: read.read(one) for one in read.namelist()}
    return pack({**files, name: content})


def test_a_changed_or_foreign_part_is_told(tmp_path: Path) -> None:
    """The manifest names every file and its sum; a file more, less or changed is CFG884."""
    path = tmp_path / "x.case"
    path.write_bytes(rewritten(small_case(), "scenario.yaml", b"scenario: y\n"))
    with pytest.raises(CaseDamaged, match="is not what the manifest says"):
        read_case(path)
    path.write_bytes(rewritten(small_case(), "more.txt", b""))
    with pytest.raises(CaseDamaged, match="only in the case"):
        read_case(path)
    zipped(path, ("readme.txt", b"hello"))
    with pytest.raises(CaseDamaged, match=r"holds no case\.yaml"):
        read_case(path)


def test_another_version_is_told(tmp_path: Path) -> None:
    """Both the sheet and the manifest carry the version of the layout."""
    path = tmp_path / "x.case"
    path.write_bytes(rewritten(small_case(), "manifest.json", json.dumps({"case": 2, "files": {}}).encode()))
    with pytest.raises(CaseVersion) as refused:
        read_case(path)
    assert refused.value.code == "CFG883"
    path.write_bytes(Case(SHEET.model_copy(update={"case": 7}), {}).to_bytes())
    with pytest.raises(CaseVersion):
        read_case(path)


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        ("case: 1\ntitle: &a [x]\nsymptom: *a\n", "CFG807"),
        ("case: 1\ntitle: !!python/object/apply:os.system [ls]\n", "CFG802"),
        ("case: 1\ncase: 1\ntitle: x\n", "CFG803"),
        ("case: 1\ntitle: " + "[" * 60 + "]" * 60, "CFG804"),
        ("a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)
        ), "CFG804"),
        ("case: 1\ntitle: x\nmade_up: y\n", "CFG805"),
    ],
)  # fmt: skip
def test_yaml_tricks_are_refused(tmp_path: Path, sheet: str, code: str) -> None:
    """Aliases that explode, tags that call, doubled keys, depth: the sheet is read as strictly as any of our files."""
    path = tmp_path / "x.case"
    case = small_case()
    files = {**case.files, "case.yaml": sheet.encode()}
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    path.write_bytes(pack({**files, "manifest.json": json.dumps({"case": 1, "files": sums}).encode()}))
    with pytest.raises(DocumentRefused) as refused:
        read_case(path)
    assert code in {problem.code for problem in refused.value.problems}


def test_a_sheet_cannot_lay_files_elsewhere(tmp_path: Path) -> None:
    """The names beside the scenario come from the sheet; those that lead out of the folder are refused."""
    from leadproof.cases.case import Files

    inner = tmp_path / "inner"
    inner.mkdir()
    files = {"scenario.yaml": b"", "recipe.yaml": b"", "integration.yaml": b""}
    for evil in ("../out.yaml", "/tmp/out.yaml", "a/../../out.yaml"):
        names = Files(scenario="s.yaml", recipe=evil, integrations=["leadproof.yaml"])
        with pytest.raises(CaseDamaged):
            Case(SHEET.model_copy(update={"files": names}), files).lay_out(inner)
    assert [one.name for one in tmp_path.iterdir()] == ["inner"]


ODD = ("NO", "null", "~", "true", "0123", "12:30", "- a", "a: b", "#x", "", " ")
TEXT = st.text(max_size=30) | st.sampled_from(ODD)
TREES = st.recursive(
    TEXT | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, TREES, max_size=5))
def test_yaml_text_is_read_back_as_it_was(tree: dict[str, object]) -> None:
    """What we write, our strict reader reads: `NO`, `0123`, quotes, line ends and control characters too."""
    assert read_tree(yaml_text(tree), "written")[0] == (tree or None)
