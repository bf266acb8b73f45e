"""Reading Parquet: every column as text, so that the same typed reading and the same rules apply as to any other format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from dagster_project.intake.reading.csv_text import quoted_path
from dagster_project.intake.reading.headers import match_header
from dagster_project.intake.reading.sheet import Sheet
from dagster_project.intake.receipt import FileRefusedError, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.contracts import Contract

NESTED = ("STRUCT", "MAP", "UNION", "BLOB", "LIST", "VARIANT", "GEOMETRY")
DAMAGED_HINT = "Write it again; the transfer may have been cut off."


def scan(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> Sheet:
    """The file as unnumbered text cells. FileRefusedError when it is damaged or a column is nested."""
    source = f"read_parquet({quoted_path(path)}, hive_partitioning = false)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except duckdb.Error as error:
        raise _damaged() from error
    columns = match_header([row[0] for row in described], contract)
    cells = [_text_sql(name, kind, place) for place, (name, kind, *_) in enumerate(described)]
    return Sheet(columns, f"(SELECT {', '.join(cells)} FROM {source})", is_numbered=False, first_row=1, if_unreadable=_damaged())


def _damaged() -> FileRefusedError:
    return refuse("file_kind", "a damaged Parquet file", "a Parquet file", DAMAGED_HINT)


def _text_sql(name: str, kind: str, place: int) -> str:
    if kind.startswith(NESTED) or kind.endswith("]"):
        raise refuse("type", "a nested or binary column", "plain text, numbers, dates or times", "Flatten the column.", column=name)
    column = '"' + name.replace('"', '""') + '"'
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ') AS c{place}"
    return f"CAST({column} AS VARCHAR) AS c{place}"
