"""Reading a CSV file: nothing is lost, nothing is guessed (product.md D, quality.md "Security")."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadproof.importer import CellSettings, ImportRefused, parse_map, plan_file
from leadproof.importer.cells import CellRefused, column_reader
from leadproof.importer.headers import Column
from leadproof.importer.reading import read_table
from leadproof.importer.rejects import neutralised, restored
from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.values import Value

PERSON = ObjectSpec(
    "prospect",
    "Prospect",
    {
        one["id"]: FieldSpec.from_json({"object": "prospect", **one})
        for one in (
            {"id": "email", "type": "email"},
            {"id": "last_name", "type": "single_line", "length": 20},
            {"id": "birthday", "type": "date"},
            {"id": "seen_at", "type": "date_time"},
            {"id": "revenue", "type": "currency", "scale": 2},
            {"id": "ratio", "type": "number"},
            {"id": "share", "type": "percent"},
            {"id": "comments", "type": "multi_line"},
            {"id": "opted_out", "type": "checkbox"},
            {"id": "topics", "type": "multi_select", "choices": ["Food", "Wine"]},
        )
    },
)


def table_of(data: bytes, **options: str) -> object:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(data)
        return read_table(path, **options)


def read_column(field: str, cells: list[str], settings: CellSettings | None = None) -> list[Value | str]:
    """The cells of one column as values; a refused one as its code."""
    column = Column(0, field, PERSON.fields[field])
    reader = column_reader(column, list(enumerate(cells, 2)), settings or CellSettings())
    read: list[Value | str] = []
    for cell in cells:
        try:
            read.append(reader.read(cell))
        except CellRefused as refused:
            read.append(refused.code)
    return read


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No file crashes the reader: it is refused as a whole, or each of its rows has cells or a reason."""
    try:
        table = table_of(data)
    except ImportRefused as refused:
        code = refused.code
        assert code == "DQ480"
        return
    for row in table.rows:  # type: ignore[attr-defined]
        assert row.code or len(row.cells) == len(table.headers)  # type: ignore[attr-defined]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
tables = st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=5))


@given(tables, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_a_csv_writer_wrote_is_read(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    """Any cells, in any of the encodings and with any delimiter, come back as they were, each row at its line."""
    width = len(rows[0]) if rows else 2
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow([f"h{n}" for n in range(width)])
    starts = []
    for row in rows:
        starts.append(len(io.StringIO(stream.getvalue(), newline="").readlines()) + 1)
        writer.writerow(row)
    table = table_of(stream.getvalue().encode(encoding))
    kept = [(at, tuple(row)) for at, row in zip(starts, rows, strict=True) if any(cell.strip() for cell in row)]
    assert table.headers == tuple(f"h{n}" for n in range(width))  # type: ignore[attr-defined]
    assert [(row.line, row.cells) for row in table.rows] == kept  # type: ignore[attr-defined]


GROUPED = {".": ",", ",": "."}


def written_number(number: Decimal, mark: str, group: str) -> str:
    """A number as a country writes it."""
    return f"{number:,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)


amounts = st.decimals(0, 10_000_000, places=2).map(lambda number: number.quantize(Decimal("0.01")))


@given(st.lists(amounts, min_size=1, max_size=5), st.sampled_from([".", ","]), st.sampled_from(["", "group", " ", "'"]))
def test_a_number_is_read_as_it_was_meant_or_refused(numbers: list[Decimal], mark: str, group: str) -> None:
    """In every country's writing a number is read as what was written, or refused; never as another one."""
    texts = [written_number(one, mark, GROUPED[mark] if group == "group" else group) for one in numbers]
    for number, value in zip(numbers, read_column("revenue", texts), strict=True):
        assert value in (number, "DQ487", "DQ488")
    assert read_column("revenue", texts, CellSettings(decimal_mark=mark)) == numbers


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=5), st.sampled_from([".", ",", " "]))
def test_whole_numbers_with_groups(numbers: list[int], group: str) -> None:
    """Thousands separators without decimals: the number that was meant, or refused."""
    texts = [f"{one:,}".replace(",", group) for one in numbers]
    for number, value in zip(numbers, read_column("ratio", texts), strict=True):
        assert value in (Decimal(number), "DQ488")
    mark = GROUPED.get(group, ".")
    assert read_column("ratio", texts, CellSettings(decimal_mark=mark)) == [Decimal(one) for one in numbers]


@given(
    st.lists(st.dates(date(1000, 1, 1), date(9999, 12, 31)), min_size=1, max_size=6),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%d-%m-%Y", "%d %b %Y", "%B %d, %Y"]),
)
def test_a_date_is_read_as_it_was_meant_or_refused(days: list[date], form: str) -> None:
    """In every writing a day is read as what was written, or refused as doubtful; never as another one."""
    texts = [day.strftime(form) for day in days]
    for day, value in zip(days, read_column("birthday", texts), strict=True):
        assert value in (day, "DQ488")
    order = "mdy" if form == "%m/%d/%Y" else "dmy"
    assert read_column("birthday", texts, CellSettings(dates=order)) == days


@pytest.mark.parametrize(
    ("field", "cell", "expected"),
    [
        ("revenue", "kr 1 200,50", Decimal("1200.5")),
        ("revenue", "1.200,50 NOK", Decimal("1200.5")),
        ("revenue", "-$1,200.50", Decimal("-1200.5")),
        ("revenue", "($1,200.50)", Decimal("-1200.5")),
        ("revenue", "€ 1.200", Decimal(1200)),
        ("revenue", "1,200", Decimal(1200)),
        ("revenue", "12.345.67", "DQ487"),
        ("revenue", "1,20,000.00", "DQ487"),
        ("revenue", "12.345", Decimal(12345)),
        ("revenue", "0.125", "DQ487"),
        ("revenue", "twelve", "DQ487"),
        ("ratio", "1.234", "DQ488"),
        ("ratio", "1,234", "DQ488"),
        ("ratio", "0.234", Decimal("0.234")),
        ("ratio", "1234.567", Decimal("1234.567")),
        ("ratio", "1,5", Decimal("1.5")),
        ("ratio", "1E3", "DQ487"),
        ("ratio", "$5", "DQ487"),
        ("share", "12.5 %", Decimal("12.5")),
        ("share", "12,5%", Decimal("12.5")),
        ("birthday", "3/2/26", "DQ488"),
        ("birthday", "46083", "DQ494"),
        ("birthday", "2026-03-02T00:00:00", date(2026, 3, 2)),
        ("birthday", "2026-03-02 09:30", "DQ487"),
        ("birthday", "soon", "DQ487"),
        ("birthday", "02-Mar-2026", date(2026, 3, 2)),
        ("topics", "food; WINE", frozenset({"Food", "Wine"})),
        ("topics", "beer", "DQ487"),
        ("opted_out", "Yes", True),
        ("opted_out", "perhaps", "DQ487"),
    ],
)
def test_cells(field: str, cell: str, expected: object) -> None:
    """Single cells, by the type of their field: a value, or the code of the refusal."""
    assert read_column(field, [cell]) == [expected]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00+00:00"),
        ("2026-03-02 09:00:00 +0100", "2026-03-02T08:00:00+00:00"),
        ("2026-03-02 09:00", "2026-03-02T08:00:00+00:00"),
        ("31/03/2026 9:05 PM", "2026-03-31T19:05:00+00:00"),
        ("31/03/2026, 12:05 am", "2026-03-30T22:05:00+00:00"),
        ("2026-03-02", "2026-03-01T23:00:00+00:00"),
        ("2026-10-25 02:30", "DQ488"),
        ("2026-03-02 13:05 PM", "DQ487"),
        ("2026-03-02 25:00", "DQ487"),
    ],
)
def test_moments(cell: str, expected: str) -> None:
    """A time without an offset is of the named zone; one in the hour in which clocks change is refused."""
    (value,) = read_column("seen_at", [cell], CellSettings(time_zone="Europe/Oslo"))
    assert (value if isinstance(value, str) else value.isoformat()) == expected  # type: ignore[union-attr]


@given(st.text(max_size=12))
def test_neutralising_loses_nothing(cell: str) -> None:
    """A neutralised cell starts no formula, and reading it again gives the cell."""
    assert not neutralised(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restored(neutralised(cell)) == cell


contents = st.sampled_from(["", "a@acme.example", "A@Acme.example", "b@acme.example", "nope", "x" * 30, "Berg", "Dahl",
                            "1980-01-31", "03/02/1980", "1,5", "\n", "yes"])  # fmt: skip


@given(st.lists(st.lists(contents, min_size=4, max_size=4), max_size=8))
def test_every_row_is_accounted_for(rows: list[list[str]]) -> None:
    """Whatever the rows, each stands once: in a record, merged into one, or rejected with a code and a reason."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerows([["email", "last_name", "birthday", "comments"], *rows])
        plan = plan_file(path, PERSON)
    planned = [row.line for one in plan.records for row in (one.row, *one.merged)]
    settled = [row.line for row in plan.settled]
    assert sorted(planned + settled) == [row.line for row in plan.table.rows]
    assert len(plan.table.rows) == sum(any(cell.strip() for cell in row) for row in rows)
    assert all(row.code and row.reason for row in plan.settled)
    emails = [str(one.values["email"]).casefold() for one in plan.records]
    assert len(emails) == len(set(emails))


def test_a_merge_keeps_every_value(tmp_path: Path) -> None:
    """Sets join, comments follow each other, blanks are filled; a value too long to join is rejected."""
    path = tmp_path / "a.csv"
    path.write_text(
        "email,last_name,comments,topics,opted_out\na@x.example,,one,Food,no\nA@x.example,Berg,two,Wine,yes\n"
        f"a@x.example,,{'z' * 31_999},,\n",
        "utf-8",
    )
    plan = plan_file(path, PERSON)
    (record,) = plan.records
    assert record.values == {
        "email": "a@x.example",
        "last_name": "Berg",
        "comments": "one\ntwo",
        "topics": frozenset({"Food", "Wine"}),
        "opted_out": True,
    }
    assert [(row.line, row.code) for row in plan.settled] == [(4, "DQ490")]


@pytest.mark.parametrize(
    ("options", "data"),
    [
        ({"encoding": "klingon"}, b"email\n"),
        ({"delimiter": ";;"}, b"email\n"),
        ({"delimiter": "\n"}, b"email\n"),
        ({"encoding": "utf-8"}, b"email\n\xff\n"),
        ({}, b"PK\x03\x04 a spreadsheet"),
        ({}, b'"email\n'),
    ],
)
def test_settings_that_do_not_fit(options: dict[str, str], data: bytes) -> None:
    """A wrong encoding or delimiter, a spreadsheet and a broken header are refused before anything is written."""
    with pytest.raises(ImportRefused) as refused:
        table_of(data, **options)
    assert refused.value.code in ("DQ480", "DQ481")


@pytest.mark.parametrize("settings", [{"dates": "ymd"}, {"decimal_mark": ";"}, {"time_zone": "Oslo"}])
def test_cell_settings_are_checked(settings: dict[str, str]) -> None:
    """An unknown order of dates, decimal mark or time zone is refused."""
    with pytest.raises(ImportRefused) as refused:
        CellSettings(**settings)
    assert refused.value.code == "DQ481"


def test_map_options() -> None:
    """HEADER=FIELD; the last equals sign separates, so headers may have some; "Header=" leaves out."""
    assert parse_map(["Mobile=mobile", "a=b=c", "Secret="]) == {"Mobile": "mobile", "a=b": "c", "Secret": ""}
    for wrong in ("Mobile", "=mobile"):
        with pytest.raises(ImportRefused):
            parse_map([wrong])


def test_broken_quotes_are_bounded() -> None:
    """Very many broken rows refuse the file instead of taking for ever."""
    with pytest.raises(ImportRefused):
        table_of(b"email,last_name\n" + b'a,"x"y\n' * 200)
