"""On random small networks the plan's recursive SQL serves what a plain week-by-week loop serves, and as much as any plan could."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import highspy
import pytest
from compiled import WEEKS, Compiled, open_memory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference import Lot, Network, Supply, Week, week_by_week

if TYPE_CHECKING:
    import duckdb

GIVEN = frozenset({"int_plan__frame", "int_plan__lots"})
# One start of dbt's SQL takes as long for ten networks as for one.
NETWORKS_AT_ONCE = 10
QUICK, THOROUGH = 60, 500
HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


def quantities(top: int) -> st.SearchStrategy[float]:
    return st.integers(0, top * 4).map(lambda quarter: quarter / 4)


LOTS = st.builds(Lot, quantity=quantities(15), first=st.integers(-3, WEEKS), last=st.integers(0, WEEKS))
USES = st.sampled_from([0.5, 1.0, 2.0, 3.0])
# Of a vector that nobody states there are no lots, and it does not limit.
VECTORS = st.one_of(
    st.builds(Supply, use_per_start=USES, lots=st.lists(LOTS, max_size=5).map(tuple), limits_until=st.just(WEEKS)),
    st.builds(Supply, use_per_start=USES, lots=st.just(()), limits_until=st.just(0)),
)
MATERIALS = st.builds(
    Supply, use_per_start=USES, lots=st.lists(LOTS, min_size=1, max_size=3).map(tuple), limits_until=st.integers(0, WEEKS)
)
PLAIN = {
    "backlog": quantities(5),
    "demand": st.tuples(*[quantities(6)] * WEEKS),
    "capacity": st.tuples(*[quantities(6)] * WEEKS),
    "vector": VECTORS,
}
NETWORKS = st.builds(
    Network,
    **PLAIN,
    materials=st.lists(MATERIALS, max_size=3).map(tuple),
    failure_pct=st.sampled_from([0.0, 4.0, 14.0, 50.0]),
    prior=st.lists(quantities(6), min_size=1, max_size=4).map(tuple),
)


def in_one_order(lots: list[Lot]) -> tuple[Lot, ...]:
    """The same lots, but what is usable later expires later: then it never pays to hold a patient back for a lot that is still to come."""
    firsts, lasts = sorted(lot.first for lot in lots), sorted(lot.last for lot in lots)
    return tuple(Lot(lot.quantity, first, last) for lot, first, last in zip(lots, firsts, lasts, strict=True))


def plain(lots: st.SearchStrategy[tuple[Lot, ...]]) -> st.SearchStrategy[Network]:
    vectors = st.builds(Supply, use_per_start=USES, lots=lots, limits_until=st.just(WEEKS))
    without = {"materials": st.just(()), "failure_pct": st.just(0.0), "prior": st.just((0.0,))}
    return st.builds(Network, **(PLAIN | without | {"vector": vectors}))


IN_ONE_ORDER = plain(st.lists(LOTS, max_size=5).map(in_one_order))
IN_ANY_ORDER = plain(st.lists(LOTS, max_size=5).map(tuple))


@pytest.fixture(scope="module")
def plant(compiled: Compiled) -> duckdb.DuckDBPyConnection:
    """A warehouse that has only what the recursion reads."""
    con = open_memory()
    con.execute("CREATE SCHEMA intermediate")
    con.execute("""
        CREATE TABLE intermediate.int_plan__frame (therapy_code VARCHAR, site_id VARCHAR, week_no INTEGER, demand DOUBLE,
            opening_backlog DOUBLE, perishable_capacity DOUBLE, doses_per_batch DOUBLE, is_vector_stated BOOLEAN, failure_pct DOUBLE, remake_lag_weeks INTEGER,
            prior_starts DOUBLE)
    """)
    con.execute("""
        CREATE TABLE intermediate.int_plan__lots (therapy_code VARCHAR, site_id VARCHAR, supply_code VARCHAR, doses DOUBLE,
            use_per_start DOUBLE, limits_until_week INTEGER, first_week_no INTEGER, last_week_no INTEGER, use_order BIGINT)
    """)
    return con


def frame_rows(site: str, network: Network) -> list[tuple[Any, ...]]:
    lag = len(network.prior)
    return [
        ("T", site, week, network.demand[week], network.backlog if week == 0 else 0.0, network.capacity[week],
         network.vector.use_per_start, network.vector.limits_until > 0, network.failure_pct, lag, network.prior[week] if week < lag else 0.0)
        for week in range(WEEKS)
    ]  # fmt: skip


def lot_rows(site: str, network: Network) -> list[tuple[Any, ...]]:
    named = [("vector", network.vector), *((f"ITEM-{number}", item) for number, item in enumerate(network.materials))]
    return [
        ("T", site, code, lot.quantity, supply.use_per_start, None if code == "vector" else supply.limits_until, lot.first, lot.last, order)
        for code, supply in named
        for order, lot in enumerate(sorted(supply.lots, key=lambda lot: lot.last), start=1)
    ]


def plan_in_sql(compiled: Compiled, con: duckdb.DuckDBPyConnection, networks: list[Network]) -> list[list[Week]]:
    """All networks in one run, each a plant of its own: plants must not touch each other either."""
    con.execute("DELETE FROM intermediate.int_plan__frame")
    con.execute("DELETE FROM intermediate.int_plan__lots")
    frame = [row for number, network in enumerate(networks) for row in frame_rows(f"{number:03}", network)]
    lots = [row for number, network in enumerate(networks) for row in lot_rows(f"{number:03}", network)]
    con.executemany(f"INSERT INTO intermediate.int_plan__frame VALUES ({', '.join('?' * 11)})", frame)
    if lots:
        con.executemany(f"INSERT INTO intermediate.int_plan__lots VALUES ({', '.join('?' * 9)})", lots)
    compiled.build(con, "int_plan__served", given=GIVEN)
    rows = con.execute("""
        SELECT site_id, remake, vector_doses, material_starts, served, waiting
        FROM intermediate.int_plan__served ORDER BY site_id, week_no
    """).fetchall()
    plans: dict[str, list[Week]] = {}
    for site, *numbers in rows:
        plans.setdefault(site, []).append(Week(*numbers))
    return [plans[site] for site in sorted(plans)]


def hold_against_the_loop(network: Network, found: list[Week]) -> None:
    waiting = network.backlog
    for week, (got, wanted) in enumerate(zip(found, week_by_week(network), strict=True)):
        assert (got.remake, got.vector_doses, got.served, got.waiting) == pytest.approx(
            (wanted.remake, wanted.vector_doses, wanted.served, wanted.waiting), abs=1e-4
        )
        assert got.material_starts == pytest.approx(wanted.material_starts, abs=1e-4)
        # Nobody is dropped and nobody is made up.
        assert waiting + network.demand[week] + got.remake == pytest.approx(got.served + got.waiting, abs=1e-5)
        waiting = got.waiting


def property_of(networks: int) -> settings:
    return settings(max_examples=networks // NETWORKS_AT_ONCE, deadline=None, derandomize=True, suppress_health_check=HEALTH)


SOME_NETWORKS = given(networks=st.lists(NETWORKS, min_size=NETWORKS_AT_ONCE, max_size=NETWORKS_AT_ONCE))


@property_of(QUICK)
@SOME_NETWORKS
def test_sql_serves_what_the_loop_serves(compiled: Compiled, plant: duckdb.DuckDBPyConnection, networks: list[Network]) -> None:
    for network, found in zip(networks, plan_in_sql(compiled, plant, networks), strict=True):
        hold_against_the_loop(network, found)


@pytest.mark.slow
@property_of(THOROUGH)
@SOME_NETWORKS
def test_sql_serves_what_the_loop_serves_on_500_networks(
    compiled: Compiled, plant: duckdb.DuckDBPyConnection, networks: list[Network]
) -> None:
    for network, found in zip(networks, plan_in_sql(compiled, plant, networks), strict=True):
        hold_against_the_loop(network, found)


class Programme:
    """All plans of a network as a linear programme over starts per week and doses per lot and week, solved by HiGHS."""

    def __init__(self, network: Network) -> None:
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setMaximize()
        self.starts = [self.solver.addVariable(lb=0, ub=capacity) for capacity in network.capacity]
        taken = {
            (number, week): self.solver.addVariable(lb=0, ub=lot.quantity)
            for number, lot in enumerate(network.vector.lots)
            for week in range(WEEKS)
            if lot.first <= week <= lot.last
        }
        for number, lot in enumerate(network.vector.lots):
            uses = [variable for (one, _), variable in taken.items() if one == number]
            if uses:
                self.solver.addConstr(self.solver.qsum(uses) <= lot.quantity)
        for week in range(WEEKS):
            arrived = network.backlog + sum(network.demand[: week + 1])
            self.solver.addConstr(self.solver.qsum(self.starts[: week + 1]) <= arrived)
            doses = [variable for (_, one), variable in taken.items() if one == week]
            self.solver.addConstr(self.solver.qsum([*doses, -network.vector.use_per_start * self.starts[week]]) >= 0)

    def most(self, first: int, last: int) -> float:
        """The most that can start from the first to the last week, both counted."""
        for week, variable in enumerate(self.starts):
            self.solver.changeColCost(variable.index, 1.0 if first <= week <= last else 0.0)
        self.solver.run()
        return float(self.solver.getInfo().objective_function_value)

    def decide(self, week: int, starts: float) -> None:
        """From now on so many start in the week, give or take what the plan rounds."""
        self.solver.changeColBounds(self.starts[week].index, max(starts - 1e-5, 0.0), starts + 1e-5)


@property_of(QUICK)
@given(networks=st.lists(IN_ONE_ORDER, min_size=NETWORKS_AT_ONCE, max_size=NETWORKS_AT_ONCE))
def test_no_plan_serves_more_by_any_week(compiled: Compiled, plant: duckdb.DuckDBPyConnection, networks: list[Network]) -> None:
    for network, found in zip(networks, plan_in_sql(compiled, plant, networks), strict=True):
        programme = Programme(network)
        for week in range(WEEKS):
            assert sum(one.served for one in found[: week + 1]) == pytest.approx(programme.most(0, week), abs=1e-3)


@property_of(QUICK)
@given(networks=st.lists(IN_ANY_ORDER, min_size=NETWORKS_AT_ONCE, max_size=NETWORKS_AT_ONCE))
def test_nobody_is_held_back_and_no_choice_of_lots_serves_more(
    compiled: Compiled, plant: duckdb.DuckDBPyConnection, networks: list[Network]
) -> None:
    """Where a lot comes late and expires early, holding patients back could serve more in the end: the rules never do. Week by week they serve
    the most that is left to serve, whichever lots had been used before."""
    for network, found in zip(networks, plan_in_sql(compiled, plant, networks), strict=True):
        programme = Programme(network)
        for week, one in enumerate(found):
            assert one.served == pytest.approx(programme.most(week, week), abs=1e-3)
            programme.decide(week, one.served)


@pytest.mark.slow
@property_of(THOROUGH)
@given(networks=st.lists(IN_ONE_ORDER, min_size=NETWORKS_AT_ONCE, max_size=NETWORKS_AT_ONCE))
def test_no_plan_serves_more_by_any_week_on_500_networks(
    compiled: Compiled, plant: duckdb.DuckDBPyConnection, networks: list[Network]
) -> None:
    for network, found in zip(networks, plan_in_sql(compiled, plant, networks), strict=True):
        programme = Programme(network)
        for week in range(WEEKS):
            assert sum(one.served for one in found[: week + 1]) == pytest.approx(programme.most(0, week), abs=1e-3)
