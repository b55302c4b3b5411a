"""What a vendor calls the engine's objects, fields and users, both ways.

The journal, the oracle and the shipped checklist speak the engine's ids (which are the native dialect's); clients,
integrations and reports the vendor's. Where a name is not listed it is the same on both sides, so translating what
is in the vendor's ids already changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Renaming:
    """One way: from one vocabulary to the other. `fields` is by the object's name, in either of them."""

    objects: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything has another name."""
        return bool(self.objects or self.fields or self.users)

    def object(self, name: str) -> str:
        return self.objects.get(name, name)

    def field(self, object: str, name: str) -> str:
        """The field of this object."""
        return self.fields.get(object, {}).get(name, name)

    def user(self, id: str) -> str:
        return self.users.get(id, id)


@dataclass(frozen=True)
class Names:
    """The engine's names -> the vendor's, where they differ. `fields` is by the engine's object."""

    objects: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Names:
        """What the control API answers. Raises KeyError where it is something else."""
        return cls(raw["objects"], raw["fields"], raw["users"])

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.objects or self.fields or self.users)

    @cached_property
    def to_vendor(self) -> Renaming:
        """From the engine's names to the vendor's."""
        by_vendors_name = {self.objects.get(object, object): names for object, names in self.fields.items()}
        return Renaming(self.objects, {**by_vendors_name, **self.fields}, self.users)

    @cached_property
    def to_engine(self) -> Renaming:
        """From the vendor's names to the engine's."""
        by_engines_name = {object: _turned(names) for object, names in self.fields.items()}
        fields = {self.objects.get(object, object): names for object, names in by_engines_name.items()}
        return Renaming(_turned(self.objects), {**by_engines_name, **fields}, _turned(self.users))


def _turned(names: Mapping[str, str]) -> dict[str, str]:
    return {there: here for here, there in names.items()}
