"""What an org is beside its records, as plain JSON: in every snapshot, and in the org's file where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from leadsim.engine.settings import OrgSettings

if TYPE_CHECKING:
    from leadsim.engine.records import Org


class Kept:
    """The state of one org, and its way into the file and back."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._settings: tuple[OrgSettings, dict[str, Any]] | None = None

    def state(self) -> dict[str, Any]:
        """Counters, fields, keys, settings, and what the dialect remembers."""
        org = self._org
        return {
            "counters": dict(org.counters),
            "schema": org.schema.state(),
            "keyed": org.keyed.state(),
            "settings": self._plain_settings(),
            "dialect": orjson.loads(orjson.dumps(org.dialect_state)),
        }

    def _plain_settings(self) -> dict[str, Any]:
        """The settings as plain JSON, written once: they are replaced, never changed."""
        settings = self._org.settings
        if self._settings is None or self._settings[0] is not settings:
            self._settings = settings, orjson.loads(settings.model_dump_json())
        return self._settings[1]

    def restore(self, state: Mapping[str, Any]) -> None:
        """Back to a saved state; the database is restored apart. Fields and settings that are as they were stay, and
        with them all that was made ready for them."""
        org = self._org
        org.counters.clear()
        org.counters.update(state["counters"])
        if org.schema.state() != state["schema"]:
            org.schema.restore(state["schema"])
        org.keyed.restore(state["keyed"])
        if self._plain_settings() != state["settings"]:
            org.take_settings(OrgSettings.model_validate(state["settings"]))
        org.dialect_state = orjson.loads(orjson.dumps(state.get("dialect", {})))
        org.forget()

    def moving(self) -> None:
        """Write what must survive a restart and moves with every write, when the org is kept in a file."""
        org = self._org
        if org.store.path is not None:
            counters = dict(org.counters)
            moving = {"counters": counters, "at": org.clock.text(), "last": org.journal.last, "epoch": org.epoch}
            org.store.set_state("moving", orjson.dumps(moving).decode())

    def setup(self) -> None:
        """Write how the org is set up, when it is kept in a file."""
        if self._org.store.path is not None:
            self._org.store.set_state("setup", orjson.dumps(self.state()).decode())
            self.moving()

    def reopen(self) -> bool:
        """Take up an org that was kept in a file, and its time; False when it was never finished."""
        org = self._org
        setup, moving = org.store.get_state("setup"), org.store.get_state("moving")
        if setup is None or moving is None:
            return False
        kept = orjson.loads(moving)
        self.restore({**orjson.loads(setup), "counters": kept["counters"]})
        org.clock.reach(datetime.fromisoformat(kept["at"]))
        org.journal.resume(kept["last"])
        org.epoch = kept.get("epoch", 0)
        return True
