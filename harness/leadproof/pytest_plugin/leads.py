"""Dummy people for tests (product.md A1): seeded, under .example, every one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from leadproof.pytest_plugin.orgs import SandboxOrgs
from leadproof.scenario.filling import dummy_value, fillable, identity
from leadproof.systems.ports import Crm, Marketing, Write
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import parse
from leadterms.values import Value


@dataclass(frozen=True, slots=True)
class DummyLead:
    """A person that was made. `values` holds what was typed in, by field id."""

    object: str
    id: str
    email: str
    values: dict[str, Value] = field(default_factory=dict)


class LeadFactory:
    """Makes dummy people in either system; call it."""

    def __init__(self, orgs: SandboxOrgs) -> None:
        self._orgs = orgs
        self._made = 0
        self._clients: dict[str, Crm | Marketing] = {}

    def __call__(self, *, to: Literal["marketing", "crm"] = "marketing", object: str = "", **values: Any) -> DummyLead:
        """A new person with a name, an e-mail address, a company and a phone number; `values` come on top, by field
        id. `object` is the one of `people` unless named (Contact, say).

        Raises KeyError for a field that the object does not have, ValueRefused for a value that does not fit, and
        AssertionError where the org refuses the person.
        """
        client = self._client(to)
        people = self._orgs.integration.people
        name = object or (people.marketing if to == "marketing" else people.crm[0])
        specs = client.describe()[name].fields
        unknown = sorted(values.keys() - specs.keys())
        if unknown:
            raise KeyError(f"{name} has no field {', '.join(unknown)}; it has {', '.join(specs)}")
        self._made += 1
        who = identity(self._orgs.seed, self._made)
        filled = {one.id: dummy_value(one, who, self._orgs.seed) for one in specs.values() if _basic(one)}
        filled |= {id: parse(specs[id], value) for id, value in values.items()}
        (result,) = client.write([Write("create", name, values=filled, assign=True)])
        assert result.id is not None, f"{name} is refused: {result.refusal.text if result.refusal else result.outcome}"
        email = next(
            (str(filled[id]) for id, spec in specs.items() if spec.type == "email" and id in filled), who.email
        )
        return DummyLead(name, result.id, email, filled)

    def _client(self, to: str) -> Crm | Marketing:
        if to not in self._clients:
            self._clients[to] = self._orgs.marketing() if to == "marketing" else self._orgs.crm()
        return self._clients[to]


def _basic(spec: FieldSpec) -> bool:
    """What a person would type in at least: the required fields, the e-mail address, names, company and phone."""
    if not fillable(spec):
        return False
    name = spec.id.casefold()
    plain = name in ("email", "phone", "company") or name.replace("_", "") in ("firstname", "lastname")
    return spec.required or plain
