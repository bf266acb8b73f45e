"""One simulated network: topology, cases, slots, bookings, attempts, times and vector, put together from size and seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.network.cases import Cases, draw_cases
from dagster_project.network.clock import day_number
from dagster_project.network.journeys import Attempts, Bookings, Slots, lay_out_slots, run_pools
from dagster_project.network.large_networks import large
from dagster_project.network.sizes import PLANNING_DATE, Size
from dagster_project.network.small_networks import demo, tiny
from dagster_project.network.timeline import Timeline, build_timeline
from dagster_project.network.vector import Lot, draw_lots, reject_one, supply_curve

if TYPE_CHECKING:
    from dagster_project.network.topology import Topology


@dataclass
class World:
    """Everything that happened, happens and will happen; the feeds show partners' parts of it as of a moment."""

    net: Topology
    size: Size
    seed: int
    cases: Cases
    slots: Slots
    bookings: Bookings
    attempts: Attempts
    times: Timeline
    lots: list[Lot]

    @property
    def today(self) -> int:
        """Day number of the planning date."""
        return day_number(PLANNING_DATE)


def simulate(size: Size, seed: int) -> World:
    """Run the whole network once."""
    drawn = {"tiny": tiny, "demo": demo}.get(size.name)
    net = drawn() if drawn else large(size, seed)
    cases, slots = draw_cases(net, size, seed), lay_out_slots(net, size)
    lots = draw_lots(net, size, seed)
    reject_one(lots, "LV-BCMA")
    curves = [supply_curve(lots, pool) for pool in range(len(net.pools))]
    bookings, attempts = run_pools(net, cases, slots, curves, seed)
    times = build_timeline(net, cases, slots, bookings, attempts, seed)
    return World(net, size, seed, cases, slots, bookings, attempts, times, lots)
