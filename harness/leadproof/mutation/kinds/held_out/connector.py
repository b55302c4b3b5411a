"""Held out: defects of the connector (connector/reported.py)."""

from __future__ import annotations

from collections.abc import Iterator

from leadproof.mutation.ground import Ground
from leadproof.mutation.kind import Site, kind


@kind(
    "defect_assigns_again",
    "connector",
    "The connector lets each update run the assignment rules",
    "CYC634",
    check="change_owner in the CRM, edit in marketing, sync, check_owner",
    steps="change_owner check_owner",
)
def assigns_again(ground: Ground) -> Iterator[Site]:
    yield Site("connector", defect="assigns_again")


@kind(
    "defect_opt_out_like_any_box",
    "connector",
    "The connector syncs an opt-out like any other checkbox",
    "OWN308",
    check="opt_out in marketing, sync, check_field on both sides",
    steps="opt_out check_field",
)
def opt_out_like_any_box(ground: Ground) -> Iterator[Site]:
    yield Site("connector", defect="opt_out_like_any_box")


@kind(
    "defect_repeats_answers",
    "connector",
    "The connector appends old answers again with each new one",
    "CYC635",
    check="check_answers after several answers",
    steps="check_answers submit_form",
)
def repeats_answers(ground: Ground) -> Iterator[Site]:
    yield Site("connector", defect="repeats_answers")
