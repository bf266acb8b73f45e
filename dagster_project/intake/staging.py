"""From text cells to typed rows: the temporary table `staged` that a contract's rules are written against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.contracts.rules import cast_sql, quoted

if TYPE_CHECKING:
    import duckdb

    from dagster_project.contracts import Column, Contract
    from dagster_project.intake.sheet import Sheet

SQL_TYPES = {"string": "VARCHAR", "number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMPTZ"}
# One bit per column of the contract, set where there was text that could not be read as the column's type.
FAILURES = "veinway_type_failures"
MOST_COLUMNS = 64


@dataclass(frozen=True)
class Staged:
    """How many rows `staged` has, and which columns have a value that could not be read (bits of FAILURES)."""

    rows: int
    failures: int


def stage(connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract) -> Staged:
    """Make `staged`: the contract's columns typed, `row_number` and the bits of FAILURES.

    duckdb.Error when an unnumbered sheet does not read cleanly.
    """
    if len(contract.columns) > MOST_COLUMNS:
        raise ValueError(f"the contract {contract.feed} has more than {MOST_COLUMNS} columns")
    if sheet.is_numbered:
        connection.execute(f"CREATE TEMP TABLE staged AS {_typed_sql(sheet, contract)}")
    else:
        _stage_in_order(connection, sheet, contract)
    return Staged(*connection.execute(f"SELECT count(*), coalesce(bit_or({FAILURES}), 0) FROM staged").fetchall()[0])


def _stage_in_order(connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract) -> None:
    connection.execute(f"CREATE TEMP TABLE veinway_typed AS {_typed_sql(sheet, contract)}")
    # DuckDB keeps the order of the file, so the place in the table is the place in the file.
    numbered = f"SELECT *, rowid + {sheet.first_row} AS row_number FROM veinway_typed"
    blank = f"{FAILURES} = 0 AND " + " AND ".join(f"{quoted(column.name)} IS NULL" for column in contract.columns)
    if connection.execute(f"SELECT 1 FROM veinway_typed WHERE {blank} LIMIT 1").fetchall():
        connection.execute(f"CREATE TEMP TABLE staged AS {numbered} WHERE NOT ({blank})")
    else:
        connection.execute(f"CREATE TEMP VIEW staged AS {numbered}")


def text_sql(cell: str) -> str:
    """A cell without the space around it, empty as NULL."""
    # Trimming a set of characters is slow and seldom needed: a pattern finds the few cells that need it.
    trimmed = f"nullif(trim({cell}, ' \t\r\n\f\v\u00a0'), '')"
    return f"CASE WHEN regexp_matches({cell}, '^[\\s\\x0b\u00a0]|[\\s\\x0b\u00a0]$') THEN {trimmed} ELSE nullif({cell}, '') END"


def failure_bit(contract: Contract, column: Column) -> int:
    """The bit of FAILURES that stands for the column."""
    return 1 << contract.columns.index(column)


def _typed_sql(sheet: Sheet, contract: Contract) -> str:
    there = [(column, cell) for column in contract.columns if (cell := sheet.cell(column.name))]
    number = ", row_number" if sheet.is_numbered else ""
    typed = ", ".join(_column_sql(column, sheet) for column in contract.columns)
    bits = [_failure_sql(column, cell, contract, sheet) for column, cell in there if column.type != "string"]
    names = ", ".join(quoted(column.name) for column in contract.columns)
    return (
        f"SELECT {names}, {' | '.join(bits) or '0::UBIGINT'} AS {FAILURES}{number} FROM"
        f" (SELECT {typed}, {', '.join(cell for _, cell in there)}{number} FROM {sheet.relation})"
    )


def _column_sql(column: Column, sheet: Sheet) -> str:
    cell = sheet.cell(column.name)
    if cell is None:
        value = f"CAST(NULL AS {SQL_TYPES[column.type]})"
    elif sheet.is_numbered:
        value = cast_sql(column, cell)
    elif column.type == "string":
        value = text_sql(cell)
    else:
        # Most cells have no space around them: only what cannot be read as it stands is trimmed and read again.
        # A CASE spares the second reading where coalesce() would do it for every row.
        plain = cast_sql(column, cell)
        value = f"CASE WHEN {plain} IS NULL THEN {cast_sql(column, f'({text_sql(cell)})')} ELSE {plain} END"
    return f"{value} AS {quoted(column.name)}"


def _failure_sql(column: Column, cell: str, contract: Contract, sheet: Sheet) -> str:
    # Nested, because only the branches of a CASE are spared where they do not apply.
    text = cell if sheet.is_numbered else text_sql(cell)
    return f"CASE WHEN {quoted(column.name)} IS NULL THEN CASE WHEN {text} IS NULL THEN 0 ELSE {failure_bit(contract, column)} END ELSE 0 END::UBIGINT"
