"""How often Python looks for garbage in cycles: seldom, because a sandbox makes much and hardly any of it is cyclic.

With CPython's default (every 700 new containers) a fifth of a run's time went into looking through records, models
and schemas that live as long as the sandbox does.
"""

from __future__ import annotations

import gc

DEFAULT = (700, 10, 10)
EASED = (50_000, 20, 20)


def ease_collector() -> None:
    """Collect less often in this process, unless its owner has chosen a threshold of their own."""
    if gc.get_threshold() == DEFAULT:
        gc.set_threshold(*EASED)
