"""`${ENV}` in an integration file: addresses and secrets of live systems come from the environment only."""

from __future__ import annotations

from collections.abc import Mapping

from leadproof.integration.model import Integration, SystemRef
from leadterms.refusals import DocumentRefused, Place, Problem

NOT_SET = "CFG844"


def live_settings(integration: Integration, side: str, environment: Mapping[str, str]) -> dict[str, str]:
    """`url` and the credentials of one side ("crm" or "marketing") with their variables read; empty for a
    sandbox. Raises DocumentRefused (CFG844) naming each variable that is not set, with its place."""
    system: SystemRef = getattr(integration.systems, side)
    written = {"url": system.url} if system.url else {}
    if system.credentials is not None:
        written |= system.credentials.model_dump(exclude_none=True)
    settings, unset = {}, []
    for key, reference in written.items():
        variable = str(reference)[2:-1]
        if environment.get(variable):
            settings[key] = environment[variable]
            continue
        loc = ("systems", side, key) if key == "url" else ("systems", side, "credentials", key)
        place = integration.place(*loc) or Place("<integration>", 1, 1)
        unset.append(
            Problem(place, NOT_SET, f"The environment variable {variable} is not set.", f"export {variable}=...")
        )
    if unset:
        raise DocumentRefused(unset)
    return settings
