"""Case files that were damaged, or made by somebody else."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from leadproof.cases.case import Case, read_case
from leadproof.cases.refusals import CaseRefused
from tests.harness.cases.test_case_file import SHEET, rewritten, small_case, zipped
from tests.harness.findings.by_command import play
from tests.harness.findings.hand import ByHand, Told


def read(content: bytes | Callable[[Path], object]) -> Callable[[Path], Told]:
    """What is said of this file, or of one that a function writes, when it is read as a case."""

    def play_it(folder: Path) -> Told:
        path = folder / "x.case"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content(path)
        try:
            read_case(path)
        except CaseRefused as refused:
            return {refused.code: f"{refused}\n".replace(str(folder), ".")}
        return {}

    return play_it


def commanded(command: str, **files: str) -> Callable[[Path], Told]:
    """What the program says of files."""
    named = {name.replace("_", "."): text for name, text in files.items()}

    def play_it(folder: Path) -> Told:
        said: dict[str, str] = {}
        for one in play({"command": command, "files": named}, "", folder):
            said.setdefault(one.code, one.words)
        return said

    return play_it


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("scenario.yaml", b"\x00" * (40 << 20))


ENTRY = {
    "startedDateTime": "2026-01-02T03:04:05.678Z",
    "time": 1,
    "request": {"method": "GET", "url": "https://api.vendor.example/contacts", "headers": [], "queryString": []},
    "response": {"status": 200, "headers": [], "content": {"text": "{}", "mimeType": "application/json"}},
}
HAR = json.dumps({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [ENTRY], "_mine": 1}})
SOUND = small_case().to_bytes()
RECORD = "leadproof record --har x.har -o y.case"
CASES: dict[str, ByHand] = {
    "CFG880": ByHand(read(SOUND[:-30]), read(lambda path: zipped(path, ("readme.txt", b"hello")))),
    "CFG881": ByHand(
        read(lambda path: zipped(path, ("../../.bashrc", b""))),
        read(Case(SHEET, {"data/1-leads.csv": b"Email\n"}).to_bytes()),
    ),
    "CFG882": ByHand(read(_bomb), read(SOUND)),
    "CFG883": ByHand(
        read(rewritten(small_case(), "manifest.json", json.dumps({"case": 2, "files": {}}).encode())), read(SOUND)
    ),
    "CFG884": ByHand(read(rewritten(small_case(), "scenario.yaml", b"scenario: y\n")), read(SOUND)),
    "CFG885": ByHand(commanded(RECORD, x_har='{"info": {"_postman_id": 1}}'), commanded(RECORD, x_har=HAR)),
}
