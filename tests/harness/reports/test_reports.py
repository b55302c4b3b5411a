"""The reports of one run, made from its events: right for machines, safe and complete for people."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from leadproof.reports.collected import Gathered
from leadproof.reports.html import render
from leadproof.reports.machine import NdjsonWriter, as_json, as_junit
from leadproof.reports.outputs import Outputs, ReportRefused, parse_reports
from leadproof.reports.terminal import Terminal
from leadproof.scenario.document import load_scenarios
from leadproof.scenario.events import KINDS
from leadproof.scenario.run import Summary, run_all
from leadproof.scenario.runner import Options
from tests.harness.scenario.stage_hands import Idle, write

NASTY = '<script>alert(1)</script>\x0b & "quotes" \''
STEPS = """
create_lead: {as: lead, in: marketing, values: {company: "<script>alert(1)</script>"}}
check_field: {lead: $lead, in: marketing, field: company, is: Somebody & Co}
check_field: {lead: $lead, in: marketing, field: company, contains: script}
check_delivered: {lead: $lead}
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Gathered, Summary, Path]:
    """A scenario with a passed, two failed checks and hostile text, and one that is an error; run once."""
    folder = tmp_path_factory.mktemp("run")
    write(folder, STEPS, name="first")
    write(folder, "check_delivered: {lead: $nobody}", name="second")
    gathered = Gathered()
    listeners = [gathered, NdjsonWriter(folder / "events.ndjson")]
    return gathered, run_all(load_scenarios([folder]), Options(connector=Idle, facts=True), listeners), folder


def test_json_has_exactly_the_keys_of_the_format(ran: tuple[Gathered, Summary, Path]) -> None:
    """{"verdict","seed","digest","wall","scenarios":[{"id","name","file","verdict","checks":[...]}]}."""
    told = as_json(ran[0])
    assert list(told) == ["verdict", "seed", "digest", "wall", "scenarios"]
    assert [list(one) for one in told["scenarios"]] == [["id", "name", "file", "verdict", "checks"]] * 2
    keys = ["id", "name", "verdict", "expected", "found", "file", "line", "finding"]
    assert all(list(check) == keys for one in told["scenarios"] for check in one["checks"])
    verdicts = [check["verdict"] for one in told["scenarios"] for check in one["checks"]]
    assert (told["verdict"], verdicts) == ("failed", ["failed", "passed", "failed", "error"])
    ids = [check["id"] for one in told["scenarios"] for check in one["checks"]]
    assert ids[:3] == ["first/check_field", "first/check_field-2", "first/check_delivered"]


def test_junit_is_xml_and_counts_agree(ran: tuple[Gathered, Summary, Path]) -> None:
    """What XML 1.0 does not allow is replaced; failures and errors carry the code; the numbers are the cases'."""
    gathered = ran[0]
    gathered.scenarios[0].entries[1].found = NASTY
    root = ElementTree.fromstring(ElementTree.tostring(as_junit(gathered)))
    cases = list(root.iter("testcase"))
    assert int(root.attrib["tests"]) == len(cases) == 4
    assert int(root.attrib["failures"]) == len(list(root.iter("failure"))) == 2
    assert int(root.attrib["errors"]) == len(list(root.iter("error"))) == 1
    assert "\x0b" not in "".join(one.attrib["message"] for one in root.iter("failure"))
    assert all(re.fullmatch(r"[A-Z]+\d{3}", one.attrib["type"]) for one in root.iter("failure"))


def test_html_is_one_safe_file(ran: tuple[Gathered, Summary, Path]) -> None:
    """A lead named <script> is text; no script, no other origin, a strict policy; verdict before scenarios."""
    page = render(ran[0])
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert "unsafe" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert page.index("<h1>Failed</h1>") < page.index("What is wrong, by cause") < page.index('id="first"')


def test_html_policy_allows_the_style_it_has(ran: tuple[Gathered, Summary, Path]) -> None:
    """The hash in the policy is that of the style element's text, byte for byte."""
    import base64
    import hashlib

    page = render(ran[0])
    style = page[page.index("<style>") + 7 : page.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page


def test_ndjson_is_the_whole_stream(ran: tuple[Gathered, Summary, Path]) -> None:
    """Each line has v, n, kind and the kind's own keys; n counts from 1; the journal's facts are among them."""
    lines = [json.loads(line) for line in (ran[2] / "events.ndjson").read_text().splitlines()]
    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["v"] for line in lines} == {1}
    assert {"run_started", "exchange", "change", "check_finished", "finding", "run_finished"} <= {
        line["kind"] for line in lines
    }
    for line in lines:
        missing = [key for key in KINDS[line["kind"]] if key not in line]
        assert missing == [], line["kind"]


def test_the_terminal_tells_failures_with_place_expected_found_cause_and_fix(
    ran: tuple[Gathered, Summary, Path],
) -> None:
    """A passed check is one line; a failure names file:line, both values, a code and the mend; no colours here."""
    out = io.StringIO()
    terminal = Terminal(ran[0], out=out)
    for told in ran[0].scenarios:
        terminal._scenario(told)
    terminal.finish(["report.html"], 1)
    text = out.getvalue()
    assert "\x1b" not in text
    assert re.search(r"first\.yaml:\d+", text)
    for word in ("expected", "found", "error[", "help: ", "leadproof explain", "FAILED", "seed 1", "report.html"):
        assert word in text


def test_reports_that_cannot_be_written_are_refused_before_the_run(tmp_path: Path) -> None:
    """An unknown kind is usage; a folder that does not exist is told before anything runs."""
    with pytest.raises(ReportRefused, match="KIND=FILE"):
        parse_reports(["pdf=report.pdf"])
    with pytest.raises(ReportRefused) as caught:
        Outputs(parse_reports([f"html={tmp_path}/no/such/folder/x.html"])).listeners()
    assert caught.value.code == "RUN804"
