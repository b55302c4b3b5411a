"""The garbage collector is eased where a sandbox runs, and an owner's own choice stands."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from leadproof.collector import DEFAULT, EASED, ease_collector


@pytest.fixture(autouse=True)
def threshold() -> Iterator[None]:
    """As it was before, whatever a test sets."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_the_default_is_eased() -> None:
    """CPython's own threshold is raised."""
    gc.set_threshold(*DEFAULT)
    ease_collector()
    assert gc.get_threshold() == EASED


def test_an_owners_choice_stands() -> None:
    """Who has set a threshold keeps it."""
    gc.set_threshold(1234, 5, 6)
    ease_collector()
    assert gc.get_threshold() == (1234, 5, 6)
