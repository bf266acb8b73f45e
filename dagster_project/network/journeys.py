"""The race for slots: each case books a start on a line, may lose it, may need another. One pool at a time, so pools can run apart."""

from __future__ import annotations

import bisect
import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.network.clock import DAY, day_number, day_of
from dagster_project.network.sizes import PLANNING_DATE, Size
from dagster_project.network.streams import Array, stream
from dagster_project.network.topology import Pool, Topology, gap_days

if TYPE_CHECKING:
    from dagster_project.network.cases import Cases

NEVER = float("inf")
REMAKE_SHARE, ACCEPT_SHARE = 0.6, 0.85
"""Of failed first attempts: remade below the first, given out of specification under expanded access up to the second, else declined."""


@dataclass
class Slots:
    """One entry per slot. `day` is the start day; `line` counts from 1 within the plant.

    From the day `withdrawn` on there is no such slot: its plant then tells of a shutdown. It never is for the others (infinite).
    """

    pool: Array
    plant: Array
    line: Array
    day: Array
    code: Array
    withdrawn: Array

    def __len__(self) -> int:
        return len(self.day)


@dataclass
class Bookings:
    """One entry per time a case held a slot. Times are fractional UTC days; `freed` is infinite while held."""

    slot: Array
    case: Array
    booked: Array
    freed: Array
    reason: Array


@dataclass
class Attempts:
    """One entry per manufacturing attempt with its slot. `first_slot` is the one planned before a move."""

    case: Array
    number: Array
    slot: Array
    booked: Array
    first_slot: Array
    first_booked: Array

    def __len__(self) -> int:
        return len(self.case)


REASONS = ["", "late_cells", "no_show", "staff", "vector", "other"]


def lay_out_slots(net: Topology, size: Size) -> Slots:
    """Every line starts one batch a week on its own weekday (Wednesday to Saturday), except in shutdowns. One that is announced later withdraws its slots."""
    today = day_number(PLANNING_DATE)
    mondays = np.arange(today - 7 * size.history_weeks, today + 7 * (size.horizon_weeks + 2), 7)
    rows: list[tuple[int, int, int, int, str, float]] = []
    for number, pool in enumerate(net.pools):
        lines = list(range(pool.first_line, pool.first_line + pool.lines))
        extra = net.extra_line if net.extra_line and net.extra_line[0] == number else None
        for line in lines + ([pool.first_line + pool.lines] if extra else []):
            days = mondays + 2 + (line - 1) % 4
            if extra and line == pool.first_line + pool.lines:
                days = days[days >= _day(extra[1])]
            for day in days.tolist():
                withdrawn = _withdrawn(net, pool, day)
                if withdrawn > 0:
                    rows.append((number, pool.plant, line, day, _slot_code(net, pool, day, line), withdrawn))
    rows.sort(key=lambda row: (row[0], row[3], row[2]))
    columns = [np.array(column, dtype=object if index == 4 else None) for index, column in enumerate(zip(*rows, strict=True))]
    return Slots(*columns)


def _day(text: str) -> int:
    return day_number(day_of(0).fromisoformat(text))


def _withdrawn(net: Topology, pool: Pool, day: int) -> float:
    """Day from which all know that the plant is shut on `day`: 0 when they always knew, infinite when it is open."""
    shut = [item for item in net.shutdowns if item.site == pool.plant and _day(item.start) <= day <= _day(item.end)]
    return min((_day(item.announced) if item.announced else 0.0 for item in shut), default=NEVER)


def _slot_code(net: Topology, pool: Pool, day: int, line: int) -> str:
    year, week, _ = day_of(day).isocalendar()
    return f"SLOT-K{net.plants.index(pool.plant) + 1}-{year % 100:02d}W{week:02d}-{line:02d}"


def run_pools(net: Topology, cases: Cases, slots: Slots, curves: list[tuple[Array, Array]], seed: int) -> tuple[Bookings, Attempts]:
    """Book all cases of all pools. `curves[pool]` is (days, cumulative doses) of vector.

    A shutdown is announced longer ahead than anyone books, so that nobody holds a slot that is withdrawn.
    """
    bookings: list[tuple[int, int, float, float, int]] = []
    attempts: list[tuple[int, int, int, float, int, float]] = []
    gaps = np.array([gap_days(net.lanes[net.lane_of[d.hospital, net.pools[d.pool].plant]]) for d in net.demands])[cases.demand]
    for pool in range(len(net.pools)):
        run = _PoolRun(np.flatnonzero((slots.pool == pool) & np.isinf(slots.withdrawn)), slots.day, curves[pool])
        _run_pool(run, np.flatnonzero(cases.pool == pool), cases, gaps, stream(seed, "race", pool), bookings, attempts)
    booked = [np.array(column) for column in zip(*bookings, strict=True)]
    tried = [np.array(column) for column in zip(*attempts, strict=True)]
    order = np.lexsort((tried[1], tried[3]))
    return Bookings(*booked), Attempts(*(column[order] for column in tried))


class _PoolRun:
    """Free slots of a pool and the doses that its starts have claimed."""

    def __init__(self, rows: Array, days: Array, curve: tuple[Array, Array]) -> None:
        self.rows = rows.tolist()
        self.days = days[rows].tolist()
        self.next_free = list(range(len(self.rows) + 1))
        self.edges, self.supply = curve[0].tolist(), [0, *curve[1].tolist()]
        self.claimed = [0] * (len(self.edges) + 1)

    def find(self, earliest: float) -> int:
        """Take the first free slot from `earliest` on that still has a dose; -1 when there is none."""
        place = self._free(bisect.bisect_left(self.days, earliest))
        while place < len(self.rows):
            era = bisect.bisect_right(self.edges, self.days[place])
            if self._has_dose(era):
                self.claimed[era] += 1
                self.next_free[place] = place + 1
                return place
            place = self._free(place + 1)
        return -1

    def give_back_dose(self, place: int) -> None:
        """The slot is lost but its vector dose is not."""
        self.claimed[bisect.bisect_right(self.edges, self.days[place])] -= 1

    def _has_dose(self, era: int) -> bool:
        used = sum(self.claimed[:era])
        for index in range(era, len(self.claimed)):
            used += self.claimed[index]
            if used + 1 > self.supply[index]:
                return False
        return True

    def _free(self, place: int) -> int:
        path = []
        while self.next_free[place] != place:
            path.append(place)
            place = self.next_free[place]
        for step in path:
            self.next_free[step] = place
        return place


def _run_pool(  # noqa: PLR0913, PLR0917 - appends to the lists of all pools
    run: _PoolRun, rows: Array, cases: Cases, gaps: Array, rng: np.random.Generator,
    bookings: list[tuple[int, int, float, float, int]], attempts: list[tuple[int, int, int, float, int, float]],
) -> None:  # fmt: skip
    """Serve requests in the order they arise: first attempts at the order, later ones when the failure is known."""
    queue = [(float(cases.ordered_at[c]) / DAY + 0.2, int(c), 0, float(cases.earliest_day[c] + gaps[c]), -1, 0.0) for c in rows]
    heapq.heapify(queue)
    while queue:
        now, case, attempt, earliest, first, first_booked = heapq.heappop(queue)
        place = run.find(max(earliest, now + gaps[case] + 2))
        if place < 0:
            continue
        slot, day = run.rows[place], float(run.days[place])
        lead = day - gaps[case] - now
        if attempt == 0 and first < 0 and cases.is_moved[case]:
            lost = now + lead * rng.uniform(0.55, 0.95)
            bookings.append((slot, case, now, lost, int(rng.integers(1, 3))))
            run.give_back_dose(place)
            heapq.heappush(queue, (lost, case, 0, day + 3, slot, now))
        elif attempt == 0 and cases.is_cancelled[case]:
            bookings.append((slot, case, now, now + lead * rng.uniform(0.3, 0.95), 5))
            run.give_back_dose(place)
        else:
            bookings.append((slot, case, now, NEVER, 0))
            attempts.append((case, attempt, slot, now, slot if first < 0 else first, now if first < 0 else first_booked))
            if _is_remade(cases, case, attempt):
                known = day + 0.5 + float(cases.make_days[case, attempt] + cases.qc_days[case, attempt])
                heapq.heappush(queue, (known + 0.4, case, attempt + 1, np.ceil(known + 6) + gaps[case], -1, 0.0))


def _is_remade(cases: Cases, case: int, attempt: int) -> bool:
    remade = cases.fails[case, attempt] and not cases.drops_out[case] and cases.after_failure[case, attempt] < REMAKE_SHARE
    return bool(remade) and attempt + 1 < cases.fails.shape[1]
