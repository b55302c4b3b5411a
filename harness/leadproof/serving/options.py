"""What a person asks `leadproof up` for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STATE_FILE = Path(".leadproof") / "up.json"


@dataclass(frozen=True, slots=True)
class Options:
    """`recipe` and `integration` are the files; a port of 0 means a free one.

    With `data` the records and the connector's memory are kept in that folder; else in memory.
    `sync_every_seconds` runs the connector by itself. `state_file` tells the other commands where we are; with `tls`
    the authority to trust is written beside it. `command` runs beside the sandbox, which ends with it.
    """

    recipe: Path
    integration: Path
    seed: int = 0
    crm: str = ""
    marketing: str = ""
    crm_port: int = 0
    marketing_port: int = 0
    connector_port: int = 0
    control_port: int = 0
    data: Path | None = None
    sync_every_seconds: float | None = None
    json: bool = False
    tls: bool = False
    command: tuple[str, ...] = ()
    state_file: Path = STATE_FILE
