"""An org for each test."""

from __future__ import annotations

import pytest

from tests.dialects.salesforce.desk import Desk


@pytest.fixture
def desk() -> Desk:
    """A logged-in client of a fresh org."""
    return Desk()
