"""The whole path at each size: files written, sent through the door, planned; then one new forecast and the plan again."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

TITLE = "From files to an edition, whole commands with their start-up; refresh: one more forecast after the full build"
COLUMNS = ("size", "files", "write s", "door s", "door ms a file", "full plan s", "refresh s", "refresh / full", "peak memory MB")
SIZES = os.environ.get("BENCH_SIZES", "demo,world").split(",")


def run(console: Console) -> list[tuple[str, ...]]:
    """One row per size; the sizes are named by BENCH_SIZES."""
    return [_measure(size, console) for size in SIZES]


def _measure(size: str, console: Console) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        home, files = Path(folder) / "home", Path(folder) / "network"
        seconds: dict[str, float] = {}
        for step, arguments in {
            "write": ["network", "write", "--size", size, "--seed", "7", "--out", str(files)],
            "door": ["submit", str(files)],
            "full": ["plan"],
        }.items():
            seconds[step] = _timed(home, *arguments)
            console.print(f"  {size}: {' '.join(arguments[:2])}: {seconds[step]:.1f} s")
        path, delivery, as_of = _one_more_forecast(files)
        _timed(home, "submit", str(path), "--partner", delivery["partner"], "--feed", delivery["feed"], "--as-of", as_of)
        seconds["refresh"] = _timed(home, "plan")
        count = len(json.loads((files / "network.json").read_text())["files"])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return (
        size, f"{count:,}", f"{seconds['write']:.1f}", f"{seconds['door']:.1f}", f"{1000 * seconds['door'] / count:.1f}",
        f"{seconds['full']:.1f}", f"{seconds['refresh']:.1f}", f"{seconds['refresh'] / seconds['full']:.2f}", f"{peak:,.0f}",
    )  # fmt: skip


def _timed(home: Path, *arguments: str) -> float:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", "from dagster_project.cli import main; main()", *arguments],
        env={**os.environ, "VEINWAY_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    # 3 and 4 are receipts: a network has its blemishes.
    if done.returncode not in (0, 3, 4):
        raise SystemExit(f"veinway {' '.join(arguments)}: {done.stdout[-1000:]} {done.stderr[-1000:]}")
    return time.perf_counter() - start


def _one_more_forecast(files: Path) -> tuple[Path, dict[str, Any], str]:
    """The newest CSV forecast again, an hour later, with one patient more in its first week."""
    listed = json.loads((files / "network.json").read_text())["files"]
    newest = max((d for d in listed if d["feed"] == "demand_forecast" and d["path"].endswith(".csv")), key=lambda d: d["as_of"])
    last = max(dt.datetime.fromisoformat(d["as_of"]) for d in listed)
    with (files / newest["path"]).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["patients"] = str(float(rows[0]["patients"]) + 1)
    rows[0]["patients_p90"] = str(float(rows[0]["patients_p90"] or rows[0]["patients"]) + 1)
    path = files / "one_more.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path, newest, (last + dt.timedelta(seconds=1)).isoformat()
