"""The check that every row of an import is accounted for (product.md B7, D)."""

from __future__ import annotations

from pydantic import Field

from leadproof.findings import Evidence, find
from leadproof.scenario.registry import Check, Result, failed, named, passed
from leadproof.scenario.stage import Stage
from leadproof.systems.ports import Record


@named("check_import", needs=("nobody",))
class CheckImport(Check):
    """Every row of the last import is accepted, merged or rejected, they sum to the file's rows, each accepted row's
    record exists, each merged row names the row it joined, and each rejected row says why."""

    total: int | None = Field(default=None, description="How many rows the file has.")
    accepted: int | None = Field(default=None, description="How many rows became a record.")
    merged: int | None = Field(default=None, description="How many rows joined another row.")
    rejected: int | None = Field(default=None, description="How many rows were refused.")

    def compare(self, stage: Stage) -> Result:
        if not stage.imports:
            raise stage.refused("CFG830", "check_import needs an import_csv step before it.")
        report = stage.imports[-1]
        counts = {"total": report.total, "accepted": report.accepted, "merged": report.merged}
        counts["rejected"] = report.rejected
        wrong = [
            (name, str(wanted), str(counts[name]))
            for name in counts
            if (wanted := getattr(self, name)) is not None and wanted != counts[name]
        ]
        sum_of_rows = report.accepted + report.merged + report.rejected
        if sum_of_rows != report.total:
            wrong.append(("sum of rows", str(report.total), str(sum_of_rows)))
        wrong.extend(self._unfounded(stage))
        told = f"{report.accepted} accepted + {report.merged} merged + {report.rejected} rejected = {report.total} rows"
        if not wrong:
            return passed(told)
        name, wanted, found = wrong[0]
        cause = find("DQ404", f"{name}: expected {wanted}, found {found}.", evidence=[Evidence(told)])
        expected = "; ".join(f"{name} {wanted}" for name, wanted, _ in wrong[:5])
        text = "; ".join(f"{name} {found}" for name, _, found in wrong[:5])
        return failed("rows of the import", expected, text, findings=stage.causes(cause))

    def _unfounded(self, stage: Stage) -> list[tuple[str, str, str]]:
        """Accepted rows without a record, merged rows without a partner, rejected ones without a reason."""
        report = stage.imports[-1]
        connected, side = stage.located(report.system)
        ids = list(dict.fromkeys(row.id for row in report.rows if row.outcome == "accepted"))
        records: list[Record] = connected.system(side).read(report.object, ids, [])
        live = {one.id for one in records}
        lines = {row.line for row in report.rows}
        wrong = []
        for row in report.rows:
            if row.outcome == "accepted" and row.id not in live:
                wrong.append((f"line {row.line}", "a record", "none"))
            elif row.outcome == "merged" and row.into not in lines and row.id not in live:
                wrong.append((f"line {row.line}", "the row it joined", "none"))
            elif row.outcome == "rejected" and not (row.code and row.reason):
                wrong.append((f"line {row.line}", "a reason", "none"))
        return wrong
