"""The calls of a day: counted on the sandbox's clock, in the org's own time zone (product.md C1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leadsim.gateway.quota import Quota
from leadsim.gateway.refusal import QuotaSpent
from tests.gateway.caller import CRM, basic, build, recipe_with

WHOAMI = f"{CRM}/whoami"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_spent_quota_refuses_until_the_orgs_midnight() -> None:
    """429 with the seconds to wait; after exactly these seconds the next call is answered. X-Quota is on all."""
    recipe = recipe_with("acme-crm", quota={"calls_per_day": 2}, time_zone="Europe/Oslo")
    _, caller = build(recipe)
    caller.patch("/_lab/clock", {"mode": "frozen"})
    for used in (1, 2):
        reply = caller.get(WHOAMI, headers=basic())
        assert (reply.status, reply.headers["x-quota"]) == (200, f"{used}/2")
    assert reply.json["quota"] == {"limit": 2, "used": 2, "left": 0, "resets_at": "2026-03-02T23:00:00Z"}
    refused = caller.get(WHOAMI, headers=basic())
    assert (refused.status, refused.error["kind"], refused.headers["x-quota"]) == (429, "quota", "2/2")
    wait = int(refused.headers["retry-after"])
    assert refused.headers["x-time"] == "2026-03-02T09:00:00Z"
    assert wait == 14 * 3600
    caller.post("/_lab/clock/advance", {"seconds": wait - 1})
    assert caller.get(WHOAMI, headers=basic()).headers["retry-after"] == "1"
    caller.post("/_lab/clock/advance", {"seconds": 1})
    assert caller.get(WHOAMI, headers=basic()).headers["x-quota"] == "1/2"


def test_what_is_refused_before_is_not_counted() -> None:
    """No wrong login, wrong address or login itself spends a call; a call that the org refuses does."""
    _, caller = build(recipe_with("acme-crm", quota={"calls_per_day": 5}))
    caller.login()
    caller.get(WHOAMI)
    caller.get(WHOAMI, headers=basic(password="wrong-one"))
    assert caller.get(f"{CRM}/nothing", headers=basic()).headers["x-quota"] == "1/5"


def test_orgs_have_their_own_quotas() -> None:
    """One org's spent quota doesn't stop the other."""
    _, caller = build(recipe_with("acme-crm", quota={"calls_per_day": 0}))
    assert caller.get(WHOAMI, headers=basic()).status == 429
    assert caller.get("/acme-marketing/marketing/v1/whoami", headers=basic()).headers["x-quota"] == "1/unlimited"


def test_a_snapshot_holds_what_is_used() -> None:
    """Restored, the org has as many calls left as it had then, and tokens of that time work again."""
    _, caller = build(recipe_with("acme-crm", quota={"calls_per_day": 3}))
    session = caller.login()
    session.get(WHOAMI)
    caller.post("/_lab/snapshots/one-used")
    assert session.get(WHOAMI).headers["x-quota"] == "2/3"
    caller.post("/_lab/snapshots/one-used/restore")
    assert session.get(WHOAMI).headers["x-quota"] == "2/3"
    caller.post("/_lab/reset")
    assert session.get(WHOAMI).status == 401
    assert caller.get(WHOAMI, headers=basic()).headers["x-quota"] == "1/3"


@given(
    limit=st.integers(0, 5),
    steps=st.lists(st.integers(0, 40 * 3600), max_size=30),
    zone=st.sampled_from(["UTC", "Europe/Oslo", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns"]),
)
def test_never_more_than_the_limit_a_day(limit: int, steps: list[int], zone: str) -> None:
    """Whatever the rhythm: no local day has more calls than the limit, none is refused while calls are left, and
    the time to wait always ends at a local midnight."""
    from zoneinfo import ZoneInfo

    quota = Quota(limit, zone)
    now, answered = START, dict[str, int]()
    for step in steps:
        now += timedelta(seconds=step)
        day = now.astimezone(ZoneInfo(zone)).date().isoformat()
        try:
            quota.spend(now)
        except QuotaSpent as spent:
            assert answered.get(day, 0) == limit
            again = (now + timedelta(seconds=spent.retry_after)).astimezone(ZoneInfo(zone))
            assert (again.hour, again.minute, again.second) == (0, 0, 0)
        else:
            answered[day] = answered.get(day, 0) + 1
            assert answered[day] <= limit
