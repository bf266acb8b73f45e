"""The planning room: an option recomputed, every marginal, and 10,000 patients over weekly slots, in arrays and in the plan's SQL."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from dagster_project.planning import Frame, Plan, PlanTables, Stock, align, marginals, option_for, options_for, short_weeks
from dagster_project.planning.tables import Line, Lot

sys.path.insert(0, str(Path(__file__).parents[1] / "scenarios"))

from compiled import PLANNING_DATE, Compiled, compile_models, open_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

TITLE = "What if: an option within 2 s; 10,000 patients over weekly slots against frePPLe (13 s: the faster end of 13-18 s on two cores of this kind)"
COLUMNS = ("what", "shape", "seconds", "limit or peer s", "ratio")
OPTION_SECONDS, PEER_SECONDS = 2.0, 13.0
# Hospitals, therapies, plants, weeks, lots a line: a demo and the largest network that one edition is meant for.
SHAPES = ((9, 4, 2, 26, 6), (400, 12, 8, 104, 30))
PATIENTS = 10_000
MONDAY = dt.date.fromisoformat(PLANNING_DATE)


def run(console: Console) -> list[tuple[str, ...]]:
    """Medians of 5 for the walk in arrays; once for the SQL, whose models are compiled before."""
    rows = []
    for shape in SHAPES:
        tables = network(*shape)
        name = "{} hospitals x {} therapies x {} plants x {} weeks".format(*shape[:4])
        exception = _longest(tables)
        option = options_for(exception, tables)[0]
        rows += [
            _row("one option again", name, _median(lambda o=option, t=tables: option_for(o.arguments, t)), OPTION_SECONDS),
            _row("all options of an exception", name, _median(lambda e=exception, t=tables: options_for(e, t)), OPTION_SECONDS),
            _row(
                f"one more of what is scarce, {len(short_weeks(tables.plan)):,} short weeks",
                name,
                _timed(lambda t=tables: marginals(t)),
                None,
            ),
        ]
        console.print(f"  {name}: done")
    patients = network(*SHAPES[1], patients=PATIENTS)
    name = f"{PATIENTS:,} patients, {len(patients.lines)} lines x {len(patients.weeks)} weeks"
    rows.append(
        _row("week walk in arrays, a week for every patient", name, _median(lambda: weeks_of_patients(patients.frame)), PEER_SECONDS)
    )
    rows.append(_row("week walk and shares in the plan's SQL", name, _in_sql(patients), PEER_SECONDS))
    return rows


def _row(what: str, shape: str, seconds: float, limit: float | None) -> tuple[str, ...]:
    return (what, shape, f"{seconds:.3f}", f"{limit:.0f}" if limit else "", f"{seconds / limit:.3f}" if limit else "")


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _median(work: Callable[[], Any]) -> float:
    return sorted(_timed(work) for _ in range(5))[2]


def network(hospitals: int, therapies: int, plants: int, weeks: int, lots: int, patients: int = 0) -> PlanTables:
    """A network drawn at random: demand about as large as the slots, lots that come and expire, one material beside the vector."""
    draw, lines = np.random.default_rng(7), therapies * plants
    mean = patients / (lines * weeks) if patients else hospitals / 40
    demand = draw.poisson(mean, (lines, weeks)).astype(float)
    if patients:
        demand = draw.multinomial(patients, np.full(lines * weeks, 1 / (lines * weeks))).reshape(lines, weeks).astype(float)
    slots = draw.poisson(mean * 1.05, (lines, weeks)).astype(float)
    first = np.sort(draw.integers(0, weeks, (lines, 2, lots)), axis=2)
    last = first + draw.integers(4, 30, first.shape)
    order = np.argsort(last, axis=2, kind="stable")
    first, last = np.take_along_axis(first, order, 2), np.take_along_axis(last, order, 2)
    quantity = np.full(first.shape, 1.3 * mean * weeks / lots)
    unstated = np.full((lines, weeks), np.nan)
    frame = Frame(
        demand=demand, opening=np.zeros(lines), failure_pct=np.full(lines, 4.0), lag=np.full(lines, 3), prior=np.zeros((lines, weeks)),
        capacity={"slot": slots, "courier": slots + 1, "chair": slots + 2, "bed": slots + 1, "container": unstated},
        stock=Stock(np.ones((lines, 2)), np.full((lines, 2), weeks), quantity, first, last),
    )  # fmt: skip
    mondays = tuple(MONDAY + dt.timedelta(weeks=week) for week in range(weeks))
    codes = [(f"T{therapy:02}", f"P{plant:02}") for therapy in range(therapies) for plant in range(plants)]
    return PlanTables(
        lines=tuple(Line(therapy, f"Therapy {therapy}", site, f"Plant {site}") for therapy, site in codes),
        weeks=mondays,
        iso_weeks=tuple(f"{monday:%G-W%V}" for monday in mondays),
        frame=frame, movable=demand, frozen=np.zeros(demand.shape, dtype=bool), resale={},
        lots=tuple(
            Lot(line, supply, lot, f"LOT-{line}-{supply}-{lot}", None, "2030-01-01",
                int(first[line, supply, lot]), int(last[line, supply, lot]), float(quantity[line, supply, lot]),
                int(first[line, supply, lot]))
            for line in range(lines) for supply in range(2) for lot in range(lots)
        ),
        demand=_asked(hospitals, codes, mondays, draw),
        alternatives=pa.table({"therapy_code": pa.array([], pa.string()), "site_id": pa.array([], pa.string())}),
        slots=pa.table({name: pa.array([], kind) for name, kind in (
            ("slot_id", pa.string()), ("therapy_code", pa.string()), ("site_id", pa.string()), ("week_start_date", pa.date32()))}),
    )  # fmt: skip


def _asked(hospitals: int, codes: list[tuple[str, str]], mondays: tuple[dt.date, ...], draw: np.random.Generator) -> pa.Table:
    """What every hospital asks of its plant for every therapy and week: whose patients a move takes is looked up here."""
    therapies = sorted({therapy for therapy, _ in codes})
    sites = sorted({site for _, site in codes})
    size = hospitals * len(therapies) * len(mondays)
    hospital = np.repeat([f"H{number:03}" for number in range(hospitals)], len(therapies) * len(mondays)).astype(object)
    therapy = np.tile(np.repeat(therapies, len(mondays)), hospitals).astype(object)
    site = np.repeat([sites[number % len(sites)] for number in range(hospitals)], len(therapies) * len(mondays)).astype(object)
    week = pa.array(list(mondays) * (hospitals * len(therapies)), pa.date32())
    return pa.table({
        "hospital_id": hospital, "hospital_name": hospital, "therapy_code": therapy, "site_id": site, "week_start_date": week,
        "demand": draw.poisson(0.2, size).astype(float),
    })  # fmt: skip


def _longest(tables: PlanTables) -> dict[str, Any]:
    line, week = np.unravel_index(tables.plan.waiting[:, : len(tables.weeks) // 2].argmax(), (len(tables.lines), len(tables.weeks) // 2))
    about = tables.lines[int(line)]
    return {"therapy_code": about.therapy_code, "site_id": about.site_id, "week_start_date": tables.weeks[int(week)]}


def weeks_of_patients(frame: Frame) -> tuple[Plan, list[np.ndarray]]:
    """The plan, and for every patient of a line, in the order of arrival, the week of the start (one beyond the last: not in the plan)."""
    plan = align(frame)
    served = np.cumsum(plan.served, axis=1)
    came = (frame.demand.sum(axis=1) + frame.opening).round().astype(int)
    return plan, [np.searchsorted(served[line], np.arange(count) + 1 - 1e-6) for line, count in enumerate(came)]


def _in_sql(tables: PlanTables) -> float:
    """Seconds that the plan's models take from the frame to every hospital's starts, on tables of the same shape."""
    with tempfile.TemporaryDirectory() as folder:
        compiled: Compiled = compile_models(Path(folder), {"planning_date": PLANNING_DATE, "horizon_weeks": len(tables.weeks)})
    con = open_memory()
    con.execute("CREATE SCHEMA intermediate")
    for name, table in _given(tables).items():
        con.register("given", table)
        con.execute(f"CREATE TABLE intermediate.{name} AS FROM given")
        con.unregister("given")
    given = frozenset({"int_plan__frame", "int_plan__lots", "int_plan__hospital_weeks"})
    return _timed(lambda: compiled.build(con, "int_plan__served", "int_plan__limits", "int_plan__starts_in_order", given=given))


def _given(tables: PlanTables) -> dict[str, pa.Table]:
    frame, (lines, weeks) = tables.frame, tables.frame.demand.shape
    line, week = np.repeat(np.arange(lines), weeks), np.tile(np.arange(weeks, dtype=np.int32), lines)
    therapy, site = (np.array([getattr(tables.lines[one], name) for one in line]).astype(object) for name in ("therapy_code", "site_id"))
    slot = frame.capacity["slot"].reshape(-1)
    nothing = pa.nulls(len(line), pa.float64())
    keys = {"therapy_code": therapy, "site_id": site, "week_no": week}
    framed = keys | {
        "demand": frame.demand.reshape(-1), "opening_backlog": np.zeros(len(line)), "prior_starts": np.zeros(len(line)),
        "perishable_capacity": slot, "slots": slot, "courier_capacity": slot + 1, "chair_capacity": slot + 2, "bed_capacity": slot + 1,
        "container_capacity": nothing, "doses_per_batch": np.ones(len(line)), "is_vector_stated": np.ones(len(line), dtype=bool),
        "failure_pct": np.full(len(line), 4.0), "remake_lag_weeks": np.full(len(line), 3, dtype=np.int32),
    }  # fmt: skip
    hospitals = [
        pa.table(keys | {
            "hospital_id": np.full(len(line), f"H{share}").astype(object), "allocation_rule": np.full(len(line), "fifo").astype(object),
            "forecast_share": np.full(len(line), 0.25), "demand": frame.demand.reshape(-1) / 4, "opening_backlog": np.zeros(len(line)),
            "prior_starts": np.zeros(len(line)),
        })
        for share in range(4)
    ]  # fmt: skip
    lots = [
        {
            "therapy_code": tables.lines[lot.line].therapy_code, "site_id": tables.lines[lot.line].site_id,
            "supply_code": "ITEM" if lot.supply else "vector", "doses": lot.doses, "use_per_start": 1.0,
            "limits_until_week": weeks, "first_week_no": lot.first, "last_week_no": lot.last, "use_order": lot.place + 1,
        }
        for lot in tables.lots
    ]  # fmt: skip
    return {
        "int_plan__frame": pa.table(framed),
        "int_plan__lots": pa.Table.from_pylist(lots),
        "int_plan__hospital_weeks": pa.concat_tables(hospitals),
    }
