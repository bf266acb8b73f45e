"""Files as partners send them: CSV with local times, XLSX workbooks, typed Parquet. The same table always gives the same bytes."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import xlsxwriter

from dagster_project.network.clock import local_text

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.network.sizes import Size

CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - a workbook keeps no zone
BULKY = {"temperature_reading", "infusion_capacity", "custody_event", "batch_milestone", "line_calendar"}


def format_of(partner_id: str, feed: str, size: Size) -> str:
    """The format a partner uses for a feed: always the same, mostly CSV; bulky feeds are never workbooks."""
    draw = zlib.crc32(f"{partner_id}/{feed}".encode()) % 100
    if feed == "temperature_reading":
        return "parquet"
    if draw < size.xlsx_pct:
        return "csv" if feed in BULKY else "xlsx"
    return "parquet" if draw < size.xlsx_pct + size.parquet_pct else "csv"


def write_file(table: pa.Table, path: Path, zone: str) -> None:
    """Write one table in the format that the path's suffix names; times in CSV and XLSX are local with offset."""
    if path.suffix == ".parquet":
        pq.write_table(table, path, compression="zstd")
    elif path.suffix == ".csv":
        _write_csv(as_text(table, zone), path)
    else:
        _write_workbook(as_text(table, zone), path)


def as_text(table: pa.Table, zone: str) -> pa.Table:
    """Timestamps become ISO 8601 text with the zone's offset; all else stays."""
    for number, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            column = table.column(number).combine_chunks()
            missing = column.is_null().to_numpy(zero_copy_only=False)
            minutes = pc.fill_null(column.cast(pa.int64()), 0).to_numpy() // 60_000_000
            text = np.where(missing, "", local_text(minutes, zone))
            table = table.set_column(number, field.name, pa.array(text, pa.string(), mask=missing))
    return table


def _write_csv(table: pa.Table, path: Path) -> None:
    """Quoted only when some text needs it, as spreadsheets save it."""
    texts = [column for column in table.columns if pa.types.is_string(column.type)]
    plain = not any(pc.any(pc.match_substring_regex(column, '[",\\r\\n]')).as_py() for column in texts)
    style = "none" if plain else "needed"
    pyarrow.csv.write_csv(table, path, pyarrow.csv.WriteOptions(quoting_style=style, quoting_header=style))


def _write_workbook(table: pa.Table, path: Path) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet("data")
    bold, date = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    dates = [pa.types.is_date(field.type) for field in table.schema]
    for place, name in enumerate(table.column_names):
        sheet.write_string(0, place, name, bold)
    for number, row in enumerate(zip(*(column.to_pylist() for column in table.columns), strict=True), start=1):
        for place, value in enumerate(row):
            if value is None:
                continue
            if dates[place]:
                sheet.write_datetime(number, place, value, date)
            elif isinstance(value, str):
                sheet.write_string(number, place, value)
            elif isinstance(value, bool):
                sheet.write_boolean(number, place, value)
            else:
                sheet.write_number(number, place, value)
    book.close()
