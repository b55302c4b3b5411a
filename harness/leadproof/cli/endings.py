"""Exit codes, and how an error is told: what, where, why, how to mend it, a code (quality.md "Ease")."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

EXIT_PASSED = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3
EXIT_OURS = 4
EXIT_NOTHING = 5
EXIT_INTERRUPTED = 130
_USAGE_FAMILIES = ("CFG", "MAP", "DQ", "OWN")
_ENVIRONMENT_CODES = ("RUN804", "RUN81")


class CommandRefused(Exception):
    """A command cannot do what was asked: `code`, `text`, `fix`."""

    def __init__(self, code: str, text: str, fix: str = "", *, exit_code: int = EXIT_USAGE) -> None:
        super().__init__(text)
        self.code, self.text, self.fix, self.exit_code = code, text, fix, exit_code


def tell(code: str, text: str, fix: str = "") -> None:
    """One error on stderr: the code, what and why, how to mend it, where to read more."""
    lines = [f"{code}: {text}"]
    if fix:
        lines.append(f"  fix: {fix}")
    if code:
        lines.append(f"  more: leadproof explain {code}")
    sys.stderr.write("\n".join(lines) + "\n")


def end_of(failure: Exception) -> int:
    """Tell a failure and answer the exit code it means."""
    from leadterms.refusals import DocumentRefused, LeadtermsError

    if isinstance(failure, DocumentRefused):
        for problem in failure.problems:
            tell(problem.code, f"{problem.place}: {problem.text}", problem.suggestion)
        return EXIT_USAGE
    code, text = getattr(failure, "code", ""), str(getattr(failure, "text", "") or failure)
    if code:
        tell(str(code), text, str(getattr(failure, "fix", "")))
        asked = getattr(failure, "exit_code", None)
        return asked if isinstance(asked, int) else _exit_of(str(code), isinstance(failure, LeadtermsError))
    if isinstance(failure, OSError):
        tell("RUN804", f"{failure.filename or ''}: {failure.strerror or failure}".strip(": "))
        return EXIT_ENVIRONMENT
    return _defect(failure)


def _exit_of(code: str, ours: bool) -> int:
    if code.startswith(_ENVIRONMENT_CODES) or code.startswith(("NET", "CON", "REF")):
        return EXIT_ENVIRONMENT
    if ours or code.startswith(_USAGE_FAMILIES) or code.startswith("RUN"):
        return EXIT_USAGE
    return EXIT_FAILED


def _defect(failure: Exception) -> int:
    """A short report that a person can send us; never a traceback of pages."""
    frames = traceback.extract_tb(failure.__traceback__)[-4:]
    sys.stderr.write(f"SIM902: a defect in Leadproof: {type(failure).__name__}: {failure}\n")
    for frame in frames:
        sys.stderr.write(f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}\n")
    sys.stderr.write("  Please report it with the command you gave.\n")
    return EXIT_OURS
