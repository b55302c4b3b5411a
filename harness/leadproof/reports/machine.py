"""Reports for machines: JSON, NDJSON and JUnit XML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

from leadproof.reports.collected import Entry, Gathered, Told
from leadproof.scenario.events import Event

ILLEGAL_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2, "Char") does not allow, escaped or not."""


def as_json(run: Gathered) -> dict[str, Any]:
    """`{"verdict","seed","digest","wall","scenarios":[{"id","name","file","verdict","checks":[...]}]}`."""
    return {
        "verdict": run.verdict,
        "seed": run.seed,
        "digest": run.digest,
        "wall": run.wall_seconds,
        "scenarios": [
            {
                "id": one.id,
                "name": one.title,
                "file": one.file,
                "verdict": one.verdict,
                "checks": [_check_json(check) for check in one.checks],
            }
            for one in run.scenarios
        ],
    }


def _check_json(check: Entry) -> dict[str, Any]:
    return {
        "id": check.check,
        "name": check.name,
        "verdict": check.verdict,
        "expected": check.expected or check.text,
        "found": check.found or check.text,
        "file": check.file,
        "line": check.line,
        "finding": dict(check.finding) if check.finding is not None else None,
    }


def write_json(run: Gathered, path: Path) -> None:
    """The JSON report, keys in the order of the format, readable."""
    import orjson

    path.write_bytes(orjson.dumps(as_json(run), option=orjson.OPT_INDENT_2) + b"\n")


class NdjsonWriter:
    """Every event as one JSON line, written as it happens."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("wb")

    def __call__(self, event: Event) -> None:
        import orjson

        self._file.write(orjson.dumps(event.to_json()) + b"\n")
        if event.kind == "run_finished":
            self._file.close()


def as_junit(run: Gathered) -> ElementTree.Element:
    """One suite for each scenario, one case for each check; times are wall seconds."""
    root = ElementTree.Element("testsuites", _counts(run.checks), name="leadproof", time=f"{run.wall_seconds:.3f}")
    for one in run.scenarios:
        suite = ElementTree.SubElement(
            root, "testsuite", _counts(one.checks), name=_clean(one.title), time=f"{one.wall_seconds:.3f}"
        )
        properties = ElementTree.SubElement(suite, "properties")
        for name, value in (("seed", run.seed), ("digest", one.digest), ("covers", " ".join(one.covers))):
            ElementTree.SubElement(properties, "property", name=name, value=_clean(value))
        for check in one.checks:
            _case(suite, one, check)
    return root


def _counts(checks: list[Entry]) -> dict[str, str]:
    names = {"failures": "failed", "errors": "error", "skipped": "skipped"}
    counts = {key: str(sum(1 for one in checks if one.verdict == verdict)) for key, verdict in names.items()}
    return {"tests": str(len(checks)), **counts}


def _case(suite: ElementTree.Element, told: Told, check: Entry) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        name=_clean(check.check.partition("/")[2] or check.check),
        classname=_clean(told.id),
        file=_clean(check.file),
        line=str(check.line),
        time="0",
    )
    if check.verdict == "skipped":
        ElementTree.SubElement(case, "skipped", message=_clean(check.text))
    elif check.verdict in ("failed", "error"):
        tag = "failure" if check.verdict == "failed" else "error"
        cause = check.finding
        problem = ElementTree.SubElement(
            case,
            tag,
            message=_clean(f"expected {check.expected}, found {check.found}"),
            type=_clean(cause["code"] if cause is not None else check.name),
        )
        problem.text = _clean("\n".join(_lines(check)))
    else:
        ElementTree.SubElement(case, "system-out").text = _clean(check.text)


def _lines(check: Entry) -> list[str]:
    lines = [f"{check.file}:{check.line}: {check.said}", f"expected: {check.expected}", f"found: {check.found}"]
    for one in check.findings:
        lines += [f"cause: {one['code']} {one['title']}: {one['cause']}", f"fix: {one['fix']}"]
    return lines + [f"nearest exchange: {one}" for one in check.exchanges]


def _clean(text: str) -> str:
    return ILLEGAL_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def write_junit(run: Gathered, path: Path) -> None:
    """The JUnit file, UTF-8, indented."""
    root = as_junit(run)
    ElementTree.indent(root)
    path.write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")
