"""Reading XLSX: the visible sheet that has the header, cells as the text a person sees."""

from __future__ import annotations

import gc
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError

from dagster_project.intake.reading.archives import opened_archive
from dagster_project.intake.reading.cells import as_text, text_column
from dagster_project.intake.reading.extent import require_ordinary_extent
from dagster_project.intake.reading.formats import Shown, show, telling_formats
from dagster_project.intake.reading.headers import known_names, match_header, normalised
from dagster_project.intake.reading.margins import refuse_margins
from dagster_project.intake.reading.marks import ACROSS, counts_from_1904, mark_problem, marks, sheet_parts, spread_merged
from dagster_project.intake.reading.numbers import NUMBERS, plain_numbers
from dagster_project.intake.reading.sheet import CELLS, Ragged, Sheet
from dagster_project.intake.reading.tables import Table, hidden_rows, refuse_second_table, tables_of
from dagster_project.intake.reading.taken_back import give_texts_back, is_marked_by_us
from dagster_project.intake.receipt import FileRefusedError, Refusal, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from dagster_project.contracts import Column, Contract
    from dagster_project.intake.reading.content import Content

STYLES = "xl/styles.xml"
WRITTEN = "veinway_written"
DAMAGED_PARTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, KeyError)

__all__ = ["as_text", "read"]


@dataclass(frozen=True)
class _Book:
    """What the parts of the workbook say: the part of each sheet by name, the XML of the largest one, and the sheets that are hidden.

    `formats` are the number formats that show more than the number; `from_1904` says whether days are counted from there.
    """

    names: list[str | None]
    largest: dict[str, bytes]
    formats: dict[int, Shown]
    from_1904: bool


@dataclass(frozen=True)
class _About:
    """What the parts of the workbook say of the table: its XML by the name of the part, and whether days are counted from 1904."""

    parts: dict[str, bytes]
    from_1904: bool


@dataclass(frozen=True)
class _Texts:
    """The columns as text; and of those with numbers only what is written as text, None when nothing is."""

    columns: list[pa.Array]
    written: list[pa.Array] | None


def read(connection: duckdb.DuckDBPyConnection, content: Content, contract: Contract) -> Sheet:
    """Read the workbook. FileRefusedError when it is damaged, names a person anywhere, or it is not clear which sheet is meant."""
    with _without_collecting():
        return _read(connection, content, contract)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Python looks for garbage after so many new objects: among millions of cells that costs a fifth of the time, and there is none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(connection: duckdb.DuckDBPyConnection, content: Content, contract: Contract) -> Sheet:
    book, tables = _opened(content, contract)
    visible = [table for table in tables if table.is_visible and table.header_row]
    if not visible:
        raise refuse("empty_file", "no visible sheet with rows", "a header and rows", "Put the table on the first visible sheet.")
    table = max(visible, key=lambda candidate: candidate.known)
    if is_marked_by_us((each.sheet.name, each.rows) for each in tables):
        give_texts_back(table.rows)
    header = [as_text(cell) for cell in table.rows[table.header_row - 1]]
    width = max((place for place, cell in enumerate(header, start=1) if cell.strip()), default=0)
    try:
        about = _about(content, book, table)
        problems = _show(table, contract, header[:width], book, about)
        texts = _texts(table, contract, header[:width], about)
        _refuse_margins(content, contract, table, texts.columns, tables, about)
    except DAMAGED_PARTS as error:
        raise _damaged() from error
    refuse_second_table(table, visible, contract)
    columns = match_header(header[:width], contract, row=table.header_row)
    problems |= spread_merged(table.rows, table.sheet.merged_cell_ranges or [], columns, contract, header_row=table.header_row)
    if table.sheet.merged_cell_ranges:
        texts = _texts(table, contract, header[:width], about)
    sheet = replace(_sheet(connection, table, texts.columns, columns, problems, about), remarks=tuple(hidden_rows(tables, contract)))
    if texts.written is None:
        return sheet
    connection.register(WRITTEN, pa.table(texts.written, names=[f"c{place}" for place in range(len(texts.written))]))
    return plain_numbers(connection, sheet, contract, written=WRITTEN)


def _opened(content: Content, contract: Contract) -> tuple[_Book, list[Table]]:
    try:
        return _book(content), tables_of(content, contract)
    except (CalamineError, ValueError, *DAMAGED_PARTS) as error:
        raise _damaged() from error
    except BaseException as error:
        # A panic of the Rust reader is no Exception for Python.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged() from None


def _book(content: Content) -> _Book:
    """Look at the parts before any cell is read. FileRefusedError when a cell stands so far out that reading would not end."""
    with opened_archive(content.source()) as archive:
        names = sheet_parts(archive)
        largest: dict[str, bytes] = {}
        for number, name in enumerate(names, start=1):
            xml = archive.read(name) if name else b""
            require_ordinary_extent(xml, number)
            if name and len(xml) >= max(map(len, largest.values()), default=0):
                largest = {name: xml}
        styles = archive.read(STYLES) if STYLES in archive.namelist() else b""
        return _Book(names, largest, telling_formats(styles), counts_from_1904(archive))


def _about(content: Content, book: _Book, table: Table) -> _About:
    name = book.names[table.number - 1] if table.number <= len(book.names) else None
    if name is None or name in book.largest:
        return _About(book.largest if name else {}, book.from_1904)
    with opened_archive(content.source()) as archive:
        return _About({name: archive.read(name)}, book.from_1904)


def _show(table: Table, contract: Contract, header: list[str], book: _Book, about: _About) -> dict[tuple[int, int], Refusal]:
    """Put what the number formats show into the cells; returns the problems by row and column."""
    names = known_names(contract)
    columns = [contract.column(names[name]) if (name := normalised(cell)) in names else None for cell in header]
    problems: dict[tuple[int, int], Refusal] = {}
    for xml in about.parts.values() if book.formats else ():
        problems |= show(table.rows, xml, book.formats, columns, header_row=table.header_row)
    return problems


def _texts(table: Table, contract: Contract, header: list[str], about: _About) -> _Texts:
    """The columns of the sheet below its header, each as text."""
    names = known_names(contract)
    meant = [contract.column(names[name]) if (name := normalised(cell)) in names else None for cell in header]
    cells = list(zip(*table.rows[table.header_row :], strict=True)) or [()] * len(table.rows[0])
    meant += [None] * (len(cells) - len(meant))
    written = [_written(column, of) for column, of in zip(cells, meant, strict=True)]
    texts = [
        text_column(
            column,
            is_date=of is not None and of.type == "date",
            from_1904=about.from_1904,
            keeps_point=has_texts or (of is not None and of.decimal == ","),
        )
        for column, of, has_texts in zip(cells, meant, map(any, written), strict=True)
    ]
    return _Texts(texts, [text_column(column) for column in written] if any(map(any, written)) else None)


def _written(cells: Sequence[Any], column: Column | None) -> list[str | None]:
    """Of a column of numbers the cells that are texts; None for the others."""
    if column is None or column.type not in NUMBERS or str not in set(map(type, cells)):
        return [None] * len(cells)
    return [cell if type(cell) is str and cell else None for cell in cells]


def _sheet(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    texts: list[pa.Array],
    columns: list[str],
    problems: dict[tuple[int, int], Refusal],
    about: _About,
) -> Sheet:
    """The rows of the table; those with cells beyond the header, or merged across columns, are set aside. `problems` are told of cells that cannot be used."""
    width, count = len(columns), len(texts[0]) if texts else 0
    first = table.header_row + 1
    for xml in about.parts.values():
        for mark in marks(xml):
            if first <= mark.row < first + count and mark.column <= width:
                problems.setdefault((mark.row, mark.column - 1), mark_problem(mark, columns[mark.column - 1]))
    filled = _any_filled(texts[:width], count)
    surplus = _any_filled(texts[width:], count)
    odd = {first + place for place in pc.indices_nonzero(surplus).to_pylist()} | {row for row, place in problems if place == ACROSS}
    ragged = [_set_aside(row, texts, width, problems.get((row, ACROSS)), first) for row in sorted(odd)]
    faults = tuple(problem for (row, _), problem in sorted(problems.items()) if row not in odd and row < first + count)
    numbers = pa.array(range(first, first + count), pa.int64())
    # A row of which nothing can be read but its fault is a row, too.
    filled = pc.or_(filled, pc.is_in(numbers, pa.array([fault.row for fault in faults], pa.int64()))) if faults else filled
    kept = pc.and_not(filled, pc.is_in(numbers, pa.array(sorted(odd), pa.int64()))) if odd else filled
    names = [*(f"c{place}" for place in range(width)), "row_number"]
    cells = pa.table([*texts[:width], numbers], names=names)
    connection.register(CELLS, cells if pc.all(kept).as_py() else cells.filter(kept))
    return Sheet(columns, CELLS, is_numbered=True, first_row=0, ragged=ragged, faults=faults)


def _any_filled(texts: list[pa.Array], count: int) -> pa.Array:
    filled = pa.array([False], pa.bool_()).take(pa.array([0] * count, pa.int64()))
    for column in texts:
        filled = pc.or_(filled, pc.is_valid(column))
    return filled


def _set_aside(row: int, texts: list[pa.Array], width: int, problem: Refusal | None, first: int) -> Ragged:
    cells = [column[row - first].as_py() or "" for column in texts]
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return Ragged(row, tuple(cells), problem)


def _damaged() -> FileRefusedError:
    return refuse("file_kind", "a damaged workbook", "an XLSX workbook", "Open it in Excel, save it again and send that.")


def _refuse_margins(content: Content, contract: Contract, table: Table, texts: list[pa.Array], tables: list[Table], about: _About) -> None:
    others = ((other.number, [[as_text(cell) for cell in row] for row in other.rows]) for other in tables if other is not table)
    title = [[as_text(cell) for cell in row] for row in table.rows[: table.header_row - 1]]
    shown = {as_text(cell).strip() for cell in table.rows[table.header_row - 1]}
    for column in texts:
        shown.update(pc.unique(column).to_pylist())
    source = content.source()
    refuse_margins(
        BytesIO(source) if isinstance(source, bytes) else source, contract, others=others, title=title, shown=shown, parts=about.parts
    )
