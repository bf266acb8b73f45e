"""A small finished warehouse, as dbt would leave it, and editions published from it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.editions.publish import Published, publish
from dagster_project.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable

HOSPITALS = ("northgate-hospital", "lakeside-clinic")


@pytest.fixture
def state(tmp_path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def warehouse(state: Home) -> Home:
    """Two hospitals with 50 cases each, the operator's view of all, and 3 submissions, one of them after the planning date."""
    with duckdb.connect(str(state.warehouse)) as con:
        con.execute("SET TimeZone = 'UTC'")
        for schema in ("landing", "staging", "marts", "reports"):
            con.execute(f"CREATE SCHEMA {schema}")
        con.execute("""
            CREATE TABLE landing.submission AS FROM (VALUES
                ('s1', TIMESTAMPTZ '2026-11-10 12:00:00Z'), ('s2', TIMESTAMPTZ '2026-11-16 23:59:59Z'), ('s3', TIMESTAMPTZ '2026-11-17 00:00:00Z')
            ) AS t(submission_id, as_of)
        """)
        con.execute("CREATE TABLE landing.sending AS SELECT submission_id, as_of AS sent_at FROM landing.submission")
        con.execute("""
            CREATE TABLE staging.stg_partner AS FROM (VALUES
                ('northgate-hospital', 'hospital', true), ('lakeside-clinic', 'hospital', true), ('left-network', 'hospital', false)
            ) AS t(partner_id, role, is_current)
        """)
        con.execute("""
            CREATE TABLE marts.fct_case_timeline AS
            SELECT p.partner_id, p.partner_id || '-case-' || n AS case_id, upper(p.partner_id) AS hospital_name, n::DOUBLE / 7 AS days_open,
                   TIMESTAMPTZ '2026-11-01 08:00:00Z' + n * INTERVAL 1 HOUR AS apheresis_at, ['s1', 's2'] AS submission_ids
            FROM staging.stg_partner AS p, range(50) AS r(n) WHERE p.is_current
        """)
        con.execute("CREATE VIEW reports.rpt_hospital__cases AS SELECT * FROM marts.fct_case_timeline")
        con.execute("CREATE VIEW reports.rpt_operator__cases AS SELECT * FROM marts.fct_case_timeline")
        con.execute("CREATE TABLE reports.rpt_hospital__supply_ahead AS SELECT 'CART-101' AS therapy_code, 12.5 AS slots")
        con.execute("CREATE TABLE reports.rpt_executive__kpis AS SELECT 'vein_to_vein' AS kpi_code, 28.4 AS value, NULL::DOUBLE AS target")
    return state


@pytest.fixture
def ledger() -> list[tuple[str, dict]]:
    """Entries that publishing has appended."""
    return []


@pytest.fixture
def publish_now(warehouse: Home, ledger) -> Callable[..., Published]:
    """Publish the warehouse as it stands, in a minute of its own."""
    minutes = iter(range(10_000))

    def append(edition_id: str, body: dict) -> None:
        if edition_id not in [entry[0] for entry in ledger]:
            ledger.append((edition_id, body))

    def run(planning_date: date = date(2026, 11, 16)) -> Published:
        created_at = datetime(2026, 11, 20, 9, next(minutes), tzinfo=UTC)
        return publish(warehouse, planning_date=planning_date, created_at=created_at, append=append, tests={"unique_cases": "pass"})

    return run
