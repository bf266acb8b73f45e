"""The walk on arrays serves what the plain loop and the plan's SQL serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import frame_of
from reference import Network, Supply, week_by_week
from test_served import HEALTH, NETWORKS, NETWORKS_AT_ONCE, SOME_NETWORKS, THOROUGH, plan_in_sql, plant, property_of

from dagster_project.planning.align import align

if TYPE_CHECKING:
    import duckdb
    from compiled import Compiled

__all__ = ["plant"]
NO_LOTS = Network(1.0, (2.0,) * 4, (1.0,) * 4, Supply(1.0, (), 4), (), 0.0, (0.0,))
UNSTATED = Network(1.0, (2.0,) * 4, (1.0,) * 4, Supply(1.0, (), 0), (), 0.0, (0.0,))


def hold_against(plan, line: int, weeks) -> None:
    for name in ("remake", "vector_doses", "material_starts", "served", "waiting"):
        wanted = np.array([getattr(week, name) for week in weeks], dtype=float)
        np.testing.assert_allclose(getattr(plan, name)[line], wanted, atol=1e-6, err_msg=name)


@settings(max_examples=THOROUGH // NETWORKS_AT_ONCE, deadline=None, derandomize=True, suppress_health_check=HEALTH)
@given(networks=st.lists(NETWORKS, min_size=NETWORKS_AT_ONCE, max_size=NETWORKS_AT_ONCE))
def test_the_walk_serves_what_the_loop_serves_on_500_networks(networks: list[Network]) -> None:
    plan = align(frame_of(networks))
    for line, network in enumerate(networks):
        found = week_by_week(network)
        for name in ("remake", "served", "waiting"):
            # The loop does not round; the plan does, to six places, every week.
            np.testing.assert_allclose(getattr(plan, name)[line], [getattr(week, name) for week in found], atol=1e-4, err_msg=name)


@property_of(60)
@SOME_NETWORKS
def test_the_walk_is_the_sql_to_the_sixth_place(compiled: Compiled, plant: duckdb.DuckDBPyConnection, networks: list[Network]) -> None:
    plan = align(frame_of(networks))
    for line, weeks in enumerate(plan_in_sql(compiled, plant, networks)):
        hold_against(plan, line, weeks)


@pytest.mark.slow
@property_of(THOROUGH)
@SOME_NETWORKS
def test_the_walk_is_the_sql_to_the_sixth_place_on_500_networks(
    compiled: Compiled, plant: duckdb.DuckDBPyConnection, networks: list[Network]
) -> None:
    plan = align(frame_of(networks))
    for line, weeks in enumerate(plan_in_sql(compiled, plant, networks)):
        hold_against(plan, line, weeks)


def test_a_vector_that_nobody_states_does_not_limit_and_one_without_doses_does() -> None:
    plan = align(frame_of([NO_LOTS, UNSTATED]))
    assert plan.served[0].tolist() == [0.0] * 4
    assert plan.served[1].tolist() == [1.0] * 4
    assert np.isnan(plan.vector_doses[1]).all()
