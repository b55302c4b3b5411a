"""Numbers as people write them: thousands separators, currency signs, percent signs, brackets for minus.

1.234 may be a thousand or a little more than one. It is read only where the field's scale, the rest of the
column or the person who imports leaves no doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from leadproof.importer.refused_cell import CellRefused
from leadproof.importer.report import AMBIGUOUS, BAD_VALUE, Note
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import parse
from leadterms.refusals import ValueRefused
from leadterms.values import Value

_SIGN = r"(?P<sign>[A-Z]{3}|kr\.?|Rs\.?|[$€£¥₹₽₩])"
_CURRENCY = re.compile(
    rf"^(?:{_SIGN}\s*(?P<before>[^A-Za-z$€£¥₹₽₩]*)|(?P<after>[^A-Za-z$€£¥₹₽₩]*?)\s*{_SIGN.replace('sign', 'last')})$"
)
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'’")
_BODY = re.compile(r"[+-]?[\d.,]*\d[\d.,]*\Z", re.ASCII)
_GROUPS = {mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+\Z", re.ASCII) for mark in ".,"}


class NumberReader:
    """Reads the numbers of one column. `decimal_mark` is what a person said; else the column's own
    evidence."""

    def __init__(
        self, header: str, spec: FieldSpec, cells: Sequence[tuple[int, str]], decimal_mark: str | None
    ) -> None:
        self.spec = spec
        self.header = header
        evidence: dict[str, int] = {}
        signs: dict[str, int] = {}
        grouped = 0
        for line, text in cells:
            bare, sign = self._bare(text)
            if sign:
                signs.setdefault(sign, line)
            mark = _certain_mark(bare)
            if mark:
                evidence.setdefault(mark, line)
            grouped += bool(re.search(r"\d[ \u00a0\u202f'.,]\d{3}(?!\d)", bare))
        self.mark = decimal_mark or (next(iter(evidence)) if len(evidence) == 1 else None)
        self.signs = signs
        notes = []
        if grouped and self.mark:
            why = "as you said" if decimal_mark else f"line {evidence[self.mark]} shows it"
            notes.append(Note(f"Column {header!r}: {self.mark!r} stands before the decimals ({why}).", 0, header))
        if len(signs) == 1:
            (sign,) = signs
            notes.append(Note(f"Column {header!r}: the sign {sign!r} is left out; numbers are stored bare.", 0, header))
        self.notes = tuple(notes)

    def _bare(self, cell: str) -> tuple[str, str]:
        """The cell without its currency sign, and the sign."""
        text = cell.strip()
        if self.spec.type == "currency":
            minus = "-" if text.startswith("-") or (text.startswith("(") and text.endswith(")")) else ""
            found = _CURRENCY.match(text.strip("()").removeprefix("-").strip())
            if found:
                body = found["before"] if found["before"] is not None else found["after"]
                return minus + body.strip(), found["sign"] or found["last"]
            if minus == "-" and text.startswith("("):
                return minus + text.strip("()").strip(), ""
        if self.spec.type == "percent" and text.endswith("%"):
            return text[:-1].strip(), ""
        return text, ""

    def read(self, cell: str) -> Value:
        bare, sign = self._bare(cell)
        if sign and len(self.signs) > 1:
            raise CellRefused(
                AMBIGUOUS,
                f"{self.spec.id}: the column {self.header!r} mixes {', '.join(sorted(self.signs))}; {cell.strip()!r} "
                "would lose its currency. Export one currency to a file.",
            )
        text = bare.translate(_SPACES)
        if not _BODY.match(text):
            return self._parse(text, cell)
        return self._parse(self._with_point(text, cell), cell)

    def _with_point(self, text: str, cell: str) -> str:
        """Digits with a point before the decimals. Raises CellRefused when the one separator may be
        either."""
        mark = _certain_mark(text)
        sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
        if mark is None and ("." in digits or "," in digits):
            only = "." if "." in digits else ","
            fits_as_decimals = self.spec.scale is None or self.spec.scale >= 3
            if self.mark is not None:
                mark = self.mark
            elif not fits_as_decimals:
                mark = "," if only == "." else "."
            else:
                raise CellRefused(
                    AMBIGUOUS,
                    f"{self.spec.id}: {cell.strip()!r} may mean {digits.replace(only, '')} or "
                    f"{digits.replace(only, '.')}. Say which mark stands before the decimals.",
                )
        if mark is None:
            return text
        whole, _, decimals = digits.partition(mark)
        other = "," if mark == "." else "."
        if (other in whole and not _GROUPS[other].match(whole)) or other in decimals or mark in decimals:
            raise CellRefused(BAD_VALUE, f"{self.spec.id}: {cell.strip()!r} is no number: its groups are uneven.")
        return f"{sign}{whole.replace(other, '')}" + (f".{decimals}" if decimals else "")

    def _parse(self, text: str, cell: str) -> Value:
        try:
            return parse(self.spec, text)
        except ValueRefused as refused:
            raise CellRefused(BAD_VALUE, f"{refused.text} {refused.fix}".strip()) from refused


def _certain_mark(text: str) -> str | None:
    """The mark before the decimals where the number itself shows it; None where it has none or leaves a
    doubt."""
    digits = text.translate(_SPACES).lstrip("+-")
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    if points > 1 or commas > 1:
        return "," if points else "."
    if not points and not commas:
        return None
    only = "." if points else ","
    before, _, after = digits.partition(only)
    if len(after) == 3 and 1 <= len(before) <= 3 and before != "0":
        return None
    return only
