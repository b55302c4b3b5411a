"""P16, P17: the analysis of assignment rules against importing pydantic, both as CPU time."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator

from leadproof.doctor.assignment import Rule, analyse
from leadterms.criteria import Criteria, Row, bind
from leadterms.fields import FieldSpec
from leadterms.logic import And, Logic, Or, Ref, every_row
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import best, cpu

PEER = "import time; begun = time.process_time(); import pydantic; print(time.process_time() - begun)"
COUNTRIES = tuple(f"Country {number}" for number in range(60))
FIELDS = {
    spec.id: spec
    for spec in (
        FieldSpec("Lead", "Country", "Country", "dropdown", choices=COUNTRIES),
        FieldSpec("Lead", "State", "State", "single_line", length=80),
        FieldSpec("Lead", "City", "City", "single_line", length=40),
        FieldSpec("Lead", "Company", "Company", "single_line", length=255, required=True),
        FieldSpec("Lead", "Industry", "Industry", "dropdown", choices=tuple(f"Industry {n}" for n in range(28))),
        FieldSpec("Lead", "Rating", "Rating", "dropdown", choices=("Hot", "Warm", "Cold")),
        FieldSpec("Lead", "LeadSource", "Source", "dropdown", choices=tuple(f"Source {n}" for n in range(14))),
        FieldSpec("Lead", "AnnualRevenue", "Revenue", "currency", scale=2),
        FieldSpec("Lead", "NumberOfEmployees", "Employees", "number", scale=0),
        FieldSpec("Lead", "Score__c", "Score", "number", scale=0),
        FieldSpec("Lead", "RenewalDate__c", "Renewal", "date"),
        FieldSpec("Lead", "WantsDemo__c", "Demo", "checkbox"),
    )
}


def _row(draw: random.Random, spec: FieldSpec) -> Row:
    if spec.choices:
        listed = tuple(draw.sample(spec.choices, draw.randint(1, min(4, len(spec.choices)))))
        return Row(spec.id, draw.choice(("in", "in", "not_in")), listed)
    if spec.type == "checkbox":
        return Row(spec.id, "=", draw.choice(("true", "false")))
    if spec.type == "single_line":
        return Row(spec.id, draw.choice(("=", "!=", "<", ">=")), f"{spec.id} {draw.randint(1, 400)}")
    if spec.type == "date":
        return Row(spec.id, draw.choice(("<", ">=")), f"20{draw.randint(20, 29)}-{draw.randint(1, 12):02d}-01")
    return Row(spec.id, draw.choice(("<", ">=", "<=", ">")), str(draw.randint(0, 1000) * 10))


def some_rules(count: int, conditions: int, *, mixed: bool, seed: int = 1) -> list[Rule]:
    """Rules as large orgs have them; `mixed`: every other one has alternatives, (1 OR 2) AND 3 AND (4 OR 5) ..."""
    draw = random.Random(seed)
    rules = []
    for number in range(count):
        fields = draw.sample(list(FIELDS.values()), conditions)
        if number % 10 == 9:
            fields[-1] = fields[0]
        rows = tuple(_row(draw, spec) for spec in fields)
        logic: Logic = every_row(conditions)
        if mixed and number % 2:
            refs = [Ref(row + 1) for row in range(conditions)]
            logic = And((Or(tuple(refs[:2])), *refs[2:-2], Or(tuple(refs[-2:]))))
        rules.append(Rule(f"R{number}", bind(Criteria(rows, logic), FIELDS), (f"user{number % 9}",)))
    return rules


def _import_cpu() -> float:
    told = subprocess.run([sys.executable, "-c", PEER], check=True, capture_output=True, text=True)
    return float(told.stdout)


def analysis(sizes: Sizes) -> Iterator[Figure]:
    """100 rules of 10 conditions, half of them with alternatives; 500 rules whose conditions are joined by AND."""
    peer = min(_import_cpu() for _ in range(max(3, sizes.rounds)))
    for figure, count, conditions, mixed, must, ambitious in (
        ("P16", 100, 10, True, 1.0, 0.5),
        ("P17", 500, 10, False, 3.0, 1.5),
    ):
        if sizes.name == "tiny":
            count = 5
        rules = some_rules(count, conditions, mixed=mixed)
        (own,) = best(sizes.rounds, lambda rules=rules: analyse(rules, FIELDS), by=cpu)  # type: ignore[misc]
        found = analyse(rules, FIELDS)
        told = f"{len(found.unmatchable)} unmatchable, {len(found.shadowed)} shadowed, {len(found.overlaps)} overlap"
        yield Figure(
            figure,
            f"analysis of {count} rules x {conditions} conditions / importing pydantic",
            own / peer,
            must,
            ambitious,
            "lower",
            f"CPU {own * 1e3:.0f} ms / {peer * 1e3:.0f} ms; {told}, {len(found.unproven)} not proven",
        )
