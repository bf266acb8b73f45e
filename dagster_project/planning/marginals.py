"""What one more unit of the scarcest resource would bring in a short week, and one more of the next constraint behind it.

Every short week of every line is walked again with that one thing changed, as extra rows of the same walk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.planning.align import Frame, Plan, Stock, align, limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dagster_project.planning.tables import PlanTables

Spot = tuple[int, int]
SHORT = 0.005
# Rows walked at once: memory stays small however many weeks are short.
ROWS = 400


@dataclass(frozen=True)
class Marginal:
    """One more of `resource` in a line's week: starts more in that week, and patient-weeks of waiting saved in the whole plan.

    A unit is a slot, a place, or of a supply what one start takes. `next_resource` would then hold the week back; its figures are those of
    one more of it on top. None and zeros where nothing else is stated.
    """

    line: int
    week: int
    resource: str
    starts: float
    patient_weeks: float
    next_resource: str | None
    next_starts: float
    next_patient_weeks: float


def short_weeks(plan: Plan) -> list[Spot]:
    """Lines and weeks in which somebody waits."""
    return [(int(line), int(week)) for line, week in np.argwhere(plan.waiting > SHORT)]


def marginals(tables: PlanTables, spots: Sequence[Spot] | None = None) -> list[Marginal]:
    """What one more unit brings, for the (line, week) spots named or for every short week, in their order."""
    spots = short_weeks(tables.plan) if spots is None else spots
    found = []
    for start in range(0, len(spots), ROWS):
        found += _some(tables.frame, tables.plan, spots[start : start + ROWS])
    return found


def _some(frame: Frame, plan: Plan, spots: Sequence[Spot]) -> list[Marginal]:
    names, allowed = limits(frame, plan)
    lines, weeks = np.array([line for line, _ in spots], dtype=np.int64), np.array([week for _, week in spots], dtype=np.int64)
    stated = np.where(np.isnan(allowed[:, lines, weeks]), np.inf, allowed[:, lines, weeks])
    # Stable: of two that allow the same, the one named first holds the week back, as in the plan.
    order = np.argsort(stated, axis=0, kind="stable")
    first, second = order[0], order[1]
    behind = np.isfinite(stated[second, np.arange(len(spots))])
    rows = _roomier(frame.rows(lines))
    one = _more(rows, names, first, weeks, plan.material[lines, weeks], np.ones(len(spots), dtype=bool))
    two = _more(one, names, second, weeks, plan.material[lines, weeks], behind)
    before, after, both = (plan.served[lines], plan.waiting[lines]), align(one), align(two)
    return [
        Marginal(
            line, week, names[first[row]],
            starts=_gain(after.served[row, week] - before[0][row, week]),
            patient_weeks=_gain((before[1][row] - after.waiting[row]).sum()),
            next_resource=names[second[row]] if behind[row] else None,
            next_starts=_gain(both.served[row, week] - after.served[row, week]),
            next_patient_weeks=_gain((after.waiting[row] - both.waiting[row]).sum()),
        )
        for row, (line, week) in enumerate(spots)
    ]  # fmt: skip


def _gain(value: float) -> float:
    return round(float(value), 6) + 0.0


def _roomier(frame: Frame) -> Frame:
    """The same rows with one empty lot more at the end of every shelf."""
    stock, wide = frame.stock, (*frame.stock.quantity.shape[:2], 1)
    return frame.with_changes(
        stock=Stock(
            stock.use_per_start,
            stock.limits_until,
            np.concatenate([stock.quantity, np.zeros(wide)], axis=2),
            np.concatenate([stock.first, np.zeros(wide, dtype=np.int64)], axis=2),
            np.concatenate([stock.last, np.full(wide, -1)], axis=2),
        )
    )


def _more(
    frame: Frame,
    names: list[str],
    resource: NDArray[np.int64],
    weeks: NDArray[np.int64],
    material: NDArray[np.int64],
    where: NDArray[np.bool_],
) -> Frame:
    """One unit more per row: of a perishable resource in the week, of a supply a lot for one start from that week on."""
    capacity, stock = dict(frame.capacity), frame.stock
    quantity, first, last = stock.quantity.copy(), stock.first.copy(), stock.last.copy()
    for place, name in enumerate(names):
        rows = np.flatnonzero((resource == place) & where)
        if name in capacity:
            values = capacity[name].copy()
            values[rows, weeks[rows]] += 1
            capacity[name] = values
            continue
        supply = np.zeros(len(rows), dtype=np.int64) if name == "vector" else material[rows]
        quantity[rows, supply, -1] += stock.use_per_start[rows, supply]
        first[rows, supply, -1], last[rows, supply, -1] = weeks[rows], frame.weeks
    return frame.with_changes(capacity=capacity, stock=Stock(stock.use_per_start, stock.limits_until, quantity, first, last))
