"""Writes that a dead connector left open are asked about, whatever was changed before it came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from leadproof.connector import Connector, Store
from leadproof.connector.intents import Intent
from leadproof.connector.metered import Metered
from leadproof.connector.value_table import Side
from leadproof.findings import entry
from leadproof.systems.ports import Write, WriteResult
from leadterms.fields import FieldSpec
from leadterms.values import Value
from tests.harness.connector.killed import Dead
from tests.harness.connector.pair import FIELDS, Pair, integration, start
from tests.harness.connector.test_companies import MORE

RATED = (
    FIELDS
    + "  - {crm: {Lead: Rating}, marketing: rating, master: latest, values: {Hot: hot, Warm: warm, Cold: cold}}\n"
)


class Deadly(Metered):
    """Dies at a write to the CRM: before it is sent, or after it was applied."""

    applies: bool

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        if self.side == "crm":
            if self.applies:
                super().write(writes)
            raise Dead
        return super().write(writes)


class Doomed(Connector):
    """`applies` None: it lives."""

    applies: bool | None = None

    def meter(self, side: Side) -> Metered:
        if self.applies is None:
            return super().meter(side)
        metered = Deadly(side, self.crm if side == "crm" else self.marketing)
        metered.applies = self.applies
        return metered


def die(pair: Pair, *, applied: bool) -> None:
    """One cycle that ends at its first write to the CRM."""
    assert isinstance(pair.connector, Doomed)
    pair.connector.applies = applied
    with pytest.raises(Dead):
        pair.cycle()


def take_away(pair: Pair, choice: str) -> None:
    """An admin removes a choice from the CRM's lead ratings."""
    schema = pair.sandbox._world.gateway.sites["acme-crm"].org.schema
    choices = schema.get("Lead").fields["Rating"].choices
    assert choice in choices
    schema.replace_choices("Lead", "Rating", [one for one in choices if one != choice])


@pytest.mark.parametrize("applied", [False, True])
def test_an_open_create_whose_value_no_longer_fits_is_settled(applied: bool, tmp_path: Path) -> None:
    """The choice is removed while the connector is down: one lead, linked both ways, a finding, and rest."""
    pair = start(integration(RATED), store=tmp_path / "store.db", make=Doomed)
    prospect = pair.prospect(email="p@x.example", rating="hot")
    die(pair, applied=applied)
    take_away(pair, "Hot")
    pair.restart()
    report = pair.cycle()
    assert "CYC610" in [one.code for one in report.findings]
    assert entry("CYC610").level == "warning"
    pair.sync()
    (lead,) = pair.leads()
    assert lead.values["MarketingId__c"] == prospect
    assert pair.one(prospect).values["crm_id"] == lead.id
    assert lead.values["Rating"] == ("Hot" if applied else None)
    assert "CYC610" not in [one.code for one in pair.cycle().findings]


@pytest.mark.parametrize("applied", [False, True])
def test_an_open_update_whose_value_no_longer_fits_is_settled(applied: bool, tmp_path: Path) -> None:
    """The other fields of the same write arrive; what the field refuses is refused as a value, with its finding."""
    pair = start(integration(RATED), store=tmp_path / "store.db", make=Doomed)
    prospect = pair.prospect(email="p@x.example", rating="cold")
    other = pair.prospect(email="other@x.example")
    pair.sync()
    pair.edit(prospect, rating="hot", first_name="New")
    die(pair, applied=applied)
    take_away(pair, "Hot")
    pair.edit(other, first_name="Other")
    pair.restart()
    pair.sync()
    lead = pair.lead_of(prospect)
    assert lead.values["Rating"] == ("Hot" if applied else "Cold")
    assert pair.lead_of(other).values["FirstName"] == "Other"
    assert pair.cycle().silent


def test_an_open_write_of_what_is_no_longer_mapped_is_kept_and_told(tmp_path: Path) -> None:
    """A contact of an account whose create may have been applied is neither forgotten nor doubled."""
    told = integration(more=MORE)
    pair = start(told, store=tmp_path / "store.db", make=Doomed)
    account = Write("create", "account", values={"name": "Acme"})
    intent = Intent("marketing", "create", "account", account, "Account", "a1")
    intent.id = pair.connector.store.intents.next_number()
    with pair.connector.store.transaction():
        pair.connector.store.intents.open([intent])
    pair.restart(integration())
    for _ in range(2):
        report = pair.cycle()
        assert "CYC611" in [one.code for one in report.findings]
        assert report.stopped is None
    assert [one.id for one in stored(pair)] == [intent.id]
    pair.restart(told)
    assert "CYC611" not in [one.code for one in pair.cycle().findings]
    assert stored(pair) == []


def stored(pair: Pair) -> list[Intent]:
    return pair.connector.store.intents.pending("marketing", pair.marketing.describe())


def test_an_intent_is_the_whole_write() -> None:
    """What is repeated after a restart is the request that was sent, key and permission for duplicates included."""
    write = Write(
        op="upsert", object="Lead", key=("Email", "p@x.example"), values={"Email": "p@x.example", "LastName": "Test"},
        assign=True, idempotency_key="k-1", owner="sync", if_version="3", allow_duplicates=True,
    )  # fmt: skip
    store = Store(None)
    with store.transaction():
        store.intents.open([Intent("crm", "create", "person", write, "prospect", "p1", id=1)])
    pair = start(install=False)
    (again,) = store.intents.pending("crm", pair.crm.describe())
    assert again.write == write
    assert again.unfit == ()


def test_values_that_no_field_takes_are_read_back_as_they_were_sent() -> None:
    """A shorter field, a removed field and a removed object: nothing raises, and the repeat is the same request."""
    pair = start(install=False)
    schema = dict(pair.crm.describe())
    lead = schema["Lead"]
    short: FieldSpec = replace(lead.fields["LastName"], length=3)
    fields = {**{name: spec for name, spec in lead.fields.items() if name != "Company"}, "LastName": short}
    schema["Lead"] = replace(lead, fields=fields)
    values: dict[str, Value] = {
        "Email": "p@x.example",
        "LastName": "Longer",
        "Company": "Acme",
        "Tags": frozenset({"b", "a"}),
    }
    store = Store(None)
    with store.transaction():
        store.intents.open([Intent("crm", "create", "person", Write("create", "Lead", values=values), id=1)])
    (again,) = store.intents.pending("crm", schema)
    assert again.unfit == ("LastName", "Company", "Tags")
    assert again.write.values == {**values, "Tags": ("a", "b")}
    (lost,) = store.intents.pending("crm", {})
    assert lost.unfit == ("Email", "LastName", "Company", "Tags")
