"""The key of the pseudonyms: from the environment, from a file, else one that is made once in this folder.

The same key gives the same pseudonyms, so that two cases of one customer fit together. It stays with whoever records;
without it nobody turns a pseudonym back.
"""

from __future__ import annotations

import os
from pathlib import Path

from leadproof.cases.refusals import NotPossible

KEY_FILE = Path(".leadproof") / "case.key"
VARIABLE = "LEADPROOF_CASE_KEY"
SHORTEST = 16


def pseudonym_key(file: Path | None = None) -> bytes:
    """The key; `KEY_FILE` is made, for this user's eyes only, where nothing says another. Raises NotPossible for a
    key that is too short or a file that cannot be read."""
    said = os.environ.get(VARIABLE, "").encode()
    if file is None and said:
        return _long_enough(said, VARIABLE)
    path = file or KEY_FILE
    if file is None and not path.exists():
        from leadproof.serving.tokens import new_token

        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as made:
            made.write(new_token())
    try:
        return _long_enough(path.read_bytes().strip(), str(path))
    except OSError as wrong:
        raise NotPossible(f"The key {path} cannot be read: {wrong.strerror}.", "Name another file.") from wrong


def _long_enough(key: bytes, where: str) -> bytes:
    if len(key) < SHORTEST:
        text = f"The key in {where} has {len(key)} bytes; a key has at least {SHORTEST}."
        raise NotPossible(text, "Use a long random text.")
    return key
