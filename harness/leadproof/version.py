"""The installed version, from the package's own metadata."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("leadproof")
except PackageNotFoundError:  # a checkout that was never installed
    VERSION = "0+unknown"
