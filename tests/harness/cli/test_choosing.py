"""Which scenarios run, and with which options: shards, what failed last time, a configuration file, the environment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadproof.scenario.selection import SelectionRefused, shard
from tests.harness.cli import in_process
from tests.harness.cli.test_cli import leadproof
from tests.harness.scenario.stage_hands import write

GOOD = "create_lead: {as: lead, in: crm, fill: basics}\ncheck_count: {in: crm, object: Lead, is: 1}"
Program = Callable[..., subprocess.CompletedProcess[str]]
BAD = GOOD.replace("is: 1", "is: 2")


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    """Five scenarios; b and d fail."""
    for name in "abcde":
        write(tmp_path, BAD if name in "bd" else GOOD, name=name)
    return tmp_path


def _ran(
    folder: Path, *arguments: str, program: Program = in_process.leadproof
) -> tuple[int, list[str], dict[str, object]]:
    """Exit code, the ids that were run, the JSON report."""
    ended = program(*arguments, "--report", "json=out.json", cwd=folder)
    report = json.loads((folder / "out.json").read_text())
    return ended.returncode, [one["id"] for one in report["scenarios"]], report


@given(st.lists(st.integers(), max_size=40), st.integers(1, 9))
def test_all_shards_together_are_everything_once(items: list[int], parts: int) -> None:
    """Whatever the number of parts, and none is larger than another by more than one."""
    shards = [shard(items, f"{part}/{parts}") for part in range(1, parts + 1)]
    assert sorted(item for one in shards for item in one) == sorted(items)
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


@pytest.mark.parametrize("written", ["", "0/4", "5/4", "1", "a/b", "1/0", "-1/4", "1/4/2"])
def test_a_shard_that_is_none_is_refused(written: str) -> None:
    """The message shows how it is written."""
    with pytest.raises(SelectionRefused, match="such as 1/4"):
        shard([1], written)


def test_what_failed_is_run_again_alone(stories: Path) -> None:
    """--last-failed takes the paths and options given now; retry repeats the last run's own."""
    assert _ran(stories, "run", ".", "--seed", "9")[:2] == (1, ["a", "b", "c", "d", "e"])
    assert _ran(stories, "run", ".", "--last-failed", "-k", "not d")[:2] == (1, ["b"])
    assert _ran(stories, "run", ".", "--seed", "9")[0] == 1
    write(stories, GOOD, name="b")
    again = in_process.leadproof("retry", cwd=stories)
    assert again.returncode == 1
    assert "seed 9" in again.stdout
    assert "2 scenarios: 1 passed, 1 failed" in again.stdout
    write(stories, GOOD, name="d")
    assert in_process.leadproof("retry", cwd=stories).returncode == 0
    nothing = in_process.leadproof("retry", cwd=stories)
    assert nothing.returncode == 5
    assert "Nothing failed in the last run here" in nothing.stderr
    assert (stories / ".leadproof" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_enough_failures_end_the_run(jobs: str, stories: Path) -> None:
    """After the first that fails nothing is begun; the same whatever the number of processes."""
    program = in_process.leadproof if jobs == "1" else leadproof
    code, ids, _ = _ran(stories, "run", ".", "--max-failures", "1", "--jobs", jobs, program=program)
    assert (code, ids) == (1, ["a", "b"])
    told = program("run", ".", "--max-failures", "1", "--jobs", jobs, cwd=stories).stdout
    assert "3 not begun (--max-failures)" in told


def test_a_shard_of_a_run(stories: Path) -> None:
    """Two parts, each every second scenario."""
    assert _ran(stories, "run", ".", "--shard", "1/2")[:2] == (0, ["a", "c", "e"])
    assert _ran(stories, "run", ".", "--shard", "2/2")[:2] == (1, ["b", "d"])
    refused = in_process.leadproof("run", ".", "--shard", "3/2", cwd=stories)
    assert refused.returncode == 2
    assert "--shard 1/4" in refused.stderr


def test_flags_win_over_the_environment_and_that_over_the_file(stories: Path) -> None:
    """leadproof.toml, LEADPROOF_RUN_SEED, --seed; found from a folder below too; config says which holds."""
    (stories / "leadproof.toml").write_text('[run]\nseed = "11"\nmax-failures = 1\n')
    below = stories / "below"
    below.mkdir()
    assert "seed 11" in in_process.leadproof("run", "..", cwd=below).stdout
    assert "seed 12" in in_process.leadproof("run", "..", cwd=below, LEADPROOF_RUN_SEED="12").stdout
    assert "seed 13" in in_process.leadproof("run", "..", "--seed", "13", cwd=below, LEADPROOF_RUN_SEED="12").stdout
    told = in_process.leadproof("config", "--origin", cwd=below, LEADPROOF_RUN_OVER="http").stdout
    lines = {line.split()[0]: line for line in told.splitlines()}
    assert lines["seed"].endswith(f"11  ({stories / 'leadproof.toml'})")
    assert lines["over"].endswith("http  (environment LEADPROOF_RUN_OVER)")
    assert lines["jobs"].endswith("0  (default)")


def test_a_variable_is_named_as_the_option_is_typed(stories: Path) -> None:
    """LEADPROOF_RUN_LIST for --list, LEADPROOF_RUN_SHARD for --shard; help tells of none, for there are so many."""
    listed = in_process.leadproof("run", ".", cwd=stories, LEADPROOF_RUN_LIST="1", LEADPROOF_RUN_SHARD="2/2")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["b", "d"]
    assert (
        "env var"
        not in in_process.leadproof("--help", cwd=stories).stdout
        + in_process.leadproof("run", "--help", cwd=stories).stdout
    )


def test_a_project_file_may_hold_the_options(stories: Path) -> None:
    """[tool.leadproof] of pyproject.toml; one without it is passed over."""
    (stories / "pyproject.toml").write_text('[tool.leadproof.run]\nseed = "21"\n')
    assert "seed 21" in in_process.leadproof("run", "a.yaml", cwd=stories).stdout
    (stories / "pyproject.toml").write_text('[tool.other]\nseed = "21"\n')
    assert "seed 1 " in in_process.leadproof("run", "a.yaml", cwd=stories).stdout


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("[run]\nmax-failure = 1\n", "CFG891", "Did you mean max-failures in [run]?"),
        ("[rum]\nseed = '1'\n", "CFG891", "Did you mean [run]?"),
        ("[run]\nseed = 1 2\n", "CFG890", "leadproof.toml"),
    ],
)
def test_a_mistake_in_the_file_is_told_and_not_passed_over(text: str, code: str, told: str, stories: Path) -> None:
    """Exit code 2, with what was meant."""
    (stories / "leadproof.toml").write_text(text)
    ended = in_process.leadproof("run", ".", cwd=stories)
    assert ended.returncode == 2
    assert ended.stderr.startswith(code)
    assert told in ended.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell: str, tmp_path: Path) -> None:
    """A script that asks the program itself."""
    script = leadproof("completion", shell, cwd=tmp_path)
    assert script.returncode == 0
    assert "_LEADPROOF_COMPLETE=" in script.stdout


def test_bash_completes_a_command(tmp_path: Path) -> None:
    """What bash would ask: the commands that begin with `re`."""
    asked = {"_LEADPROOF_COMPLETE": "complete_bash", "COMP_WORDS": "leadproof re", "COMP_CWORD": "1"}
    assert {"record", "replay", "reset", "retry"} <= set(leadproof(cwd=tmp_path, **asked).stdout.split())
    script = leadproof("completion", "bash", cwd=tmp_path).stdout
    read = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False, env=os.environ)
    assert read.returncode == 0, read.stderr
    assert leadproof("completion", "csh", cwd=tmp_path).returncode == 2
