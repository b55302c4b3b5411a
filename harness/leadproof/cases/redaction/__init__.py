"""Takes secrets and people out of what a case is made of (quality.md "Security"), so that it still replays."""

from leadproof.cases.redaction.pseudonyms import Pseudonyms
from leadproof.cases.redaction.traffic import Redactor

__all__ = ["Pseudonyms", "Redactor"]
