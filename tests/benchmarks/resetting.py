"""P9: going back to a saved state."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import best, wall
from tests.benchmarks.orgs import Caller, connection, lead, sandbox


def reset(sizes: Sizes) -> Iterator[Figure]:
    """A restore of a sandbox of two orgs, one of them with many records, against copying that org's file."""
    with sandbox() as box, tempfile.TemporaryDirectory() as folder:
        Caller.of(box).create("Lead", [lead(number) for number in range(sizes.bulk)])
        box.lab.save("full")
        image = Path(folder) / "org.sqlite"
        image.write_bytes(connection(box).serialize())
        copy = Path(folder) / "copy.sqlite"
        restored, copied = best(
            sizes.rounds * 3, lambda: box.lab.restore("full"), lambda: shutil.copyfile(image, copy), by=wall
        )
        size = image.stat().st_size
    yield Figure(
        "P9",
        f"reset of an org with {sizes.bulk:,} records / copying its file",
        restored / copied,
        1,
        0.3,
        "lower",
        f"{restored * 1e3:.2f} ms / {copied * 1e3:.2f} ms for {size / 1e6:.1f} MB",
    )
