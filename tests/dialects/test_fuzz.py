"""Schemathesis over both native APIs and the control API (quality.md R9)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.dialects.fuzzed import check, operations

OPERATIONS = dict(operations())
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
SHORT = settings(
    max_examples=4, deadline=None, suppress_health_check=QUIET, phases=[Phase.generate], database=None, derandomize=True
)
LONG = settings(max_examples=40, deadline=None, suppress_health_check=QUIET, database=None)


def _prove(name: str, how: settings) -> None:
    operation = OPERATIONS[name]
    either = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @how
    @given(case=either)
    def run(case: Any) -> None:
        check(case, name)

    run()


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_does_what_its_document_says(name: str) -> None:
    """No 5xx, no undocumented status, type or header, no body outside the schema; bad input refused, logins asked."""
    _prove(name, SHORT)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_does_what_its_document_says_at_length(name: str) -> None:
    """The same with many more requests."""
    _prove(name, LONG)
