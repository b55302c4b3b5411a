"""The reference connector: it pulls, matches, decides, pushes and marks (architecture.md "The connector")."""

from leadproof.connector.connector import Connector
from leadproof.connector.report import CycleReport, Decision
from leadproof.connector.set_aside import Aside
from leadproof.connector.store import Store, StoreRefused

__all__ = ["Aside", "Connector", "CycleReport", "Decision", "Store", "StoreRefused"]
