"""A look at a sender's own sheet before anything is known of it: which row is its header, and what its columns hold."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum

from dagster_project.intake.adapting.sheets.looks import NUMBER, Values
from dagster_project.intake.adapting.sheets.mapping import DOCUMENTS, text_column
from dagster_project.intake.judging.privacy import FREE, name_class, value_class
from dagster_project.intake.judging.staging import text_sql
from dagster_project.intake.reading import kinds
from dagster_project.intake.reading.csv_text import quoted_path
from dagster_project.intake.reading.encodings import decoded_head
from dagster_project.intake.reading.extent import opened_workbook
from dagster_project.intake.reading.headers import require_ordinary_width
from dagster_project.intake.reading.layout import DELIMITERS, HEADER_WITHIN_ROWS
from dagster_project.intake.reading.read import File, read
from dagster_project.intake.reading.workbook import as_text
from dagster_project.intake.receipt import FileRefusedError, refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.contracts import Contract
    from dagster_project.intake.reading.sheet import Sheet

SAMPLE_ROWS = 20_000
MOST_VALUES = 500
MOST_OBJECTS = 200
# A header fills nearly as many cells as the fullest row near it.
NEARLY = 0.8


def glance(connection: duckdb.DuckDBPyConnection, file: File, contract: Contract) -> list[Values]:
    """The columns of a table with their most frequent values. FileRefusedError when there is no table, or a header names a person."""
    if file.kind in DOCUMENTS:
        raise refuse("file_kind", f"a document of the format {file.kind}", "a table", "Such documents need no mapping: send it as it is.")
    header = [cell.strip() for cell in _header(connection, file)]
    require_ordinary_width(len(header), 1)
    _refuse_identifying(header)
    named = [cell for cell in dict.fromkeys(header) if cell]
    if not named:
        raise refuse("header", "no header", "a row with the names of the columns", "Add one and try again.")
    sheet = read(connection, file, replace(contract, columns=tuple(map(text_column, named)), rules=()), exactly=True)
    return [_values(connection, sheet, name) for name in sheet.columns]


def _refuse_identifying(header: Sequence[str]) -> None:
    for place, name in enumerate(header, start=1):
        kind = value_class(name, FREE) or name_class(name)
        if kind:
            where = f"column {place}" if value_class(name, FREE) else name
            hint = "Have the column left out of the export: no mapping lets it in."
            raise refuse("direct_identifier", f"a column for: {kind}", "no direct identifier of a person", hint, row=1, column=where)


def _header(connection: duckdb.DuckDBPyConnection, file: File) -> list[str]:
    match file.kind:
        case kinds.CSV:
            return _fullest([_rows_of_text(file, delimiter) for delimiter in DELIMITERS])
        case kinds.XLSX:
            return _fullest(_visible_sheets(file))
        case kinds.JSON | kinds.NDJSON:
            return _names(file)
        case _:
            return _described(connection, file)


def _rows_of_text(file: File, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(io.StringIO(decoded_head(file.content.head), newline=""), delimiter=delimiter):
            rows.append(cells)
            if len(rows) == HEADER_WITHIN_ROWS:
                break
    except csv.Error:
        pass
    return rows


def _visible_sheets(file: File) -> list[list[list[str]]]:
    try:
        workbook = opened_workbook(file.content)
        names = [s.name for s in workbook.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet and s.visible == SheetVisibleEnum.Visible]
        sheets = [workbook.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=HEADER_WITHIN_ROWS) for name in names]
    except (CalamineError, OSError, ValueError, KeyError) as error:
        raise refuse("file_kind", "a damaged workbook", "an XLSX workbook", "Open it in Excel, save it again and send that.") from error
    return [[[as_text(cell) for cell in row] for row in sheet] for sheet in sheets]


def _fullest(tables: list[list[list[str]]]) -> list[str]:
    """Of the likeliest header of each table, the one with most cells."""
    return max((_first_full(rows) for rows in tables), key=len, default=[])


def _first_full(rows: list[list[str]]) -> list[str]:
    filled = [[cell for cell in row if cell.strip()] for row in rows]
    most = max(map(len, filled), default=0)
    found = (cells for cells in filled if len(cells) >= NEARLY * most and not any(NUMBER.fullmatch(cell.strip()) for cell in cells))
    return next(found, [])


def _names(file: File) -> list[str]:
    """The names of the first objects, those of an object inside a row as `outer.inner`."""
    names: dict[str, None] = {}
    for entry in _objects(file)[:MOST_OBJECTS]:
        for name, value in entry.items():
            inner = [f"{name}.{member}" for member in value] if isinstance(value, dict) else [name]
            names.update(dict.fromkeys(inner))
    return list(names)


def _objects(file: File) -> list[dict[str, Any]]:
    text = b"".join(file.content.chunks()).decode("utf-8-sig", "replace")
    try:
        if file.kind == kinds.NDJSON:
            document: Any = [json.loads(line) for line in text.splitlines()[:MOST_OBJECTS] if line.strip()]
        else:
            document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse("json", "JSON that cannot be read", "a list of objects", "Write it again.") from error
    if isinstance(document, dict):
        document = next((value for value in document.values() if isinstance(value, list)), [document])
    return [entry for entry in document if isinstance(entry, dict)]


def _described(connection: duckdb.DuckDBPyConnection, file: File) -> list[str]:
    try:
        return [str(row[0]) for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet({quoted_path(file.path)})").fetchall()]
    except duckdb.Error as error:
        raise FileRefusedError("The Parquet file is damaged. Write it again.") from error


def _values(connection: duckdb.DuckDBPyConnection, sheet: Sheet, name: str) -> Values:
    cell = text_sql(str(sheet.cell(name)))
    sample = f"(SELECT {cell} AS value FROM {sheet.relation} LIMIT {SAMPLE_ROWS})"
    counts = connection.execute(
        f"SELECT value, count(*) FROM {sample} WHERE value IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_VALUES}"
    ).fetchall()
    filled, rows = connection.execute(f"SELECT count(value), count(*) FROM {sample}").fetchall()[0]
    return Values(name, {str(text): int(count) for text, count in counts}, int(filled), int(rows))
