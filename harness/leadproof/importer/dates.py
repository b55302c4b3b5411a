"""Days and moments as people write them. Whether 03/02/2026 is in March or February is decided by the column
or by the person who imports, never by us."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from leadproof.importer.refused_cell import CellRefused
from leadproof.importer.report import AMBIGUOUS, BAD_VALUE, SPREADSHEET_DAMAGE, Note
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES
from leadterms.values import Value

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})\Z", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})\Z", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}\Z", re.ASCII)
_DAY_NAME = re.compile(r"(\d{1,2})\.?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})\Z", re.ASCII)
_NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})\Z", re.ASCII)
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s*([AaPp][Mm])?\s*([Zz]|[+-]\d{2}:?\d{2}|UTC|GMT)?\Z", re.ASCII
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"),
        1,
    )
    for name in names.split()
}  # fmt: skip


class DateReader:
    """Reads the days or moments of one column. `order` ("dmy", "mdy") is what a person said, else what the
    column shows: a number above 12 can only be a day. Points always stand in day.month.year."""

    def __init__(
        self, header: str, spec: FieldSpec, cells: Sequence[tuple[int, str]], order: str | None, time_zone: str
    ) -> None:
        self.spec = spec
        self.zone = ZoneInfo(time_zone)
        shown: dict[str, int] = {}
        doubtful = 0
        for line, text in cells:
            found = _YEAR_LAST.match(_split(text)[0])
            if found and found[2] != ".":
                first, second = int(found[1]), int(found[3])
                if first > 12 >= second:
                    shown.setdefault("dmy", line)
                elif second > 12 >= first:
                    shown.setdefault("mdy", line)
                elif first != second:
                    doubtful += 1
        self.order = order or (next(iter(shown)) if len(shown) == 1 else None)
        notes = []
        if self.order and (doubtful or shown):
            names = {"dmy": "day/month/year", "mdy": "month/day/year"}
            why = "as you said" if order else f"line {shown[self.order]} leaves no doubt"
            notes.append(Note(f"Column {header!r}: dates are {names[self.order]} ({why}).", 0, header))
        without_offset = [line for line, text in cells if _split(text)[1] and not _has_offset(_split(text)[1])]
        if without_offset and FIELD_TYPES[spec.type].kind == "date_time":
            said = f"Column {header!r}: times without an offset are taken as {time_zone}."
            notes.append(Note(said, without_offset[0], header))
        self.notes = tuple(notes)

    def read(self, cell: str) -> Value:
        day_text, time_text = _split(cell)
        day = self._day(day_text, cell.strip())
        if FIELD_TYPES[self.spec.type].kind == "date":
            if time_text and _clock(time_text) not in ((0, 0, 0, 0), None):
                raise self._refused(f"{cell.strip()!r} has a time of day, which a date does not hold")
            if time_text and _clock(time_text) is None:
                raise self._refused(f"{cell.strip()!r} is no date")
            return day
        return self._moment(day, time_text, cell.strip())

    def _refused(self, why: str, code: str = BAD_VALUE) -> CellRefused:
        return CellRefused(code, f"{self.spec.id}: {why}.")

    def _day(self, text: str, cell: str) -> date:
        try:
            return self._known_day(text, cell)
        except ValueError:
            raise self._refused(f"{cell!r} is no day of the calendar") from None

    def _known_day(self, text: str, cell: str) -> date:
        if found := _YEAR_FIRST.match(text):
            return date(int(found[1]), int(found[3]), int(found[4]))
        if found := _YEAR_LAST.match(text):
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            return date(year, *self._month_day(first, second, found[2], cell))
        for pattern, month_at, day_at in ((_DAY_NAME, 2, 1), (_NAME_DAY, 1, 2)):
            if (found := pattern.match(text)) and found[month_at].casefold() in _MONTHS:
                return date(int(found[3]), _MONTHS[found[month_at].casefold()], int(found[day_at]))
        if _SHORT_YEAR.match(text):
            raise self._refused(f"{cell!r} does not say the century; write the year with four digits", AMBIGUOUS)
        if re.fullmatch(r"\d{5}(\.\d+)?", text):
            why = f"{cell!r} is a spreadsheet's day number; format the column as a date and export again"
            raise self._refused(why, SPREADSHEET_DAMAGE)
        raise self._refused(f"{cell!r} is no date that is known here; write it as 2026-03-02")

    def _month_day(self, first: int, second: int, separator: str, cell: str) -> tuple[int, int]:
        if separator == ".":
            return second, first
        if self.order is not None:
            return (second, first) if self.order == "dmy" else (first, second)
        if first > 12:
            return second, first
        if second > 12 or first == second:
            return first, second
        why = f"{cell!r} may be day/month or month/day, and the column does not show which; say it for the file"
        raise self._refused(why, AMBIGUOUS)

    def _moment(self, day: date, time_text: str, cell: str) -> datetime:
        clock = _clock(time_text) if time_text else (0, 0, 0, 0)
        if clock is None:
            raise self._refused(f"{cell!r} has a time of day that cannot be read")
        try:
            local = datetime.combine(day, time(*clock))
            moment = local.replace(tzinfo=_offset(time_text) or self.zone)
            if moment.utcoffset() != moment.replace(fold=1).utcoffset():
                why = f"{cell!r} falls into the hour in which the clocks change; write its offset from UTC"
                raise self._refused(why, AMBIGUOUS)
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._refused(f"{cell!r} is no moment of the calendar") from None


def _split(cell: str) -> tuple[str, str]:
    """The day and the time of day of a cell."""
    text = cell.strip()
    if len(text) > 10 and text[10] in "Tt" and text[:4].isdigit():
        return text[:10], text[11:]
    found = re.search(r"[, ]+(\d{1,2}:\d{2}.*)\Z", text)
    return (text[: found.start()], found[1]) if found else (text, "")


def _clock(text: str) -> tuple[int, int, int, int] | None:
    """Hour, minute, second and microsecond, on 24 hours; None when it cannot be read."""
    found = _TIME.match(text)
    if found is None:
        return None
    hour = int(found[1])
    if found[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[5].casefold() == "pm" else 0)
    return hour, int(found[2]), int(found[3] or 0), int((found[4] or "0").ljust(6, "0"))


def _has_offset(text: str) -> bool:
    found = _TIME.match(text)
    return bool(found and found[6])


def _offset(text: str) -> timezone | None:
    found = _TIME.match(text) if text else None
    if not found or not found[6]:
        return None
    if found[6][0] not in "+-":
        return UTC
    digits = found[6][1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if found[6][0] == "-" else minutes))
