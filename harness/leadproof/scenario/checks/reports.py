"""The check of reports: every number is recomputed from the records and must be equal (product.md A4)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from leadproof.findings import At, find
from leadproof.scenario.registry import Check, Result, Row, failed, named, passed
from leadproof.scenario.stage import Stage
from leadproof.systems.campaigns import Report, ReportName
from leadproof.systems.ports import Capability

if TYPE_CHECKING:
    from leadproof.scenario.recount import Figure, Figures

Name = Literal["lead_source", "campaign", "hand_over", "closed_loop"]


@named("check_report", needs=("history",))
class CheckReport(Check):
    """A report of one system tells what the records say: every number, stage, source and owner is taken
    anew from the records, row by row, and so are the totals.

    `expect` names figures that must stand in one row besides: `{row: Web, leads: "1"}`; a campaign's row is named by
    its name, a hand-over row by the lead's e-mail address. A report without any row proves nothing and fails, unless
    `empty: yes` says that it must be empty."""

    report: Name = Field(description="lead_source, campaign, hand_over or closed_loop.")
    in_: str = Field(default="crm", alias="in", description="Where: crm, marketing or an org's name.")
    expect: list[dict[str, str]] = Field(
        default_factory=list, description="Figures that must stand in a row: {row: name, column: figure}."
    )
    empty: bool = Field(default=False, description="yes: the report must have no row.")

    def lacks(self, stage: Stage) -> str:
        """A system that has no such reports."""
        return self.cannot(stage, self.in_, Capability.REPORTS, f"the report {self.report.replace('_', ' ')}")

    def compare(self, stage: Stage) -> Result:
        from leadproof.scenario.recount import COUNTS, KEYS, read_ledger, totals

        connected, side = stage.located(self.in_)
        system = connected.system(side)
        name: ReportName = self.report.replace("_", "-")  # type: ignore[assignment]
        report = system.report(name)
        crm, marketing = connected.eyes()
        mine = {(crm if side == "crm" else marketing).connect().user}
        ledger = read_ledger(connected, side, mine)
        table = COUNTS[name](ledger, side)
        told = {row.get(KEYS[name]) or "": row for row in report.rows}
        wrong: list[tuple[str, str, str, str]] = []
        count = 0
        for key, figures in table.items():
            row = told.get(key)
            if row is None:
                wrong.append((key, "row", "a row", "none"))
                continue
            count += len(figures)
            wrong.extend(_differences(key, figures, row))
        total = totals(name, ledger, side)
        count += len(total)
        wrong.extend(_differences("totals", total, report.totals))
        wrong.extend((key, "row", "none", "a row") for key in told if key not in table)
        wrong.extend(_missed(report, self.expect))
        where = f"report {name} of {system.name}"
        if not wrong and self.empty != (not table):
            expected, found = ("no row", _times(len(table), "row")) if self.empty else ("a row to recount", "no row")
            return failed(where, expected, found, findings=stage.causes())
        if not wrong:
            return passed(
                f"{where}: {_times(len(table), 'row')}, {_times(count, 'figure')} recounted from the records", rows=()
            )
        code = "RPT502" if wrong[0][1] == "row" else "RPT501"
        text = "; ".join(
            f"{key or '(blank)'} {column}: expected {one}, found {other}" for key, column, one, other in wrong
        )
        cause = find(code, f"{where}: {text}", places=[At(side, system.name)])
        rows = [Row(None, None, f"{key} {column}: {one}", "failed", other) for key, column, one, other in wrong]
        return failed(
            where,
            "; ".join(f"{key or '(blank)'} {column} = {one}" for key, column, one, _ in wrong[:5]),
            "; ".join(f"{key or '(blank)'} {column} = {other}" for key, column, _, other in wrong[:5]),
            rows=rows,
            findings=(cause, *stage.causes()),
        )


def _differences(key: str, figures: Figures, row: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """The columns of one row, or of the totals, that are not what was recounted."""
    return [
        (key, column, _shown(figure), row.get(column, "") or "not available")
        for column, figure in figures.items()
        if not _equal(row.get(column, ""), figure)
    ]


def _missed(report: Report, expected: list[dict[str, str]]) -> list[tuple[str, str, str, str]]:
    """The figures that the scenario names and the report does not show."""
    missed = []
    for wanted in expected:
        name = wanted.get("row", "")
        rows = [row for row in report.rows if name in (row.get("name"), row.get("email"), *list(row.values())[:1])]
        if name == "totals":
            rows = [report.totals]
        if not rows:
            missed.append((name, "row", "a row", "none"))
            continue
        for column, text in wanted.items():
            if column == "row":
                continue
            held = rows[0].get(column, "")
            if held != text and not _equal(held, _decimal(text)):
                missed.append((name, column, text, held or "not available"))
    return missed


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _equal(text: str, figure: Figure) -> bool:
    """Whether a report's figure is the recounted one; a ratio is compared at the report's own digits."""
    if isinstance(figure, str):
        return text == figure
    told = _decimal(text) if text else None
    if told is None or figure is None:
        return not text and figure is None
    exponent = told.as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return told == figure or abs(told - figure) <= Decimal(5).scaleb(-max(digits, 4) - 1)


def _times(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _shown(figure: Figure) -> str:
    if isinstance(figure, str):
        return figure or "not available"
    return "not available" if figure is None else format(figure.normalize(), "f")
