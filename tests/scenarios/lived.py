"""Plans of one warehouse on several dates, one after the other, each with what the plans before it saw: as weeks are lived."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from compiled import CATALOG, PLANNING_DATE, Compiled

from dagster_project import register
from dagster_project.landing import load_sightings

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]


def at(compiled: Compiled, planning_date: str) -> Compiled:
    """The same models for a plan of another date: it stands in their SQL as a constant."""
    return replace(compiled, nodes={key: _dated(node, planning_date) for key, node in compiled.nodes.items()})


def live(con: duckdb.DuckDBPyConnection, compiled: Compiled, planning_date: str, *also: str) -> list[Row]:
    """Plan a date and remember its exceptions as the pipeline does; gives fct_exceptions in the order of their place.

    `also` are further models to make.
    """
    load_sightings(con, register.sightings())
    at(compiled, planning_date).build(con, "fct_exceptions", *also)
    found = rows(con, "SELECT * FROM marts.fct_exceptions ORDER BY place NULLS LAST, exception_key")
    register.record_sightings(
        [row for row in found if row["state"] != "cleared"],
        planning_date=date.fromisoformat(planning_date),
        edition_id=f"edition-of-{planning_date}",
        recorded_at=datetime.combine(date.fromisoformat(planning_date), time(23), UTC),
    )
    return found


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    """A query's rows as dictionaries."""
    return [dict(row) for row in con.execute(sql).to_arrow_table().to_pylist()]


def landing_of(con: duckdb.DuckDBPyConnection, warehouse: str) -> None:
    """Copy the landing tables of a warehouse file into one in memory."""
    con.execute(f"ATTACH '{warehouse}' AS kept (READ_ONLY)")
    con.execute("CREATE SCHEMA IF NOT EXISTS landing")
    sql = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'kept' AND schema_name = 'landing'"
    for (table,) in con.execute(sql).fetchall():
        con.execute(f'CREATE OR REPLACE TABLE {CATALOG}.landing."{table}" AS SELECT * FROM kept.landing."{table}"')
    con.execute("DETACH kept")


def _dated(node: Row, planning_date: str) -> Row:
    if "compiled_code" not in node:
        return node
    return node | {"compiled_code": re.sub(rf"'{PLANNING_DATE}'", f"'{planning_date}'", node["compiled_code"])}
