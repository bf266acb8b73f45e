"""Rows and files that a door would have left, for the loader's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from datetime import date

    from dagster_project.home import Home


def forecast(week: date, patients: float) -> dict[str, Any]:
    """One row of a demand forecast."""
    return {
        "hospital_id": "9501101530003",
        "therapy_code": "CART-101",
        "week_start_date": week,
        "category": "commercial",
        "patients": patients,
        "basis": "pipeline",
    }


def refuse_rows(state: Home, feed: str, partner: str, submission_id: str, rows: int) -> str:
    """Write `rows` refusals where the door would; returns the path below the state folder."""
    path = state.refused / f"feed={feed}" / f"partner={partner}" / f"submission={submission_id}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = {"column_name": "patients", "rule": "range", "found": "-1", "expected": "0 to 500", "hint": "Count patients."}
    pq.write_table(pa.Table.from_pylist([{"row_number": number} | texts for number in range(2, rows + 2)]), path)
    return str(path.relative_to(state.root))
