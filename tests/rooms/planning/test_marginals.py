"""What one more unit brings is what the walk says with it, and is told in a sentence."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import frame_of
from reference import Lot, Network, Supply, week_by_week
from test_served import HEALTH, NETWORKS, NETWORKS_AT_ONCE

from dagster_project.planning import align, marginals, one_more, short_weeks

if TYPE_CHECKING:
    from dagster_project.planning import Marginal

PLENTY = Supply(1.0, (Lot(100.0, 0, 8),), 4)


def tables_of(networks: list[Network]) -> SimpleNamespace:
    frame = frame_of(networks)
    return SimpleNamespace(frame=frame, plan=align(frame), iso_weeks=[f"2027-W{week:02}" for week in range(1, frame.weeks + 1)])


def relieved(network: Network, found: Marginal) -> Network:
    """The same network with one more of what held the week back."""
    if found.resource == "slot":
        capacity = list(network.capacity)
        capacity[found.week] += 1
        return replace(network, capacity=tuple(capacity))
    more = Lot(network.vector.use_per_start, found.week, len(network.demand) + 1)
    return replace(network, vector=replace(network.vector, lots=(*network.vector.lots, more)))


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=HEALTH)
@given(networks=st.lists(NETWORKS, min_size=NETWORKS_AT_ONCE, max_size=NETWORKS_AT_ONCE))
def test_one_more_brings_what_the_loop_says(networks: list[Network]) -> None:
    tables = tables_of(networks)
    found = marginals(tables)
    assert [(one.line, one.week) for one in found] == short_weeks(tables.plan)
    for one in found:
        if one.resource == "material":
            continue
        network = networks[one.line]
        before, after = week_by_week(network), week_by_week(relieved(network, one))
        assert one.starts == pytest.approx(after[one.week].served - before[one.week].served, abs=1e-4)
        saved = sum(week.waiting for week in before) - sum(week.waiting for week in after)
        assert one.patient_weeks == pytest.approx(saved, abs=1e-3)


def test_one_more_slot_saves_all_the_weeks_that_its_patient_would_wait() -> None:
    tables = tables_of([Network(0.0, (3.0, 1.0, 1.0, 0.0), (1.0,) * 4, PLENTY, (), 0.0, (0.0,))])
    (first, *_) = marginals(tables)
    assert (first.resource, first.starts, first.patient_weeks) == ("slot", 1.0, 4.0)
    assert (
        one_more(first, tables)
        == "One more slot in 2027-W01 lets 1 waiting patient start in that week and saves 4 patient-weeks of waiting."
    )


def test_what_stands_behind_is_told_too() -> None:
    vector = Supply(2.0, (Lot(2.0, 0, 0), Lot(100.0, 2, 8)), 4)
    tables = tables_of([Network(0.0, (3.0, 0.0, 0.0, 0.0), (1.0, 0.0, 5.0, 5.0), vector, (), 0.0, (0.0,))])
    (first, *_) = marginals(tables)
    assert (first.resource, first.starts, first.next_resource, first.next_starts) == ("slot", 0.0, "vector", 1.0)
    assert one_more(first, tables) == (
        "One more slot in 2027-W01 lets nobody start sooner. On top of it, vector for one more start lets 1 waiting patient start in that"
        " week and saves 2 patient-weeks of waiting."
    )
