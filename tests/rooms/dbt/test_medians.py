"""The Kaplan-Meier median of the KPI models equals a plain calculation, on random cohorts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from compiled import Compiled, open_memory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    import duckdb

COLLECTED = datetime(2026, 6, 1, tzinfo=UTC)
COHORTS = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=25)


def median(cohort: list[tuple[int, bool]]) -> int | None:
    """First day on which at most half are still waiting; (days, is_infused) per patient."""
    waiting = 1.0
    for day in sorted({days for days, _ in cohort}):
        at_risk = sum(days >= day for days, _ in cohort)
        waiting *= 1 - sum(infused for days, infused in cohort if days == day) / at_risk
        if waiting <= 0.5 + 1e-9:
            return day
    return None


@pytest.fixture(scope="module")
def con(compiled: Compiled) -> duckdb.DuckDBPyConnection:
    con = open_memory()
    con.execute("CREATE SCHEMA marts")
    con.execute("""
        CREATE TABLE marts.fct_case_timeline (therapy_code VARCHAR, apheresis_at TIMESTAMPTZ, infusion_at TIMESTAMPTZ, outcome_date DATE,
            submission_ids VARCHAR[])
    """)
    return con


@settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(cohort=COHORTS)
def test_median_counts_those_who_wait(compiled: Compiled, con: duckdb.DuckDBPyConnection, cohort: list[tuple[int, bool]]) -> None:
    con.execute("DELETE FROM marts.fct_case_timeline")
    ends = [COLLECTED + timedelta(days=days) for days, _ in cohort]
    rows = [(COLLECTED, end if infused else None, end.date()) for end, (_, infused) in zip(ends, cohort, strict=True)]
    con.executemany("INSERT INTO marts.fct_case_timeline VALUES (NULL, ?, ?, ?, [])", rows)
    compiled.build(con, "kpi_vein_to_vein", given=frozenset({"fct_case_timeline"}))
    found = con.execute("SELECT value, n, n_open, lower, upper FROM intermediate.kpi_vein_to_vein WHERE period_kind = 'all'").fetchall()
    value, n, n_open, lower, upper = found[0]
    assert value == median(cohort)
    assert (n, n_open) == (len(cohort), sum(not infused for _, infused in cohort))
    assert value is None or lower is None or lower <= value
    assert value is None or upper is None or value <= upper
