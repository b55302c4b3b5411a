"""The analysis of assignment rules: complete over the condition language, without knowing any CRM or finding."""

from leadproof.doctor.assignment.analysis import Analysis, Gap, Overlap, Shadowed, Unmatchable, Unproven, analyse
from leadproof.doctor.assignment.ruleset import Rule, RuleSet

__all__ = ["Analysis", "Gap", "Overlap", "Rule", "RuleSet", "Shadowed", "Unmatchable", "Unproven", "analyse"]
