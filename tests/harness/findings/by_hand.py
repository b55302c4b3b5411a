"""Examples that no piece of YAML can say: failures of the wire, other processes, damaged files.

Each has the two sides of a piece: what fires, and what nearly does. They stand in the modules `hand_*`.
"""

from __future__ import annotations

from tests.harness.findings.hand import ByHand
from tests.harness.findings.hand_cases import CASES
from tests.harness.findings.hand_connectors import CONNECTORS
from tests.harness.findings.hand_files import FILES
from tests.harness.findings.hand_serving import SERVING
from tests.harness.findings.hand_wire import WIRE

BY_HAND: dict[str, ByHand] = {**WIRE, **CONNECTORS, **CASES, **FILES, **SERVING}
