"""One contract for all dialects (architecture.md "Adding a vendor")."""

from __future__ import annotations

from typing import Any

import pytest

from leadsim.dialects import UnknownDialect, dialect_named, dialects
from tests.dialects.speakers import SPEAKERS, Speaker
from tests.gateway.caller import Caller, build, recipe_with


@pytest.fixture(params=SPEAKERS, ids=repr)
def speaker(request: pytest.FixtureRequest) -> Speaker:
    """Each side of each dialect."""
    found: Speaker = request.param
    return found


def _open(speaker: Speaker, **changes: Any) -> tuple[Caller, Caller]:
    _, caller = build(recipe_with(speaker.org, **{**speaker.setup, **changes}))
    return caller, speaker.login(caller)


def test_every_dialect_is_under_contract() -> None:
    """A dialect that is found has a speaker here, and is found under its own name."""
    assert {speaker.dialect for speaker in SPEAKERS} == set(dialects())
    assert all(dialect_named(name).name == name for name in dialects())


def test_a_dialect_that_is_not_there() -> None:
    """A recipe that names one is refused with the names of those that are."""
    with pytest.raises(UnknownDialect, match="native"):
        build(recipe_with("acme-crm", dialect="nosuchvendor", kind="crm"))


def test_create_read_update_delete(speaker: Speaker) -> None:
    """A record's life: what was written is read, what was changed is changed, what was deleted is gone."""
    _, session = _open(speaker)
    made = speaker.create(session, speaker.good)
    assert made.id
    read = speaker.read(session, made.id)
    assert read.values is not None
    assert dict(speaker.good).items() <= dict(read.values).items()
    speaker.update(session, made.id, {speaker.email: "other@person.example"})
    changed = speaker.read(session, made.id).values
    assert changed is not None
    assert changed[speaker.email] == "other@person.example"
    speaker.delete(session, made.id)
    assert speaker.read(session, made.id).kind == "gone"
    assert speaker.update(session, made.id, {}).kind == "gone"
    assert speaker.delete(session, made.id).kind == "gone"


def test_describe(speaker: Speaker) -> None:
    """The fields that are written are described, and the required one is said to be."""
    _, session = _open(speaker)
    described = speaker.describe(session)
    assert set(speaker.good) <= set(described)
    assert described[speaker.required]


def test_changes_since(speaker: Speaker) -> None:
    """Each changed record comes once, at its newest state, deleted ones too; then nothing until the next change."""
    _, session = _open(speaker)
    first, second = (speaker.create(session, {**speaker.good, speaker.email: f"{n}@p.example"}).id for n in "ab")
    assert first is not None
    assert second is not None
    speaker.update(session, first, {speaker.email: "c@p.example"})
    ids, cursor = speaker.changes(session, None)
    assert ids == [second, first]
    assert speaker.changes(session, cursor)[0] == []
    speaker.delete(session, second)
    assert speaker.changes(session, cursor)[0] == [second]


def test_a_bad_field_is_named(speaker: Speaker) -> None:
    """An unknown field, and a value that its type doesn't take: refused with the field's id, nothing written."""
    _, session = _open(speaker)
    assert speaker.create(session, {**speaker.good, "NoSuchField": "x"}).field == "NoSuchField"
    refused = speaker.create(session, {**speaker.good, speaker.email: "no address"})
    assert (refused.kind, refused.field) == ("invalid", speaker.email)
    assert speaker.changes(session, None)[0] == []


def test_a_missing_required_field_is_named(speaker: Speaker) -> None:
    """On create, and when an update empties it."""
    _, session = _open(speaker)
    lacking = {field: value for field, value in speaker.good.items() if field != speaker.required}
    assert speaker.create(session, lacking).field == speaker.required
    made = speaker.create(session, speaker.good)
    assert made.id is not None
    assert speaker.update(session, made.id, {speaker.required: ""}).field == speaker.required


def test_a_duplicate_is_refused(speaker: Speaker) -> None:
    """The org's duplicate rule finds the same e-mail in other letters."""
    _, session = _open(speaker)
    speaker.create(session, speaker.good)
    again = {**speaker.good, speaker.email: str(speaker.good[speaker.email]).upper()}
    assert speaker.create(session, again).kind == "duplicate"


def test_a_wrong_address_is_refused(speaker: Speaker) -> None:
    """Before the password is even looked at."""
    _, caller = build(recipe_with(speaker.org, **speaker.setup, allowlist=["192.0.2.0/24"]))
    assert speaker.create(speaker.with_password(caller, "wrong-one"), speaker.good).kind == "address"


def test_a_wrong_password_is_refused(speaker: Speaker) -> None:
    """And nothing is written."""
    caller, session = _open(speaker)
    assert speaker.create(speaker.with_password(caller, "wrong-one"), speaker.good).kind == "login"
    assert speaker.changes(session, None)[0] == []


def test_an_expired_token_is_refused(speaker: Speaker) -> None:
    """As expired, so that a client knows to log in again; then it works."""
    caller, session = _open(speaker)
    caller.post("/_lab/clock/advance", {"seconds": 24 * 3600})
    assert speaker.create(session, speaker.good).kind == "expired"
    assert speaker.create(speaker.login(caller), speaker.good).id


def test_a_spent_quota_is_refused(speaker: Speaker) -> None:
    """With the seconds to wait; after them the call is answered."""
    caller, session = _open(speaker, quota={"calls_per_day": 1}, logins=[_long_login()])
    assert speaker.create(session, speaker.good).id
    refused = speaker.create(session, {**speaker.good, speaker.email: "other@person.example"})
    assert refused.kind == "quota"
    assert refused.wait_seconds is not None
    caller.post("/_lab/clock/advance", {"seconds": refused.wait_seconds})
    assert speaker.create(session, {**speaker.good, speaker.email: "other@person.example"}).id


def _long_login() -> dict[str, Any]:
    return {"actor": "connector", "user": "sync", "expires_seconds": 48 * 3600}
