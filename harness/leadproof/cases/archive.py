"""A case as one file: a zip of deterministic bytes, and a reader that trusts nothing in it.

quality.md "Security": no traversal, links or bombs; entries, size and ratio are capped while the data streams. A case
is read into memory and nothing of it is ever written under a name that it brings.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from leadproof.cases.refusals import CaseTooLarge, HostileCase, NoCase

ENTRIES = 500
ENTRY_BYTES = 64 * 1024 * 1024
TOTAL_BYTES = 128 * 1024 * 1024
FILE_BYTES = 64 * 1024 * 1024
RATIO = 200
"""How many times smaller than its content an entry may be; JSON of ours reaches about 40."""
SMALL_BYTES = 256 * 1024
"""Below this no ratio is a bomb."""
NAME_LENGTH = 150
DEPTH = 4
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@ -]*(?<![. ])")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say
_CHUNK = 64 * 1024
_ENCRYPTED = 0x1


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip: sorted, with fixed times, modes and compression, so that equal content is equal bytes.

    Raises HostileCase for a name that `unpack` would refuse.
    """
    _refuse_names(list(files))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is written
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            zipped.writestr(entry, files[name])
    return held.getvalue()


def unpack(path: Path) -> dict[str, bytes]:
    """The files of a case, by name. Raises NoCase, HostileCase, CaseTooLarge."""
    try:
        size = path.stat().st_size
        if size > FILE_BYTES:
            raise CaseTooLarge(f"{path} has {size} bytes; a case has at most {FILE_BYTES}.")
        data = path.read_bytes()
    except OSError as wrong:
        raise NoCase(f"{path} cannot be read: {wrong.strerror or wrong}.") from wrong
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as zipped:
            entries = zipped.infolist()
            if len(entries) > ENTRIES:
                raise CaseTooLarge(f"{path} has {len(entries)} entries; a case has at most {ENTRIES}.")
            for entry in entries:
                _refuse_kind(path, entry)
            _refuse_names([entry.orig_filename for entry in entries], str(path))
            return _contents(path, zipped, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, ValueError) as wrong:
        raise NoCase(f"{path} is no sound zip file: {wrong}.") from wrong


def safe_name(name: str) -> bool:
    """Whether a name can be a file's below any folder, on every system: plain letters, no way up, no root."""
    parts = name.split("/")
    if not name or len(name) > NAME_LENGTH or len(parts) > DEPTH:
        return False
    return all(_PART.fullmatch(part) and not _RESERVED.fullmatch(part) for part in parts)


def _refuse_kind(path: Path, entry: zipfile.ZipInfo) -> None:
    mode = entry.external_attr >> 16
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        raise HostileCase(f"{path}: the entry {entry.orig_filename!r} is a link or a special file.")
    if entry.flag_bits & _ENCRYPTED:
        raise HostileCase(f"{path}: the entry {entry.orig_filename!r} is encrypted.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise HostileCase(f"{path}: the entry {entry.orig_filename!r} is packed in a way that no case uses.")


def _refuse_names(names: list[str], where: str = "The case") -> None:
    seen: dict[str, str] = {}
    for name in names:
        if not safe_name(name):
            raise HostileCase(f"{where}: {name!r} cannot be the name of a case's entry.")
        other = seen.get(name.casefold())
        if other is not None:
            how = "stands twice" if other == name else f"differs from {other!r} in letter case only"
            raise HostileCase(f"{where}: the entry {name!r} {how}.")
        seen[name.casefold()] = name
    folders = {folder for name in seen for folder in _folders(name)}
    both = sorted(folders & set(seen))
    if both:
        raise HostileCase(f"{where}: {both[0]!r} is a file and a folder.")


def _folders(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts))]


def _contents(path: Path, zipped: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        with zipped.open(entry) as opened:
            content = _bounded(path, entry, opened, TOTAL_BYTES - total)
        total += len(content)
        files[entry.orig_filename] = content
    return files


def _bounded(path: Path, entry: zipfile.ZipInfo, opened: IO[bytes], left: int) -> bytes:
    """The entry's content; what it says about its size is not believed."""
    pieces: list[bytes] = []
    size = 0
    while piece := opened.read(_CHUNK):
        size += len(piece)
        if size > min(ENTRY_BYTES, left):
            raise CaseTooLarge(f"{path}: {entry.filename} makes the case larger than it may be.")
        if size > SMALL_BYTES and size > RATIO * max(1, entry.compress_size):
            raise CaseTooLarge(f"{path}: {entry.filename} unpacks to more than {RATIO} times its size.")
        pieces.append(piece)
    return b"".join(pieces)
