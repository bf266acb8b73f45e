"""What partners state, and what nobody states, through the door to the plan: load factor and shift, a vector that nobody mentions."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from compiled import open_memory
from decided import HILL, RIVER, THERAPY, edit, write_network
from test_scenarios import send_all

from dagster_project import register
from dagster_project.home import home
from dagster_project.landing import load_landing

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    from compiled import Compiled


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "home"))
    return write_network(tmp_path / "files")


def built(compiled: Compiled, files: Path, *models: str) -> duckdb.DuckDBPyConnection:
    send_all(files)
    con = open_memory()
    load_landing(con, register.submissions(), home())
    compiled.build(con, *models)
    return con


def test_load_factor_and_shift_enter_the_match_and_never_the_demand(compiled: Compiled, files: Path) -> None:
    agreement = files / "operator/agreement/2026-11-02.csv"
    edit(agreement, ("minimum_cohort\n", "minimum_cohort,load_factor\n"))
    edit(agreement, ("fifo,5", "fifo,5,1.3333333333"))
    answers = files / "river-plant/capacity_commit/2026-11-12.csv"
    answers.parent.mkdir()
    answers.write_text(
        "site_id,therapy_code,week_start_date,forecast_version_date,actual_starts,maximum_starts,load_shift_starts\n"
        f"{RIVER},{THERAPY},2026-11-23,2026-11-10,4,5,-2\n{RIVER},{THERAPY},2026-11-30,2026-11-10,4,5,2\n"
    )
    con = built(compiled, files, "fct_capacity_match", "fct_plan_demand")
    found = con.execute(
        f"SELECT iso_week, demand, load, load_shift, colour FROM marts.fct_capacity_match WHERE site_id = '{RIVER}' ORDER BY iso_week LIMIT 4"
    ).fetchall()
    assert [row[1] for row in found] == [2, 5, 3, 2]
    assert [row[2] for row in found] == pytest.approx([2.6666666666, 6.6666666665 - 2, 3.9999999999 + 2, 2.6666666666], abs=1e-9)
    assert [row[3:] for row in found[1:3]] == [(-2.0, "orange"), (2.0, "red")]
    assert con.execute("SELECT DISTINCT load_factor FROM marts.fct_plan_demand").fetchall() == [(1.3333333333,)]


def test_a_vector_that_nobody_states_does_not_limit_and_the_chain_says_so(compiled: Compiled, files: Path) -> None:
    shutil.rmtree(files / "vector-house")
    con = built(compiled, files, "fct_aligned_plan", "fct_plan_links")
    found = con.execute(
        "SELECT sum(served), count(vector_doses), count(*) FILTER (binding_constraint = 'vector') FROM marts.fct_aligned_plan"
    )
    assert found.fetchall() == [(16.0, 0, 0)]
    assert con.execute(
        "SELECT DISTINCT vector_state, explanation LIKE '%vector doses are not stated%' FROM marts.fct_plan_links"
    ).fetchall() == [("not_stated", True)]


def test_a_plant_without_a_dose_of_a_stated_vector_starts_nobody(compiled: Compiled, files: Path) -> None:
    allocations = files / "vector-house/vector_allocation/2026-11-11.csv"
    allocations.write_text("".join(line for line in allocations.read_text().splitlines(keepends=True) if RIVER not in line))
    con = built(compiled, files, "fct_aligned_plan")
    served = con.execute("SELECT site_id, sum(served), min(vector_doses) FROM marts.fct_aligned_plan GROUP BY 1 ORDER BY 1").fetchall()
    assert served == [(RIVER, 0.0, 0.0), (HILL, 0.0, 3.0)]
