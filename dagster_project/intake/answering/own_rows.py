"""The rows of a file as its sender knows them: own column names, own order, own row numbers, and what stands above the header."""

from __future__ import annotations

import contextlib
import csv
import io
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from python_calamine import SheetTypeEnum, SheetVisibleEnum

from dagster_project.intake import limits
from dagster_project.intake.reading import content as kinds
from dagster_project.intake.reading.extent import opened_workbook
from dagster_project.intake.reading.headers import count_known, normalised
from dagster_project.intake.reading.layout import lay_out
from dagster_project.intake.reading.numbers import IN_DOUBT
from dagster_project.intake.reading.read import read
from dagster_project.intake.reading.workbook import as_text
from dagster_project.intake.receipt import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.intake.reading.content import Content
    from dagster_project.intake.reading.read import File
    from dagster_project.intake.reading.sheet import Sheet

# Beyond so many cells a workbook is no pleasure: then only the rows in question are shown.
MOST_CELLS = 400_000
MOST_ROWS_OF_A_BROKEN_FILE = 20_000
MOST_BYTES_OF_A_BROKEN_FILE = 50 * limits.MEGABYTE
ROWS_TO_THE_HEADER = 20


@dataclass(frozen=True)
class OwnRows:
    """`columns` are the contract's names by place, empty where the contract knows none. Rows are numbered as in the receipt.

    `header_row` is 0 for formats without a header row. `is_excerpt`: only the rows in question are here.
    """

    header: list[str]
    columns: list[str]
    rows: list[tuple[int, list[str]]]
    header_row: int
    above: list[list[str]] = field(default_factory=list)
    sheet_name: str = ""
    is_excerpt: bool = False

    def place(self, column: str | None, source_column: str | None) -> int | None:
        """Where a column stands, by the sender's name for it or the contract's; None when the file does not have it."""
        for name in (source_column, column):
            if name and name in self.columns:
                return self.columns.index(name)
            wanted = normalised(name or "")
            named = [normalised(cell) for cell in self.header]
            if wanted and wanted in named:
                return named.index(wanted)
        return None


@dataclass(frozen=True)
class _Top:
    """What the file shows down to its header."""

    sheet_name: str
    header_row: int
    header: list[str]
    above: list[list[str]]


def own_rows(connection: duckdb.DuckDBPyConnection, file: File, contract: Contract, *, in_question: Collection[int]) -> OwnRows:
    """The sender's rows; all of them, or in a huge file those in question. FileRefusedError when nothing can be shown of the file.

    `contract` names the columns as the sender does: for a mapped sheet it is the mapping's source contract.
    """
    top = _top(file, contract)
    try:
        sheet = read(connection, file, contract, exactly=True)
    except FileRefusedError:
        # Its header does not fit: then the rows are shown as they are.
        return _as_it_is(file, contract, top)
    return _as_read(connection, sheet, top, in_question)


def _as_read(connection: duckdb.DuckDBPyConnection, sheet: Sheet, top: _Top | None, in_question: Collection[int]) -> OwnRows:
    width = len(sheet.columns)
    relation = sheet.numbered_relation()
    count = int(connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])
    is_excerpt = count * width > MOST_CELLS
    cells = ", ".join(f"c{place}" for place in range(width))
    where = f" WHERE row_number IN ({', '.join(map(str, sorted(in_question)))})" if is_excerpt and in_question else ""
    query = f"SELECT row_number, {cells} FROM {relation}{where} ORDER BY row_number"
    rows = [
        (int(number), ["" if cell is None else str(cell).removesuffix(IN_DOUBT) for cell in cells])
        for number, *cells in connection.execute(query).fetchall()
    ]
    wanted = set(in_question)
    rows += [(ragged.row, list(ragged.cells)) for ragged in sheet.ragged if not is_excerpt or ragged.row in wanted]
    is_own = top is not None and len(top.header) == width
    return OwnRows(
        # A document has no header; as a workbook it gets the contract's, and can be sent so.
        header=top.header if top is not None and is_own else list(sheet.columns),
        columns=sheet.columns,
        rows=sorted(rows, key=lambda row: row[0]),
        header_row=top.header_row if top else 0,
        above=top.above if top else [],
        sheet_name=top.sheet_name if top else "",
        is_excerpt=is_excerpt,
    )


def _as_it_is(file: File, contract: Contract, top: _Top | None) -> OwnRows:
    if top is None or file.content.size > MOST_BYTES_OF_A_BROKEN_FILE:
        raise FileRefusedError("The rows of this file cannot be shown in a workbook: its beginning cannot be read.")
    rows = list(islice(_raw_rows(file, contract, top), MOST_ROWS_OF_A_BROKEN_FILE + 1))
    is_excerpt = len(rows) > MOST_ROWS_OF_A_BROKEN_FILE
    return OwnRows(
        top.header, [""] * len(top.header), rows[:MOST_ROWS_OF_A_BROKEN_FILE], top.header_row, top.above, top.sheet_name, is_excerpt
    )


def _raw_rows(file: File, contract: Contract, top: _Top) -> Iterator[tuple[int, list[str]]]:
    rows = _sheet_rows(file.content, top.sheet_name) if file.kind == kinds.XLSX else _text_rows(file.content, contract)
    for number, cells in enumerate(rows, start=1):
        if number > top.header_row and any(cell.strip() for cell in cells):
            yield number, cells


def _top(file: File, contract: Contract) -> _Top | None:
    """The file down to its header, for formats that have one; None when it has none or it cannot be found."""
    try:
        if file.kind == kinds.XLSX:
            return _top_of_workbook(file.content, contract)
        if file.kind == kinds.CSV:
            return _top_of_text(file.content, contract)
    except FileRefusedError:
        return None
    return None


def _top_of_workbook(content: Content, contract: Contract) -> _Top | None:
    found = []
    for sheet in opened_workbook(content).sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            rows = _sheet_rows(content, sheet.name)
            known, row = max(
                ((count_known(cells, contract), -place) for place, cells in enumerate(rows[:ROWS_TO_THE_HEADER])), default=(0, 0)
            )
            found.append((known, sheet.name, -row, rows))
    if not found:
        return None
    _, name, row, rows = max(found, key=lambda table: table[0])
    header = rows[row] if rows else []
    return _Top(name, row + 1, _trimmed(header), rows[:row])


def _top_of_text(content: Content, contract: Contract) -> _Top:
    layout = lay_out(content, contract, thoroughly=False)
    records = csv.reader(io.StringIO(layout.head, newline=""), delimiter=layout.delimiter)
    above = [cells for cells, _ in zip(records, range(layout.header_row - 1), strict=False)]
    return _Top("", layout.header_row, layout.header, above)


def _text_rows(content: Content, contract: Contract) -> Iterator[list[str]]:
    """Rows of a CSV whose header does not fit, read as leniently as possible."""
    layout = lay_out(content, contract, thoroughly=False)
    pieces = io.TextIOWrapper(io.BytesIO(b"".join(content.chunks())), encoding=layout.encoding, errors="replace", newline="")
    with contextlib.suppress(csv.Error):
        yield from csv.reader(pieces, delimiter=layout.delimiter)


def _sheet_rows(content: Content, name: str) -> list[list[str]]:
    rows = opened_workbook(content).get_sheet_by_name(name).to_python(skip_empty_area=False)
    return [[as_text(cell) for cell in row] for row in rows]


def _trimmed(header: list[str]) -> list[str]:
    width = max((place for place, cell in enumerate(header, start=1) if cell.strip()), default=0)
    return header[:width]
