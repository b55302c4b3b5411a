"""The README's section "Five minutes", done by the program: init, run, break it, read why, mend it, run."""

from __future__ import annotations

from pathlib import Path

from tests.harness.cli.test_cli import leadproof

ALLOWED, REFUSED = "allowlist: [10.20.0.0/24]", "allowlist: [192.0.2.0/24]"


def test_five_minutes(tmp_path: Path) -> None:
    """A newcomer's files pass; an address that is not allowed fails with NET110 and the recipe's line, which
    `explain` explains; mended, the same run passes with the same digest."""
    assert leadproof("init", "demo", cwd=tmp_path).returncode == 0
    first = leadproof("run", "demo", cwd=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "1 scenario:" in first.stdout

    recipe = tmp_path / "demo" / "recipe.yaml"
    text = recipe.read_text("utf-8")
    assert text.count(ALLOWED) == 1
    recipe.write_text(text.replace(ALLOWED, REFUSED), "utf-8")
    line = text[: text.index(ALLOWED)].count("\n") + 1
    broken = leadproof("run", "demo", cwd=tmp_path)
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "FAILED" in broken.stdout
    assert "NET110" in broken.stdout
    assert f"demo/recipe.yaml:{line}" in broken.stdout

    explained = leadproof("explain", "NET110", cwd=tmp_path)
    assert explained.returncode == 0
    assert "allowlist" in explained.stdout

    recipe.write_text(text, "utf-8")
    mended = leadproof("run", "demo", cwd=tmp_path)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    digest = next(row for row in first.stdout.splitlines() if "digest" in row)
    assert digest in mended.stdout


def test_the_doctor_greets_a_newcomer_with_what_to_do(tmp_path: Path) -> None:
    """Before anything was installed there is one warning, and no error."""
    assert leadproof("init", "demo", cwd=tmp_path).returncode == 0
    told = leadproof("doctor", "--integration", "demo/leadproof.yaml", "--recipe", "demo/recipe.yaml", cwd=tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "MAP327" in told.stdout
    assert "1 warning. 1 note not shown" in told.stdout
