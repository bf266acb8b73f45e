"""What hospitals plan: the weekly demand forecast, which grows surer as its week comes near, and chairs and beds by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dagster_project.network.clock import DAY, day_number, day_of, monday_of
from dagster_project.network.columns import day, integer, num, pick, same
from dagster_project.network.publish import TUESDAY, Parcel, slow, weekly
from dagster_project.network.streams import Array, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.topology import Closing
    from dagster_project.network.world import World

KNOWN_SHARE = [0.75, 0.6, 0.4, 0.2]
"""How much of the true figure a hospital knows 0, 1, 2 and 3 weeks ahead; beyond, it knows its long-run rate."""
TRIAL_RATE = 0.6
BED_WEEKS_MORE = 6


def hospital_plans(world: World) -> Iterator[Parcel]:
    """Forecast and capacity versions of all hospitals."""
    truth = collections_by_week(world)
    for partner in sorted({world.net.sites[site].partner for site in world.net.hospitals}):
        yield from _forecasts(world, partner, truth)
        yield from _capacities(world, partner)


def bias_of(world: World, hospital: int) -> float:
    """A hospital's steady error: within 20 % either way, but one that always hopes for 30 % more."""
    if hospital == world.net.biased_hospital:
        return 1.3
    return float(stream(world.seed, "bias", world.net.sites[hospital].site_id).uniform(0.8, 1.2))


def collections_by_week(world: World) -> Array:
    """(demand, week) first collections; week 0 begins at the start of the history."""
    first = world.today - 7 * world.size.history_weeks
    weeks = world.size.history_weeks + world.size.horizon_weeks + 8
    rows = world.attempts.number == 0
    week = ((monday_of(world.times.end[rows] // DAY) - first) // 7).astype(int)
    counts = np.zeros((len(world.net.demands), weeks))
    inside = (week >= 0) & (week < weeks)
    np.add.at(counts, (world.cases.demand[world.attempts.case[rows]][inside], week[inside]), 1)
    return counts


def _forecasts(world: World, partner: int, truth: Array) -> Iterator[Parcel]:
    demands = [i for i, d in enumerate(world.net.demands) if world.net.sites[d.hospital].partner == partner]
    if not demands:
        return
    horizon = world.size.horizon_weeks
    begin = world.today - 7 * world.size.history_weeks
    noise = {d: _shocks(world, d, truth.shape[1], horizon) for d in demands}
    for monday, as_of in weekly(world, partner, "demand_forecast", TUESDAY):
        now = (monday - begin) // 7
        parts = [_forecast_rows(world, d, monday, _figures(world, d, now, truth[d], noise[d])) for d in demands]
        yield Parcel(partner, "demand_forecast", as_of, pa.concat_tables(parts))


def _shocks(world: World, demand: int, weeks: int, horizon: int) -> Array:
    """(target week, lag) log-error: sums of small shocks, so that a figure drifts from version to version and settles as the lag shrinks."""
    item = world.net.demands[demand]
    rng = stream(world.seed, "forecast", world.net.sites[item.hospital].site_id, world.net.therapies[item.therapy].code)
    return np.asarray(np.cumsum(rng.normal(0, 0.055, (weeks, horizon)), axis=1))


def _figures(world: World, demand: int, now: int, truth: Array, noise: Array) -> Array:
    item, lags = world.net.demands[demand], np.arange(world.size.horizon_weeks)
    known = np.array(KNOWN_SHARE + [0.0] * world.size.horizon_weeks)[: len(lags)]
    weeks = now + lags
    season = np.array([_season(world, int(week)) for week in weeks])
    steady = item.weekly_rate * season * bias_of(world, item.hospital)
    return np.asarray(((1 - known) * steady + known * truth[weeks]) * np.exp(noise[weeks, lags] - 0.0015 * (lags + 1)))


def _season(world: World, week: int) -> float:
    """Few collections are planned between Christmas and New Year."""
    number = day_of(world.today - 7 * world.size.history_weeks + 7 * week).isocalendar()[1]
    return 0.7 if number in {52, 53} else 1.0


def _forecast_rows(world: World, demand: int, monday: int, figures: Array) -> pa.Table:
    item, count = world.net.demands[demand], len(figures)
    trial = item.weekly_rate >= TRIAL_RATE
    patients = np.round(np.concatenate([figures * 0.9, figures * 0.1]) if trial else figures, 2)
    spread = 1.2816 * np.sqrt(np.maximum(patients, 0.05))
    rows = len(patients)
    lag = np.tile(np.arange(count), 2 if trial else 1)
    return pa.table(
        {
            "hospital_id": same(world.net.sites[item.hospital].site_id, rows),
            "therapy_code": same(world.net.therapies[item.therapy].code, rows),
            "week_start_date": day(monday + 7 * lag),
            "category": pick(["commercial", "trial"], np.arange(rows) // count),
            "patients": num(patients),
            "patients_p10": num(np.maximum(0, np.floor((patients - spread) * 10) / 10), 1),
            "patients_p90": num(np.ceil((patients + spread) * 10) / 10, 1),
            "basis": pick(["committed", "pipeline", "statistical"], np.select([lag < 2, lag < 8], [0, 1], 2)),
            "comment": same(None, rows),
        }
    )


def _capacities(world: World, partner: int) -> Iterator[Parcel]:
    hospitals = [site for site in world.net.hospitals if world.net.sites[site].partner == partner]
    for monday, as_of in slow(world, partner, "infusion_capacity", TUESDAY):
        days = np.arange(monday, monday + 7 * (world.size.horizon_weeks + BED_WEEKS_MORE))
        parts = [_capacity_rows(world, hospital, resource, days) for hospital in hospitals for resource in (0, 1)]
        yield Parcel(partner, "infusion_capacity", as_of, pa.concat_tables(parts))


def _capacity_rows(world: World, hospital: int, resource: int, days: Array) -> pa.Table:
    """Weekdays only; the hospitals of the story close chairs in March and beds in April."""
    rate = sum(d.weekly_rate for d in world.net.demands if d.hospital == hospital)
    weekday = (days + 3) % 7
    open_days = weekday < (5 if resource else 4)
    capacity = np.where(open_days, max(1, int(np.ceil(rate / 1.5))) + resource, 0)
    reserved = np.where(open_days & ((days + hospital) % 3 == 0), 1, 0)
    closed = world.net.chair_short if resource == 0 else world.net.bed_short
    first, last = (
        (date_number("2027-03-01"), date_number("2027-03-14")) if resource == 0 else (date_number("2027-04-12"), date_number("2027-04-25"))
    )
    shut = (days >= first) & (days <= last) & (hospital in closed)
    rest = (weekday == (hospital % 4)) & shut
    blocked = np.where(shut & ~rest, capacity, 0)
    blocked = np.where(rest, np.maximum(capacity - 1, 0), blocked) if hospital == closed[0] else np.where(shut, capacity, 0)
    reserved = np.minimum(np.where(shut, 0, reserved), np.maximum(capacity - blocked, 0))
    count = len(days)
    return pa.table(
        {
            "hospital_id": same(world.net.sites[hospital].site_id, count),
            "capacity_date": day(days),
            "resource": same(("chair", "bed")[resource], count),
            "capacity": integer(capacity),
            "reserved": integer(reserved),
            "blocked": integer(np.minimum(blocked, capacity)),
        }
    )


def is_known(closing: Closing, as_of: float) -> bool:
    """Whether all know of a closing at a moment (minutes)."""
    return not closing.announced or date_number(closing.announced) * DAY <= as_of


def date_number(text: str) -> int:
    """Day number of an ISO date."""
    return day_number(day_of(0).fromisoformat(text))
