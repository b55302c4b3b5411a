"""Findings as text: code, one sentence, the lines of the file with a caret, evidence, help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from textwrap import wrap

from leadproof.findings.catalogue import LEVELS
from leadproof.findings.finding import At, Finding
from leadterms.refusals import Place

MOST_PLACES = 3
MOST_EVIDENCE = 6
MOST_LINES = 10
"""Of one proof, such as a program's output: its last ones."""
_WIDEST = 110
"""Characters of a file's line that are shown around what is marked, unless a width is given."""
_LEAST = 24
"""Characters that a line has beside its margin, however narrow the terminal is."""
Paint = Callable[[str, str], str]
_COLOURS = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "frame": "1;34",
    "bold": "1",
    "plain": "0",
    "passed": "32",
    "failed": "31",
}


def plain_paint(text: str, _: str) -> str:
    """No colours."""
    return text


def colour_paint(text: str, style: str) -> str:
    """Colours of a terminal (ECMA-48 "select graphic rendition")."""
    return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m"


def tell(
    found: Sequence[Finding],
    paint: Paint = plain_paint,
    shown_path: Callable[[str], str] = str,
    width: int | None = None,
) -> str:
    """All findings in full. `width`: columns to keep to; None breaks no line."""
    return "\n".join("\n".join(told_lines(one, paint, shown_path, width)) + "\n" for one in found)


def summary(found: Iterable[Finding]) -> str:
    """`2 errors, 1 warning, 1 note`, or that there is nothing."""
    counts = Counter(one.level for one in found)
    told = [f"{counts[level]} {level}{'s' * (counts[level] != 1)}" for level in LEVELS if counts[level]]
    return ", ".join(told) or "nothing found"


def told_lines(
    finding: Finding,
    paint: Paint,
    shown_path: Callable[[str], str],
    width: int | None = None,
    more: Sequence[tuple[str, str]] = (),
) -> list[str]:
    """One finding; `more`: what else is known, each with its label, before the last line."""
    tag = f"{finding.level}[{finding.code}]"
    head, *rest = _wrapped(f"{tag}: {finding.cause}", width, 2)
    lines = [paint(tag, finding.level) + paint(head.removeprefix(tag), "bold")]
    lines += [paint(f"  {line}", "bold") for line in rest]
    files = [one for one in finding.places if isinstance(one, Place)][:MOST_PLACES]
    systems = [one for one in finding.places if isinstance(one, At)][:MOST_PLACES]
    margin = max((len(str(one.line)) for one in files), default=1)
    bar = paint(" " * margin + " |", "frame")
    for place in files:
        lines.append(f"{paint(' ' * margin + '-->', 'frame')} {shown_path(place.file)}:{place.line}:{place.column}")
        shown = _excerpt(place, _WIDEST if width is None else max(_LEAST, width - margin - 10))
        if shown is not None:
            text, start, length = shown
            lines.append(bar)
            lines.append(f"{paint(str(place.line).rjust(margin) + ' |', 'frame')} {text}")
            lines.append(f"{bar} {' ' * start}{paint('^' * length, finding.level)}")
    if not files and systems:
        lines.append(f"{paint(' ' * margin + '-->', 'frame')} {systems[0]}")
    lines.append(bar)
    rows = [("in", str(at)) for at in (systems if files else systems[1:])]
    proofs = list(_evidence(finding))
    rows += [("evidence", one) for one in proofs[:MOST_EVIDENCE]]
    if len(proofs) > MOST_EVIDENCE:
        rows.append(("evidence", f"and {len(proofs) - MOST_EVIDENCE} more"))
    rows.append(("help", finding.fix))
    rows += [("breaks", finding.breaks)] if finding.breaks else []
    rows += [("patch", "\n" + _patch(finding.patch, shown_path))] if finding.patch else []
    for label, text in (*rows, *more, ("more", f"leadproof explain {finding.code}")):
        lines += _row(label, text, paint, margin, width)
    return lines


def _row(label: str, text: str, paint: Paint, margin: int, width: int | None) -> Iterator[str]:
    """`= label: text`, what goes on under the text; a patch is left as it is, because it is copied."""
    first, *rest = [line.rstrip() for line in text.split("\n")]
    left_out = len(rest) - MOST_LINES
    if label != "patch" and left_out > 0:
        rest = [f"({left_out} lines before these)", *rest[left_out:]]
    indent = margin + 3
    begin, *wrapped = _wrapped(f"{label}: {first}".rstrip(), width, indent)
    named = paint(label, "bold" if label == "help" else "plain")
    yield f"{paint(' ' * margin + ' =', 'frame')} {named}{begin[len(label) :]}"
    yield from (" " * indent + line for line in wrapped)
    for line in rest:
        parts = [line] if label == "patch" else _wrapped(line, width, indent + 2)
        yield from (" " * (indent if label == "patch" else indent + 2) + part for part in parts)


def _wrapped(text: str, width: int | None, indent: int) -> list[str]:
    """The text in lines that fit beside the margin; words that are longer, as paths and ids, stay whole."""
    if width is None:
        return [text]
    fitting = max(_LEAST, width - indent)
    return wrap(text, fitting, break_long_words=False, break_on_hyphens=False) or [""]


def _patch(patch: str, shown_path: Callable[[str], str]) -> str:
    told = patch.splitlines()
    for number, line in enumerate(told[:2]):  # a diff's first two lines name the file
        if line.startswith(("--- ", "+++ ")):
            told[number] = f"{line[:4]}{shown_path(line[4:])}"
    return "\n".join(told)


def _evidence(finding: Finding) -> Iterator[str]:
    """What was not said yet: neither in the cause nor, more fully, by a proof before."""
    said: list[str] = []
    cause = finding.cause.rstrip(".").casefold()
    for one in finding.evidence:
        if one.seq is None and (cause in one.text.casefold() or any(earlier.startswith(one.text) for earlier in said)):
            continue
        said.append(one.text)
        yield f"{one.text} ({one.org} fact {one.seq})" if one.seq is not None else one.text


def _lines(file: str) -> tuple[str, ...]:
    path = Path(file).absolute()
    try:
        stands = path.stat()
        return _lines_of(path, (stands.st_mtime_ns, stands.st_size))
    except (OSError, UnicodeDecodeError):
        return ()


@lru_cache(maxsize=16)
def _lines_of(path: Path, _stands: tuple[int, int]) -> tuple[str, ...]:
    """Kept as long as the file does not change: many findings point at one file, which is edited between two runs."""
    return tuple(path.read_text("utf-8-sig").splitlines())


def _excerpt(place: Place, widest: int) -> tuple[str, int, int] | None:
    """The line, where the marked part begins in it, and how long that is; a long line is cut around it."""
    lines = _lines(place.file)
    if not 1 <= place.line <= len(lines):
        return None
    text = lines[place.line - 1].replace("\t", " ").rstrip()
    start = min(max(place.column - 1, 0), len(text))
    length = _marked(text[start:])
    if len(text) <= widest:
        return text, start, length
    begin = max(0, min(start - 20, len(text) - widest))
    cut = text[begin : begin + widest]
    shown = f"{'...' if begin else ''}{cut}{'...' if begin + widest < len(text) else ''}"
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
