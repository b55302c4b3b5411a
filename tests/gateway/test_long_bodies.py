"""What is too long to be recorded whole is recorded by its digest, which no port is part of."""

from __future__ import annotations

import pytest

from leadsim.gateway.exchange import TEXT_LIMIT
from tests.gateway.caller import CRM, build


@pytest.mark.parametrize("length", [10, TEXT_LIMIT - 30, TEXT_LIMIT + 1], ids=["short", "at the limit", "long"])
def test_a_body_that_names_its_own_address(length: int) -> None:
    """Sent to any host it is recorded alike, wherever in it the address stands."""
    facts = []
    for host in ("sandbox", "127.0.0.1:54321"):
        sandbox, caller = build()
        body = f'{{"at":"http://{host}/a","long":"{"x" * length}","more":"http://{host}/b"}}'
        caller.post(f"{CRM}/records/Lead", body=body.encode(), headers={"host": host})
        facts.append([one["request_body"] for one in sandbox.world.journal.facts() if one["kind"] == "exchange"])
    assert facts[0] == facts[1]
    assert facts[0][-1].startswith('{"at":"{origin}/a"')
    assert ("SHA-256" in facts[0][-1]) == (len(body) > TEXT_LIMIT)
