"""A workbook of 200,000 rows and nine columns through the door's reading and judging, against calamine's bare read of the same file."""

from __future__ import annotations

import datetime as dt
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.intake import FEED

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

ROWS = int(os.environ.get("BENCH_WORKBOOK_ROWS", "200000"))
PAIRS = int(os.environ.get("BENCH_PAIRS", "3"))
TITLE = f"A workbook of {ROWS:,} readings (XLSX), medians of paired runs in a warm process; the limit is 2.0 times calamine's bare read"
COLUMNS = ("what", "processor seconds", "vs bare read")
AS_OF = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)


def write_workbook(path: Path, rows: int) -> None:
    """A clean workbook in the contract's columns: 2,000 loggers, a reading every 15 minutes."""
    import xlsxwriter  # noqa: PLC0415

    from dagster_project.contracts import contract  # noqa: PLC0415

    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("readings")
        sheet.write_row(0, 0, [column.name for column in contract(FEED).columns])
        for place in range(rows):
            at = (start + dt.timedelta(minutes=15 * (place // 2000))).strftime("%Y-%m-%dT%H:%M:%SZ")
            drift = place % 997 / 100
            figures = [round(-185 + drift, 2), 100 - place % 40, 45 + drift / 100, 5 + drift / 100, round(drift, 1), round(drift / 10, 2)]
            sheet.write_row(place + 1, 0, [f"DS-{place % 2000:05}", at, "P1", *figures])


def read_bare(path: Path) -> None:
    """The limit: every cell as a Python object, and nothing else."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def read_and_judge(path: Path) -> None:
    """Ours: hashed, unpacked within limits, read, searched for identifiers, typed, checked against every rule."""
    import duckdb  # noqa: PLC0415

    from dagster_project.contracts import contract  # noqa: PLC0415
    from dagster_project.intake.judging.judgement import examine  # noqa: PLC0415
    from dagster_project.intake.reading.content import open_content, survey  # noqa: PLC0415

    with duckdb.connect() as connection:
        content = open_content(path)
        outcome = examine(connection, content, survey(content), contract(FEED), partner=None, as_of=AS_OF)
    if outcome.status != "accepted" or outcome.rows_accepted != ROWS:
        raise SystemExit(f"The door accepted {outcome.rows_accepted} rows: {outcome.refusals[:3]}")


def run(console: Console) -> list[tuple[str, ...]]:
    """The medians of both, and how often the bare read fits into ours."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.xlsx"
        console.print(f"Writing a workbook of {ROWS:,} readings …")
        write_workbook(path, ROWS)
        read_and_judge(path)
        pairs = [(_seconds(read_bare, path), _seconds(read_and_judge, path)) for _ in range(PAIRS)]
    bare, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(second / first for first, second in pairs)
    return [("calamine, bare read", f"{bare:.2f}", "1.00"), ("Veinway's reading and judging", f"{ours:.2f}", f"{ratio:.2f}")]


def _seconds(work: Callable[[Path], None], path: Path) -> float:
    """Processor time, all threads together: other programs on the machine do not count."""
    start = time.process_time()
    work(path)
    return time.process_time() - start
