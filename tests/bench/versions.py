"""The plan of a year of weekly forecasts, from landing to editions, at one to eight times the size; then one more forecast and the plan again."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.editions import open_edition
from dagster_project.editions.as_of import rows_as_of
from dagster_project.home import Home
from tests.bench.plan_network import PLANNING_DATE, Shape, one_more_forecast, write

if TYPE_CHECKING:
    from rich.console import Console

TITLE = (
    "12 therapies, 8 plants, 104 weeks, 52 weekly versions; landing files written directly, the door is measured by `intake`. plan = dbt + publish, "
    "what is made from landed rows; rows are landed and checked once, when they come"
)
COLUMNS = (
    "hospitals", "forecast rows", "landing s", "second check s", "dbt s", "publish s", "plan s", "all s", "CPU s", "peak MB",
    "refresh s", "refresh / all", "as-of s", "load",
)  # fmt: skip
SHOWN = ("landing", "check", "dbt", "publish", "plan", "all", "cpu", "peak", "refresh", "ratio", "as_of")
GROWING = {"dbt", "publish", "plan", "all", "cpu", "peak", "as_of"}
# 400 is the size that the plan is meant for: 26 million rows.
HOSPITALS = [int(number) for number in os.environ.get("BENCH_HOSPITALS", "50,100,200,400").split(",")]
AS_OF = PLANNING_DATE - dt.timedelta(weeks=6)


def run(console: Console) -> list[tuple[str, ...]]:
    """One row per number of hospitals, and how the cost grows with it: the exponent of the fitted power."""
    measured = [_measure(Shape(number), console) for number in HOSPITALS]
    rows = [_row(one) for one in measured]
    if len(measured) > 1:
        sizes = [one["rows"] for one in measured]
        exponents = {key: f"{_exponent(sizes, [one[key] for one in measured]):.2f}" for key in GROWING}
        rows.append(("exponent", "", *(exponents.get(key, "") for key in SHOWN), ""))
    return rows


def _measure(shape: Shape, console: Console) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        os.environ["VEINWAY_HOME"] = folder
        write(home, shape)
        full = _plan(home, shape)
        console.print(f"  {shape.hospitals} hospitals, {shape.rows:,} rows: {full['seconds']:.0f} s, {full['cpu_seconds']:.0f} CPU s")
        as_of = _as_of(home)
        one_more_forecast(home, shape)
        refresh = _plan(home, shape)
    steps = full["steps"]
    return {
        "hospitals": shape.hospitals, "rows": shape.rows, "landing": steps["landing"], "check": steps["second check"], "dbt": steps["dbt"],
        "publish": steps["publish"], "plan": steps["dbt"] + steps["publish"], "all": full["seconds"], "cpu": full["cpu_seconds"],
        "peak": full["peak_mb"], "refresh": refresh["seconds"], "ratio": refresh["seconds"] / full["seconds"], "as_of": as_of,
        "load": os.getloadavg()[0],
    }  # fmt: skip


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    decimals = {"peak": 0, "ratio": 2, "as_of": 2}
    return (str(one["hospitals"]), f"{one['rows']:,}", *(f"{one[key]:,.{decimals.get(key, 1)}f}" for key in SHOWN), f"{one['load']:.0f}")


def _plan(home: Home, shape: Shape) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.plan_worker", str(shape.weeks)],
        env={**os.environ, "VEINWAY_HOME": str(home.root)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"The plan of {shape.hospitals} hospitals failed: {done.stdout[-1000:]} {done.stderr[-1000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _as_of(home: Home) -> float:
    """Seconds until the first thousand rows of the forecasts that were in force six weeks ago are there: opening the edition and asking it."""
    start = time.perf_counter()
    rows_as_of(open_edition("operator", folder=home.editions), "forecast_versions", AS_OF, limit=1000)
    return time.perf_counter() - start


def _exponent(sizes: list[int], costs: list[float]) -> float:
    """Slope of the least-squares line through the logarithms: 1 is linear."""
    xs, ys = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / sum((x - middle_x) ** 2 for x in xs)
