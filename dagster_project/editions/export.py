"""Views as text that leaves the house: CSV that is the same bytes for the same rows, JSON, and the plain values of a table."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from dagster_project.contracts.spreadsheet import guarded

if TYPE_CHECKING:
    import pyarrow as pa


def as_csv(table: pa.Table) -> str:
    """CSV with a header, rows sorted by all columns from left to right, lists joined with `;`, times in UTC, empty for no value."""
    rows = sorted([cell(value) for value in row.values()] for row in table.to_pylist())
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(rows)
    return out.getvalue()


def as_json(table: pa.Table) -> str:
    """A JSON list of rows, in the order of the table; dates and times as ISO text."""
    return json.dumps(table.to_pylist(), default=_iso, ensure_ascii=False, indent=1) + "\n"


def cell(value: Any) -> str:
    """One value as CSV text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return _iso(value)
    if isinstance(value, list):
        return ";".join(cell(item) for item in value)
    if isinstance(value, str):
        # A bare carriage return would begin a new row in a spreadsheet, and a formula in it.
        return guarded(value.replace("\r\n", "\n").replace("\r", "\n"))
    return repr(value)


def _iso(value: date) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()
    return value.isoformat()
