"""What a live run entered, written down as it happens: `.leadproof/live/RUN.ndjson`, one JSON object a line.

A run that ends in any way but a killed process removes its dummy records itself, and the file with them. What a killed
one left behind is removed by `leadproof clean RUN`, which reads nothing but this file: the records whose ids it holds,
and those under an address that holds the run's word, drawn anew for every run, go, and no others (quality.md "Live
guard"). A line is on the disk before what it tells of is sent, where that is possible: an address
before the first record that has it; a record's id as soon as the answer tells it.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

try:
    from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
except ImportError:  # a system without such locks
    flock = None  # type: ignore[assignment]

FOLDER = Path(".leadproof") / "live"
FORMAT = 1
WORD_BYTES = 5
Known = tuple[str, str, str]
"""(org, object, id)"""


@dataclass(slots=True)
class Entered:
    """What one scenario of the run entered, and has not removed: its file, the id of each org by name, the addresses,
    the records that had one of them before, and those that it made."""

    file: str
    orgs: dict[str, str]
    keys: dict[str, None] = field(default_factory=dict)
    before: dict[Known, None] = field(default_factory=dict)
    made: dict[Known, None] = field(default_factory=dict)


@dataclass(slots=True)
class LiveRun:
    """A run's file, read: its id, its word and what is left of it, by scenario; of a file of another `format` than
    ours nothing is read."""

    id: str
    path: Path
    word: str = ""
    format: int = FORMAT
    left: dict[str, Entered] = field(default_factory=dict)


class StillRunning(Exception):
    """Another process writes this file."""


class LiveJournal:
    """The file of one run, being written, and locked until it is closed. `id` names the run: `live-1`, and so on in a
    folder; `word`: what its dummies' addresses hold and no other run's, on any machine. Raises StillRunning where
    another process has it."""

    def __init__(self, path: Path, word: str) -> None:
        self.id, self.path, self.word = path.stem, path, word
        self._scenario = ""
        self._file = path.open("a", encoding="utf-8")
        try:
            if flock is not None:
                flock(self._file, LOCK_EX | LOCK_NB)
        except OSError:
            self._file.close()
            raise StillRunning(self.id) from None
        if not _whole(path):
            self._file.write("\n")  # a line that was torn off must not swallow the next one

    @classmethod
    def begin(cls, folder: Path = FOLDER) -> LiveJournal:
        """A file of its own, which nobody else may read. Raises OSError: a run that can't write it must not begin."""
        folder.mkdir(parents=True, exist_ok=True)
        ignored = folder.parent / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n", encoding="utf-8")
        number = 1 + max((_number(one) for one in folder.glob("live-*.ndjson")), default=0)
        while True:
            path = folder / f"live-{number}.ndjson"
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                number += 1
                continue
            try:
                journal = cls(path, secrets.token_hex(WORD_BYTES))
            except StillRunning:  # somebody looks at this very moment whether it is under way
                number += 1
                continue
            journal._add("run", format=FORMAT, word=journal.word)
            return journal

    @classmethod
    def resume(cls, run: LiveRun) -> LiveJournal:
        """Write on in the file of a run that was interrupted. Raises StillRunning for one that was not."""
        return cls(run.path, run.word)

    def scenario(self, id: str, file: Path, orgs: Mapping[str, str]) -> None:
        """A scenario begins; `orgs`: the vendor's id of each org by its name."""
        self._scenario = id
        self._add("scenario", file=str(file.resolve()), orgs=dict(orgs))

    def key(self, key: str, before: Sequence[Known]) -> None:
        """An address is about to be entered, and these records have it already."""
        self._add("key", key=key, before=[list(one) for one in before])

    def made(self, known: Known) -> None:
        """A record was made."""
        self._add("made", record=list(known))

    def cleaned(self, id: str) -> None:
        """Nothing is left of a scenario."""
        self._scenario = id
        self._add("cleaned")

    def close(self) -> bool:
        """Remove the file if nothing is left of the run; whether something is."""
        left = bool(read_run(self.path).left)
        if not left:
            self.path.unlink()
        self._file.close()
        return left

    def _add(self, kind: str, **told: Any) -> None:
        line = json.dumps({"kind": kind, "scenario": self._scenario, **told}, ensure_ascii=False)
        self._file.write(line + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _whole(path: Path) -> bool:
    """Whether the file's last line has an end."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        return file.read(1) in (b"", b"\n")


def _number(path: Path) -> int:
    digits = path.stem.partition("-")[2]
    return int(digits) if digits.isdecimal() else 0


def runs(folder: Path = FOLDER) -> list[LiveRun]:
    """The runs of this folder that left something behind, or are under way, the oldest first."""
    return [read_run(path) for path in sorted(folder.glob("live-*.ndjson"), key=_number)]


def under_way(path: Path) -> bool:
    """Whether a process writes this file at this moment. Raises OSError."""
    if flock is None:
        return False
    with path.open("rb") as file:
        try:
            flock(file, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            return True
    return False


def read_run(path: Path) -> LiveRun:
    """What is left of a run. A line that was torn off, by a power cut or a full disk, tells nothing, nor does one of a
    scenario whose own line was. Raises OSError."""
    run = LiveRun(path.stem, path)
    for line in path.read_bytes().split(b"\n"):
        try:
            told = json.loads(line)
        except ValueError:  # of torn letters, too
            continue
        _take(run, told)
        if run.format != FORMAT:
            break
    return run


def _take(run: LiveRun, told: Mapping[str, Any]) -> None:
    kind, id = told["kind"], told["scenario"]
    if kind == "run":
        run.word, run.format = told.get("word", ""), told["format"]
    elif kind == "scenario":
        run.left[id] = Entered(told["file"], dict(told["orgs"]))
    elif id not in run.left:
        return
    elif kind == "key":
        run.left[id].keys[told["key"]] = None
        run.left[id].before.update(dict.fromkeys(_known(one) for one in told["before"]))
    elif kind == "made":
        run.left[id].made[_known(told["record"])] = None
    elif kind == "cleaned":
        run.left.pop(id)


def _known(told: Sequence[str]) -> Known:
    org, object, id = told
    return (org, object, id)
