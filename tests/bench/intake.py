"""Typed and validated intake of a 5-million-row temperature file against DuckDB's own typed load, pandas + GX, and dlt."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

TITLE = "Intake of 5,000,000 temperature readings (CSV), medians of paired runs, each in a process that has done a small file before"
COLUMNS = ("what", "seconds", "vs in memory", "vs to disk", "peak memory MB")
ROWS = int(os.environ.get("BENCH_ROWS", "5000000"))
# One file of about this many bytes more, by the door alone: VEINWAY_BENCH_LARGE=5e9.
LARGE_BYTES = float(os.environ.get("VEINWAY_BENCH_LARGE", "0"))
PAIRS = int(os.environ.get("BENCH_PAIRS", "3"))
WARM_ROWS = 1_000
FEED = "temperature_reading"


def write_readings(path: Path, rows: int) -> None:
    """A clean file in the contract's columns: 2,000 loggers or more, a reading every 15 minutes and none in the future."""
    loggers = max(2_000, rows // 2_500)
    import duckdb  # noqa: PLC0415

    duckdb.sql(
        f"""COPY (SELECT 'DS-' || lpad((i % {loggers})::VARCHAR, 5, '0') AS container_id,
            strftime(TIMESTAMP '2026-01-01' + to_minutes(15 * (i // {loggers})), '%Y-%m-%dT%H:%M:%SZ') AS read_at, 'P1' AS probe_id,
            round(-185 + 10 * random(), 2) AS celsius, (100 - i % 40) AS battery_pct, round(45 + random(), 5) AS latitude,
            round(5 + random(), 5) AS longitude, round(10 * random(), 1) AS tilt_degrees, round(random(), 2) AS shock_g
            FROM range({rows}) t(i)) TO '{path}' (FORMAT csv, HEADER)"""
    )


def load_with_duckdb(path: Path) -> None:
    """The limit: DuckDB reads the same file into a typed table in memory and checks nothing."""
    _load_with_duckdb(path, ":memory:")


def load_with_duckdb_to_disk(path: Path) -> None:
    """The limit for what outlives the process, as the door's rows do: the same into a database file."""
    _load_with_duckdb(path, f"{os.environ['VEINWAY_HOME']}/limit.duckdb")


def _load_with_duckdb(path: Path, database: str) -> None:
    import duckdb  # noqa: PLC0415

    from dagster_project.contracts import contract  # noqa: PLC0415
    from dagster_project.contracts.arrow import SQL_TYPES  # noqa: PLC0415

    columns = {column.name: SQL_TYPES[column.type] for column in contract(FEED).columns}
    with duckdb.connect(database) as con:
        con.execute("CREATE OR REPLACE TABLE readings AS SELECT * FROM read_csv(?, header = true, columns = ?)", [str(path), columns])


def load_with_door(path: Path) -> None:
    """Ours: hashed, kept, searched for identifiers, typed, checked against every rule, landed, receipted."""
    from dagster_project.intake import submit  # noqa: PLC0415
    from dagster_project.register.partners import add_partner  # noqa: PLC0415

    add_partner("bench-courier", "courier")
    receipt = submit(path, partner="bench-courier", feed=FEED)
    if receipt.status != "accepted":
        raise SystemExit(f"The door accepted {receipt.rows_accepted} rows: {receipt.refusals[:3]}")


def load_with_pandas_and_gx(path: Path) -> None:
    """Peer: pandas reads the file, Great Expectations runs the suite of the same contract."""
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    from dagster_project.contracts import contract  # noqa: PLC0415
    from dagster_project.contracts.suite import validate  # noqa: PLC0415

    frame = pd.read_csv(path, parse_dates=["read_at"])
    result = validate(contract(FEED), pa.Table.from_pandas(frame, preserve_index=False))
    if not result.success:
        raise SystemExit(f"GX found {result.failures[:3]}")


def load_with_dlt(path: Path) -> None:
    """Peer: dlt loads the file into DuckDB with the contract's types frozen."""
    import dlt  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.csv as pc  # noqa: PLC0415

    from dagster_project.contracts import contract  # noqa: PLC0415
    from dagster_project.contracts.arrow import arrow_schema  # noqa: PLC0415

    schema = pa.schema([field.with_nullable(True) for field in arrow_schema(contract(FEED))])

    @dlt.resource(name="readings", schema_contract={"data_type": "freeze"})
    def readings() -> Iterator[pa.RecordBatch]:
        yield from pc.open_csv(path, convert_options=pc.ConvertOptions(column_types=schema))

    folder = Path(os.environ["VEINWAY_HOME"])
    pipeline = dlt.pipeline(
        "bench", destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")), dataset_name="d", pipelines_dir=str(folder)
    )
    pipeline.run(readings(), loader_file_format="parquet")


RUNNERS = {
    "DuckDB typed read_csv, in memory": "load_with_duckdb",
    "DuckDB typed read_csv, to disk": "load_with_duckdb_to_disk",
    "Veinway's door": "load_with_door",
    "pandas + GX": "load_with_pandas_and_gx",
    "dlt": "load_with_dlt",
}


def run(console: Console) -> list[tuple[str, ...]]:
    """One row per runner; a peer that is not installed is said to be so."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.csv"
        console.print(f"Writing {ROWS:,} readings …")
        write_readings(path, ROWS)
        console.print(f"{path.stat().st_size / 1e6:,.0f} MB. {PAIRS} rounds of {len(RUNNERS)} runners.")
        results: dict[str, list[tuple[float, float]]] = {name: [] for name in RUNNERS}
        for turn in range(PAIRS):
            for name, function in RUNNERS.items():
                outcome = _in_own_process(function, path, Path(folder))
                if outcome:
                    results[name].append(outcome)
                console.print(f"  round {turn + 1}: {name}: {f'{outcome[0]:.1f} s' if outcome else 'not installed'}")
        size = path.stat().st_size
        path.unlink()
        large = _large(console, Path(folder), round(ROWS * LARGE_BYTES / size)) if LARGE_BYTES else []
    in_memory, to_disk = (statistics.median(seconds for seconds, _ in results[name]) for name in list(RUNNERS)[:2])
    return [*(_row(name, outcomes, in_memory, to_disk) for name, outcomes in results.items()), *large]


def _large(console: Console, folder: Path, rows: int) -> list[tuple[str, ...]]:
    """The door with a file that is larger than its memory."""
    path = folder / "large.csv"
    console.print(f"Writing {rows:,} readings …")
    write_readings(path, rows)
    size = path.stat().st_size / 1e9
    outcome = _in_own_process("load_with_door", path, folder)
    path.unlink()
    return [(f"Veinway's door, {rows:,} rows ({size:.1f} GB)", f"{outcome[0]:.1f}", "", "", f"{outcome[1]:,.0f}")] if outcome else []


def _row(name: str, outcomes: list[tuple[float, float]], in_memory: float, to_disk: float) -> tuple[str, ...]:
    if not outcomes:
        return name, "not installed", "", "", ""
    seconds = statistics.median(outcome[0] for outcome in outcomes)
    peak = max(outcome[1] for outcome in outcomes)
    return name, f"{seconds:.1f}", f"{seconds / in_memory:.2f}", f"{seconds / to_disk:.2f}", f"{peak:,.0f}"


def _in_own_process(function: str, path: Path, folder: Path) -> tuple[float, float] | None:
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.intake", function, str(path)],
        env={**os.environ, "VEINWAY_HOME": str(home), "RUNTIME__DLTHUB_TELEMETRY": "false"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode and "ModuleNotFoundError: No module named 'dlt'" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    seconds, memory = done.stdout.split()[-2:]
    return float(seconds), float(memory)


def _timed(function: str, path: Path) -> None:
    # A door stands open: what is measured is the file, not what a process imports for its first one.
    small = path.with_name("small.csv")
    with path.open(encoding="utf-8") as big:
        small.write_text("".join(line for line, _ in zip(big, range(WARM_ROWS + 1), strict=False)), encoding="utf-8")
    globals()[function](small)
    start = time.perf_counter()
    globals()[function](path)
    seconds = time.perf_counter() - start
    print(seconds, _peak_mb())


def _peak_mb() -> float:
    """The most memory that this process held, and with it each of its workers: those that wait for the next file, or the largest that was replaced."""
    own, replaced = (resource.getrusage(whose).ru_maxrss / 1024 for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own + max(replaced, sum(_peak_of(child.pid) for child in psutil.Process().children(recursive=True)))


def _peak_of(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    _timed(sys.argv[1], Path(sys.argv[2]))
