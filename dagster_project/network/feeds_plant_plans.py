"""What plants plan: slots, line days, qualifications, commits to forecasts, and raw material (which suppliers report too)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dagster_project.network.clock import DAY, monday_of
from dagster_project.network.columns import day, flag, integer, num, pick, same, text, ts
from dagster_project.network.feeds_hospital import site_ids
from dagster_project.network.feeds_hospital_plans import date_number, is_known
from dagster_project.network.publish import THURSDAY, TUESDAY, WEDNESDAY, Parcel, slow, weekly
from dagster_project.network.streams import Array, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.world import World

STATUS = ["free", "busy-tentative", "busy", "released"]
CANCEL = ["", "late_cells", "no_show", "staff", "vector", "other"]
MATERIALS = [
    ("BEADS-CD3CD28", "each", 1, 56), ("MEDIA-TCELL", "mL", 2000, 42), ("CYTOKINE-IL2", "each", 2, 35), ("BAG-CRYO", "each", 3, 28), ("DMSO", "mL", 20, 21),
]  # fmt: skip


def plant_plans(world: World) -> Iterator[Parcel]:
    """All plan versions of all plants."""
    for plant in world.net.plants:
        partner = world.net.sites[plant].partner
        yield _qualifications(world, plant, partner)
        for number, (monday, as_of) in enumerate(weekly(world, partner, "slot_plan", WEDNESDAY)):
            yield Parcel(partner, "slot_plan", as_of, _slots(world, plant, monday, as_of, everything=number == 0))
        for monday, as_of in slow(world, partner, "line_calendar", WEDNESDAY):
            yield Parcel(partner, "line_calendar", as_of, _line_days(world, plant, monday, as_of))
        yield from _commits(world, plant, partner)
        yield from raw_materials(world, plant, partner)


def _qualifications(world: World, plant: int, partner: int) -> Parcel:
    therapies = sorted({pool.therapy for pool in world.net.pools if pool.plant == plant})
    begin = world.today - 7 * world.size.history_weeks
    table = pa.table(
        {
            "site_id": same(world.net.sites[plant].site_id, len(therapies)),
            "therapy_code": text([world.net.therapies[t].code for t in therapies]),
            "qualified_from_date": day(np.full(len(therapies), begin - 200)),
            "qualified_to_date": day(np.full(len(therapies), np.nan)),
        }
    )
    return Parcel(partner, "site_qualification", begin * DAY + 9 * 60 + plant % 50, table)


def _slots(world: World, plant: int, monday: int, as_of: int, *, everything: bool) -> pa.Table:
    """Slots from last week on, as booked at `as_of`; the first version tells the whole history."""
    slots, book = world.slots, world.bookings
    begin, now = 0 if everything else monday - 7, as_of / DAY
    rows = np.flatnonzero(
        (slots.plant == plant) & (slots.withdrawn > now) & (slots.day >= begin) & (slots.day < monday + 7 * (world.size.horizon_weeks + 1))
    )
    status, case = np.zeros(len(slots), int), np.full(len(slots), -1)
    reason, hold = np.zeros(len(slots), int), np.full(len(slots), np.nan)
    active = np.flatnonzero((book.booked <= now) & (book.freed > now))
    tentative = (now - book.booked[active] < 2) & (slots.day[book.slot[active]] - now > 4)
    status[book.slot[active]] = np.where(tentative, 1, 2)
    case[book.slot[active]] = book.case[active]
    hold[book.slot[active[tentative]]] = np.floor(book.booked[active[tentative]] * DAY) + 3 * DAY
    lost = np.flatnonzero(book.freed <= now)
    status[book.slot[lost]], reason[book.slot[lost]] = 3, book.reason[lost]
    order = rows[np.lexsort((slots.line[rows], slots.day[rows]))]
    net, quota = world.net, _quota(world, plant)
    return pa.table(
        {
            "slot_id": pick(slots.code, order),
            "site_id": site_ids(world, slots.plant[order]),
            "therapy_code": pick([net.therapies[p.therapy].code for p in net.pools], slots.pool[order]),
            "line_code": text([f"L{line:02d}" for line in slots.line[order].tolist()]),
            "start_window_open_date": day(slots.day[order]),
            "start_window_close_date": day(slots.day[order]),
            "status": pick(STATUS, status[order]),
            "quota_hospital_id": site_ids(world, quota[order]),
            "case_id": pick(world.cases.case_id, case[order]),
            "hold_expires_at": ts(hold[order]),
            "cancel_reason_code": pick(CANCEL, np.where(status[order] == 3, reason[order], -1)),
        }
    )


def _quota(world: World, plant: int) -> Array:
    """Myeloma slots are held for hospitals in turn; -1 where there is no quota."""
    slots, net = world.slots, world.net
    quota = np.full(len(slots), -1)
    for number, pool in enumerate(net.pools):
        if pool.plant == plant and net.therapies[pool.therapy].indication == "myeloma":
            holders = [d.hospital for d in net.demands if d.pool == number]
            rows = np.flatnonzero(slots.pool == number)
            quota[rows] = np.array(holders)[np.arange(len(rows)) % len(holders)]
    return quota


def _line_days(world: World, plant: int, monday: int, as_of: int) -> pa.Table:
    net, slots = world.net, world.slots
    lines = np.unique(slots.line[slots.plant == plant])
    days = np.arange(monday, monday + 7 * world.size.horizon_weeks)
    line, date = np.repeat(lines, len(days)), np.tile(days, len(lines))
    shut = np.zeros(len(date), bool)
    for item in net.shutdowns:
        if item.site == plant and is_known(item, as_of):
            shut |= (date >= date_number(item.start)) & (date <= date_number(item.end))
    if net.extra_line and net.pools[net.extra_line[0]].plant == plant:
        pool = net.pools[net.extra_line[0]]
        shut |= (line == pool.first_line + pool.lines) & (date < date_number(net.extra_line[1]))
    starts = ((date + 3) % 7 == 2 + (line - 1) % 4) & ~shut
    return pa.table(
        {
            "site_id": same(net.sites[plant].site_id, len(date)),
            "calendar_date": day(date),
            "line_code": text([f"L{number:02d}" for number in line.tolist()]),
            "lines_available": integer(~shut),
            "max_starts": integer(starts),
            "staff_shift": pick(["day", "late", "none"], np.select([shut, (date + 3) % 7 == 5], [2, 1], 0)),
            "is_maintenance": flag(shut),
        }
    )


def _commits(world: World, plant: int, partner: int) -> Iterator[Parcel]:
    """Thursday's answer to Tuesday's forecasts: the slots there are, a flexible one on top, and why it is less than usual."""
    net, slots, size = world.net, world.slots, world.size
    pools = [number for number, pool in enumerate(net.pools) if pool.plant == plant]
    for monday, as_of in weekly(world, partner, "capacity_commit", THURSDAY):
        weeks = np.arange(monday, monday + 7 * size.horizon_weeks, 7)
        parts = []
        for number in pools:
            offered = slots.day[(slots.pool == number) & (slots.withdrawn > as_of / DAY)]
            week = ((monday_of(offered) - monday) // 7).astype(int)
            starts = np.bincount(week[(week >= 0) & (week < len(weeks))], minlength=len(weeks)).astype(float)
            parts.append(_commit_rows(world, number, monday, weeks, starts))
        yield Parcel(partner, "capacity_commit", as_of, pa.concat_tables(parts))


def _commit_rows(world: World, number: int, monday: int, weeks: Array, starts: Array) -> pa.Table:
    pool, count = world.net.pools[number], len(weeks)
    short = starts < pool.lines
    return pa.table(
        {
            "site_id": same(world.net.sites[pool.plant].site_id, count),
            "therapy_code": same(world.net.therapies[pool.therapy].code, count),
            "week_start_date": day(weeks),
            "forecast_version_date": day(np.full(count, monday + TUESDAY)),
            "actual_starts": num(starts),
            "maximum_starts": num(np.where(short, starts, starts + (pool.lines + 3) // 4)),
            "agreed_starts": num(np.where(short, starts, pool.lines)),
            "load_shift_starts": num(np.full(count, np.nan)),
            "reason_code": pick(["shutdown"], np.where(short, 0, -1)),
            "note": same(None, count),
        }
    )


def raw_materials(world: World, site: int, partner: int) -> Iterator[Parcel]:
    """Two lots per item; the older one is used up first and both are replaced in turn."""
    rng = stream(world.seed, "materials", world.net.sites[site].site_id)
    starts = float(sum(pool.lines for pool in world.net.pools if pool.plant == site)) or 6.0
    level = rng.uniform(6, 14, len(MATERIALS) * 2)
    for monday, as_of in slow(world, partner, "raw_material_inventory", WEDNESDAY):
        week = (monday - world.today) // 7 + 100
        age = np.array([(week + 5 * (i % 2) + i) % 10 for i in range(len(level))])
        lots = [f"RM{(week + 5 * (i % 2) + i) // 10:03d}-{i:02d}" for i in range(len(level))]
        items = [MATERIALS[i // 2] for i in range(len(level))]
        quantity = np.round(np.array([item[2] for item in items]) * starts * (level - 0.5 * age))
        table = pa.table(
            {
                "item_code": text([item[0] for item in items]),
                "lot_code": text(lots),
                "site_id": same(world.net.sites[site].site_id, len(items)),
                "quantity": num(np.maximum(quantity, 0)),
                "unit_code": text([item[1] for item in items]),
                "minimum_quantity": num(np.array([item[2] for item in items]) * starts * 3),
                "lead_time_days": integer([item[3] for item in items]),
                "expiry_date": day(monday - 7.0 * age + 540),
            }
        )
        yield Parcel(partner, "raw_material_inventory", as_of, table)
