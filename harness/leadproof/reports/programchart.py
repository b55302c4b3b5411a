"""The program chart as a drawing: a campaign's moving parts as boxes, the data flow between them as arrows
(product.md B8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from leadproof.reports.collected import Json

GROUPS = {
    "generation": "Generation",
    "conversion": "Conversion",
    "cold_leads": "Cold leads",
    "sales_support": "Sales support",
    "cross_sell": "Cross-sell",
    "": "Not grouped",
}
OBTAINED = {"opted_in": "opted in", "organic": "organic", "imported": "imported", "bought": "bought", "": ""}
WIDE, GAP, LINE, HEAD, PAD = 232, 36, 18, 26, 10
"""Pixels: a box, the way between two, a line of text, a box's title, its margin."""
LETTERS = 32
"""Letters that fit into a box."""


@dataclass(frozen=True, slots=True)
class Box:
    """`title` and `lines`, cut to fit; `whole` is read aloud and shown on hover."""

    x: int
    y: int
    width: int
    height: int
    title: str
    lines: list[str]
    whole: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One campaign: its boxes from left to right, the arrows between columns, and all of it as a sentence."""

    width: int
    height: int
    boxes: list[Box]
    arrows: list[tuple[int, int, int, int]]
    summary: str


@dataclass(slots=True)
class GroupOfPrograms:
    """The campaigns of one group, in the file's order."""

    title: str
    programs: list[Json] = field(default_factory=list)


def grouped(programs: list[Json]) -> list[GroupOfPrograms]:
    """In the order of GROUPS; groups without a campaign are left out."""
    found = [GroupOfPrograms(title, [one for one in programs if one["group"] == key]) for key, title in GROUPS.items()]
    return [one for one in found if one.programs]


def chart(program: Json) -> Chart:
    """The drawing of one campaign."""
    columns = [column for column in _columns(program) if column]
    tall = max(sum(_height(lines) for _, lines in column) + PAD * (len(column) - 1) for column in columns)
    boxes: list[Box] = []
    edges: list[list[Box]] = []
    for number, column in enumerate(columns):
        used = sum(_height(lines) for _, lines in column) + PAD * (len(column) - 1)
        y, made = 1 + (tall - used) // 2, []
        for title, lines in column:
            whole = ": ".join(part for part in (title, ", ".join(lines)) if part)
            x, shown = 1 + number * (WIDE + GAP), [_cut(one) for one in lines]
            made.append(Box(x, y, WIDE, _height(lines), _cut(title, LETTERS - 3), shown, whole))
            y += _height(lines) + PAD
        boxes += made
        edges.append(made)
    arrows = [
        (one.x + WIDE, one.y + one.height // 2, other.x, other.y + other.height // 2)
        for left, right in pairwise(edges)
        for one in left
        for other in right
    ]
    told = ", then ".join(" and ".join(box.whole for box in made) for made in edges)
    return Chart(len(columns) * (WIDE + GAP) - GAP + 2, tall + 2, boxes, arrows, told)


def _columns(program: Json) -> Iterator[list[tuple[str, list[str]]]]:
    """Where people come from, the forms they fill, the campaign in marketing, the campaign in the CRM."""
    begin = [(one, ["search term or ad"]) for one in program["starts"]]
    lists = [(one["name"], [" ".join(("list", OBTAINED[one["obtained"]])).strip()]) for one in program["lists"]]
    yield begin + lists
    yield [(_form_title(one), list(_form_lines(one))) for one in program["forms"]]
    statuses = program["statuses"]
    yield [(program["marketing"], ["campaign in marketing", *(here for here, _ in statuses)])]
    yield [(program["crm"], ["campaign in the CRM", *(there for _, there in statuses)])]


def _form_title(form: Json) -> str:
    return f"Form {form['name']}"


def _form_lines(form: Json) -> Iterator[str]:
    if not form["known"]:
        yield "not found in marketing"
    for one in form["fields"]:
        mark = "*" if one["required"] else ""
        yield f"{one['id']}{mark} → {one['crm'] or 'stays in marketing'}"


def _height(lines: list[str]) -> int:
    return HEAD + LINE * len(lines) + (PAD if lines else 4)


def _cut(text: str, letters: int = LETTERS) -> str:
    return text if len(text) <= letters else text[: letters - 1] + "…"
