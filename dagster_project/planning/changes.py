"""What a decision changes in the frame of the week walk: the same that dbt's int_decisions models change in the plan's tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dagster_project.planning.align import Stock, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dagster_project.planning.align import Frame
    from dagster_project.planning.tables import Lot, PlanTables

ADDED_TO = {"add_slots": "slot", "release_slot": "slot", "add_courier_capacity": "courier"}
MOVED = ("chair", "bed", "container")


def changed(tables: PlanTables, decision: Mapping[str, Any]) -> Frame:
    """The frame with one decision (columns of the feed `decision`). LookupError when its line or week is not in the plan."""
    option = decision["option_code"]
    if option == "expedite_lot":
        week = _week(tables, decision.get("to_week_start_date") or decision["week_start_date"])
        return reshelved(tables, decision["lot_id"], lambda lot: min(lot.first, week)).frame
    line, week = _line(tables, decision["therapy_code"], decision["site_id"]), _week(tables, decision["week_start_date"])
    if option in ADDED_TO:
        return tables.frame.with_changes(capacity=_added(tables.frame, ADDED_TO[option], line, week, decision["quantity"]))
    to_line = _line(tables, decision["therapy_code"], decision.get("to_site_id") or decision["site_id"])
    to_week = _week(tables, decision.get("to_week_start_date") or decision["week_start_date"])
    patients = min(decision["quantity"], tables.movable[line, week])
    return moved(tables.frame, (line, week), (to_line, to_week), patients)


def moved(frame: Frame, away: tuple[int, int], to: tuple[int, int], patients: float) -> Frame:
    """Patients arrive at another (line, week). To another plant they bring chair, bed and container along, and a place on their own lane."""
    demand = frame.demand.copy()
    demand[away] = rounded(np.maximum(demand[away] - patients, 0.0))
    demand[to] = rounded(demand[to] + patients)
    if away[0] == to[0]:
        return frame.with_changes(demand=demand)
    capacity = dict(frame.capacity)
    for name in (*MOVED, "courier"):
        values = capacity[name].copy()
        values[to] = rounded(values[to] + patients)
        if name in MOVED:
            left = (away[0], to[1])
            values[left] = rounded(np.maximum(values[left] - patients, 0.0))
        capacity[name] = values
    return frame.with_changes(demand=demand, capacity=capacity)


def without(tables: PlanTables, exception_key: str | None) -> PlanTables:
    """The tables without what decisions in force on this exception have changed: a new decision takes the place of the old one."""
    for decision in tables.decisions:
        if exception_key and decision["exception_key"] == exception_key:
            tables = _taken_back(tables, decision)
    return tables


def _taken_back(tables: PlanTables, decision: Mapping[str, Any]) -> PlanTables:
    option, quantity = decision["option_code"], decision["quantity"]
    if option == "expedite_lot":
        return reshelved(tables, decision["lot_id"], lambda lot: lot.stated_first)
    away = _line(tables, decision["therapy_code"], decision["site_id"]), _week(tables, decision["week_start_date"])
    if option in ADDED_TO:
        return replace(tables, frame=tables.frame.with_changes(capacity=_added(tables.frame, ADDED_TO[option], *away, -quantity)))
    to = _line(tables, decision["therapy_code"], decision["to_site_id"]), _week(tables, decision["to_week_start_date"])
    movable = tables.movable.copy()
    movable[away] = rounded(movable[away] + quantity)
    return replace(tables, frame=moved(tables.frame, away, to, -quantity), movable=movable)


def reshelved(tables: PlanTables, lot_id: str, first_of: Callable[[Lot], int]) -> PlanTables:
    """A lot, allocation or run is usable from another week, for every line that uses it; the order of use follows."""
    stock = tables.frame.stock
    quantity, first, last = stock.quantity.copy(), stock.first.copy(), stock.last.copy()
    shelves: dict[tuple[int, int], list[Lot]] = {}
    for lot in tables.lots:
        shelves.setdefault((lot.line, lot.supply), []).append(
            replace(lot, first=first_of(lot)) if lot_id in {lot.source_id, lot.lot_code} else lot
        )
    lots = []
    for (line, supply), shelf in shelves.items():
        shelf.sort(key=lambda lot: (lot.last, lot.expiry, lot.first, lot.source_id))
        for place, lot in enumerate(shelf):
            quantity[line, supply, place], first[line, supply, place], last[line, supply, place] = lot.doses, lot.first, lot.last
            lots.append(replace(lot, place=place))
    changed_stock = Stock(stock.use_per_start, stock.limits_until, quantity, first, last)
    return replace(tables, frame=tables.frame.with_changes(stock=changed_stock), lots=tuple(lots))


def _added(frame: Frame, resource: str, line: int, week: int, quantity: float) -> dict[str, Any]:
    values = frame.capacity[resource].copy()
    values[line, week] = rounded(np.maximum(values[line, week] + quantity, 0.0))
    return dict(frame.capacity) | {resource: values}


def _line(tables: PlanTables, therapy: str | None, site: str | None) -> int:
    place = tables.places.get((therapy or "", site or ""))
    if place is None:
        raise LookupError(f"The plan has no line for therapy {therapy} at plant {site}.")
    return place


def _week(tables: PlanTables, monday: Any) -> int:
    week = tables.week_no(monday)
    if week is None:
        raise LookupError(f"The week of {monday} is not in the plan, which goes from {tables.weeks[0]} to {tables.weeks[-1]}.")
    return week
