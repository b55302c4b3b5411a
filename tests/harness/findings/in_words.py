"""Codes whose example is told in words, and where each is emitted instead: by a test of its own room, or by nobody yet.

None may be added: a new code comes with an example and a near miss that are played.
"""

from __future__ import annotations

WORDS_ONLY: dict[str, str] = {
    "CFG886": "tests/harness/cases/test_case_commands.py",
    "CFG887": "tests/harness/cases/test_case_commands.py",
    "RUN806": "never: a step that needs controls is skipped before it runs",
    "RUN813": "tests/harness/serving/test_up.py",
    "RUN814": "tests/harness/serving/test_service.py",
    "RUN818": "tests/harness/serving/test_up_salesforce.py",
    "RUN822": "tests/harness/pairs/test_live.py",
    "RUN823": "tests/harness/pairs/test_live.py",
    "RUN824": "tests/harness/pairs/test_live_leftovers.py",
    "RUN825": "tests/harness/pairs/test_live_leftovers.py",
    "RUN826": "tests/harness/pairs/test_live_leftovers.py",
    "RUN827": "tests/harness/pairs/test_live_leftovers.py",
    "RUN840": "tests/harness/cases/test_case_commands.py",
}
