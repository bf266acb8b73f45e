"""A small network of two plants that can be decided upon: decisions go in at the door, the plan is built again from what landed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
from compiled import open_memory
from test_scenarios import HERE, send_all

from dagster_project import register
from dagster_project.home import home
from dagster_project.intake import submit
from dagster_project.landing import load_landing
from dagster_project.planning import PlanTables

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pyarrow as pa
    from compiled import Compiled

RIVER, HILL, THERAPY = "9501101500211", "9501101500228", "CART-101"
W48, W49, W50, W51 = (dt.date(2026, 11, 23) + dt.timedelta(weeks=week) for week in range(4))
VIEWS = ("plan_frame", "plan_supplies", "demand", "alternatives", "slots", "plan_decisions")
FIRST_SENT = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)


def write_network(folder: Path) -> Path:
    """The scenario of two plants, shorter of everything: five ask in W48, the lane takes three; a slot was given back; vector runs out."""
    shutil.copytree(HERE / "two_plants" / "partner_files", folder)
    edit(folder / "operator/lane/2026-11-02.csv", ("14,20,0,6", "14,20,0,3"))
    edit(folder / "north-hospital/demand_forecast/2026-11-10.csv", ("2026-11-23,commercial,2", "2026-11-23,commercial,5"))
    slots = folder / "river-plant/slot_plan/2026-11-11.csv"
    more = [("W48-L3", "11-25", "11-26", "free"), ("W48-L4", "11-25", "11-26", "free"), ("W49-L2", "12-02", "12-03", "released")]
    slots.write_text(
        slots.read_text()
        + "".join(
            f"SLOT-26{name},{RIVER},{THERAPY},{name[-2:]},2026-{opens},2026-{closes},{status},\n" for name, opens, closes, status in more
        )
    )
    edit(
        folder / "vector-house/vector_allocation/2026-11-11.csv",
        (f"LV26-001,{RIVER},{THERAPY},2026-11-16,100,firm", f"LV26-001,{RIVER},{THERAPY},2026-11-16,9,firm"),
    )
    allocations = folder / "vector-house/vector_allocation/2026-11-11.csv"
    allocations.write_text(allocations.read_text() + f"ALC-3,09501101530300,LV26-002,{RIVER},{THERAPY},2026-12-21,100,soft\n")
    lots = folder / "vector-house/vector_inventory/2026-11-11.csv"
    lots.write_text(
        lots.read_text()
        + "09501101530300,LV26-002,LV-CD19A,9501101500310,200000000,103,5,1000000000,103,-80,2026-10-04,2028-10-03,in_qc,2026-12-18,\n"
    )
    return folder


def edit(path: Path, change: tuple[str, str]) -> None:
    text = path.read_text()
    assert text.count(change[0]) == 1, change
    path.write_text(text.replace(*change))


class Plans:
    """The warehouse in memory: `decide` sends a decision through the door, `tables` and `plan` read what the models make of it."""

    def __init__(self, compiled: Compiled, folder: Path) -> None:
        self.compiled = compiled
        send_all(write_network(folder))
        self.con: duckdb.DuckDBPyConnection = open_memory()
        self.sent = 0

    def query(self, view: str, where: dict[str, Any] | None = None, columns: list[str] | None = None) -> pa.Table:
        conditions = " AND ".join(f"{name} = '{value}'" for name, value in (where or {}).items()) or "true"
        sql = f"SELECT {', '.join(columns or ['*'])} FROM reports.rpt_operator__{view} WHERE {conditions}"
        return self.con.execute(sql).to_arrow_table()

    def tables(self) -> PlanTables:
        load_landing(self.con, register.submissions(), home())
        models = (*(f"rpt_operator__{view}" for view in VIEWS), "fct_aligned_plan", "fct_plan_demand")
        self.compiled.build(self.con, *models)
        return PlanTables.read(self)

    def plan(self, column: str) -> np.ndarray:
        rows = self.con.execute(f"SELECT {column} FROM marts.fct_aligned_plan ORDER BY therapy_code, site_id, week_start_date").fetchall()
        found = np.empty(len(rows), dtype=object)
        found[:] = [row[0] for row in rows]
        return found.reshape(2, -1)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

    def decide(self, partner: str = "operator", **columns: Any) -> str:
        """Send one decision; the id of its submission."""
        self.sent += 1
        as_of = FIRST_SENT + dt.timedelta(minutes=self.sent)
        row = {
            "decision_id": f"DEC-{self.sent}",
            "decided_at": as_of.isoformat(),
            "state": "resolved",
            "decided_by_role": register.partners().get(partner, "operator"),
            **columns,
        }
        text = io.StringIO()
        writer = csv.DictWriter(text, list(row))
        writer.writeheader()
        writer.writerow(row)
        receipt = submit(text.getvalue().encode(), partner=partner, feed="decision", file_name=f"{row['decision_id']}.csv", as_of=as_of)
        assert receipt.status == "accepted", receipt.refusals
        return str(receipt.submission_id)
