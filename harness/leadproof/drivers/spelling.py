"""`--connector TEXT` read: builtin, an address, `watch`, or a command line."""

from __future__ import annotations

import shlex

from leadproof.drivers.command import Command
from leadproof.drivers.driven import ClockMode, Driver
from leadproof.drivers.posting import Posting
from leadproof.drivers.watch import Watch
from leadterms.refusals import LeadtermsError

BUILTIN = "builtin"
WATCH = "watch"


class DriverRefused(LeadtermsError):
    """The text names no connector."""


def parse_driver(
    text: str, *, deadline: float = 120.0, quiet: float = 2.0, clock: ClockMode = "follow"
) -> Driver | None:
    """`builtin` (None), `http://host/path`, `watch` or `watch COMMAND`, else `COMMAND`, split as a shell would.

    Raises DriverRefused (RUN805) for an empty text or quotes that do not end.
    """
    try:
        words = shlex.split(text)
    except ValueError as wrong:
        raise DriverRefused("RUN805", f"--connector {text!r}: {wrong}.", "Close the quote.") from None
    if not words:
        raise DriverRefused("RUN805", "--connector is empty.", "Name a command, an address, watch or builtin.")
    if words == [BUILTIN]:
        return None
    if len(words) == 1 and text.startswith(("http://", "https://")):
        return Posting(text, deadline, quiet, clock)
    if words[0] == WATCH:
        return Watch(tuple(words[1:]), deadline, quiet, clock)
    return Command(tuple(words), deadline, clock)
