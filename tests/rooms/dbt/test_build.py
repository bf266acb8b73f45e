"""The whole project builds with dbt itself, all its tests hold, and the same rows give the same marts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest
from compiled import PLANNING_DATE, Compiled, open_memory, run_dbt
from test_scenarios import HERE, send_all

from dagster_project import register
from dagster_project.home import Home, home
from dagster_project.landing import load_landing, open_warehouse

if TYPE_CHECKING:
    from pathlib import Path

MARTS = (
    "fct_aligned_plan",
    "fct_plan_demand",
    "fct_case_timeline",
    "fct_slots",
    "fct_vector_lots",
    "fct_feed_status",
    "fct_capacity_match",
)
VARIABLES = {"planning_date": PLANNING_DATE, "horizon_weeks": 8}


@pytest.fixture
def landed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A warehouse on disk with the shutdown scenario's files loaded."""
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path))
    send_all(HERE / "cleanroom_shutdown" / "partner_files")
    con = open_warehouse(home())
    load_landing(con, register.submissions(), home())
    con.close()
    return home()


@pytest.mark.slow
def test_builds_green(landed: Home, tmp_path: Path) -> None:
    result = run_dbt("build", warehouse=landed.warehouse, folder=tmp_path / "dbt", variables=VARIABLES)
    assert result.returncode == 0, result.stdout
    with duckdb.connect(str(landed.warehouse), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM marts.fct_aligned_plan").fetchone() == (8,)
        assert con.execute("SELECT count(*) FROM reports.rpt_operator__cases").fetchone() == (2,)


def test_the_order_in_which_rows_landed_does_not_show(landed: Home, compiled: Compiled) -> None:
    con = open_memory()
    con.execute(f"ATTACH '{landed.warehouse}' AS disk (READ_ONLY)")
    con.execute("CREATE SCHEMA landing")
    tables = [row[0] for row in con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'disk'").fetchall()]
    found = []
    for order in ("ASC", "DESC"):
        for table in tables:
            con.execute(f"CREATE OR REPLACE TABLE landing.{table} AS FROM disk.landing.{table} ORDER BY ALL {order}")
        compiled.build(con, *MARTS)
        found.append({name: con.execute(f"SELECT * FROM marts.{name} ORDER BY ALL").fetchall() for name in MARTS})
    assert all(found[0].values())
    assert found[0] == found[1]
