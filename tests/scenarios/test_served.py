"""On random small networks the plan's recursive SQL serves what a plain week-by-week loop serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from compiled import WEEKS, Compiled, open_memory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Lot:
    """Doses usable from the first to the last week, both counted."""

    doses: float
    first: int
    last: int


@dataclass(frozen=True)
class Network:
    """One therapy at one plant."""

    backlog: float
    demand: tuple[float, ...]
    capacity: tuple[float, ...]
    doses_per_batch: float
    lots: tuple[Lot, ...]


def quantities(top: int) -> st.SearchStrategy[float]:
    return st.integers(0, top * 4).map(lambda quarter: quarter / 4)


LOTS = st.builds(Lot, doses=quantities(15), first=st.integers(-3, WEEKS), last=st.integers(0, WEEKS))
NETWORKS = st.builds(
    Network,
    backlog=quantities(5),
    demand=st.tuples(*[quantities(6)] * WEEKS),
    capacity=st.tuples(*[quantities(6)] * WEEKS),
    doses_per_batch=st.sampled_from([0.5, 1.0, 2.0, 3.0]),
    lots=st.lists(LOTS, max_size=5).map(tuple),
)


def week_by_week(network: Network) -> list[tuple[float, float, float]]:
    """(usable doses, served, waiting) per week, by the rules as the plan states them."""
    shelf = [[lot.last, place, lot.doses, lot.first] for place, lot in enumerate(sorted(network.lots, key=lambda lot: lot.last))]
    waiting, plan = network.backlog, []
    for week in range(WEEKS):
        usable = [lot for lot in shelf if lot[3] <= week <= lot[0]]
        doses = sum(lot[2] for lot in usable)
        starts = min(waiting + network.demand[week], network.capacity[week], doses / network.doses_per_batch)
        waiting += network.demand[week] - starts
        needed = starts * network.doses_per_batch
        for lot in usable:
            taken = min(lot[2], needed)
            lot[2] -= taken
            needed -= taken
        plan.append((doses, starts, waiting))
    return plan


@pytest.fixture(scope="module")
def plant(compiled: Compiled) -> duckdb.DuckDBPyConnection:
    """A warehouse that has only what the recursion reads."""
    con = open_memory()
    con.execute("CREATE SCHEMA intermediate")
    con.execute("""
        CREATE TABLE intermediate.int_plan__frame (therapy_code VARCHAR, site_id VARCHAR, week_no INTEGER, demand DOUBLE,
            opening_backlog DOUBLE, perishable_capacity DOUBLE, doses_per_batch DOUBLE)
    """)
    con.execute("""
        CREATE TABLE intermediate.int_plan__lots (therapy_code VARCHAR, site_id VARCHAR, doses DOUBLE, first_week_no INTEGER,
            last_week_no INTEGER, use_order BIGINT)
    """)
    return con


def plan_in_sql(compiled: Compiled, con: duckdb.DuckDBPyConnection, networks: list[Network]) -> dict[str, list[tuple[Any, ...]]]:
    """All networks in one run, each a plant of its own: plants must not touch each other either."""
    con.execute("DELETE FROM intermediate.int_plan__frame")
    con.execute("DELETE FROM intermediate.int_plan__lots")
    frame, lots = [], []
    for number, network in enumerate(networks):
        site = f"plant-{number}"
        for week in range(WEEKS):
            opening = network.backlog if week == 0 else 0.0
            frame.append(("T", site, week, network.demand[week], opening, network.capacity[week], network.doses_per_batch))
        for order, lot in enumerate(sorted(network.lots, key=lambda lot: lot.last), start=1):
            lots.append(("T", site, lot.doses, lot.first, lot.last, order))
    con.executemany("INSERT INTO intermediate.int_plan__frame VALUES (?, ?, ?, ?, ?, ?, ?)", frame)
    if lots:
        con.executemany("INSERT INTO intermediate.int_plan__lots VALUES (?, ?, ?, ?, ?, ?)", lots)
    compiled.build(con, "int_plan__served", given=frozenset({"int_plan__frame", "int_plan__lots"}))
    rows = con.execute(
        "SELECT site_id, vector_doses, served, waiting FROM intermediate.int_plan__served ORDER BY site_id, week_no"
    ).fetchall()
    plans: dict[str, list[tuple[Any, ...]]] = {}
    for site, *numbers in rows:
        plans.setdefault(site, []).append(tuple(numbers))
    return plans


@settings(
    max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(networks=st.lists(NETWORKS, min_size=1, max_size=4))
def test_sql_serves_what_the_loop_serves(compiled: Compiled, plant: duckdb.DuckDBPyConnection, networks: list[Network]) -> None:
    plans = plan_in_sql(compiled, plant, networks)
    for number, network in enumerate(networks):
        for found, wanted in zip(plans[f"plant-{number}"], week_by_week(network), strict=True):
            assert found == pytest.approx(wanted, abs=1e-4)
