"""Vector lots and runs: a lot of 100 doses, two months of quality control, two years of shelf life, shared out to pools by a fixed key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.network.clock import day_number, monday_of
from dagster_project.network.sizes import PLANNING_DATE, Size
from dagster_project.network.streams import Array, stream

if TYPE_CHECKING:
    from dagster_project.network.topology import Topology

RUN_DAYS, HOLD_DAYS, QC_DAYS, SHELF_DAYS = 28, 7, 60, 730
REJECTED_ON = day_number(PLANNING_DATE) - 6
STORY_DAYS = (-560, -369, -175, 14, 79, 250)
"""Planned releases of BCMA lots in the demo, in days from the planning date. The fourth is rejected."""


@dataclass
class Lot:
    """One vector lot or future run. Days are day numbers; `released` is None while it is not (or never will be)."""

    code: str
    vector: str
    doses: int
    titer: float
    start: int
    planned: int
    released: int | None
    rejected: int | None = None
    shares: dict[int, int] = field(default_factory=dict)

    @property
    def harvest(self) -> int:
        """Day the vector is made."""
        return self.start + RUN_DAYS

    @property
    def qc_start(self) -> int:
        """First day of quality control."""
        return self.harvest + HOLD_DAYS

    @property
    def expiry(self) -> int:
        """Last day of use."""
        return self.harvest + SHELF_DAYS

    @property
    def usable_week(self) -> int:
        """Monday of the first whole week after release."""
        return int(monday_of(self.released or self.planned)) + 7

    def usable_from(self, today: int) -> int:
        """The same as seen on a day: before its release only the plan is known."""
        known = self.released if self.released is not None and self.released <= today else max(self.planned, today)
        return int(monday_of(known)) + 7


def draw_lots(net: Topology, size: Size, seed: int) -> list[Lot]:
    """Lots of every vector from before the history to beyond the horizon, spaced so that supply runs a little ahead of use."""
    lots: list[Lot] = []
    for vector in net.suppliers:
        pools = [i for i, pool in enumerate(net.pools) if net.therapies[pool.therapy].vector == vector]
        use = {pool: weekly_use(net, pool) for pool in pools}
        lots += _lots_of(vector, use, size, seed)
    return lots


def weekly_use(net: Topology, pool: int) -> float:
    """Doses that a pool takes in a week, repeated manufacture included."""
    rate = sum(d.weekly_rate for d in net.demands if d.pool == pool)
    return rate * (1 + net.therapies[net.pools[pool].therapy].failure_pct / 100)


def _lots_of(vector: str, use: dict[int, float], size: Size, seed: int) -> list[Lot]:
    rng, weekly = stream(seed, "vector", vector), sum(use.values())
    doses = 100 * max(1, round(weekly / 12))
    today = day_number(PLANNING_DATE)
    lots: list[Lot] = []
    for number, day in enumerate(_release_days(vector, size, today, doses / weekly * 7 * 0.97), start=1):
        late = int(rng.integers(-2, 6))
        lot = Lot(
            f"{vector[3:]}-{number:03d}",
            vector,
            doses,
            float(rng.integers(180, 241)) * 1e6,
            day - QC_DAYS - HOLD_DAYS - RUN_DAYS,
            day,
            None,
        )
        if day + late <= today:
            lot.released = day + late
        lot.shares = _share(doses, use)
        lots.append(lot)
    return lots


def _release_days(vector: str, size: Size, today: int, spacing: float) -> list[int]:
    """Planned release days, evenly spaced; the demo's BCMA lots are set by hand so that a rejected lot leaves a gap in January."""
    if size.name == "demo" and vector == "LV-BCMA":
        return [today + day for day in STORY_DAYS]
    return [
        int(day)
        for day in np.arange(
            today - 7 * (size.history_weeks + 8), today + max(7 * (size.horizon_weeks + 12), int(spacing) + 1), int(spacing)
        )
    ]


def _share(doses: int, use: dict[int, float]) -> dict[int, int]:
    """Whole doses per pool in proportion to use; the largest pool takes the rounding."""
    total = sum(use.values())
    shares = {pool: int(doses * rate / total) for pool, rate in use.items()}
    shares[max(use, key=lambda pool: use[pool])] += doses - sum(shares.values())
    return shares


def reject_one(lots: list[Lot], vector: str) -> Lot | None:
    """The next unreleased lot of the vector fails quality control just before the planning date."""
    for lot in lots:
        if lot.vector == vector and lot.released is None:
            lot.rejected = REJECTED_ON
            return lot
    return None


def supply_curve(lots: list[Lot], pool: int, *, believed: bool = False) -> tuple[Array, Array]:
    """Days from which a pool's doses may be used, and cumulative doses. `believed` counts the lot that was later rejected."""
    rows = sorted((lot.usable_week, lot.shares.get(pool, 0)) for lot in lots if believed or lot.rejected is None)
    return np.array([day for day, _ in rows]), np.cumsum([doses for _, doses in rows])
