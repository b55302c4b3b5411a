"""What a scenario can do: one small class for each step, registered under its YAML name."""

from leadproof.scenario.steps import (
    calling,
    campaigns,
    circumstances,
    creation,
    editing,
    forms,
    imports,
    lifecycle,
    syncing,
    writing,
)

__all__ = [
    "calling",
    "campaigns",
    "circumstances",
    "creation",
    "editing",
    "forms",
    "imports",
    "lifecycle",
    "syncing",
    "writing",
]
