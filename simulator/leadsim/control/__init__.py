"""The sandbox's own API under `/_lab`: clock, journal, faults, snapshots, orgs (architecture.md "The rules of the
house", 9). It exists for sandboxes only, moves no clock, and its calls are no exchanges."""

from leadsim.control.door import Control

__all__ = ["Control"]
