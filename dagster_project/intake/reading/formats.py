"""What a workbook's number formats make a sender see: 88 % for 0.88, 007 for 7, 39 °F for 39. Read only where a format says such a thing."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.language.units import called, how_to_convert, is_same, step
from dagster_project.intake.reading.marks import REFERENCE, column_number
from dagster_project.intake.receipt import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dagster_project.contracts import Column

CODES = re.compile(rb"<(?:\w+:)?numFmt\b[^>]*>")
CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b[^>]*>(.*?)</(?:\w+:)?cellXfs\s*>", re.DOTALL)
FORMATS = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
ATTRIBUTE = re.compile(rb"""\b(numFmtId|formatCode)=(?:"([^"]*)"|'([^']*)')""")
STYLE = re.compile(rb"""\bs=["'](\d+)["']""")
# Of the formats that have no code in the file: whole and decimal percentages.
BUILT_IN = {9: "0%", 10: "0.00%"}
# A text in quotes, one sign taken as it is, a currency, other terms in brackets, a space as wide as a sign, a sign that fills.
TOKENS = re.compile(r'"([^"]*)"?|\\(.)|\[\$([^\]-]*)[^\]]*\]|(\[[^\]]*\]|_.|\*.)|(.)', re.DOTALL)
SIGNS_AS_THEY_ARE = "°€$£¥ "
PERCENT = "%"


@dataclass(frozen=True)
class Shown:
    """What a format adds to a number: the unit beside it, whether it is shown times 100 or by so many thousands less, and how a whole number stands as text."""

    unit: str | None = None
    is_percentage: bool = False
    thousands: int = 0
    before: str = ""
    zeros: int = 0
    after: str = ""

    def text(self, number: float) -> str | None:
        """The whole number as it is shown; None where the format shows it like any other."""
        if not self.zeros or number < 0 or not number.is_integer():
            return None
        return f"{self.before}{int(number):0{self.zeros}d}{self.after}"


def telling_formats(styles: bytes) -> dict[int, Shown]:
    """By its number among the cell formats, each that shows more than the number. Empty for most workbooks."""
    codes = dict(BUILT_IN)
    for tag in CODES.findall(styles):
        about = _attributes(tag)
        codes[int(about.get("numFmtId", "-1"))] = html.unescape(about.get("formatCode", ""))
    section = CELL_FORMATS.search(styles)
    found = {}
    for place, tag in enumerate(FORMATS.findall(section.group(1)) if section else ()):
        shown = shown_by(codes.get(int(_attributes(tag).get("numFmtId", "0")), ""))
        if shown is not None:
            found[place] = shown
    return found


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode(): (first or second).decode("utf-8", "replace") for name, first, second in ATTRIBUTE.findall(tag)}


def shown_by(code: str) -> Shown | None:
    """What a format code adds to a positive number, or None when it only rounds and groups it."""
    parts: list[str] = []
    plain = ""
    for quoted, escaped, currency, skipped, sign in TOKENS.findall(code):
        if sign == ";":
            break
        if skipped:
            continue
        if sign and sign not in SIGNS_AS_THEY_ARE:
            plain += sign
            parts += [] if parts and parts[-1] == "" else [""]
        elif word := quoted or escaped or currency or sign:
            parts.append(word)
    if PERCENT in plain:
        return Shown(unit=PERCENT, is_percentage=True)
    # An empty part stands for the digits.
    place = parts.index("") if parts.count("") == 1 else len(parts)
    before, after = "".join(parts[:place]), "".join(parts[place + 1 :])
    word = f"{before} {after}".strip()
    zeros = len(plain) if set(plain) == {"0"} and (len(plain) > 1 or word) else 0
    # A comma behind the last digit shows thousands: "k" is one of them then, and no unit.
    thousands = len(plain) - len(plain.rstrip(","))
    is_unit = bool(called(word)) or (after.strip().isalpha() and not called(before.strip()))
    if thousands and (not called(word) or len(word) == 1):
        is_unit = False
    shown = Shown(unit=word if is_unit else None, thousands=thousands if is_unit else 0, before=before, zeros=zeros, after=after)
    return shown if shown.unit or shown.zeros else None


def show(
    rows: list[list[Any]], xml: bytes, formats: Mapping[int, Shown], columns: Sequence[Column | None], *, header_row: int
) -> dict[tuple[int, int], Refusal]:
    """Put into the cells what their sender sees; returns the problems, by row and column, where that contradicts the contract.

    A percentage becomes a number in the unit of its column, a code of digits gets its zeros. `columns` has the contract's column for each
    cell of the header, None for one that it does not know.
    """
    problems: dict[tuple[int, int], Refusal] = {}
    for row, place, shown in _formatted(xml, formats):
        column = columns[place] if place < len(columns) else None
        if column is None or not header_row < row <= len(rows) or type(number := rows[row - 1][place]) is not float:
            continue
        if column.unit:
            rows[row - 1][place] = _in_unit(number, shown, column.unit)
            if _contradicts(shown, column.unit):
                # As text, so that it is not taken for the bare number when the row is sent once more.
                rows[row - 1][place] = seen = _seen(number, shown)
                problems[row, place] = _problem(row, seen, shown, column)
        elif column.type == "string":
            rows[row - 1][place] = shown.text(number) or number
    return problems


def _formatted(xml: bytes, formats: Mapping[int, Shown]) -> Iterator[tuple[int, int, Shown]]:
    """Each cell with one of the formats: its row, counted from 1, its column, counted from 0, and what its format shows."""
    numbers = b"|".join(str(number).encode() for number in formats)
    for about in re.findall(rb"<(?:\w+:)?c\b([^>]*\bs=[\"'](?:" + numbers + rb")[\"'][^>]*)>", xml):
        place, style = REFERENCE.search(about), STYLE.search(about)
        if place and style:
            yield int(place.group(2)), column_number(place.group(1).decode()) - 1, formats[int(style.group(1))]


def _in_unit(number: float, shown: Shown, unit: str) -> float:
    there = step(PERCENT, unit) if shown.is_percentage else None
    return there.of(number * 100) if there else number


def _contradicts(shown: Shown, unit: str) -> bool:
    if shown.unit is None:
        return False
    if shown.is_percentage:
        return step(PERCENT, unit) is None
    return bool(called(unit)) and not is_same(shown.unit, unit)


def _seen(number: float, shown: Shown) -> str:
    return f"{number * 100:.10g} %" if shown.is_percentage else f"{number / 1000**shown.thousands:.10g} {shown.unit}"


def _problem(row: int, seen: str, shown: Shown, column: Column) -> Refusal:
    hint = f"Convert it or correct the format of the cell. {how_to_convert(str(shown.unit), str(column.unit))}"
    return Refusal(row, column.name, "unit", f"{seen}, as the cell is shown", f"a number in {column.unit}", hint)
