"""The sheet "Errors" of the annotated workbook: every finding with a link to its cell, what was found and expected, and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.contracts.spreadsheet import ERRORS_SHEET, ERRORS_TITLE, EXCERPT_TITLE, guarded
from dagster_project.intake.answering.styles import STYLES
from dagster_project.intake.judging.neighbours import joined_class
from dagster_project.intake.judging.privacy import FREE, value_class

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

HEADINGS = ("Cell", "Row", "Column", "Found", "Expected", "How to fix it", "Kind")
WIDTHS = (9, 8, 26, 30, 46, 60, 12)
SEE_CELL = "(see the cell)"
HOW_TO = "Correct the coloured cells on the first sheet, save the workbook and send it again as it is. This sheet may stay."
NO_RESEND = "Correct these rows in your own file and send that: this workbook holds only a part of it."
LEGEND = (
    ("bad", "Refused: correct this cell"),
    ("row", "Refused row: its other cells are in order"),
    ("warned", "Accepted: please have a look"),
)


@dataclass(frozen=True)
class Mark:
    """One finding in the words of the sheet. `cell` is like B7, empty when the whole file is meant."""

    cell: str
    row: str
    column: str
    found: str
    expected: str
    hint: str
    is_warning: bool

    @property
    def comment(self) -> str:
        """What stands at the cell. A text that might name a person is not repeated there: the workbook must pass the door again."""
        lines = [f"Found: {self.found}", f"Expected: {self.expected}", f"How to fix it: {self.hint}"]
        kept = [line for line in lines if value_class(line, FREE) is None]
        return "\n".join(kept) if value_class("\n".join(kept), FREE) is None else "See the sheet “Errors”."

    def cells(self) -> tuple[str, ...]:
        """The line of the sheet, without what the door would take for a person's data."""
        texts = (self.cell, self.row, self.column, self.found, self.expected, self.hint, "Warning" if self.is_warning else "Error")
        kept = tuple(SEE_CELL if value_class(text, FREE) else text for text in texts)
        return (*kept[:3], SEE_CELL, *kept[4:]) if joined_class(kept) else kept


def write_errors(book: Workbook, marks: list[Mark], *, sheet_name: str, more: int, is_excerpt: bool, may_send_part: bool) -> None:
    """Add the sheet. `more` findings are not listed; `may_send_part`: the rows of an excerpt may be sent by themselves."""
    sheet = book.add_worksheet(ERRORS_SHEET)
    cannot_return = is_excerpt and not may_send_part
    sheet.write_string(0, 0, EXCERPT_TITLE if cannot_return else ERRORS_TITLE, book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, NO_RESEND if cannot_return else HOW_TO)
    for place, (style, words) in enumerate(LEGEND):
        sheet.write_blank(2 + place, 0, None, book.add_format(STYLES[style]))
        sheet.write_string(2 + place, 1, words)
    top = 2 + len(LEGEND)
    if more or is_excerpt:
        part = "Only the rows with findings are in this workbook. " if is_excerpt else ""
        sheet.write_string(
            top, 0, part + (f"{more:,} more findings are not listed here: send again when these are corrected." if more else "")
        )
        top += 1
    _write_table(book, sheet, marks, top + 1, sheet_name)


def _write_table(book: Workbook, sheet: Worksheet, marks: list[Mark], top: int, sheet_name: str) -> None:
    head = book.add_format(STYLES["required"])
    wrapped = {
        style: book.add_format({"text_wrap": True, "valign": "top", "num_format": "@", **STYLES[style]}) for style in ("plain", "warned")
    }
    links = {style: book.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top"}) for style in ("plain",)}
    for place, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(top, place, heading, head)
    for line, mark in enumerate(marks, start=top + 1):
        cells = mark.cells()
        for place, text in enumerate(cells):
            is_state = place == len(cells) - 1 and mark.is_warning
            sheet.write_string(line, place, guarded(text), wrapped["warned" if is_state else "plain"])
        if mark.cell:
            sheet.write_url(line, 0, f"internal:'{sheet_name}'!{mark.cell}", links["plain"], mark.cell)
    sheet.autofilter(top, 0, top + len(marks), len(HEADINGS) - 1)
    sheet.freeze_panes(top + 1, 0)
