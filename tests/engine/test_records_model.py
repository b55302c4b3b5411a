"""Org.save against a small model: random create, update, upsert, delete, undelete and merge."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from leadsim.engine.change import Change
from leadsim.engine.refusals import Refused
from leadsim.engine.stored import Stored
from tests.engine.worlds import SYNC, world

FIELDS = ("FirstName", "City", "Email", "HasOptedOutOfEmail", "Key__c")
emails = st.sampled_from(["a@lead.example", "A@LEAD.example", "b@lead.example", "c@lead.example"])
values = st.fixed_dictionaries(
    {},
    optional={
        "FirstName": st.sampled_from([None, "", "Kari", "Ola", " "]),
        "City": st.sampled_from([None, "Oslo", "Bergen"]),
        "Email": st.none() | emails,
        "HasOptedOutOfEmail": st.booleans(),
        "Key__c": st.sampled_from([None, "k1", "K1", "k2"]),
    },
)


class Model:
    """What a lead should be."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.version = 1
        self.deleted = False
        self.merged_into: str | None = None
        self.audit: list[tuple[str, Any, Any]] = []

    def change(self, given: dict[str, Any]) -> bool:
        """Set values, note the differences; whether there were any."""
        after = {**self.values}
        for field, value in given.items():
            filled = value if value is False or (value and str(value).strip()) else None
            if filled is None:
                after.pop(field, None)
            else:
                after[field] = filled
        names = sorted(self.values.keys() | after.keys())
        changed = [
            (one, self.values.get(one), after.get(one)) for one in names if self.values.get(one) != after.get(one)
        ]
        self.values = after
        self.audit += changed
        return bool(changed)


class Leads(RuleBasedStateMachine):
    """Key__c is a unique external id (compared casefolded); nothing else stands in the way."""

    def __init__(self) -> None:
        super().__init__()
        field = {"object": "Lead", "id": "Key__c", "type": "single_line", "unique": True, "external_id": True}
        self.world = world(crm={"fields": [field]})
        self.org = self.world.orgs["crm"]
        self.model: dict[str, Model] = {}
        self.last_mod: dict[str, int] = {}

    leads = Bundle("leads")

    def save(self, op: str, **more: Any) -> Stored | Refused:
        """Do it; the record or the refusal. A refusal must leave no trace."""
        before = (self.world.journal.last, dict(self.org.counters), self.dump())
        try:
            return self.org.save(Change(op, "Lead", **more), SYNC).record  # type: ignore[arg-type]
        except Refused as refused:
            assert (self.world.journal.last, dict(self.org.counters), self.dump()) == before
            return refused

    def dump(self) -> list[str]:
        """The whole database."""
        return self.org.store.dump()

    def taken(self, key: str | None, but: str | None = None) -> bool:
        """Whether another live lead has this key."""
        return key is not None and any(
            str(one.values.get("Key__c", "")).casefold() == key.casefold()
            for id, one in self.model.items()
            if id != but and not one.deleted
        )

    @rule(target=leads, given=values)
    def create(self, given: dict[str, Any]) -> Any:
        """A new lead, unless its key is taken."""
        saved = self.save("create", values={"LastName": "test", "Company": "test", **given})
        if self.taken(given.get("Key__c")):
            assert isinstance(saved, Refused)
            assert saved.kind == "duplicate"
            return None
        assert isinstance(saved, Stored)
        model = self.model[saved.id] = Model()
        model.values = {"HasOptedOutOfEmail": False}
        model.change(given)
        model.audit = [(field, None, model.values[field]) for field in sorted(model.values)]
        return saved.id

    @rule(id=leads, given=values)
    def update(self, id: str | None, given: dict[str, Any]) -> None:
        """Change one, unless it is gone or its new key is taken."""
        if id is None:
            return
        model = self.model[id]
        saved = self.save("update", id=id, values=given)
        key = given.get("Key__c")
        if model.deleted:
            assert isinstance(saved, Refused)
            assert saved.kind == "gone"
        elif key is not None and key != model.values.get("Key__c") and self.taken(key, id):
            assert isinstance(saved, Refused)
            assert saved.kind == "duplicate"
        else:
            assert isinstance(saved, Stored)
            model.version += model.change(given)

    @rule(id=leads)
    def delete(self, id: str | None) -> None:
        """Put one into the bin."""
        if id is None:
            return
        saved = self.save("delete", id=id)
        assert isinstance(saved, Refused) == self.model[id].deleted
        if isinstance(saved, Stored):
            self.model[id].deleted = True
            self.model[id].version += 1

    @rule(id=leads)
    def undelete(self, id: str | None) -> None:
        """Take one out of the bin, unless it was merged away or its key is taken by now."""
        if id is None:
            return
        model = self.model[id]
        saved = self.save("undelete", id=id)
        if not model.deleted:
            assert isinstance(saved, Stored)
        elif model.merged_into is not None or self.taken(model.values.get("Key__c"), id):
            assert isinstance(saved, Refused)
        else:
            assert isinstance(saved, Stored)
            model.deleted = False
            model.version += 1

    @rule(loser=consumes(leads), winner=leads)
    def merge(self, loser: str | None, winner: str | None) -> None:
        """Blanks are filled, an opt-out stays one, the loser points at the winner."""
        if loser is None or winner is None:
            return
        saved = self.save("merge", id=loser, into=winner)
        lost, won = self.model[loser], self.model[winner]
        if lost.deleted or won.deleted or loser == winner:
            assert isinstance(saved, Refused)
            return
        assert isinstance(saved, Stored)
        assert saved.id == winner
        lost.deleted, lost.merged_into, lost.version = True, winner, lost.version + 1
        fill = {field: value for field, value in lost.values.items() if won.values.get(field) is None or value is True}
        won.version += won.change(fill)

    @invariant()
    def the_org_is_as_the_model(self) -> None:
        """Every record, the change feed and the audit trail say what the model says."""
        records, _, _ = self.org.changes("Lead")
        assert {one.id for one in records} == set(self.model)
        assert [one.mod for one in records] == sorted(one.mod for one in records)
        for one in records:
            model = self.model[one.id]
            assert {field: one.values[field] for field in FIELDS if field in one.values} == model.values
            assert (one.version, one.deleted, one.merged_into) == (model.version, model.deleted, model.merged_into)
            history = self.org.history("Lead", one.id)
            assert [(c.field, c.before, c.after) for c in history if c.field in FIELDS] == model.audit

    @invariant()
    def the_facts_rebuild_the_org(self) -> None:
        """The journal's change facts alone give every record's present values."""
        rebuilt: dict[str, dict[str, Any]] = {}
        for fact in self.world.journal.facts(org="crm", kind="change", object="Lead"):
            held = rebuilt.setdefault(fact["id"], {})
            for field, (before, after) in fact["fields"].items():
                assert held.get(field) == before
                held[field] = after
        records, _, _ = self.org.changes("Lead")
        for one in records:
            assert {field: value for field, value in rebuilt[one.id].items() if value is not None} == dict(one.plain)


TestLeads = Leads.TestCase
TestLeads.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
