"""Makes a case of traffic smaller: exchanges go while the verdict of a replay stays, which each reduction proves.

What the verdict is depends on who is replayed. As client: every exchange that is left is answered as it was in the
whole case, the ones that matter among them. As systems: the command ends as it did, and asks for the same that was
never recorded. Delta debugging, as in `minimizing`; the same case and command always leave the same exchanges.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from leadproof.cases.case import TRAFFIC, Case
from leadproof.cases.client import replay_as_client
from leadproof.cases.gate import Gate
from leadproof.cases.har import write_har
from leadproof.cases.refusals import NotPossible
from leadproof.cases.systems import RecordedSystems
from leadproof.serving.environment import proxied
from leadproof.stopwatch import Stopwatch
from leadproof.version import VERSION

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fewer:
    """What came of it. `left`: the numbers, from 1, that the exchanges had in the whole case; `finished` False: the
    time was over before each of them had been tried."""

    case: Case
    left: tuple[int, ...]
    before: int
    trials: int
    finished: bool


class Judge(Protocol):
    """Replays a case with some of its exchanges, by their numbers, and says whether the verdict is still the same."""

    def still(self, numbers: Sequence[int]) -> bool: ...


class AsClient:
    """The requests are sent to a sandbox of the case's recipe: each is answered as in a replay of the whole case."""

    def __init__(self, case: Case) -> None:
        self._case = case
        numbers = range(1, len(case.traffic) + 1)
        self._unsent, self._told = self._replayed(numbers)

    def still(self, numbers: Sequence[int]) -> bool:
        """Whether every one of them is answered, or cannot be sent, as it was among all."""
        unsent, told = self._replayed(numbers)
        return unsent <= self._unsent and all(told.get(one) == self._told.get(one) for one in numbers)

    def _replayed(self, numbers: Sequence[int]) -> tuple[int, Mapping[int, tuple[str, ...]]]:
        compared = replay_as_client(with_exchanges(self._case, numbers))
        found: dict[int, tuple[str, ...]] = {}
        for place, _, text in compared.differences:
            number = numbers[place - 1]
            found[number] = (*found.get(number, ()), text)
        return len(compared.unsent), found


class AsSystems:
    """The recorded systems answer a command: it ends with the same code, and asks as much that is not recorded.

    Raises NotPossible for a command that does not end in time with the whole case, or asks nothing of it.
    """

    def __init__(self, case: Case, command: Sequence[str], key: bytes | None, seconds: float) -> None:
        self._case, self._command, self._key, self._seconds = case, tuple(command), key, seconds
        wanted = self._ended(range(1, len(case.traffic) + 1))
        if wanted is None:
            text = f"The command does not end within {seconds:g} seconds with the whole case: there is no end to keep."
            raise NotPossible(text, "Give it more time with --seconds, or let it end by itself.")
        self._wanted = wanted

    def still(self, numbers: Sequence[int]) -> bool:
        """Whether the command ends as it did; one that runs too long does not."""
        return self._ended(numbers) == self._wanted

    def _ended(self, numbers: Sequence[int]) -> tuple[int, tuple[str, ...]] | None:
        """Its code, and what it asked that is not recorded; None where it did not end in time."""
        systems = RecordedSystems(with_exchanges(self._case, numbers), self._key)
        with tempfile.TemporaryDirectory(prefix="leadproof-ca-") as folder:
            ca = Path(folder) / "ca.pem"
            with Gate(systems, ca) as gate:
                told = {**os.environ, **proxied(gate.url, str(ca)), "LEADPROOF_PROXY": gate.url}
                try:
                    ran = subprocess.run(
                        self._command, env=told, capture_output=True, check=False, timeout=self._seconds
                    )
                except subprocess.TimeoutExpired:
                    return None
                except OSError as wrong:
                    text = f"{self._command[0]} can't be started: {wrong.strerror}."
                    raise NotPossible(text, "Write the command as in a shell.") from wrong
        if not systems.answered and not systems.unmatched and len(numbers) == len(self._case.traffic):
            raise NotPossible("The command asked the recorded systems nothing.", "Does it take HTTPS_PROXY?")
        return ran.returncode, tuple(missed.asked for missed in systems.unmatched)


def with_exchanges(case: Case, numbers: Sequence[int]) -> Case:
    """The case with these exchanges of it, in their order."""
    traffic = case.traffic
    return case.with_files({TRAFFIC: write_har([traffic[number - 1] for number in numbers], VERSION)})


def drop_exchanges(
    case: Case, judge: Judge, *, keep: Sequence[int] = (), seconds: float = 60.0, progress: Progress | None = None
) -> Fewer:
    """The fewest exchanges found in that time with which the judge's verdict stays; those to `keep` stay. Raises
    NotPossible for a case without them."""
    numbers = tuple(range(1, len(case.traffic) + 1))
    if not numbers or set(keep) - set(numbers):
        text = f"The case has {len(numbers)} exchanges; it cannot keep {', '.join(map(str, sorted(keep))) or 'any'}."
        raise NotPossible(text, "`leadproof case inspect` counts them.")
    watch, trials, left = Stopwatch(), 0, numbers
    size = max(1, len(left) // 2)
    while True:
        end, removed = len(left), False
        while end > 0:  # from the back: what came later needs what came before, and not the other way round
            if watch.seconds > seconds:
                return Fewer(with_exchanges(case, left), left, len(numbers), trials, finished=False)
            begin = max(0, end - size)
            without = tuple(one for place, one in enumerate(left) if one in keep or not begin <= place < end)
            if without and without != left:
                trials += 1
                if judge.still(without):
                    left, removed = without, True
                    if progress is not None:
                        progress(len(left), len(numbers))
            end = begin
        if size == 1 and not removed:
            return Fewer(with_exchanges(case, left), left, len(numbers), trials, finished=True)
        size = max(1, size // 2)
