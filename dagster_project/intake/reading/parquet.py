"""Reading Parquet: every column as text, so that the same typed reading and the same rules apply as to any other format.

A table in parts (a zip of `key=value/….parquet`) is read part by part; the folders' keys are columns like any other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

from dagster_project.contracts.rules import literal, quoted
from dagster_project.intake.reading.archives import file_entries, opened_archive, part_keys
from dagster_project.intake.reading.csv_text import quoted_path
from dagster_project.intake.reading.headers import known_names, match_header, normalised
from dagster_project.intake.reading.kinds import ZIP_MARK
from dagster_project.intake.reading.numbers import NUMBERS, ONE_ZERO_MORE, ONLY_THREE_DECIMALS, doubtful_points
from dagster_project.intake.reading.parquet_margins import has_duration, own_schema, refuse_margins
from dagster_project.intake.reading.sheet import Sheet
from dagster_project.intake.reading.unwrap import unpacked_entry
from dagster_project.intake.receipt import FileRefusedError, refuse

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from dagster_project.contracts import Contract
    from dagster_project.intake.reading.content import Content

# A column of the file: its name for the sender, the SQL of its value as text, and whether it is text already.
Field = tuple[str, str, bool]

# Arrow's own errors are among the plain ones: what it cannot read yet is a NotImplementedError.
UNREADABLE = (duckdb.Error, OSError, ValueError, NotImplementedError)
PARTS = "veinway_parts"
TEXT = "VARCHAR"
PANDAS_INDEX = re.compile(r"__index_level_\d+__")
FRACTIONS = ("FLOAT", "DOUBLE", "DECIMAL")
NOT_TEXT = ("STRUCT", "MAP", "UNION", "BLOB", "LIST", "VARIANT", "GEOMETRY")
DAMAGED_HINT = "Write it again; the transfer may have been cut off."


def read(connection: duckdb.DuckDBPyConnection, path: Path, content: Content, contract: Contract) -> Sheet:
    """The file, or a table in parts. FileRefusedError when it is damaged, or a column is nested more than one level deep."""
    if content.head.startswith(ZIP_MARK):
        return _read_parts(connection, content, contract)
    return scan(connection, path, contract)


def scan(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> Sheet:
    """One file as unnumbered text cells."""
    source = _source(path)
    fields = _fields(connection, path, source, contract)
    columns = match_header([name for name, *_ in fields], contract)
    _refuse_margins(connection, path, contract)
    cells = ", ".join(f"{sql} AS c{place}" for place, (_, sql, _) in enumerate(fields))
    sheet = Sheet(columns, f"(SELECT {cells} FROM {source})", is_numbered=False, first_row=1, if_unreadable=_damaged())
    written = [name for name, (*_, is_text) in zip(columns, fields, strict=True) if is_text and contract.column(name).type in NUMBERS]
    try:
        return doubtful_points(connection, sheet, written)
    except duckdb.Error as error:
        raise _damaged() from error


def _read_parts(connection: duckdb.DuckDBPyConnection, content: Content, contract: Contract) -> Sheet:
    """Every part into one table of text cells, in the order of the parts' names. A column may be missing in some of them."""
    every = [column.name for column in contract.columns]
    cells = ", ".join(f"c{place} VARCHAR" for place in range(len(every)))
    connection.execute(f"CREATE TEMP TABLE {PARTS} ({cells})")
    seen: dict[str, str] = {}
    written: set[str] = set()
    with opened_archive(content.source()) as archive:
        for entry in file_entries(archive):
            with unpacked_entry(archive, entry) as part, part.open_path() as path:
                seen |= _add_part(connection, path, part_keys(entry.filename), contract, written)
    there = match_header(list(seen.values()), contract)
    places = ", ".join(f"c{every.index(name)} AS c{place}" for place, name in enumerate(there))
    sheet = Sheet(there, f"(SELECT {places} FROM {PARTS})", is_numbered=False, first_row=1)
    return doubtful_points(connection, sheet, sorted(written))


def _add_part(
    connection: duckdb.DuckDBPyConnection, path: Path, keys: dict[str, str], contract: Contract, written: set[str]
) -> dict[str, str]:
    """Take in one part; returns the names of its columns, by their normalised form. Numbers in texts are noticed in `written`."""
    source = _source(path)
    fields = [*_fields(connection, path, source, contract), *((name, literal(value), True) for name, value in keys.items())]
    _refuse_margins(connection, path, contract)
    seen = {normalised(name): name for name, *_ in fields}
    meant = known_names(contract)
    by_column = {meant[normalised(name)]: sql for name, sql, _ in fields if normalised(name) in meant}
    texts = {meant.get(normalised(name)) for name, _, is_text in fields if is_text}
    written |= {column.name for column in contract.columns if column.type in NUMBERS and column.name in texts}
    values = ", ".join(by_column.get(column.name, "NULL") for column in contract.columns)
    try:
        connection.execute(f"INSERT INTO {PARTS} SELECT {values} FROM {source}")
    except duckdb.Error as error:
        raise _damaged() from error
    return seen


def _refuse_margins(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> None:
    try:
        refuse_margins(connection, path, contract)
    except UNREADABLE as error:
        raise _damaged() from error


def _source(path: Path) -> str:
    return f"read_parquet({quoted_path(path)}, hive_partitioning = false)"


def _fields(connection: duckdb.DuckDBPyConnection, path: Path, source: str, contract: Contract) -> list[Field]:
    """The columns of a file, those of a nested one by themselves."""
    try:
        # DuckDB gives the second of two columns with one name another name, and takes a duration for its count of nanoseconds.
        sent = own_schema(path)
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        inner = {
            name: _members(connection, source, name) for name, kind, *_ in described if kind.startswith("STRUCT(") and kind.endswith(")")
        }
    except UNREADABLE as error:
        raise _damaged() from error
    known = known_names(contract)
    fields: list[Field] = []
    for own, (given, kind, *_) in zip(sent, described, strict=True):
        name, members = own.name, inner.get(given)
        _refuse_odd(own)
        if members is None:
            fields.append((name, _text_sql(name, kind, quoted(given), _decimal(name, contract)), kind == TEXT))
            continue
        for member, member_kind in members:
            value = f"{quoted(given)}.{quoted(member)}"
            # `site.site_id` is called by its whole name, or by its own where the contract knows that.
            whole = f"{name}.{member}"
            shown = member if normalised(whole) not in known and normalised(member) in known else whole
            fields.append((shown, _text_sql(whole, member_kind, value, _decimal(shown, contract)), member_kind == TEXT))
    return fields


def _refuse_odd(field: pa.Field) -> None:
    """FileRefusedError for a column that only looks like one of the table."""
    if PANDAS_INDEX.fullmatch(field.name):
        found, hint = f"the index of a pandas table ({field.name})", "Write the table without it: to_parquet(…, index=False)."
        raise refuse("unknown_column", found, "the columns of the contract alone", hint, column=field.name)
    if has_duration(field.type):
        hint = "Write a number in the unit of the contract, or the time at which it ends."
        raise refuse("type", "a column of durations", "plain text, numbers, dates or times", hint, column=field.name)


def _members(connection: duckdb.DuckDBPyConnection, source: str, name: str) -> list[tuple[str, str]]:
    query = f"DESCRIBE SELECT unnest({quoted(name)}) FROM {source}"
    return [(member, kind) for member, kind, *_ in connection.execute(query).fetchall()]


def _decimal(name: str, contract: Contract) -> str | None:
    column = known_names(contract).get(normalised(name))
    return None if column is None else contract.column(column).decimal


def _text_sql(name: str, kind: str, value: str, decimal: str | None) -> str:
    if kind.startswith(NOT_TEXT) or kind.endswith("]"):
        raise refuse(
            "type", "a column of lists, of binary data, or nested more than once", "plain text, numbers, dates or times",
            "Write its values as columns of their own.", column=name,
        )  # fmt: skip
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({value}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    text = f"CAST({value} AS VARCHAR)"
    if decimal != "," or not kind.startswith(FRACTIONS):
        return text
    return f"regexp_replace({text}, {literal(ONLY_THREE_DECIMALS)}, {literal(ONE_ZERO_MORE)})"


def _damaged() -> FileRefusedError:
    return refuse("file_kind", "a damaged Parquet file", "a Parquet file", DAMAGED_HINT)
