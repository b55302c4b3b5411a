"""What another program needs to call one org of a sandbox as the connector does."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from leadproof.sandbox import Sandbox
from leadproof.serving.running import RunningSystem
from leadproof.systems.failures import CallFailed
from leadproof.systems.organization import Side
from leadproof.systems.registry import dialects


def served(sandbox: Sandbox, side: Side, org: str) -> RunningSystem:
    """Its address and credentials; a token among them where we have a client that can ask for one."""
    known, dialect = sandbox.credentials(org), sandbox.org(org).dialect
    if dialect in dialects(side):
        client = sandbox.crm(org) if side == "crm" else sandbox.marketing(org)
        # The recipe may keep the connector out on purpose: an address, a permission.
        with suppress(CallFailed):
            known = replace(known, token=client.access_token())
    return RunningSystem(dialect, sandbox.url(org), org, known)
