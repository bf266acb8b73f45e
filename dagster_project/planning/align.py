"""The plan's week walk on numpy arrays: all lines (a therapy at a plant) at once, a loop over weeks only.

The rules are those of dbt's int_plan__served, step by step and rounding by rounding, so that a what-if says what the next plan will say:
  remake_t  = failure share x start_{t-lag}: first passes that fail come again when quality control is over
  start_t   = least of (waiting_{t-1} + demand_t + remake_t, perishable capacity_t, usable stock_t / use per start of every supply)
  waiting_t = waiting_{t-1} + demand_t + remake_t - start_t
Stock is used up first expiry first out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

# Perishable resources in the order in which the plan names them where two allow the same; slots stand first and are always stated.
PERISHABLE = ("slot", "courier", "chair", "bed", "container")
PLACES = 1e6


@dataclass(frozen=True)
class Stock:
    """What lines may use up. Shapes: supplies (lines, supplies), lots (lines, supplies, lots) in the order of use; the vector is supply 0.

    `limits_until` is the week from which a supply does not limit any more; a lot is usable from its first to its last week, both counted.
    """

    use_per_start: Floats
    limits_until: Whole
    quantity: Floats
    first: Whole
    last: Whole

    def rows(self, lines: Whole) -> Stock:
        """The stock of these lines, in this order; a line may be named more than once."""
        return Stock(self.use_per_start[lines], self.limits_until[lines], self.quantity[lines], self.first[lines], self.last[lines])


@dataclass(frozen=True)
class Frame:
    """Demand and capacity of lines. Shapes: demand, prior (lines, weeks); opening, failure_pct, lag (lines); capacity (lines, weeks) each.

    A capacity that nobody stated is NaN: it does not limit. `prior` are the starts before the plan that may come again in a week.
    """

    demand: Floats
    opening: Floats
    failure_pct: Floats
    lag: Whole
    prior: Floats
    capacity: Mapping[str, Floats]
    stock: Stock = field(repr=False)

    @property
    def weeks(self) -> int:
        """Weeks of the plan."""
        return int(self.demand.shape[1])

    def rows(self, lines: Whole) -> Frame:
        """The same lines, or some of them, or one many times, as arrays of their own."""
        return Frame(
            self.demand[lines], self.opening[lines], self.failure_pct[lines], self.lag[lines], self.prior[lines],
            {name: values[lines] for name, values in self.capacity.items()}, self.stock.rows(lines),
        )  # fmt: skip

    def with_changes(self, **changes: Any) -> Frame:
        """The same frame with some of its arrays replaced."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Plan:
    """What the walk says, every array (lines, weeks). A limit that is not stated, or not any more, is NaN."""

    backlog_in: Floats
    remake: Floats
    vector_doses: Floats
    vector_starts: Floats
    material_starts: Floats
    material: Whole
    served: Floats
    waiting: Floats


def rounded(values: Floats) -> Floats:
    """Six places, halves away from zero, as the plan's SQL rounds; for values of zero and more."""
    return np.floor(values * PLACES + 0.5) / PLACES


def perishable(frame: Frame) -> Floats:
    """Starts that the scarcest stated perishable resource allows, (lines, weeks)."""
    least: Floats = frame.capacity["slot"]
    for name in PERISHABLE[1:]:
        least = np.fmin(least, frame.capacity[name])
    return least


def align(frame: Frame) -> Plan:
    """Walk the weeks: who starts, who waits, who comes again. Arrays of the frame are not changed."""
    stock, capacity = frame.stock, perishable(frame)
    left, waiting = stock.quantity.copy(), frame.opening.copy()
    lines = np.arange(len(waiting))
    plan = Plan(**{name: np.zeros(frame.demand.shape) for name in Plan.__dataclass_fields__ if name != "material"},
                material=np.full(frame.demand.shape, -1))  # fmt: skip
    for week in range(frame.weeks):
        began = np.where(week < frame.lag, frame.prior[:, week], plan.served[lines, np.maximum(week - frame.lag, 0)])
        remake = rounded(began * frame.failure_pct / 100)
        usable = np.where((stock.first <= week) & (week <= stock.last), left, 0.0)
        doses = rounded(usable.sum(axis=2))
        limits = np.where(week < stock.limits_until, doses / stock.use_per_start, np.nan)
        wanted = waiting + frame.demand[:, week] + remake
        served = rounded(np.maximum(np.fmin(np.minimum(wanted, capacity[:, week]), _least(limits)), 0.0))
        needed = (served[:, None] * stock.use_per_start)[:, :, None]
        taken = np.clip(needed - (np.cumsum(usable, axis=2) - usable), 0.0, usable)
        left = rounded(left - taken)
        plan.backlog_in[:, week], plan.remake[:, week], plan.served[:, week] = waiting, remake, served
        plan.vector_doses[:, week] = np.where(week < stock.limits_until[:, 0], doses[:, 0], np.nan)
        plan.vector_starts[:, week] = rounded(limits[:, 0])
        materials = limits[:, 1:]
        plan.material_starts[:, week] = rounded(_least(materials))
        if materials.shape[1]:
            plan.material[:, week] = np.where(
                np.isnan(materials).all(axis=1), -1, np.where(np.isnan(materials), np.inf, materials).argmin(axis=1) + 1
            )
        waiting = np.maximum(rounded(np.maximum(wanted - served, 0.0)), 0.0)
        plan.waiting[:, week] = waiting
    return plan


def limits(frame: Frame, plan: Plan) -> tuple[list[str], Floats]:
    """Every resource by name, and the starts it allows, (resources, lines, weeks), in the order that decides between equals."""
    names = ["slot", "vector", *PERISHABLE[1:], "material"]
    known = dict(frame.capacity) | {"vector": plan.vector_starts, "material": plan.material_starts}
    return names, np.stack([known[name] for name in names])


def _least(values: Floats) -> Floats:
    """The least of each row; NaN where a row states nothing."""
    least = np.where(np.isnan(values), np.inf, values).min(axis=1, initial=np.inf)
    return np.where(np.isinf(least), np.nan, least)
