"""What suppliers and couriers answer to the forecasts, week by week: doses that their lots cover, shipments that their lanes carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dagster_project.network.clock import DAY
from dagster_project.network.columns import day, num, pick, same
from dagster_project.network.feeds_hospital_plans import date_number, is_known
from dagster_project.network.feeds_operator import weekly_capacity
from dagster_project.network.feeds_supplier import status_of
from dagster_project.network.publish import THURSDAY, TUESDAY, Parcel, weekly
from dagster_project.network.vector import weekly_use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.streams import Array
    from dagster_project.network.topology import Lane
    from dagster_project.network.world import World

FEED = "supply_commit"
FLEX = 1.5
"""A supplier releases up to half as much again as is used in a week, as long as its lots last."""


def supply_commits(world: World) -> Iterator[Parcel]:
    """Thursday's answers to Tuesday's forecasts, of all suppliers and couriers."""
    net = world.net
    for partner in sorted({net.sites[site].partner for site in net.suppliers.values()}):
        vectors = [vector for vector, site in net.suppliers.items() if net.sites[site].partner == partner]
        for monday, as_of in weekly(world, partner, FEED, THURSDAY):
            yield Parcel(partner, FEED, as_of, pa.concat_tables([_doses(world, vector, monday, as_of // DAY) for vector in vectors]))
    for courier in net.couriers:
        # Cells on their way to a plant: what the forecasts ask of a lane.
        lanes = [lane for lane in net.lanes if lane.courier == courier and lane.origin in net.hospitals and lane.destination in net.plants]
        for monday, as_of in weekly(world, courier, FEED, THURSDAY) if lanes else ():
            yield Parcel(courier, FEED, as_of, pa.concat_tables([_shipments(world, lane, monday, as_of) for lane in lanes]))


def _doses(world: World, vector: str, monday: int, today: int) -> pa.Table:
    """What is left of the lots, after what has been started and will be until the week."""
    net, weeks = world.net, _weeks(world, monday)
    pools = [number for number, pool in enumerate(net.pools) if net.therapies[pool.therapy].vector == vector]
    use = sum(weekly_use(net, pool) for pool in pools)
    lots = [lot for lot in world.lots if lot.vector == vector]
    good = [lot for lot in lots if status_of(lot, today) not in {"rejected", "expired"}]
    made = np.array([[lot.doses if lot.usable_from(today) <= week else 0 for lot in good] for week in weeks.tolist()]).sum(axis=1)
    slots = world.attempts.slot
    used = np.count_nonzero((world.slots.day[slots] < monday) & np.isin(world.slots.pool[slots], pools))
    left = made - used - use * np.arange(len(weeks))
    doses = np.clip(np.round(left, 1), 0, np.ceil(FLEX * use))
    is_held = any(status_of(lot, today) == "rejected" for lot in lots)
    return _rows("vector", vector, weeks, doses, np.where(doses < use, 0 if is_held else 1, -1))


def _shipments(world: World, lane: Lane, monday: int, as_of: int) -> pa.Table:
    """What the lane carries, and nothing in a week in which its plant's airport is closed."""
    weeks, closure = _weeks(world, monday), world.net.closure
    shut = np.zeros(len(weeks), bool)
    if closure and closure.site == lane.destination and is_known(closure, as_of):
        shut = (weeks + 6 >= date_number(closure.start)) & (weeks <= date_number(closure.end))
    shipments = np.where(shut, 0.0, weekly_capacity(world.net, lane))
    return _rows("lane", lane.lane_id, weeks, shipments, np.where(shut, 2, -1))


def _weeks(world: World, monday: int) -> Array:
    return np.arange(monday, monday + 7 * world.size.horizon_weeks, 7)


def _rows(kind: str, code: str, weeks: Array, quantity: Array, reason: Array) -> pa.Table:
    count = len(weeks)
    return pa.table(
        {
            "resource_kind": same(kind, count),
            "resource_code": same(code, count),
            "week_start_date": day(weeks),
            "forecast_version_date": day(np.full(count, weeks[0] + TUESDAY)),
            "committed_quantity": num(quantity, 1),
            "unit_code": same({"vector": "doses", "lane": "shipments"}[kind], count),
            "reason_code": pick(["quality_hold", "vector_short", "shutdown"], reason),
            "note": same(None, count),
        }
    )
