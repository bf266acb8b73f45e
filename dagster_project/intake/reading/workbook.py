"""Reading XLSX: the visible sheet that has the header, cells as the text a person sees."""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from dagster_project.contracts.template import cell_text
from dagster_project.intake.reading.headers import count_known, match_header
from dagster_project.intake.reading.margins import refuse_margins
from dagster_project.intake.reading.sheet import Sheet, load
from dagster_project.intake.receipt import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.intake.reading.content import Content

# A header may stand below a title, but not far down.
HEADER_WITHIN_ROWS = 20


@dataclass(frozen=True)
class _Table:
    """One sheet: its number in the workbook, its rows, which of them is most like the contract's header, and how many columns that knows."""

    number: int
    rows: list[list[Any]]
    header_row: int
    known: int
    is_visible: bool


def read(connection: duckdb.DuckDBPyConnection, content: Content, contract: Contract) -> Sheet:
    """Read the workbook. FileRefusedError when it is damaged, names a person anywhere, or it is not clear which sheet is meant."""
    try:
        tables = _tables(content, contract)
    except (CalamineError, OSError, ValueError) as error:
        raise refuse("file_kind", "a damaged workbook", "an XLSX workbook", "Open it in Excel, save it again and send that.") from error
    visible = [table for table in tables if table.is_visible and table.header_row]
    if not visible:
        raise refuse("empty_file", "no visible sheet with rows", "a header and rows", "Put the table on the first visible sheet.")
    table = max(visible, key=lambda candidate: candidate.known)
    rows = [[as_text(cell) for cell in row] for row in table.rows]
    _refuse_margins(content, contract, table, rows, tables)
    _refuse_second_table(table, visible, contract)
    header = rows[table.header_row - 1]
    width = max((place for place, cell in enumerate(header, start=1) if cell.strip()), default=0)
    columns = match_header(header[:width], contract, row=table.header_row)
    return load(connection, _cells(rows, table.header_row, width), columns)


def as_text(cell: Any) -> str:
    """A cell as text: whole numbers without `.0`, dates and times in ISO form."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else repr(cell)
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time.min else cell.isoformat()
        case dt.date() | dt.time():
            return cell.isoformat()
        case None:
            return ""
        case _:
            return str(cell)


def _tables(content: Content, contract: Contract) -> list[_Table]:
    """Every worksheet with its likeliest header: the row where most cells name a column of the contract, else the first filled one."""
    workbook = CalamineWorkbook.from_object(BytesIO(content.held) if content.held is not None else str(content.located()))
    found = []
    for number, sheet in enumerate(workbook.sheets_metadata, start=1):
        if sheet.typ != SheetTypeEnum.WorkSheet:
            continue
        rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        top = [[as_text(cell) for cell in row] for row in rows[:HEADER_WITHIN_ROWS]]
        known, place = max(((count_known(cells, contract), -place) for place, cells in enumerate(top, start=1)), default=(0, 0))
        first_filled = next((number for number, row in enumerate(rows, start=1) if any(as_text(cell).strip() for cell in row)), 0)
        found.append(_Table(number, rows, -place if known else first_filled, known, sheet.visible == SheetVisibleEnum.Visible))
    return found


def _refuse_margins(content: Content, contract: Contract, table: _Table, rows: list[list[str]], tables: list[_Table]) -> None:
    others = ((other.number, [[as_text(cell) for cell in row] for row in other.rows]) for other in tables if other is not table)
    shown = {cell.strip() for row in rows[table.header_row - 1 :] for cell in row}
    source = BytesIO(content.held) if content.held is not None else content.located()
    try:
        refuse_margins(source, contract, others=others, title=rows[: table.header_row - 1], shown=shown)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise refuse("file_kind", "a damaged workbook", "an XLSX workbook", "Open it in Excel, save it again and send that.") from error


def _refuse_second_table(table: _Table, visible: list[_Table], contract: Contract) -> None:
    """Rows on a second sheet would be left out without a word. The example in our own template is none."""
    for other in visible:
        below = [[as_text(cell).strip() for cell in row] for row in other.rows[other.header_row :]]
        filled = [row for row in below if any(row)]
        is_table = other is not table and other.known >= max(2, table.known / 2)
        if is_table and filled and not _is_example(filled, contract):
            raise refuse(
                "second_table",
                f"rows of this feed on sheet {table.number} and on sheet {other.number}",
                "one visible sheet with the rows",
                "Put all rows on one sheet, or send each sheet as a file of its own.",
            )


def _is_example(rows: list[list[str]], contract: Contract) -> bool:
    examples = [cell_text(column.examples[0]) if column.examples else "" for column in contract.columns]
    return len(rows) == 1 and all(cell in (example, "") for cell, example in zip(rows[0], examples, strict=False))


def _cells(rows: list[list[str]], header_row: int, width: int) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(rows[header_row:], start=header_row + 1):
        yield number, cells + [""] * (width - len(cells))
