"""A piece that is a file to import: into the checklist's marketing tool, or its CRM."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadproof.importer import ImportRefused, import_file, parse_map
from leadproof.library import checklist
from leadproof.sandbox import Sandbox
from leadproof.systems.records import Write
from tests.harness.findings.told import Words

KEYS = frozenset({"csv", "to", "map", "dates", "decimal", "crm", "marketing", "faults", "records"})


def play(piece: Mapping[str, Any], code: str, folder: Path) -> list[Words]:
    """Why the file, or rows of it, were refused. `records` are there before, `faults` begin after them."""
    target = piece.get("to", "marketing")
    with Sandbox.start(checklist() / "recipe.yaml", seed=1) as sandbox:
        system: Any = sandbox.crm("acme-crm") if target == "crm" else sandbox.marketing("acme-marketing")
        for org in ("crm", "marketing"):
            if org in piece:
                sandbox.lab.set_org(f"acme-{org}", piece[org])
        if "records" in piece:
            object = "Lead" if target == "crm" else "prospect"
            assert all(one.id for one in system.write([Write("create", object, values=it) for it in piece["records"]]))
        for fault in piece.get("faults", ()):
            sandbox.lab.add_fault({key: int(value) if value.isdigit() else value for key, value in fault.items()})
        path = folder / "people.csv"
        path.write_text(piece["csv"], "utf-8", newline="")
        try:
            mapping = parse_map([f"{header}={field}" for header, field in piece.get("map", {}).items()])
            report = import_file(
                path, system, mapping=mapping, dates=piece.get("dates"), decimal_mark=piece.get("decimal")
            )
        except ImportRefused as refused:
            return [Words(refused.code, f"{refused.text} {refused.fix}\n")]
        bad = [row for row in report.rows if row.outcome == "rejected"]
        return [Words(row.code, f"line {row.line}: {row.reason}\n") for row in bad]
