"""P9: going back to a saved state."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import wall
from tests.benchmarks.orgs import Caller, connection, lead, sandbox


def reset(sizes: Sizes) -> Iterator[Figure]:
    """A restore of a sandbox of two orgs, one of them with many records, against copying that org's file. A record is
    written before each: an org that nobody has touched need not be restored."""
    with sandbox() as box, tempfile.TemporaryDirectory() as folder:
        caller = Caller.of(box)
        caller.create("Lead", [lead(number) for number in range(sizes.bulk)])
        box.lab.save("full")
        image = Path(folder) / "org.sqlite"
        image.write_bytes(connection(box).serialize())
        copy = Path(folder) / "copy.sqlite"
        restores, copies = [], []
        for _ in range(sizes.rounds * 3):
            caller.create("Lead", [lead(sizes.bulk)])
            restores.append(wall(lambda: box.lab.restore("full")))
            copies.append(wall(lambda: shutil.copyfile(image, copy)))
        restored, copied = min(restores), min(copies)
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
