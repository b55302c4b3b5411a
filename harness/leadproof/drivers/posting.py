"""`--connector http://...`: a service of yours that syncs when it is posted to."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from leadproof.drivers.driven import ClockMode, Driven, Place, failed
from leadproof.drivers.quiet import wait_for_quiet
from leadproof.drivers.reach import reach
from leadproof.findings import Evidence, Finding, find


@dataclass(frozen=True, slots=True)
class Posting:
    """POST to `url` for each cycle, with the addresses and credentials as a JSON object, then wait for quiet:
    the answer may come before the work is done."""

    url: str
    deadline_seconds: float = 120.0
    quiet_seconds: float = 2.0
    clock: ClockMode = "follow"

    def drive(self, place: Place) -> Driven:
        return _Posted(self, place)


class _Posted(Driven):
    def __init__(self, posting: Posting, place: Place) -> None:
        super().__init__(place, posting.clock)
        import httpx2  # only here: whoever runs the built-in connector need not wait for it

        self._posting = posting
        self._body = orjson.dumps(reach(place))
        # The machine's proxies are no business of a service on this machine.
        self._client = httpx2.Client(timeout=posting.deadline_seconds, trust_env=False)

    def _turn(self, before: int) -> Finding | None:
        import httpx2

        it = self._posting
        try:
            answer = self._client.post(it.url, content=self._body, headers={"content-type": "application/json"})
        except httpx2.TimeoutException:
            return failed("CYC642", f"POST {it.url} was not answered within {it.deadline_seconds:g} s.")
        except httpx2.HTTPError as wrong:
            return failed("CYC641", f"POST {it.url} did not reach a service: {wrong}.")
        if answer.status_code >= 400:
            cause = f"POST {it.url} was answered with {answer.status_code}."
            return find("CYC640", cause, evidence=[Evidence(f"its answer:\n{answer.text[:2000]}")])
        quiet = wait_for_quiet(
            self.place,
            before,
            quiet_seconds=it.quiet_seconds,
            deadline_seconds=it.deadline_seconds,
            must_look=False,
        )
        if quiet is None:
            return failed("CYC643", f"{it.deadline_seconds:g} s after POST {it.url} there is still no quiet.")
        return None

    def close(self) -> None:
        self._client.close()
