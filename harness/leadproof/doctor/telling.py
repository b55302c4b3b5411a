"""A diagnosis as text: code, one sentence, the lines of the file with a caret, evidence, help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from leadproof.findings import At, Finding
from leadproof.findings.catalogue import LEVELS
from leadterms.refusals import Place

MOST_PLACES = 3
MOST_EVIDENCE = 6
_WIDEST = 110
"""Characters of a file's line that are shown around what is marked."""
Paint = Callable[[str, str], str]
_COLOURS = {"error": "1;31", "warning": "1;33", "note": "1;36", "frame": "1;34", "bold": "1"}


def plain_paint(text: str, _: str) -> str:
    """No colours."""
    return text


def colour_paint(text: str, style: str) -> str:
    """Colours of a terminal (ECMA-48 "select graphic rendition")."""
    return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m"


def tell(found: Sequence[Finding], paint: Paint = plain_paint, shown_path: Callable[[str], str] = str) -> str:
    """All findings in full."""
    return "\n".join(_one(finding, paint, shown_path) for finding in found)


def summary(found: Iterable[Finding]) -> str:
    """`2 errors, 1 warning, 1 note`, or that there is nothing."""
    counts = Counter(one.level for one in found)
    told = [f"{counts[level]} {level}{'s' * (counts[level] != 1)}" for level in LEVELS if counts[level]]
    return ", ".join(told) or "nothing found"


def _one(finding: Finding, paint: Paint, shown_path: Callable[[str], str]) -> str:
    head = f"{paint(f'{finding.level}[{finding.code}]', finding.level)}{paint(': ' + finding.cause, 'bold')}"
    lines = [head]
    files = [one for one in finding.places if isinstance(one, Place)][:MOST_PLACES]
    systems = [one for one in finding.places if isinstance(one, At)][:MOST_PLACES]
    width = max((len(str(one.line)) for one in files), default=1)
    bar = paint(" " * width + " |", "frame")
    for place in files:
        where = f"{shown_path(place.file)}:{place.line}:{place.column}"
        lines.append(f"{paint(' ' * width + '-->', 'frame')} {where}")
        shown = _excerpt(place)
        if shown is not None:
            text, start, length = shown
            lines.append(bar)
            lines.append(f"{paint(str(place.line).rjust(width) + ' |', 'frame')} {text}")
            lines.append(f"{bar} {' ' * start}{paint('^' * length, finding.level)}")
    if not files and systems:
        lines.append(f"{paint(' ' * width + '-->', 'frame')} {systems[0]}")
    lines.append(bar)
    equals = paint(" " * width + " =", "frame")
    lines += [f"{equals} in: {at}" for at in (systems if files else systems[1:])]
    lines += [f"{equals} evidence: {_evidence(one.text, one.org, one.seq)}" for one in finding.evidence[:MOST_EVIDENCE]]
    if len(finding.evidence) > MOST_EVIDENCE:
        lines.append(f"{equals} evidence: and {len(finding.evidence) - MOST_EVIDENCE} more")
    lines.append(f"{equals} {paint('help', 'bold')}: {finding.fix}")
    if finding.breaks:
        lines.append(f"{equals} breaks: {finding.breaks}")
    if finding.patch:
        lines.append(f"{equals} patch:")
        told = finding.patch.splitlines()
        for number, line in enumerate(told[:2]):  # a diff's first two lines name the file
            if line.startswith(("--- ", "+++ ")):
                told[number] = f"{line[:4]}{shown_path(line[4:])}"
        lines += [f"{' ' * (width + 3)}{line}" for line in told]
    lines.append(f"{equals} more: leadproof explain {finding.code}")
    return "\n".join(lines) + "\n"


def _evidence(text: str, org: str, seq: int | None) -> str:
    return f"{text} ({org} fact {seq})" if seq is not None else text


@cache
def _lines(file: str) -> tuple[str, ...]:
    try:
        return tuple(Path(file).read_text("utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()


def _excerpt(place: Place) -> tuple[str, int, int] | None:
    """The line, where the marked part begins in it, and how long that is; a long line is cut around it."""
    lines = _lines(place.file)
    if not 1 <= place.line <= len(lines):
        return None
    text = lines[place.line - 1].replace("\t", " ").rstrip()
    start = min(max(place.column - 1, 0), len(text))
    length = _marked(text[start:])
    if len(text) <= _WIDEST:
        return text, start, length
    begin = max(0, min(start - 20, len(text) - _WIDEST))
    cut = text[begin : begin + _WIDEST]
    shown = f"{'...' if begin else ''}{cut}{'...' if begin + _WIDEST < len(text) else ''}"
    offset = start - begin + (3 if begin else 0)
    return shown, offset, max(1, min(length, len(shown) - offset))


_PAIRS = {"{": "}", "[": "]"}


def _marked(text: str) -> int:
    """How many characters the YAML node at the beginning of the text takes on this line."""
    if not text:
        return 1
    if text[0] in "\"'":
        end = text.find(text[0], 1)
        return end + 1 if end > 0 else len(text)
    if text[0] in _PAIRS:
        depth = 0
        for position, character in enumerate(text):
            depth += (character in _PAIRS) - (character in _PAIRS.values())
            if depth == 0:
                return position + 1
        return len(text)
    ends = [text.find(one) for one in (",", "}", "]", " #", ": ") if one in text]
    return max(1, len(text[: min(ends)].rstrip()) if ends else len(text))
