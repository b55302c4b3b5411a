"""What a scenario can check: one small class for each, registered under its YAML name."""

from leadproof.scenario.checks import (
    answers,
    cleaning,
    delivery,
    evidence,
    fields,
    imports,
    members,
    owners,
    quiet,
    reports,
)

__all__ = [
    "answers",
    "cleaning",
    "delivery",
    "evidence",
    "fields",
    "imports",
    "members",
    "owners",
    "quiet",
    "reports",
]
