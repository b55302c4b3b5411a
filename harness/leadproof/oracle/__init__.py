"""What must be true after a cycle, from the integration file and both histories alone (sync-semantics.md).

The oracle judges any connector; it never imports the reference connector, nor borrows its logic.
"""

from __future__ import annotations

from leadproof.oracle.histories import CycleSpan, Histories
from leadproof.oracle.judge import Oracle, State
from leadproof.oracle.judged import Judged
from leadproof.oracle.violations import CHECKS, Spot, Violation

__all__ = ["CHECKS", "CycleSpan", "Histories", "Judged", "Oracle", "Spot", "State", "Violation"]
