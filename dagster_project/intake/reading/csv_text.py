"""Reading CSV: the delimiter by the contract's own column names, then an exact reader, or DuckDB's scan for large plain files."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING

import duckdb

from dagster_project.intake import limits
from dagster_project.intake.reading.encodings import UTF8, broken_letters, encoding_of
from dagster_project.intake.reading.headers import match_header
from dagster_project.intake.reading.layout import lay_out
from dagster_project.intake.reading.numbers import may_have_foreign_numbers, plain_numbers
from dagster_project.intake.reading.sheet import Ragged, Sheet, load
from dagster_project.intake.receipt import FileRefusedError, Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dagster_project.contracts import Contract
    from dagster_project.intake.reading.content import Content
    from dagster_project.intake.reading.layout import Layout


INCHES = re.compile(r'(?:[^"]|(?<=\d)")*')
QUOTE_HINT = "Put the whole cell in quotation marks, write each one inside it twice, and close the cell before the next delimiter."


def is_plain(content: Content) -> bool:
    """Whether the beginning of the text is sound UTF-8: all that DuckDB's scan reads."""
    if encoding_of(content.head) != UTF8:
        return False
    try:
        codecs.getincrementaldecoder(UTF8)().decode(content.head)
    except UnicodeDecodeError:
        return False
    return True


def read_exactly(connection: duckdb.DuckDBPyConnection, content: Content, contract: Contract) -> Sheet:
    """Every row by Python's strict CSV reader, numbered as a spreadsheet would. FileRefusedError when quotes or letters are broken."""
    layout = lay_out(content, contract, thoroughly=True)
    columns = match_header(layout.header, contract, row=layout.header_row)
    with _text(content, layout.encoding) as text:
        odd: list[Ragged] = []
        sheet = load(connection, _rows(text, layout, odd), columns)
        sheet.ragged.extend(odd)
        sheet.ragged.sort(key=lambda row: row.row)
    return (
        plain_numbers(connection, sheet, contract, delimiter=layout.delimiter)
        if may_have_foreign_numbers(layout.head, layout.delimiter)
        else sheet
    )


def scan(connection: duckdb.DuckDBPyConnection, path: Path, content: Content, contract: Contract, *, lines: int) -> Sheet:
    """DuckDB's own reader over a large file. Rows that do not fit raise while it runs; `read_exactly` then says which."""
    layout = lay_out(content, contract, thoroughly=False)
    columns = match_header(layout.header, contract, row=layout.header_row)
    text = ["VARCHAR" for _ in columns]
    typed = ["DOUBLE" if contract.column(name).type == "number" else "VARCHAR" for name in columns]
    relation, with_numbers = (_scan_sql(path, types, layout) for types in (text, typed))
    sheet = Sheet(columns, relation, is_numbered=False, first_row=layout.header_row + 1, with_numbers=with_numbers, lines=lines)
    return (
        plain_numbers(connection, sheet, contract, delimiter=layout.delimiter)
        if may_have_foreign_numbers(layout.head, layout.delimiter)
        else sheet
    )


def has_quote_in_cell(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> bool:
    """Whether any cell of a scanned file has a quotation mark in it; False also when the scan fails, which shows again."""
    found = " OR ".join(f"contains(c{place}, '\"')" for place in range(len(sheet.columns)))
    try:
        return bool(connection.execute(f"SELECT 1 FROM {sheet.relation} WHERE {found} LIMIT 1").fetchall())
    except duckdb.Error:
        return False


def _scan_sql(path: Path, types: list[str], layout: Layout) -> str:
    skipped = f" skip = {layout.header_row - 1}," if layout.header_row > 1 else ""
    columns = ", ".join(f"'c{place}': '{name}'" for place, name in enumerate(types))
    return (
        f"read_csv({quoted_path(path)}, columns = {{{columns}}}, auto_detect = false, header = true,{skipped} delim = {literal(layout.delimiter)}, quote = '\"', escape = '\"',"
        f" strict_mode = true, null_padding = false, compression = 'none', max_line_size = {limits.MAX_FIELD_CHARACTERS})"
    )


def quoted_path(path: Path) -> str:
    """A path as an SQL literal that DuckDB does not read as a pattern for many files."""
    return literal(str(path).translate({ord(sign): f"[{sign}]" for sign in "*?["}))


def literal(text: str) -> str:
    """Text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _text(content: Content, encoding: str) -> io.TextIOBase:
    if content.held is None:
        return content.located().open(encoding=encoding, newline="")
    try:
        return io.StringIO(content.held.decode(encoding), newline="")
    except UnicodeDecodeError as error:
        raise broken_letters(encoding, row=None) from error


def _rows(text: io.TextIOBase, layout: Layout, odd: list[Ragged]) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header; those in which a quotation mark stands alone are set aside, for readers disagree about what they mean."""
    number = 0
    lines: list[str] = []
    try:
        for number, cells in enumerate(csv.reader(_remembered(text, lines), delimiter=layout.delimiter, strict=True), start=1):
            if number > layout.header_row:
                if any('"' in cell for cell in cells) and _has_lone_quote(cells, "".join(lines)):
                    odd.append(Ragged(number, tuple(cells), _quote_problem(number)))
                else:
                    yield number, cells
            lines.clear()
    except csv.Error as error:
        raise _broken(error, number + 1) from error
    except UnicodeError as error:
        raise broken_letters(layout.encoding, row=number + 1) from error


def _remembered(text: io.TextIOBase, lines: list[str]) -> Iterator[str]:
    for line in text:
        lines.append(line)
        yield line


def _has_lone_quote(cells: list[str], record: str) -> bool:
    """Whether a cell with quotation marks was not written in quotation marks, those inside twice. After a figure they are inches or seconds."""
    return any('"' in cell and not INCHES.fullmatch(cell) and '"' + cell.replace('"', '""') + '"' not in record for cell in cells)


def _quote_problem(row: int) -> Refusal:
    return Refusal(row, None, "csv", "a quotation mark out of place", "balanced quotation marks", QUOTE_HINT)


def _broken(error: csv.Error, row: int) -> FileRefusedError:
    words = str(error)
    if "field larger" in words:
        hint = "A quotation mark that opens and never closes swallows the rows after it: look there."
        return refuse("csv", f"a cell of more than {limits.MAX_FIELD_CHARACTERS} characters", "cells of ordinary size", hint, row=row)
    return refuse("csv", "a quotation mark out of place", "balanced quotation marks", QUOTE_HINT, row=row)
