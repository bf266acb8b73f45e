"""Which decisions could relieve a line's week: moves in time, other plants, released slots, lots brought forward, more slots and courier places."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from dagster_project.planning.align import limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.planning.tables import PlanTables

Decision = dict[str, Any]
ENOUGH = 0.005
WEEKS_LATER, WEEKS_EARLIER = 12, 4
LOT_WEEKS, LOTS = 8, 6


def candidates(tables: PlanTables, line: int, week: int) -> list[Decision]:
    """Decisions (columns of the feed `decision`) worth trying for a line's week; what they bring is for the walk to say."""
    waiting = float(tables.plan.waiting[line, week])
    if waiting <= ENOUGH:
        return []
    found = [
        *_more(tables, line, week), *_released(tables, line, week), *_lots(tables, line, week),
        *_other_weeks(tables, line, week, waiting), *_other_plants(tables, line, week),
    ]  # fmt: skip
    about = tables.lines[line]
    base = {"therapy_code": about.therapy_code, "site_id": about.site_id, "week_start_date": tables.weeks[week]}
    return [base | decision for decision in found]


def people(patients: float) -> float:
    """So many patients as a decision may name: whole ones, and tenths of what is less than one."""
    return float(floor(patients + 1e-9)) if patients >= 1 else floor(patients * 10 + 1e-9) / 10


def useful(tables: PlanTables, resource: str, line: int, week: int) -> float:
    """How many more of a perishable resource the week could use before the next constraint holds it back; 0 where it is not the scarcest."""
    names, allowed = limits(tables.frame, tables.plan)
    place = names.index(resource)
    others = np.delete(allowed[:, line, week], place)
    wanted = tables.plan.served[line, week] + tables.plan.waiting[line, week]
    return float(np.nanmin([wanted, np.nan if np.isnan(others).all() else np.nanmin(others)]) - allowed[place, line, week])


def _more(tables: PlanTables, line: int, week: int) -> Iterator[Decision]:
    for option, resource in (("add_slots", "slot"), ("add_courier_capacity", "courier")):
        more = useful(tables, resource, line, week)
        if more > ENOUGH:
            yield {"option_code": option, "quantity": float(ceil(more - 1e-9))}


def _released(tables: PlanTables, line: int, week: int) -> Iterator[Decision]:
    about, slots = tables.lines[line], tables.slots
    more = useful(tables, "slot", line, week)
    mine = pc.and_(pc.equal(slots["therapy_code"], about.therapy_code), pc.equal(slots["site_id"], about.site_id))
    there = slots.filter(pc.and_(mine, pc.equal(slots["week_start_date"], tables.weeks[week]))).num_rows
    if there and more > ENOUGH:
        yield {"option_code": "release_slot", "quantity": float(min(there, ceil(more - 1e-9)))}


def _lots(tables: PlanTables, line: int, week: int) -> Iterator[Decision]:
    """Lots that come within the next weeks, the nearest first."""
    coming = [
        lot for lot in tables.lots if lot.line == line and week < lot.first <= week + LOT_WEEKS and lot.doses > 0 and lot.last >= week
    ]
    for lot in sorted(coming, key=lambda lot: (lot.first, lot.source_id))[:LOTS]:
        yield {"option_code": "expedite_lot", "lot_id": lot.source_id, "to_week_start_date": tables.weeks[week], "quantity": lot.doses}


def _other_weeks(tables: PlanTables, line: int, week: int, waiting: float) -> Iterator[Decision]:
    patients = people(min(waiting, tables.movable[line, week]))
    if patients <= 0:
        return
    for to in range(max(0, week - WEEKS_EARLIER), min(len(tables.weeks), week + WEEKS_LATER + 1)):
        if to != week:
            yield {"option_code": "shift_week", "to_week_start_date": tables.weeks[to], "quantity": patients}


def _other_plants(tables: PlanTables, line: int, week: int) -> Iterator[Decision]:
    """Plants that are qualified, have starts left over, and that every hospital of the line has a lane to."""
    about = tables.lines[line]
    for row in tables.alternatives.to_pylist():
        if (row["therapy_code"], row["site_id"], row["week_start_date"]) != (about.therapy_code, about.site_id, tables.weeks[week]):
            continue
        patients = people(min(row["patients_possible"], tables.movable[line, week]))
        if patients > 0 and row["hospitals_with_lane"] == row["hospitals"] and (about.therapy_code, row["other_site_id"]) in tables.places:
            yield {
                "option_code": "other_plant",
                "to_site_id": row["other_site_id"],
                "to_week_start_date": row["other_week_start_date"],
                "quantity": patients,
            }
