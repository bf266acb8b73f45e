"""Reading CSV: the delimiter by the contract's own column names, then an exact reader, or DuckDB's scan for large plain files."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from dagster_project.intake import limits
from dagster_project.intake.reading.headers import count_known, match_header
from dagster_project.intake.reading.sheet import Sheet, load
from dagster_project.intake.receipt import FileRefusedError, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from dagster_project.contracts import Contract
    from dagster_project.intake.reading.content import Content

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
UTF8 = "utf-8-sig"


def read_header(content: Content, contract: Contract) -> tuple[str, int, list[str]]:
    """The delimiter, the row number of the header and its cells.

    The delimiter is the one under which most cells of the header name a column of the contract. FileRefusedError when the text is not UTF-8.
    """
    text = _head_text(content)
    candidates = [(delimiter, *_first_record(text, delimiter)) for delimiter in DELIMITERS]
    return max(candidates, key=lambda found: (count_known(found[2], contract), len(found[2])))


def read_exactly(connection: duckdb.DuckDBPyConnection, content: Content, contract: Contract) -> Sheet:
    """Every row by Python's strict CSV reader, numbered as a spreadsheet would. FileRefusedError when quotes or letters are broken."""
    delimiter, header_row, header = read_header(content, contract)
    columns = match_header(_trimmed(header), contract, row=header_row)
    with _text(content) as text:
        return load(connection, _rows(text, delimiter, header_row), columns)


def scan(path: Path, content: Content, contract: Contract, *, lines: int) -> Sheet:
    """DuckDB's own reader over a large file. Rows that do not fit raise while it runs; `read_exactly` then says which."""
    delimiter, header_row, header = read_header(content, contract)
    columns = match_header(_trimmed(header), contract, row=header_row)
    text = ["VARCHAR" for _ in columns]
    typed = ["DOUBLE" if contract.column(name).type == "number" else "VARCHAR" for name in columns]
    relation, with_numbers = (_scan_sql(path, types, delimiter) for types in (text, typed))
    return Sheet(columns, relation, is_numbered=False, first_row=header_row + 1, with_numbers=with_numbers, lines=lines)


def _scan_sql(path: Path, types: list[str], delimiter: str) -> str:
    columns = ", ".join(f"'c{place}': '{name}'" for place, name in enumerate(types))
    return (
        f"read_csv({quoted_path(path)}, columns = {{{columns}}}, auto_detect = false, header = true, delim = {literal(delimiter)}, quote = '\"', escape = '\"',"
        f" strict_mode = true, null_padding = false, compression = 'none', max_line_size = {limits.MAX_FIELD_CHARACTERS})"
    )


def quoted_path(path: Path) -> str:
    """A path as an SQL literal that DuckDB does not read as a pattern for many files."""
    return literal(str(path).translate({ord(sign): f"[{sign}]" for sign in "*?["}))


def literal(text: str) -> str:
    """Text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _trimmed(header: list[str]) -> list[str]:
    while len(header) > 1 and not header[-1].strip():
        header = header[:-1]
    return header


def _head_text(content: Content) -> str:
    cut = content.size > len(content.head)
    try:
        # A cut may fall inside a letter; what is before the last line end is whole.
        return (content.head[: content.head.rfind(b"\n") + 1] or content.head if cut else content.head).decode(UTF8)
    except UnicodeDecodeError as error:
        raise _not_utf8(content.head[: error.start].count(b"\n") + 1) from error


def _first_record(text: str, delimiter: str) -> tuple[int, list[str]]:
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            if any(cell.strip() for cell in cells):
                return number, cells
    except csv.Error:
        return 1, []
    return 1, []


def _text(content: Content) -> io.TextIOBase:
    if content.held is None:
        return content.located().open(encoding=UTF8, newline="")
    try:
        return io.StringIO(content.held.decode(UTF8), newline="")
    except UnicodeDecodeError as error:
        raise _not_utf8(content.held[: error.start].count(b"\n") + 1) from error


def _rows(text: io.TextIOBase, delimiter: str, header_row: int) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        for number, cells in enumerate(csv.reader(text, delimiter=delimiter, strict=True), start=1):
            if number > header_row:
                yield number, cells
    except csv.Error as error:
        raise _broken(error, number + 1) from error
    except UnicodeDecodeError as error:
        raise _not_utf8(number + 1) from error


def _broken(error: csv.Error, row: int) -> FileRefusedError:
    words = str(error)
    if "field larger" in words:
        hint = "A quotation mark that opens and never closes swallows the rows after it: look there."
        return refuse("csv", f"a cell of more than {limits.MAX_FIELD_CHARACTERS} characters", "cells of ordinary size", hint, row=row)
    hint = "Write a quotation mark inside a quoted cell twice, and close every quoted cell before the next delimiter."
    return refuse("csv", "a quotation mark out of place", "balanced quotation marks", hint, row=row)


def _not_utf8(row: int) -> FileRefusedError:
    return refuse("encoding", "letters that are not UTF-8", "text in UTF-8", "In Excel choose the file type 'CSV UTF-8'.", row=row)
