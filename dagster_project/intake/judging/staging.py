"""From text cells to typed rows: the temporary table `staged` that a contract's rules are written against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from dagster_project.contracts.rules import cast_sql, quoted
from dagster_project.intake.reading.sheet import SPACE

if TYPE_CHECKING:
    from dagster_project.contracts import Column, Contract
    from dagster_project.intake.reading.sheet import Sheet

SQL_TYPES = {"string": "VARCHAR", "number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMPTZ"}
# One bit per column of the contract, set where there was text that could not be read as the column's type.
FAILURES = "veinway_type_failures"
MOST_COLUMNS = 64


# A column of more rows than this is looked at value by value when its values repeat.
MANY_ROWS = 100_000
SAMPLE_ROWS = 50_000
# … which they do when each of them stands this often in the first rows.
MANY_TIMES = 10
OUTER_SPACE = "'^[\\s\\x0b\u00a0]|[\\s\\x0b\u00a0]$'"


@dataclass(frozen=True)
class Staged:
    """How many rows `staged` has, how many were read before blank ones were left out, and which columns have a value that could not be read (bits of FAILURES).

    `repeating` names, for text columns of many rows but few values, the temporary table of those values.
    """

    rows: int
    rows_read: int
    failures: int
    repeating: dict[str, str]

    def values_of(self, column: str) -> str:
        """The smallest table that has every value of the column."""
        return self.repeating.get(column, "staged")


def stage(connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract) -> Staged:
    """Make `staged`: the contract's columns typed, `row_number` and the bits of FAILURES.

    duckdb.Error when an unnumbered sheet does not read cleanly.
    """
    if len(contract.columns) > MOST_COLUMNS:
        raise ValueError(f"the contract {contract.feed} has more than {MOST_COLUMNS} columns")
    if sheet.is_numbered:
        connection.execute(f"CREATE TEMP TABLE staged AS {_typed_sql(sheet, contract, trims=False)}")
        return _survey(connection, contract, "staged")
    return _at_first_look(connection, sheet, contract) or _trimmed(connection, sheet, contract)


def _at_first_look(connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract) -> Staged | None:
    """Take cells as they are, which costs less than trimming every one of them; None when the outcome shows that some need it."""
    try:
        _stage_in_order(connection, sheet, contract, trims=False)
    except duckdb.Error:
        # A number that cannot be read, or a row that does not fit: the second reading tells which.
        return None
    staged = _survey(connection, contract, "veinway_typed")
    if not staged.failures and not _has_outer_space(connection, contract, staged):
        return staged
    discard(connection, staged)
    return None


def _trimmed(connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract) -> Staged:
    _stage_in_order(connection, sheet, contract, trims=True)
    return _survey(connection, contract, "veinway_typed")


def discard(connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    """Forget what was staged from an unnumbered sheet, so that it can be staged in another way."""
    for table in ("veinway_typed", "veinway_filled", *staged.repeating.values()):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute("DROP VIEW IF EXISTS staged")


def _survey(connection: duckdb.DuckDBPyConnection, contract: Contract, read: str) -> Staged:
    rows, failures = connection.execute(f"SELECT count(*), coalesce(bit_or({FAILURES}), 0) FROM staged").fetchall()[0]
    rows_read = connection.execute(f"SELECT count(*) FROM {read}").fetchall()[0][0]
    texts = [column.name for column in contract.columns if column.type == "string"] if rows > MANY_ROWS else []
    repeating = {}
    for place, name in enumerate(texts):
        sample = f"SELECT count(DISTINCT {quoted(name)}) FROM (SELECT {quoted(name)} FROM staged LIMIT {SAMPLE_ROWS})"
        if connection.execute(sample).fetchall()[0][0] < SAMPLE_ROWS // MANY_TIMES:
            repeating[name] = f"veinway_values_{place}"
            connection.execute(f"CREATE TEMP TABLE {repeating[name]} AS SELECT DISTINCT {quoted(name)} FROM staged")
    return Staged(rows, rows_read, failures, repeating)


def _has_outer_space(connection: duckdb.DuckDBPyConnection, contract: Contract, staged: Staged) -> bool:
    names = [column.name for column in contract.columns if column.type == "string"]
    conditions = {name: f"({quoted(name)} = '' OR regexp_matches({quoted(name)}, {OUTER_SPACE}))" for name in names}
    looks = [f"SELECT 1 FROM {table} WHERE {conditions[name]} LIMIT 1" for name, table in staged.repeating.items()]
    others = [conditions[name] for name in names if name not in staged.repeating]
    if others:
        looks.append(f"SELECT 1 FROM staged WHERE {' OR '.join(others)} LIMIT 1")
    return any(connection.execute(look).fetchall() for look in looks)


def _stage_in_order(connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract, *, trims: bool) -> None:
    connection.execute(f"CREATE TEMP TABLE veinway_typed AS {_typed_sql(sheet, contract, trims=trims)}")
    # DuckDB keeps the order of the file, so the place in the table is the place in the file.
    connection.execute(f"CREATE TEMP VIEW staged AS SELECT *, rowid + {sheet.first_row} AS row_number FROM veinway_typed")
    blank = f"{FAILURES} = 0 AND " + " AND ".join(f"{quoted(column.name)} IS NULL" for column in contract.columns)
    if connection.execute(f"SELECT 1 FROM staged WHERE {blank} LIMIT 1").fetchall():
        connection.execute(f"CREATE TEMP TABLE veinway_filled AS SELECT * FROM staged WHERE NOT ({blank})")
        connection.execute("CREATE OR REPLACE TEMP VIEW staged AS SELECT * FROM veinway_filled")


def text_sql(cell: str) -> str:
    """A cell without the space around it, empty as NULL."""
    # Trimming a set of characters is slow and seldom needed: a pattern finds the few cells that need it.
    trimmed = f"nullif(trim({cell}, '{SPACE}'), '')"
    return f"CASE WHEN regexp_matches({cell}, {OUTER_SPACE}) THEN {trimmed} ELSE nullif({cell}, '') END"


def failure_bit(contract: Contract, column: Column) -> int:
    """The bit of FAILURES that stands for the column."""
    return 1 << contract.columns.index(column)


def _typed_sql(sheet: Sheet, contract: Contract, *, trims: bool) -> str:
    there = [(column, cell) for column in contract.columns if (cell := sheet.cell(column.name))]
    number = ", row_number" if sheet.is_numbered else ""
    relation = sheet.relation if trims else sheet.with_numbers or sheet.relation
    # Columns whose cells come as values, not as text.
    read = {column.name for column, _ in there if column.type == "number"} if relation != sheet.relation else set()
    typed = ", ".join(_column_sql(column, sheet, trims=trims, is_read=column.name in read) for column in contract.columns)
    bits = [
        _failure_sql(column, cell, contract, trims=trims, is_read=column.name in read) for column, cell in there if column.type != "string"
    ]
    names = ", ".join(quoted(column.name) for column in contract.columns)
    # Most rows have a value in every column: one look spares them the rest.
    is_full = " AND ".join(f"{quoted(column.name)} IS NOT NULL" for column, _ in there if column.type != "string")
    failed = f"CASE WHEN {is_full} THEN 0 ELSE {' | '.join(bits)} END::UBIGINT" if bits else "0::UBIGINT"
    return (
        f"SELECT {names}, {failed} AS {FAILURES}{number} FROM"
        f" (SELECT {typed}, {', '.join(cell for _, cell in there)}{number} FROM {relation})"
    )


def _column_sql(column: Column, sheet: Sheet, *, trims: bool, is_read: bool) -> str:
    cell = sheet.cell(column.name)
    if cell is None:
        value = f"CAST(NULL AS {SQL_TYPES[column.type]})"
    elif is_read:
        value = f"CASE WHEN isfinite({cell}) THEN {cell} END"
    else:
        text = f"({text_sql(cell)})" if trims else cell
        value = text if column.type == "string" else cast_sql(column, text)
    return f"{value} AS {quoted(column.name)}"


def _failure_sql(column: Column, cell: str, contract: Contract, *, trims: bool, is_read: bool) -> str:
    # Nested, because only the branches of a CASE are spared where they do not apply.
    text = text_sql(cell) if trims else cell if is_read else f"nullif({cell}, '')"
    bit = failure_bit(contract, column)
    return f"CASE WHEN {quoted(column.name)} IS NULL THEN CASE WHEN {text} IS NULL THEN 0 ELSE {bit} END ELSE 0 END::UBIGINT"
