"""What failed last time in this folder: `.leadproof/last-run.json`, for `--last-failed` and `leadproof retry`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadproof.scenario.document import Loaded

LAST_RUN = Path(".leadproof") / "last-run.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the last run was asked for, and the scenarios that did not pass: (file, id) in the order of the run."""

    options: dict[str, Any]
    not_passed: list[tuple[str, str]] = field(default_factory=list)

    def write(self, path: Path = LAST_RUN) -> None:
        """Keep it; a folder that cannot be written to loses the memory, not the run."""
        told = {"format": FORMAT, **asdict(self)}
        try:
            path.parent.mkdir(exist_ok=True)
            ignored = path.parent / ".gitignore"
            if not ignored.exists():
                ignored.write_text("*\n", encoding="utf-8")
            path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        except OSError:
            return

    @classmethod
    def read(cls, path: Path = LAST_RUN) -> LastRun | None:
        """None where nothing was run here yet, or the file is not ours."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            if told["format"] != FORMAT:
                return None
            return cls(dict(told["options"]), [(str(file), str(id)) for file, id in told["not_passed"]])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def among(self, scenarios: Sequence[Loaded]) -> list[Loaded]:
        """Those of these scenarios that did not pass."""
        wanted = {(file, id) for file, id in self.not_passed}
        return [one for one in scenarios if (str(one.path.resolve()), one.id) in wanted]
