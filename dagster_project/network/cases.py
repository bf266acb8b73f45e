"""Who needs a therapy, when: referrals and orders of every case, and the draws that decide its fate. No capacity is known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.network.clock import day_number, day_of, utc_by
from dagster_project.network.identifiers import case_id, coi
from dagster_project.network.sizes import PLANNING_DATE, Size
from dagster_project.network.streams import Array, lognormal, spread, stream

if TYPE_CHECKING:
    from dagster_project.network.topology import Topology

ATTEMPTS = 3
WARM_UP_WEEKS = 2
LOOK_AHEAD_WEEKS = 40
DROP_OUT_SHARE = 0.078
CANCEL_SHARE = 0.04
MOVE_SHARE = 0.06
HOLD_SHARE = 0.17


@dataclass
class Cases:
    """One entry per case, in order of `ordered_at`. Two-dimensional draws are (case, attempt)."""

    hospital: Array
    therapy: Array
    pool: Array
    demand: Array
    category: Array
    referred_day: Array
    ordered_at: Array
    earliest_day: Array
    make_days: Array
    qc_days: Array
    is_cancelled: Array
    is_moved: Array
    hold_days: Array
    drops_out: Array
    drop_place: Array
    fails: Array
    is_tested_failure: Array
    after_failure: Array
    case_id: Array
    coi_id: Array

    def __len__(self) -> int:
        return len(self.hospital)


def draw_cases(net: Topology, size: Size, seed: int) -> Cases:
    """All cases referred from the start of the history to well beyond the planning date, so that forecasts have a truth to miss."""
    demand, ordered_day, referred_day = _orders(net, size, seed)
    order = np.argsort(ordered_day, kind="stable")
    demand, ordered_day, referred_day = demand[order], ordered_day[order], referred_day[order]
    count = len(demand)
    site = np.array([d.hospital for d in net.demands])[demand]
    therapy = np.array([d.therapy for d in net.demands])[demand]
    rng = stream(seed, "orders")
    ordered_at = utc_by(np.floor(ordered_day), rng.uniform(8, 17, count).round(2), [s.place.zone for s in net.sites], site)
    names = [case_id(seed, net.sites[s].site_id, number) for number, s in enumerate(site)]
    years = [day_of(day).year for day in ordered_day]
    wait = np.clip(stream(seed, "preparation").normal(10, 2.5, count), 5, 21)
    return Cases(
        hospital=site,
        therapy=therapy,
        pool=np.array([d.pool for d in net.demands])[demand],
        demand=demand,
        category=stream(seed, "category").choice(3, count, p=[0.9, 0.08, 0.02]),
        referred_day=np.floor(referred_day),
        ordered_at=np.floor(ordered_at),
        earliest_day=np.ceil(ordered_day + wait),
        case_id=np.array(names, dtype=object),
        coi_id=np.array([coi(year, number) for number, year in enumerate(years)], dtype=object),
        **_fates(net, therapy, seed),
    )


def _orders(net: Topology, size: Size, seed: int) -> tuple[Array, Array, Array]:
    """Demand index, day of order and day of referral. Counts are fixed by rate, times are uniform: a Poisson process given its count."""
    start = day_number(PLANNING_DATE) - 7 * (size.history_weeks + WARM_UP_WEEKS)
    weeks = size.history_weeks + WARM_UP_WEEKS + LOOK_AHEAD_WEEKS
    demand, day, referred = [], [], []
    for number, item in enumerate(net.demands):
        rng = stream(seed, "referrals", net.sites[item.hospital].site_id, net.therapies[item.therapy].code)
        count = round(item.weekly_rate * weeks + rng.uniform(-0.5, 0.5))
        ordered = start + rng.uniform(0, weeks * 7, count)
        ordered -= np.clip((ordered.astype(int) + 3) % 7 - 4, 0, None)  # nobody orders on a weekend
        demand.append(np.full(count, number))
        day.append(ordered)
        referred.append(ordered - np.clip(lognormal(rng, count, median=22, p75=28), 3, 90))
    return np.concatenate(demand), np.concatenate(day), np.concatenate(referred)


def _fates(net: Topology, therapy: Array, seed: int) -> dict[str, Array]:
    count = len(therapy)
    rng = stream(seed, "making")
    shape = (count, ATTEMPTS)
    tail = np.where(rng.random(shape) < 0.35, rng.gamma(2.0, 0.9, shape), rng.random(shape) * 0.25)
    fails = np.zeros(shape, bool)
    tested = np.zeros(count, bool)
    for number, item in enumerate(net.therapies):
        rows = np.flatnonzero(therapy == number)
        fails[rows, 0] = spread(stream(seed, "failure", item.code), len(rows), item.failure_pct / 100, block=40)
        failing = rows[fails[rows, 0]]
        tested[failing] = spread(stream(seed, "tested", item.code), len(failing), item.tested_failure_share, block=4)
    fails[:, 1:] = stream(seed, "second failure").random((count, ATTEMPTS - 1)) < 0.5
    holds = spread(stream(seed, "hold"), count, HOLD_SHARE)
    return {
        "make_days": 7 + np.minimum(tail, 5),
        "qc_days": np.clip(lognormal(rng, count * ATTEMPTS, median=7, p75=7.8).reshape(shape), 4.5, 14),
        "is_cancelled": spread(stream(seed, "cancel"), count, CANCEL_SHARE),
        "is_moved": spread(stream(seed, "move"), count, MOVE_SHARE),
        "hold_days": np.where(holds, np.round(2 + stream(seed, "hold days").gamma(2, 2.0, count)), 0),
        "drops_out": spread(stream(seed, "drop-out"), count, DROP_OUT_SHARE, block=30),
        "drop_place": stream(seed, "drop place").random(count),
        "fails": fails,
        "is_tested_failure": tested,
        "after_failure": stream(seed, "after failure").random(shape),
    }
