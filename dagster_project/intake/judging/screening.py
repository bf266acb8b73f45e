"""Looking for direct identifiers in the cells of a staged file, before anything of it is written anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.contracts.identifiers import valid_sql
from dagster_project.contracts.rules import quoted
from dagster_project.intake import limits
from dagster_project.intake.judging.neighbours import joined_class
from dagster_project.intake.judging.privacy import DISGUISE, FREE, any_pattern, cell_class, closeness, value_class
from dagster_project.intake.judging.staging import FAILURES, MANY_ROWS, failure_bit
from dagster_project.intake.receipt import FileRefusedError, Refusal
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from dagster_project.contracts import Column, Contract
    from dagster_project.intake.judging.staging import Staged
    from dagster_project.intake.reading.sheet import Sheet

Hit = tuple[int, str, str]


def refuse_identifiers(connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract, staged: Staged) -> None:
    """FileRefusedError, naming rows, columns and classes but never a value, when a cell holds a direct identifier."""
    hits = sorted(
        {*_ragged_hits(sheet), *_text_hits(connection, contract, staged), *_failure_hits(connection, sheet, contract, staged.failures)}
    )
    if not hits:
        return
    refusals = [
        Refusal(
            row,
            column,
            "direct_identifier",
            one(kind),
            "no direct identifier of a person",
            "Remove it from the file and send the file again.",
            source_column=sheet.own_names.get(column),
        )
        for row, column, kind in hits[: limits.MAX_RECEIPT_REFUSALS]
    ]
    row, column, kind = hits[0]
    more = f" and {len(hits) - 1} more" if len(hits) > 1 else ""
    where = f"column {column}" if column in sheet.columns else column
    message = (
        f"The file holds a direct identifier of a person and was not kept: {kind} in row {row}, {where}{more}. The value was not stored."
    )
    raise FileRefusedError(message, refusals, rows_sent=staged.rows + len(sheet.ragged))


def _ragged_hits(sheet: Sheet) -> Iterator[Hit]:
    for ragged in sheet.ragged:
        if ragged.is_searched:
            continue
        for place, cell in enumerate(ragged.cells):
            if kind := value_class(cell, FREE):
                yield ragged.row, sheet.sent_columns[place] if place < len(sheet.sent_columns) else f"column {place + 1}", kind
        if kind := joined_class(ragged.cells):
            yield ragged.row, "several cells", kind


def _text_hits(connection: duckdb.DuckDBPyConnection, contract: Contract, staged: Staged) -> Iterator[Hit]:
    columns = [column for column in contract.columns if column.type == "string"]
    are_many = staged.rows > MANY_ROWS
    suspects = [column for column in columns if not are_many or _has_suspect(connection, column, staged)]
    if not suspects:
        return
    values = ", ".join(quoted(column.name) for column in suspects)
    where = " OR ".join(_suspicious(column, are_many=are_many) for column in suspects)
    found = connection.execute(f"SELECT row_number, {values} FROM staged WHERE {where}")
    yield from _confirmed(found, suspects)


def _suspicious(column: Column, *, are_many: bool) -> str:
    is_match = matches(quoted(column.name), closeness(column))
    # An SSCC has the form of a GSRN: in its own column a well-formed one is what it says, and millions of them are not worth a second look.
    return (
        f"({is_match} AND NOT coalesce({valid_sql(column.identifier, quoted(column.name))}, false))"
        if are_many and column.identifier
        else is_match
    )


def _has_suspect(connection: duckdb.DuckDBPyConnection, column: Column, staged: Staged) -> bool:
    is_match, source = matches(quoted(column.name), closeness(column)), staged.values_of(column.name)
    return bool(connection.execute(f"SELECT 1 FROM {source} WHERE {is_match} LIMIT 1").fetchall())


def _failure_hits(connection: duckdb.DuckDBPyConnection, sheet: Sheet, contract: Contract, failures: int) -> Iterator[Hit]:
    columns = [column for column in contract.columns if failure_bit(contract, column) & failures]
    if not columns:
        return
    cells = {column.name: sheet.cell(column.name) for column in columns}
    hidden = {
        column.name: f"CASE WHEN {FAILURES} & {failure_bit(contract, column)} <> 0 THEN {cells[column.name]} END" for column in columns
    }
    values = ", ".join(f"{value} AS {quoted(name)}" for name, value in hidden.items())
    where = " OR ".join(matches(str(cell), FREE) for cell in cells.values())
    staged = f"(SELECT row_number, {FAILURES} FROM staged WHERE {FAILURES} <> 0)"
    found = connection.execute(
        f"SELECT row_number, {values} FROM {sheet.numbered_relation()} JOIN {staged} USING (row_number) WHERE {where}"
    )
    yield from _confirmed(found, columns)


def _confirmed(found: duckdb.DuckDBPyConnection, columns: list[Column]) -> Iterator[Hit]:
    hits = 0
    while hits < limits.MAX_RECEIPT_REFUSALS and (rows := found.fetchmany(1000)):
        for row_number, *values in rows:
            for column, value in zip(columns, values, strict=True):
                if value is not None and (kind := cell_class(value, column)):
                    hits += 1
                    yield row_number, column.name, kind


def matches(cell: str, look: str) -> str:
    """DuckDB condition: the cell may hold an identifier, plainly or in disguise. One pattern for both would be far slower."""
    pattern = "'" + any_pattern(look).replace("'", "''") + "'"
    in_disguise = f"CASE WHEN strlen({cell}) <> length({cell}) THEN regexp_matches({cell}, '{DISGUISE}') ELSE false END"
    return f"(regexp_matches({cell}, {pattern}) OR {in_disguise})"
