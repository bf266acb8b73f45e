"""A published edition with the views that exports read: two hospitals, one plant, three weeks, and texts a spreadsheet would run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.editions.publish import publish
from dagster_project.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEMAND = """
    CREATE TABLE reports.rpt_{role}__demand AS FROM (VALUES
        ('north', 'H1', 'north', 'T1', 'P1', 'plant', DATE '2026-11-23', 2.5e0, true, '=cmd()', ['s1'], 1.0e0),
        ('north', 'H1', 'north', 'T1', 'P1', 'plant', DATE '2026-11-30', 0.0e0, false, NULL, ['s1'], 1.0e0),
        ('south', 'H2', 'south', 'T1', 'P1', 'plant', DATE '2026-11-23', 1.25e0, false, NULL, ['s1'], 1.5e0),
        ('south', 'H2', 'south', 'T2', 'P2', 'plant', DATE '2026-11-23', 1.0e0, false, NULL, ['s1'], 1.0e0)
    ) AS t(partner_id, hospital_id, hospital_partner_id, therapy_code, site_id, plant_partner_id, week_start_date, demand, is_frozen, reason,
        submission_ids, load_factor)
"""
CAPACITY = """
    CREATE TABLE reports.rpt_{role}__capacity_match AS FROM (VALUES
        ('plant', 'P1', 'Plant One', 'plant', 'T1', DATE '2026-11-23', 3.0e0, 4.0e0, 5.0e0, 0.0e0),
        ('plant', 'P1', 'Plant One', 'plant', 'T1', DATE '2026-11-30', 3.0e0, 4.0e0, NULL, -1.0e0)
    ) AS t(partner_id, site_id, plant_name, plant_partner_id, therapy_code, week_start_date, actual_capacity, maximum_capacity, agreed_capacity,
        load_shift)
"""
COMMITS = """
    CREATE TABLE reports.rpt_{role}__commits AS FROM (VALUES
        ('plant', 'P1', 'plant', 'T1', DATE '2026-11-23', '2026-W48', DATE '2026-11-10', true, true, 3.0e0, 'no_staff', '@SUM(A1)',
            TIMESTAMPTZ '2026-11-12 10:00:00Z'),
        ('plant', 'P1', 'plant', 'T1', DATE '2026-11-23', '2026-W48', DATE '2026-11-03', false, true, 2.0e0, NULL, NULL,
            TIMESTAMPTZ '2026-11-05 10:00:00Z')
    ) AS t(partner_id, site_id, plant_partner_id, therapy_code, week_start_date, iso_week, version_date, is_newest_version, is_answered,
        committed_starts, reason_code, note, answered_at)
"""
VERSIONS = """
    CREATE TABLE reports.rpt_{role}__forecast_versions AS FROM (VALUES
        ('north', 'H1', 'T1', DATE '2026-11-23', 'forecast', DATE '2026-11-03', DATE '2026-11-10', 2.0e0, ['s1']),
        ('north', 'H1', 'T1', DATE '2026-11-23', 'forecast', DATE '2026-11-10', NULL, 2.5e0, ['s2'])
    ) AS t(partner_id, hospital_id, therapy_code, week_start_date, version_kind, stated_date, replaced_date, patients, submission_ids)
"""
ABOUT = "CREATE TABLE reports.rpt_{role}__about AS SELECT DATE '2026-11-16' AS planning_date, DATE '2026-08-17' AS versions_kept_from"


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The installation of the process has this edition of 16 November 2026, and it is current."""
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path))
    state = Home(tmp_path)
    with duckdb.connect(str(state.warehouse)) as con:
        con.execute("SET TimeZone = 'UTC'")
        for schema in ("landing", "staging", "reports"):
            con.execute(f"CREATE SCHEMA {schema}")
        con.execute("CREATE TABLE landing.submission AS SELECT 's1' AS submission_id, TIMESTAMPTZ '2026-11-10 12:00:00Z' AS as_of")
        con.execute("CREATE TABLE landing.sending AS SELECT submission_id, as_of AS sent_at FROM landing.submission")
        con.execute("""
            CREATE TABLE staging.stg_partner AS FROM (VALUES ('north', 'hospital', true), ('south', 'hospital', true), ('plant', 'plant', true))
            AS t(partner_id, role, is_current)
        """)
        for role, tables in {
            "operator": (DEMAND, CAPACITY, COMMITS, VERSIONS, ABOUT),
            "hospital": (DEMAND, VERSIONS, ABOUT),
            "plant": (CAPACITY, COMMITS),
        }.items():
            for table in tables:
                con.execute(table.format(role=role))
        con.execute("CREATE TABLE reports.rpt_executive__about AS SELECT 1 AS submissions")
    _publish(state, date(2026, 11, 16))
    return state


@pytest.fixture
def publish_on(published: Home) -> Callable[[date], str]:
    """Publish the warehouse as a plan of another date; gives the id of the edition."""
    return lambda planning_date: _publish(published, planning_date)


def _publish(state: Home, planning_date: date) -> str:
    created_at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    return publish(state, planning_date=planning_date, created_at=created_at, append=lambda _id, _body: None).edition_id
