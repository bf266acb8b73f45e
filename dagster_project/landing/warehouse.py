"""The warehouse file and its `landing` tables: opening it, and creating what the contracts ask for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import duckdb

from dagster_project.contracts import contracts
from dagster_project.contracts.arrow import SQL_TYPES

if TYPE_CHECKING:
    from datetime import datetime

    from dagster_project.contracts import Contract
    from dagster_project.home import Home

ROW_COLUMNS = {"row_number": "BIGINT", "submission_id": "VARCHAR"}

SUBMISSION_COLUMNS = {
    "submission_id": "VARCHAR",
    "feed": "VARCHAR",
    "partner_id": "VARCHAR",
    "file_name": "VARCHAR",
    "status": "VARCHAR",
    "rows_sent": "BIGINT",
    "rows_accepted": "BIGINT",
    "rows_refused": "BIGINT",
    "as_of": "TIMESTAMP WITH TIME ZONE",
    "contract_version": "VARCHAR",
    "supersedes": "VARCHAR",
    "sha256": "VARCHAR",
}
# Whether a plan counts it although it came after the planning date: partners agreed on the plan with it.
AGREED_COLUMN = {"is_agreed": "BOOLEAN"}

SENDING_COLUMNS = {
    "submission_id": "VARCHAR",
    "sent_at": "TIMESTAMP WITH TIME ZONE",
    "received_at": "TIMESTAMP WITH TIME ZONE",
    "file_name": "VARCHAR",
    "way_in": "VARCHAR",
}

SIGHTING_COLUMNS = {
    "exception_key": "VARCHAR",
    "planning_date": "DATE",
    "edition_id": "VARCHAR",
    "recorded_at": "TIMESTAMP WITH TIME ZONE",
    "sighted": "VARCHAR",
    "criterion_code": "VARCHAR",
    "object_kind": "VARCHAR",
    "object_code": "VARCHAR",
    "title": "VARCHAR",
    "severity": "VARCHAR",
    "owner_role": "VARCHAR",
    "owner_partner_id": "VARCHAR",
    "patients": "DOUBLE",
    "days": "DOUBLE",
    "figure": "DOUBLE",
}

REFUSAL_COLUMNS = {
    "submission_id": "VARCHAR",
    "feed": "VARCHAR",
    "partner_id": "VARCHAR",
    "row_number": "BIGINT",
    "column_name": "VARCHAR",
    "rule": "VARCHAR",
    "expected": "VARCHAR",
    "hint": "VARCHAR",
    "found": "VARCHAR",
}


def open_warehouse(home: Home, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the warehouse as its one writer (or a reader, while nobody writes).

    RuntimeError in plain words when another process has it open.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": half_the_memory(),
        "temp_directory": str(home.root / "warehouse_tmp"),
        "autoinstall_known_extensions": False,
    }
    try:
        con = duckdb.connect(str(home.warehouse), read_only=read_only, config=settings)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise RuntimeError(f"The warehouse {home.warehouse} cannot be opened: {error}") from error
        raise RuntimeError(f"Another run has the warehouse open ({home.warehouse}). Wait for it to end, then try again.") from error
    con.execute("SET GLOBAL TimeZone = 'UTC'")
    return con


def half_the_memory() -> str:
    """Half of this machine's memory, as DuckDB reads it: dbt and the screens live on the same machine."""
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2 // 2**20}MiB"


def quoted(name: str) -> str:
    """A column or table name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create every landing table that is missing, and the columns a newer contract has added."""
    con.execute("CREATE SCHEMA IF NOT EXISTS landing")
    wanted = {feed: feed_columns(terms) for feed, terms in contracts().items()}
    wanted |= {"submission": SUBMISSION_COLUMNS | AGREED_COLUMN, "sending": SENDING_COLUMNS, "refusal": REFUSAL_COLUMNS}
    wanted["exception_sighting"] = SIGHTING_COLUMNS
    wanted["second_check"] = {"submission_id": "VARCHAR"}
    present: dict[str, set[str]] = {}
    for table, column in con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'landing'").fetchall():
        present.setdefault(table, set()).add(column)
    for table, columns in wanted.items():
        if table not in present:
            fields = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
            con.execute(f"CREATE TABLE landing.{quoted(table)} ({fields})")
            continue
        for name in columns.keys() - present[table]:
            con.execute(f"ALTER TABLE landing.{quoted(table)} ADD COLUMN {quoted(name)} {columns[name]}")


def feed_columns(terms: Contract) -> dict[str, str]:
    """Columns and SQL types of one feed's landing table."""
    return {column.name: SQL_TYPES[column.type] for column in terms.columns} | ROW_COLUMNS


def newest_as_of(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """When (UTC) the newest of what is loaded was sent; None while nothing is."""
    came = "SELECT as_of AS came_at FROM landing.submission UNION ALL SELECT sent_at FROM landing.sending"
    row = con.execute(f"SELECT max(came_at) FROM ({came})").fetchone()
    return row[0] if row else None
