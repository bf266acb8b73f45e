"""Every transport of the network as one table of arrays: patient material both ways, vector to plants, and the containers they use."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.network.clock import DAY, utc
from dagster_project.network.streams import Array, stream

if TYPE_CHECKING:
    from dagster_project.network.timeline import Transport
    from dagster_project.network.world import World

INBOUND, OUTBOUND, VECTOR = range(3)
CHILLED, FROZEN, CRYO = range(3)
BANDS = ["2-8", "-80", "cryo"]
MODELS = [("Chill 4 d", 96.0), ("Deep 5 d", 120.0), ("Cryo 10 d", 240.0)]
BEFORE_MINUTES, AFTER_MINUTES = 12 * 60, 60 * 60
"""A container is away from before the pickup until it has been sent back and charged again."""


@dataclass
class Shipments:
    """One entry per booking, in order of request. `case` is -1 and `lot` an index for vector; `container` -1 when nothing moved."""

    leg: Array
    case: Array
    lot: Array
    lane: Array
    band: Array
    pickup_open: Array
    picked: Array
    planned: Array
    promised: Array
    delivered: Array
    requested: Array
    cancelled: Array
    courier: Array
    container: Array

    def __len__(self) -> int:
        return len(self.leg)


def draw_shipments(world: World) -> Shipments:
    """Inbound and outbound transports of attempts, the cancelled first plans of moved cases, and vector deliveries."""
    times, attempts, book = world.times, world.attempts, world.bookings
    fresh = np.array([t.material_state == "fresh" for t in world.net.therapies])[world.cases.therapy]
    parts = []
    rows = np.flatnonzero(times.collects)
    nan = np.full(len(attempts), np.nan)
    parts.append(_part(INBOUND, attempts.case[rows], np.where(fresh[attempts.case[rows]], CHILLED, CRYO), times.inbound, rows,
                       attempts.booked[rows] * DAY + 120, nan[rows]))  # fmt: skip
    moved = np.flatnonzero(np.isfinite(book.freed))
    parts.append(_lost_plans(world, moved, fresh))
    rows = np.flatnonzero(np.isfinite(times.outbound.pickup_open))
    parts.append(_part(OUTBOUND, attempts.case[rows], np.full(len(rows), CRYO), times.outbound, rows, times.decided[rows] + 30, nan[rows]))
    parts.append(_vector_parts(world))
    columns = [np.concatenate([part[i] for part in parts]) for i in range(12)]
    order = np.argsort(columns[10], kind="stable")
    columns = [column[order] for column in columns]
    courier = np.array([lane.courier for lane in world.net.lanes])[columns[3]]
    container = _containers(courier, columns[4], columns[6], columns[9], columns[11])
    return Shipments(*[*columns, courier, container])


def _part(  # noqa: PLR0913, PLR0917 - one argument per kind of column
    leg: int, case: Array, band: Array, way: Transport, rows: Array, requested: Array, cancelled: Array
) -> list[Array]:
    count = len(rows)
    return [np.full(count, leg), case, np.full(count, -1), way.lane[rows], band, way.pickup_open[rows], way.picked_up[rows], way.planned[rows],
            way.promised[rows], way.delivered[rows], requested, cancelled]  # fmt: skip


def _lost_plans(world: World, rows: Array, fresh: Array) -> list[Array]:
    """Transports that were booked for a slot which the case then lost."""
    book, net = world.bookings, world.net
    case, count = book.case[rows], len(rows)
    lane = np.array(
        [net.lane_of[h, p] for h, p in zip(world.cases.hospital[case], world.slots.plant[book.slot[rows]], strict=True)], dtype=np.int64
    )
    opens = (world.slots.day[book.slot[rows]] - 1.0) * DAY + 870
    hours = np.array([item.p50_hours + item.customs_hours for item in net.lanes])[lane]
    nan = np.full(count, np.nan)
    return [np.full(count, INBOUND), case, np.full(count, -1), lane, np.where(fresh[case], CHILLED, CRYO), opens, nan,
            opens + 45 + np.ceil(hours * 1.05) * 60, opens + 60 + np.ceil(hours * 1.36) * 60, nan, book.booked[rows] * DAY + 120, book.freed[rows] * DAY]  # fmt: skip


def _vector_parts(world: World) -> list[Array]:
    """Released lots go to their plants in the week before they may be used."""
    rows = []
    for number, lot in enumerate(world.lots):
        if lot.released is None or lot.rejected is not None:
            continue
        for pool in lot.shares:
            origin, plant = world.net.suppliers[lot.vector], world.net.pools[pool].plant
            lane = world.net.lane_of[origin, plant]
            opens = float(utc(lot.usable_week - 6, 10.0, world.net.zone(origin)))
            hours = (world.net.lanes[lane].p50_hours + world.net.lanes[lane].customs_hours) * 60
            rows.append((VECTOR, -1, number, lane, FROZEN, opens, opens + 50 + pool, opens + 60 + hours * 1.05 // 1, opens + 60 + hours * 1.4 // 1,
                         opens + 60 + hours * 1.1 // 1, opens - 2 * DAY, np.nan))  # fmt: skip
    return [np.array(column) for column in zip(*rows, strict=True)]


def _containers(courier: Array, band: Array, picked: Array, delivered: Array, cancelled: Array) -> Array:
    """Give every transport the container that has rested longest; a new one only when all are away."""
    result = np.full(len(courier), -1)
    free: dict[tuple[int, int], list[tuple[float, int]]] = {}
    made = 0
    moving = np.flatnonzero(np.isfinite(picked) & ~np.isfinite(cancelled))
    for row in moving[np.argsort(picked[moving], kind="stable")].tolist():
        pool = free.setdefault((int(courier[row]), int(band[row])), [])
        if pool and pool[0][0] <= picked[row] - BEFORE_MINUTES:
            _, number = heapq.heappop(pool)
        else:
            number, made = made, made + 1
        result[row] = number
        heapq.heappush(pool, (float(delivered[row]) + AFTER_MINUTES, number))
    return result


def container_traits(world: World, ships: Shipments) -> tuple[Array, Array, Array]:
    """Per container: courier, band, and qualified hold in hours (nominal x U(0.6, 1.0))."""
    count = int(ships.container.max()) + 1
    courier, band = np.zeros(count, int), np.zeros(count, int)
    used = ships.container >= 0
    courier[ships.container[used]], band[ships.container[used]] = ships.courier[used], ships.band[used]
    hold = np.array([hours for _, hours in MODELS])[band] * stream(world.seed, "hold times").uniform(0.6, 1.0, count)
    return courier, band, np.round(hold, 1)
