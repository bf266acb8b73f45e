"""A file as a table of text: which column each cell belongs to, and where DuckDB finds the cells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

import pyarrow as pa

from dagster_project.intake import limits
from dagster_project.intake.receipt import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import duckdb

    from dagster_project.intake.receipt import FileRefusedError

CELLS = "veinway_cells"
# What counts as empty around and in a cell: also what spreadsheets put where a space would break a line.
SPACE = " \t\r\n\f\v\u00a0"


@dataclass(frozen=True)
class Ragged:
    """A row that is refused before its cells are set against columns: it has another number of them than the header, or the stated `problem`.

    `is_searched` says that its reader looked for identifiers already, in a way that fits the format.
    """

    row: int
    cells: tuple[str, ...]
    problem: Refusal | None = None
    is_searched: bool = False


@dataclass(frozen=True)
class Sheet:
    """Text cells in file order. `relation` is what follows FROM; it gives the columns c0, c1 and so on.

    A numbered relation also has `row_number`, and its cells are trimmed, empty ones NULL. An unnumbered
    one has cells as they are in the file, in the order of the file, the first row being `first_row`;
    `with_numbers`, when there is one, reads the same cells with the columns of type number as DOUBLE already, or fails.

    A quick reading whose rows may not be the file's lines names how many lines there are in `lines`; whoever counts other rows
    must read again, exactly. `if_unreadable` is the answer when the cells cannot be read after all.

    Where a file was mapped to the contract: `own_names` has the sender's name of a column, `originals` the relation's column with the
    text as it was sent, and with `has_places` the relation's column `source_place` says where in a document a row stands.
    `redacted` are the bytes to keep instead of those that were sent. `mapping` is the partner's mapping by name and version, `header` the
    sender's own columns in their order, which the cells of a ragged row stand under.
    """

    columns: list[str]
    relation: str
    is_numbered: bool
    first_row: int
    ragged: list[Ragged] = field(default_factory=list)
    with_numbers: str | None = None
    lines: int | None = None
    if_unreadable: FileRefusedError | None = None
    own_names: dict[str, str] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)
    has_places: bool = False
    redacted: bytes | None = None
    # What a reader tells as a warning: parts of a document that gave no row.
    remarks: tuple[Refusal, ...] = ()
    mapping: str | None = None
    # Cells that cannot be used, each with the reason: of these no rule says more, of the other cells of their rows all rules do.
    faults: tuple[Refusal, ...] = ()
    header: tuple[str, ...] = ()

    @property
    def sent_columns(self) -> Sequence[str]:
        """The columns as they stand in the file."""
        return self.header or self.columns

    def numbered_relation(self) -> str:
        """The cells with their `row_number`."""
        if self.is_numbered:
            return self.relation
        return f"(SELECT *, row_number() OVER () + {self.first_row - 1} AS row_number FROM {self.relation})"

    def cell(self, column: str) -> str | None:
        """The relation's name for a column of the contract; None when the file does not have it."""
        return f"c{self.columns.index(column)}" if column in self.columns else None

    def original(self, column: str) -> str | None:
        """The relation's name for what the sender wrote in that column."""
        return self.originals.get(column) or self.cell(column)


def without_faults(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> Sheet:
    """The numbered sheet with the rows of its faults set aside, each with its first fault: other columns will be made of its cells."""
    if not sheet.faults:
        return sheet
    first = {fault.row: fault for fault in reversed(sheet.faults) if fault.row is not None}
    rows = ", ".join(map(str, sorted(first)))
    cells = ", ".join(f"c{place}" for place in range(len(sheet.columns)))
    found = connection.execute(f"SELECT row_number, {cells} FROM {sheet.relation} WHERE row_number IN ({rows})").fetchall()
    ragged = [Ragged(number, tuple(cell or "" for cell in cells), first[number]) for number, *cells in found]
    relation = f"(SELECT * FROM {sheet.relation} WHERE row_number NOT IN ({rows}))"
    return replace(sheet, relation=relation, ragged=sorted([*sheet.ragged, *ragged], key=lambda row: row.row), faults=())


def load(connection: duckdb.DuckDBPyConnection, rows: Iterable[tuple[int, list[str]]], columns: list[str]) -> Sheet:
    """Take in numbered rows of cells. Rows without any content are left out; ragged ones are set aside.

    Surplus cells at the end of a row are cut when they are empty, as spreadsheets leave them.
    """
    ragged: list[Ragged] = []
    fitting = _fitting(rows, columns, ragged)
    first = _arrow(list(islice(fitting, limits.BATCH_ROWS)), len(columns))
    connection.register(CELLS, first)
    rest = list(islice(fitting, limits.BATCH_ROWS))
    if not rest:
        return Sheet(columns, CELLS, is_numbered=True, first_row=0, ragged=ragged)
    table = f"{CELLS}_table"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {CELLS}")
    while rest:
        connection.register(CELLS, _arrow(rest, len(columns)))
        connection.execute(f"INSERT INTO {table} SELECT * FROM {CELLS}")
        rest = list(islice(fitting, limits.BATCH_ROWS))
    return Sheet(columns, table, is_numbered=True, first_row=0, ragged=ragged)


def _fitting(rows: Iterable[tuple[int, list[str]]], columns: list[str], ragged: list[Ragged]) -> Iterator[tuple[int, list[str | None]]]:
    width = len(columns)
    for number, cells in rows:
        trimmed = [cell.strip(SPACE) or None for cell in cells]
        if not any(trimmed):
            continue
        if any("\0" in cell for cell in cells):
            ragged.append(_with_nul(number, cells, columns))
        elif len(cells) == width or (len(cells) > width and not any(trimmed[width:])):
            yield number, trimmed[:width]
        else:
            ragged.append(Ragged(number, tuple(cells)))


def _with_nul(row: int, cells: list[str], columns: list[str]) -> Ragged:
    place = next(place for place, cell in enumerate(cells) if "\0" in cell)
    column = columns[place] if place < len(columns) else f"column {place + 1}"
    hint = "The row was damaged on its way, or is no text: write it again."
    problem = Refusal(row, column, "encoding", "a NUL byte", "letters and digits only", hint)
    return Ragged(row, tuple(cell.replace("\0", "") for cell in cells), problem)


def _arrow(rows: list[tuple[int, list[str | None]]], width: int) -> pa.Table:
    columns = list(zip(*(cells for _, cells in rows), strict=True)) or [()] * width
    arrays = [pa.array(column, pa.string()) for column in columns]
    names = [f"c{place}" for place in range(width)]
    return pa.table([*arrays, pa.array([number for number, _ in rows], pa.int64())], names=[*names, "row_number"])
