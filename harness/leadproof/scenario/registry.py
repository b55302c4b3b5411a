"""What a step and a check are, and the list of all of them.

Each is one small class: its fields are its YAML keys, its docstring is its documentation, `needs` says what it
cannot do without. On a target that lacks it the step is *skipped with that reason*, never passed
(architecture.md "The rules of the house", 9).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from leadproof.findings import Finding
from leadproof.scenario.events import Verdict

if TYPE_CHECKING:
    from leadproof.scenario.stage import Stage
    from leadproof.systems.ports import Capability

Need = Literal["control", "history", "rules", "built_in", "nobody"]
NEEDS: dict[Need, str] = {
    "control": "the sandbox's own controls (clock, faults, settings, journal)",
    "history": "the change history of both systems",
    "rules": "the CRM's assignment rules, readable by us",
    "built_in": "the built-in connector, started by the run itself",
    "nobody": "a sandbox: on live systems it could change or match people who are there",
}
Entered = str | list[str] | None
"""A value as a scenario says it: text (strings first), several choices, or nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of one system, as a person reads it: "+47 22 12 34 56", "Phone", "Phone"."""

    system: str
    object: str
    field: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a field table: the value that was expected, and what each side shows."""

    marketing: Cell | None
    crm: Cell | None
    expected: str
    verdict: Verdict
    remark: str = ""


def rows_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Field tables as plain JSON."""
    return [asdict(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did, in one sentence; `rows` where it entered values."""

    text: str = ""
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a check compared and found. `findings`: the causes it knows by itself, the likeliest first."""

    verdict: Verdict
    compared: str
    expected: str = ""
    found: str = ""
    rows: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()
    exchanges: tuple[str, ...] = ()


def passed(compared: str, *, rows: Iterable[Row] = ()) -> Result:
    """A check that held; `compared` names what was compared, so that a passed line tells something."""
    return Result("passed", compared, rows=tuple(rows))


def failed(
    compared: str,
    expected: str,
    found: str,
    *,
    rows: Iterable[Row] = (),
    findings: Iterable[Finding] = (),
    exchanges: Iterable[str] = (),
) -> Result:
    """A check that did not hold."""
    return Result("failed", compared, expected, found, tuple(rows), tuple(findings), tuple(exchanges))


class Step(BaseModel, ABC):
    """Something that a scenario does. Raises StepRefused when a system does not let it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)
    step: ClassVar[str] = ""
    needs: ClassVar[frozenset[Need]] = frozenset()

    def lacks(self, stage: Stage) -> str:
        """What the step cannot do without and this target does not have, in words; "" where it can be done."""
        missing = sorted(self.needs - stage.offers)
        return "needs " + ", ".join(NEEDS[one] for one in missing) if missing else ""

    def cannot(self, stage: Stage, where: str, what: Capability, words: str) -> str:
        """`lacks` for a step about one system (`where`, as `in:` says it) that must be able to do something."""
        connected, side = stage.located(where)
        system = connected.system(side)
        own = Step.lacks(self, stage)
        return own if own or what in system.can else f"needs {words}, which {system.name}'s API does not have"

    @abstractmethod
    def run(self, stage: Stage) -> Done:
        """Do it."""

    def said(self) -> str:
        """The step as a sentence for people: its name and what its keys say."""
        return f"{self.step.replace('_', ' ')}: {spoken(self)}" if spoken(self) else self.step.replace("_", " ")


class Check(Step):
    """Something that must be true now. It reads, compares and changes nothing."""

    def run(self, stage: Stage) -> Done:
        raise TypeError("a check answers compare(), not run()")

    @abstractmethod
    def compare(self, stage: Stage) -> Result:
        """Compare; a difference is a failed Result, never an exception."""


class StepRefused(Exception):
    """A step could not be done, so what follows would prove nothing; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.cause)
        self.finding = finding


def spoken(model: BaseModel) -> str:
    """The keys that the scenario wrote, as a short text: "lead $lead, in crm, values Phone = +47 22 ...". Of one that
    may hold secrets (`repr=False`) its keys only."""
    parts = []
    for name, info in type(model).model_fields.items():
        if name not in model.model_fields_set:
            continue
        value = getattr(model, name)
        if not info.repr:
            value = list(value) if isinstance(value, dict) else "..."
        parts.append(f"{info.alias or name} {_spoken_value(value)}".replace("_", " ", (info.alias or name).count("_")))
    return ", ".join(parts)


def _spoken_value(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} = {_spoken_value(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return " + ".join(_spoken_value(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return "(blank)"
    if isinstance(value, BaseModel):
        return spoken(value)
    return str(value)


STEPS: dict[str, type[Step]] = {}
"""All steps and checks by their YAML name, in the order of their definition. Filled by `@named`."""

Kind = TypeVar("Kind", bound=type[Step])


def named(name: str, *, needs: Iterable[Need] = ()) -> Callable[[Kind], Kind]:
    """Register a step or check class under its YAML name."""

    def register(kind: Kind) -> Kind:
        if name in STEPS:
            raise ValueError(f"two steps are called {name}")
        kind.step = name
        kind.needs = frozenset(needs)
        STEPS[name] = kind
        return kind

    return register


def load_all() -> dict[str, type[Step]]:
    """Import every step and check once; answers STEPS."""
    from leadproof.scenario import checks, steps  # noqa: F401  (importing registers them)

    return STEPS


@dataclass(slots=True)
class StepNumber:
    """Counts the steps of one type, so that the second `check_field` has an id of its own."""

    seen: dict[str, int] = field(default_factory=dict)

    def next_id(self, scenario: str, step: str) -> str:
        """`lead-arrives/check_field`, then `lead-arrives/check_field-2`."""
        count = self.seen[step] = self.seen.get(step, 0) + 1
        return f"{scenario}/{step}" if count == 1 else f"{scenario}/{step}-{count}"
