"""What a mapping, a kind or a describe has worked out stays with it: a changed copy works it out anew."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from leadproof.connector.kinds import Kind, Schemas, Twin, person_kind
from leadproof.systems.native.records import Described
from tests.harness.connector.pair import start


def persons() -> Kind:
    """The persons of the pair's integration, bound to both orgs' fields."""
    pair = start()
    return person_kind(pair.integration, Schemas(pair.crm.describe(), pair.marketing.describe()), [], {})


def of(kind: Kind, field: str) -> Twin:
    return next(twin for twin in kind.twins["Lead"] if twin.crm.id == field)


def test_a_copy_of_a_mapping_converts_for_its_own_fields() -> None:
    """The same value, once as the old field holds it and once as the new one does."""
    twin = of(persons(), "Country")
    assert twin.carry("Norway", "crm") == "Norway"
    picklist = replace(twin.crm, type="dropdown", choices=("NO",))
    valued = replace(twin, to_crm=MappingProxyType({"Norway": "NO"}), crm=picklist)
    assert valued.carry("Norway", "crm") == "NO"
    assert twin.carry("Norway", "crm") == "Norway"


def test_a_copy_of_a_kind_reads_its_own_fields() -> None:
    """A mapping that was taken out is not asked for any more."""
    kind = persons()
    assert "Phone" in kind.fields("crm", "Lead")
    few = replace(kind, twins={**kind.twins, "Lead": (of(kind, "Email"),)})
    assert "Phone" not in few.fields("crm", "Lead")
    assert "Phone" in kind.fields("crm", "Lead")


def test_a_copy_of_a_describe_has_its_own_blanks() -> None:
    """What stands for a blank field is the copy's."""
    told = Described.of(start().crm.describe()["Lead"])
    assert told.all_blank(("Phone",)) == {"Phone": None}
    assert replace(told, blanks={"Phone": "-"}).all_blank(("Phone",)) == {"Phone": "-"}
