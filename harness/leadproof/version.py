"""The installed version, from the package's own metadata."""

from __future__ import annotations

from importlib.metadata import version

VERSION = version("leadproof")
