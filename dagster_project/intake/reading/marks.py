"""What the cells of a worksheet do not tell by themselves: failed formulas, formulas never calculated, merged cells, the first day of the calendar."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dagster_project.intake.receipt import Refusal

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator, Sequence

    from dagster_project.contracts import Column, Contract

SHEETS = re.compile(rb"<(?:\w+:)?sheet\b[^>]*?\b\w+:id=[\"']([^\"']+)[\"']")
FROM_1904 = re.compile(rb"\bdate1904=[\"'](?:1|true)[\"']")
LINKS = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
ATTRIBUTE = re.compile(rb"\b(Id|Target)=[\"']([^\"']+)[\"']")
FAILED = re.compile(rb"<(?:\w+:)?c\b([^>]*\bt=[\"']e[\"'][^>]*)>(.*?)</(?:\w+:)?c\s*>", re.DOTALL)
# A formula whose value was never written. An empty text is a value, too: those have the type "str".
NEVER_CALCULATED = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt=[\"']str[\"'])([^>]*)>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f\s*>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v\s*>\s*</(?:\w+:)?v\s*>)?\s*</(?:\w+:)?c\s*>"
)
REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)<")
# In place of a column: the problem is one of the whole row.
ACROSS = -1
MERGED_HINT = "Unmerge the cells and write the value into each row."
SUMMED = frozenset({"number", "integer"})


@dataclass(frozen=True)
class Mark:
    """A cell without a usable value: row and column counted from 1."""

    row: int
    column: int
    cell: str
    error: str | None


def sheet_parts(archive: zipfile.ZipFile) -> list[str | None]:
    """The names of the parts with the cells of each sheet, in their order; None where the workbook does not say."""
    links = {}
    for link in LINKS.findall(archive.read("xl/_rels/workbook.xml.rels")):
        about = dict(ATTRIBUTE.findall(link))
        links[about.get(b"Id")] = about.get(b"Target", b"").decode("utf-8", "replace")
    held = set(archive.namelist())
    targets = (links.get(number, "") for number in SHEETS.findall(archive.read("xl/workbook.xml")))
    names = (posixpath.normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}") for target in targets)
    return [name if name in held else None for name in names]


def counts_from_1904(archive: zipfile.ZipFile) -> bool:
    """Whether the workbook counts its days from 1904, as old Macs did."""
    return FROM_1904.search(archive.read("xl/workbook.xml")) is not None


def marks(xml: bytes) -> Iterator[Mark]:
    """Every cell whose formula failed or was never calculated."""
    if _has(xml, "e", after=b"\"'"):
        for about, inside in FAILED.findall(xml):
            value = VALUE.search(inside)
            yield from _mark(about, value.group(1).decode("ascii", "replace")[:20] if value else "an error")
    if has_formulas(xml):
        for about in NEVER_CALCULATED.findall(xml):
            yield from _mark(about, None)


def _is_figure(value: Any, column: Column) -> bool:
    """Whether the value counts something, and is no code: of a column of a partner's own sheet nothing but the cell tells."""
    return column.type in SUMMED or (isinstance(value, float) and not (column.identifier or column.pattern or column.type == "date"))


def has_formulas(xml: bytes) -> bool:
    """Whether there may be a formula: an f that opens a tag."""
    return _has(xml, "f", after=b"<:")


def _has(xml: bytes, letter: str, *, after: bytes) -> bool:
    """Whether the letter stands right after one of these signs. Over tens of megabytes this is far quicker than a pattern."""
    signs = np.frombuffer(xml, np.uint8)
    places = np.flatnonzero(signs == ord(letter))
    return bool(np.isin(signs[places[places > 0] - 1], list(after)).any())


def _mark(about: bytes, error: str | None) -> Iterator[Mark]:
    place = REFERENCE.search(about)
    if place is None:
        return
    letters, row = place.group(1).decode(), int(place.group(2))
    yield Mark(row, column_number(letters), f"{letters}{row}", error)


def column_number(letters: str) -> int:
    """The number of a column, counted from 1, by its letters: 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def mark_problem(mark: Mark, column: str) -> Refusal:
    """The refusal of a row for such a cell."""
    if mark.error is not None:
        return Refusal(
            mark.row,
            column,
            "formula",
            f"{mark.error} in cell {mark.cell}",
            "a value",
            f"Correct the formula in {mark.cell}, or write its value.",
        )
    hint = f"Open the workbook in Excel, let it calculate, save it and send it again; or write the value into {mark.cell}."
    return Refusal(mark.row, column, "formula", f"a formula without its result in cell {mark.cell}", "a value", hint)


def spread_merged(
    rows: list[list[Any]],
    ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    columns: list[str],
    contract: Contract,
    *,
    header_row: int,
) -> dict[tuple[int, int], Refusal]:
    """Write the value of cells merged downwards into each of their rows; returns the problems, by row and column, where it is not clear what is meant.

    That is so for cells merged across columns, and for numbers: 12 over three rows may be 12 each or 12 together.
    """
    problems: dict[tuple[int, int], Refusal] = {}
    for (top, left), (bottom, right) in ranges:
        last = min(bottom, len(rows) - 1)
        if left >= len(columns) or top < header_row or top > last or rows[top][left] in ("", None):
            continue
        name = columns[left]
        if right > left or _is_figure(rows[top][left], contract.column(name)):
            found = "cells merged across columns" if right > left else "a number in merged cells"
            place = ACROSS if right > left else left
            problems |= {
                (row, place): Refusal(row, name, "merged_cells", found, "one cell for each value", MERGED_HINT)
                for row in range(top + 1, last + 2)
            }
            continue
        for row in range(top + 1, last + 1):
            rows[row][left] = rows[top][left]
    return problems
