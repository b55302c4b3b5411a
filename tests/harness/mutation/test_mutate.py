"""`leadproof mutate`: what it says about a user's own scenarios, and that their files stay as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leadproof.cli import main
from leadproof.library import checklist, starter
from leadproof.mutation.ground import Ground
from leadproof.mutation.kinds import load_all
from leadproof.mutation.mutants import singles
from leadproof.mutation.noticing import NOTICES
from leadproof.mutation.trials import Bench
from leadproof.scenario.document import load_scenario


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A user's folder, as `leadproof init` writes it."""
    for source in starter().glob("*.yaml"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    return tmp_path


def _mutate(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["mutate", *arguments])
    code = ended.value.code
    return code if isinstance(code, int) else -1


def test_a_user_learns_which_mistakes_their_scenarios_notice(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Caught mutants are counted and rightly named; the JSON holds every trial; the files are untouched."""
    before = {path.name: path.read_bytes() for path in own.iterdir()}
    told = own.parent / "trials.json"
    code = _mutate(str(own), "-k", "address_not_listed or not_verified", "--json", str(told), "-v")
    out = capsys.readouterr()
    trials = json.loads(told.read_text(encoding="utf-8"))
    assert code == 0, out.out
    assert [one["fate"] for one in trials] == ["caught", "caught"]
    assert [one["right"] for one in trials] == [0, 0], trials
    assert out.out.startswith("2 mistakes are planted, one at a time, in copies of")
    said = " ".join(out.out.split())
    assert "2 mistakes planted: 2 caught, 0 survived." in said
    assert "the right cause was told first for 2, among the first three for 2." in said
    assert "[2/2] caught" in out.err
    assert {path.name: path.read_bytes() for path in own.iterdir()} == before


def test_a_survivor_is_listed_with_what_would_notice_it(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scenario that enters no edit does not notice what an edit would show: what to do is said once for all such
    mistakes, with a shipped scenario that does it; no line is wider than the terminal; exit code 1."""
    monkeypatch.setenv("COLUMNS", "60")
    scenario = next(own.glob("first-lead.yaml"))
    head = scenario.read_text(encoding="utf-8").split("steps:")[0]
    steps = (
        "steps:\n  - install: {}\n  - create_lead: {as: lead, in: marketing, fill: basics}\n  - sync: {until: quiet}\n"
    )
    scenario.write_text(head + steps + "  - check_delivered: {lead: $lead, count: 1, linked: both}\n", encoding="utf-8")
    code = _mutate(str(own), "-k", "overwrite_allowed or master_latest")
    out = capsys.readouterr().out
    assert code == 1
    assert "    overwrite_allowed@company: Marketing may overwrite what\n      the CRM holds\n" in out
    assert " ".join(out.split()).count("edit the field in the CRM, sync, check_field in marketing;") == 1
    assert out.count("as in: every-field-both-ways") == 1
    assert "`leadproof run -k every-field-both-ways -v`" in out
    assert "0 caught, 2 survived." in out
    assert [line for line in out.splitlines() if len(line) > 60 and "/" not in line] == []


@pytest.mark.parametrize(
    "kind",
    # Two of the many are always tried; all of them take a minute.
    [pytest.param(one, marks=[] if one in ("user_not_mapped", "rule_removed") else pytest.mark.slow)
     for one in NOTICES],
)  # fmt: skip
def test_the_scenario_that_is_named_for_a_survivor_notices_it(kind: str) -> None:
    """What `leadproof mutate` says would notice a kind of mistake does, on the checklist's own files."""
    folder = checklist()
    ground = Ground.read(folder / "leadproof.yaml", folder / "recipe.yaml")
    bench = Bench(ground, [load_scenario(folder / f"{NOTICES[kind].shown_by}.yaml")])
    (mutant,) = singles(ground, [load_all()[kind]], seed="1", sites=1)
    assert bench.try_one(mutant).fate == "caught"


def test_a_file_that_cannot_be_written_is_told_before_anything_is_planted(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The trials may take an hour."""
    assert _mutate(str(own), "-k", "not_verified", "--json", str(own / "no" / "such.json")) == 3
    said = capsys.readouterr()
    assert "RUN804" in said.err
    assert "planted" not in said.out


def test_mutants_are_listed_without_planting_any(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--list` names them; a word that fits none is told as nothing to do."""
    assert _mutate(str(own), "--list", "-k", "not_verified") == 0
    assert capsys.readouterr().out.startswith("not_verified@")
    assert _mutate(str(own), "-k", "nothing_like_this") == 5


def test_the_score_is_a_page_with_its_misses(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--score` measures singles, pairs and clean runs, and writes them with every miss by name."""
    page = own.parent / "score.md"
    code = _mutate(
        str(own), "-k", "not_verified or may_not_write", "--pairs", "1", "--score", str(page), "--clean", "3"
    )
    text = page.read_text(encoding="utf-8")
    assert code == 0, text
    assert "| all | 3 | 3 (100.0 %) |" in text
    assert "3 clean runs" in text
    assert text.rstrip().endswith("None.")
    assert "named first" in capsys.readouterr().out


def test_a_score_of_some_kinds_says_which_and_counts_no_pair_that_nobody_wanted(own: Path) -> None:
    """`-k` with `--score` is a page of its own, headed by what was chosen, with the command that measures it again."""
    page = own.parent / "some.md"
    code = _mutate(str(own), "-k", "not_verified", "--pairs", "0", "--clean", "0", "--score", str(page))
    text = page.read_text(encoding="utf-8")
    assert code == 0, text
    assert text.startswith("# The score of not_verified\n")
    assert "`leadproof mutate -k not_verified --pairs 0 --clean 0 --score docs/some.md --seed 1`" in text
    assert "| settings, one at a time | 1 |" in text
    assert "two at once" not in text
