"""Reading XLSX: the first visible sheet that has the header, cells as the text a person sees."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from dagster_project.intake.headers import count_known, match_header
from dagster_project.intake.receipt import refuse
from dagster_project.intake.sheet import Sheet, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.intake.content import Content

# A header may stand below a title, but not far down.
HEADER_WITHIN_ROWS = 20


def read(connection: duckdb.DuckDBPyConnection, content: Content, contract: Contract) -> Sheet:
    """Read the workbook. FileRefusedError when it is damaged, or no visible sheet has rows."""
    try:
        rows, header_row = _find_header(content, contract)
    except (CalamineError, OSError, ValueError) as error:
        raise refuse("file_kind", "a damaged workbook", "an XLSX workbook", "Open it in Excel, save it again and send that.") from error
    header = [as_text(cell) for cell in rows[header_row - 1]]
    width = max((place for place, cell in enumerate(header, start=1) if cell.strip()), default=0)
    columns = match_header(header[:width], contract, row=header_row)
    return load(connection, _cells(rows, header_row, width), columns)


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


def _find_header(content: Content, contract: Contract) -> tuple[list[list[Any]], int]:
    """The rows of the sheet and the number of its header: where most cells name a column of the contract."""
    workbook = CalamineWorkbook.from_object(BytesIO(content.held) if content.held is not None else str(content.located()))
    first: tuple[list[list[Any]], int] | None = None
    for sheet in workbook.sheets_metadata:
        if sheet.visible != SheetVisibleEnum.Visible or sheet.typ != SheetTypeEnum.WorkSheet:
            continue
        rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        known, place = max(
            (
                (count_known([as_text(cell) for cell in row], contract), -place)
                for place, row in enumerate(rows[:HEADER_WITHIN_ROWS], start=1)
            ),
            default=(0, -1),
        )
        if known > 0:
            return rows, -place
        if rows and first is None:
            first = rows, next((number for number, row in enumerate(rows, start=1) if any(as_text(cell).strip() for cell in row)), 1)
    if first is None:
        raise refuse("empty_file", "no visible sheet with rows", "a header and rows", "Put the table on the first visible sheet.")
    return first


def _cells(rows: list[list[Any]], header_row: int, width: int) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows[header_row:], start=header_row + 1):
        cells = [as_text(cell) for cell in row]
        yield number, cells + [""] * (width - len(cells))
