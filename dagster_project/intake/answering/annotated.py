"""The annotated workbook: a sender's own rows with the cells to correct coloured and commented, ready to be corrected and sent again."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from dagster_project.contracts.rules import checks
from dagster_project.contracts.spreadsheet import ERRORS_SHEET, guarded
from dagster_project.contracts.template import SHEET_NAME_LENGTH, lists_sheet, validation
from dagster_project.intake.answering.errors_sheet import Mark, write_errors
from dagster_project.intake.answering.styles import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from dagster_project.contracts import Column, Contract
    from dagster_project.intake.answering.own_rows import OwnRows
    from dagster_project.intake.receipt import Refusal

PLAN = "snapshot"
MOST_COMMENTS = 2_000
MOST_CHARACTERS = 32_767
LAST_ROW = 1_048_575
NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?")
DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
# A thousand or a fraction.
IN_DOUBT = re.compile(r"[-+]?[1-9]\d{0,2}\.\d{3}")
CELL_FORMATS = {"number": "General", "integer": "0", "date": "yyyy-mm-dd"}
FORBIDDEN_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")


@dataclass
class _Page:
    """The sheet with the rows: its formats so far, and where each row of the receipt was put."""

    book: Workbook
    sheet: Worksheet
    name: str
    formats: dict[tuple[str, str], Format] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)

    def style(self, state: str, kind: str) -> Format:
        """The format of a cell: its state (plain, row, bad, warned …) with the number format of its kind."""
        if (state, kind) not in self.formats:
            self.formats[state, kind] = self.book.add_format({**STYLES[state], "num_format": CELL_FORMATS.get(kind, "@"), "valign": "top"})
        return self.formats[state, kind]


def write_annotated(rows: OwnRows, contract: Contract, errors: Sequence[Refusal], warnings: Sequence[Refusal], *, more: int = 0) -> bytes:
    """The workbook as bytes. `more` is the number of findings that are not among these."""
    from xlsxwriter.workbook import Workbook  # noqa: PLC0415  a tenth of a second that only a workbook pays

    target = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(target, options) as book:
        name = _sheet_name(rows, contract)
        page = _Page(book, book.add_worksheet(name), name)
        states = _states(rows, contract, errors, warnings)
        _write_rows(page, rows, contract, states)
        marks = _marks(page, rows, states, errors, warnings)
        _write_comments(page, marks)
        may_send_part = contract.delivery != PLAN
        write_errors(book, marks, sheet_name=name, more=more, is_excerpt=rows.is_excerpt, may_send_part=may_send_part)
        lists_sheet(book, contract)
        page.sheet.activate()
    return target.getvalue()


def _sheet_name(rows: OwnRows, contract: Contract) -> str:
    name = FORBIDDEN_IN_SHEET_NAMES.sub(" ", rows.sheet_name).strip()[:SHEET_NAME_LENGTH]
    taken = {ERRORS_SHEET.lower(), "lists", "history", ""}
    return contract.feed[:SHEET_NAME_LENGTH] if name.lower() in taken else name


def _states(rows: OwnRows, contract: Contract, errors: Sequence[Refusal], warnings: Sequence[Refusal]) -> dict[int, dict[int | None, str]]:
    """By row of the receipt: which places are bad, unsure or warned about, and under None the state of the row's other cells.

    Unsure is a cell that could not be read for certain (merged, a failed formula, a row that is too short): whoever sends the workbook again
    must have decided what belongs there.
    """
    of_contract = {"type", *(check.rule for check in checks(contract))}
    widths = {number: len(cells) for number, cells in rows.rows}
    states: dict[int, dict[int | None, str]] = {}
    for findings, cell, row in ((warnings, "warned", "plain"), (errors, "bad", "row")):
        for finding in findings:
            if finding.row is not None:
                of_row = states.setdefault(finding.row, {})
                of_row[None] = row
                place = rows.place(finding.column, finding.source_column)
                is_unsure = cell == "bad" and finding.row != rows.header_row and finding.rule not in of_contract
                if is_unsure and place is None and widths.get(finding.row, 0) < len(rows.header):
                    place = widths.get(finding.row, 0)
                if place is not None:
                    of_row[place] = "unsure" if is_unsure else cell
    return states


def _write_rows(page: _Page, rows: OwnRows, contract: Contract, states: dict[int, dict[int | None, str]]) -> None:
    columns = [next((column for column in contract.columns if column.name == name), None) for name in rows.columns]
    first_line = max(1, rows.header_row)
    for line, cells in enumerate(rows.above):
        for place, cell in enumerate(cells):
            _write_cell(page, line, place, cell, None, "plain")
    _write_header(page, rows, contract, columns, line=first_line - 1, state=states.get(rows.header_row, {}))
    for position, (number, cells) in enumerate(rows.rows):
        # Rows stand where they stood, unless this is an excerpt or a format without a header row.
        line = first_line + position if rows.is_excerpt or not rows.header_row else number - 1
        page.lines[number] = line
        state = states.get(number, {})
        for place, cell in enumerate(cells):
            column = columns[place] if place < len(columns) else None
            _write_cell(page, line, place, cell, column, state.get(place, state.get(None, "plain")))
        _colour_empty(page, line, len(cells), len(rows.header), state)
    page.lines[rows.header_row] = first_line - 1
    page.sheet.freeze_panes(first_line, 0)


def _write_header(
    page: _Page, rows: OwnRows, contract: Contract, columns: list[Column | None], *, line: int, state: dict[int | None, str]
) -> None:
    for place, name in enumerate(rows.header):
        column = columns[place]
        usual = "required" if column and column.required else "optional"
        page.sheet.set_column(place, place, _width(rows, place), page.style("plain", column.type if column else "string"))
        page.sheet.write_string(line, place, guarded(name), page.style(state.get(place, usual), "string"))
        if column:
            page.sheet.data_validation(line + 1, place, LAST_ROW, place, validation(contract, column))


def _write_cell(page: _Page, line: int, place: int, text: str, column: Column | None, state: str) -> None:
    """A figure as a figure and a day as a day, so that a spreadsheet can work with them; everything else as the text it is."""
    kind = column.type if column else "string"
    if state == "unsure":
        page.sheet.write_formula(line, place, "=NA()", page.style("bad", "string"), "#N/A")
        return
    style = page.style(state, kind)
    if not text and state == "plain":
        return
    if not text:
        page.sheet.write_blank(line, place, None, style)
    elif state == "bad" and IN_DOUBT.fullmatch(text):
        # As a figure it would be a fraction, which nobody has said.
        page.sheet.write_string(line, place, text, page.style(state, "string"))
    elif kind in ("number", "integer") and NUMBER.fullmatch(text) and text != "-0":
        page.sheet.write_number(line, place, float(text), style)
    elif kind == "date" and (day := _day(text)):
        page.sheet.write_datetime(line, place, day, style)
    else:
        page.sheet.write_string(line, place, guarded(text)[:MOST_CHARACTERS], page.style(state, "string"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def _colour_empty(page: _Page, line: int, start: int, width: int, state: dict[int | None, str]) -> None:
    """A refused row is coloured to its end, also where it is shorter than the header."""
    for place in range(start, width) if state else ():
        _write_cell(page, line, place, "", None, state.get(place, state.get(None, "plain")))


def _found(finding: Refusal, rows: OwnRows, place: int | None, *, is_unsure: bool) -> str:
    """What the receipt says; beside a cell that must be decided, also how it was read."""
    found = "(empty)" if finding.found is None else finding.found
    cells = next((cells for number, cells in rows.rows if number == finding.row), []) if is_unsure else []
    return f"{found} (read as: {cells[place]})" if place is not None and place < len(cells) and cells[place] else found


def _marks(
    page: _Page,
    rows: OwnRows,
    states: dict[int, dict[int | None, str]],
    errors: Sequence[Refusal],
    warnings: Sequence[Refusal],
) -> list[Mark]:
    from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415  as in write_annotated

    marks = []
    for findings, is_warning in ((errors, False), (warnings, True)):
        for finding in findings:
            line = page.lines.get(finding.row) if finding.row is not None else None
            place = rows.place(finding.column, finding.source_column)
            marks.append(
                Mark(
                    cell="" if line is None else xl_rowcol_to_cell(line, place or 0),
                    row=finding.source_place or ("" if finding.row is None else str(finding.row)),
                    column=finding.source_column or finding.column or "",
                    found=_found(
                        finding, rows, place, is_unsure=place is not None and states.get(finding.row or 0, {}).get(place) == "unsure"
                    ),
                    expected=finding.expected,
                    hint=finding.hint,
                    is_warning=is_warning,
                )
            )
    return marks


def _write_comments(page: _Page, marks: Sequence[Mark]) -> None:
    """One comment per cell, with everything that is said about it."""
    by_cell: dict[str, list[str]] = {}
    for mark in marks:
        if mark.cell:
            by_cell.setdefault(mark.cell, []).append(mark.comment)
    for cell, texts in list(by_cell.items())[:MOST_COMMENTS]:
        lines = sum(1 + len(text) // 40 for text in texts for _ in text.splitlines())
        page.sheet.write_comment(cell, "\n\n".join(texts), {"author": "Veinway", "x_scale": 2.4, "y_scale": max(1.2, lines / 8)})


def _width(rows: OwnRows, place: int) -> float:
    longest = max((len(cells[place]) for _, cells in rows.rows[:200] if place < len(cells)), default=0)
    return float(min(44, max(len(rows.header[place]), longest, 6) + 3))
