"""Why a sandbox can't be served or found. Exit code 3: it is the environment (quality.md "Ease")."""

from __future__ import annotations

from leadproof.systems.organization import Side

ENVIRONMENT = 3


class ServingRefused(Exception):
    """What, why and how to mend it; `code` is explained by `leadproof explain`, `exit_code` ends the command.

    RUN810 a port is busy, RUN811 no sandbox is running here, RUN812 its file can't be used, RUN813 the data
    directory can't be used, RUN814 the connector's answer is not what it should be, RUN818 a dialect is served that
    no client of ours speaks, RUN819 the command beside the sandbox can't be started.
    """

    exit_code = ENVIRONMENT

    def __init__(self, code: str, text: str, fix: str = "") -> None:
        super().__init__(text)
        self.code, self.text, self.fix = code, text, fix

    def __str__(self) -> str:
        return f"{self.text} {self.fix} [{self.code}]" if self.fix else f"{self.text} [{self.code}]"


def no_client(side: Side, dialect: str) -> ServingRefused:
    """RUN818: the org is served, but neither the connector nor the importer can speak to it."""
    text = f"There is no client for {dialect} yet, so nothing syncs, installs or imports on the {side} side."
    return ServingRefused("RUN818", text, f"Call the org with your own {dialect} client, or serve --{side} native.")
