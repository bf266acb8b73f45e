"""What the readers make of some bytes, without the register and without a worker: the verdict, and the typed rows."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import duckdb
import xlsxwriter
from door_files import AS_OF, HEADER

from dagster_project.contracts import contract
from dagster_project.intake.judging.judgement import Outcome, examine
from dagster_project.intake.reading.content import open_content, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

FEED = "demand_forecast"


def answered(data: bytes | Path, *, feed: str = FEED) -> Outcome:
    """The verdict on these bytes."""
    return staged(data, feed=feed)[0]


def staged(data: bytes | Path, *, feed: str = FEED) -> tuple[Outcome, list[dict[str, Any]]]:
    """The verdict, and the rows as they were read, by column and with `row_number`."""
    with duckdb.connect() as connection:
        content = open_content(data)
        outcome = examine(connection, content, survey(content), contract(feed), partner=None, as_of=AS_OF)
        if not outcome.is_clear_of_identifiers:
            return outcome, []
        table = connection.execute("SELECT * FROM staged ORDER BY row_number").to_arrow_table()
        return outcome, table.to_pylist()


def refused(outcome: Outcome) -> list[tuple[int | None, str | None, str]]:
    """Row, column and rule of every refusal."""
    return [(refusal.row, refusal.column, refusal.rule) for refusal in outcome.refusals]


def book(
    rows: Sequence[str],
    change: Callable[[Workbook, Worksheet], Any] = lambda *_: None,
    *,
    header: str = HEADER,
    numbers: bool = True,
    **options: bool,
) -> bytes:
    """A workbook with these rows below the header, numbers as numbers; `change` has the last word."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as workbook:
        sheet = workbook.add_worksheet("plan")
        for row, line in enumerate([header, *rows]):
            for column, cell in enumerate(line.split(",")):
                if numbers and row and 4 <= column <= 6 and cell:
                    sheet.write_number(row, column, float(cell))
                elif cell:
                    sheet.write_string(row, column, cell)
        change(workbook, sheet)
    return target.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()
