"""Files made for a person to download: refused rows and templates. Safe to open in a spreadsheet."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pandas as pd

from dagster_project.contracts import contract
from dagster_project.contracts.spreadsheet import guarded
from dagster_project.contracts.template import csv_header, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REFUSAL_COLUMNS = ("row", "column", "found", "expected", "hint", "rule")


def refusal_table(rows: Iterable[Mapping[Any, Any]]) -> pd.DataFrame:
    """Refusals of a receipt or of an edition under the same headings, in the order of the file."""
    table = pd.DataFrame(
        [
            {
                "row": row.get("row", row.get("row_number")),
                "column": row.get("column", row.get("column_name")),
                "found": row.get("found"),
                "expected": row.get("expected"),
                "hint": row.get("hint"),
                "rule": row.get("rule"),
            }
            for row in rows
        ],
        columns=list(REFUSAL_COLUMNS),
    )
    return table.sort_values("row", kind="stable", na_position="first").reset_index(drop=True)


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would run gets an apostrophe in front; figures stay figures."""
    return guarded(value) if isinstance(value, str) else value


def safe_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8 with a mark that spreadsheets recognise, no cell of it a formula."""
    text = table.map(safe_cell).to_csv(index=False, lineterminator="\r\n")
    return b"\xef\xbb\xbf" + text.encode("utf-8")


def template(feed: str, kind: str) -> bytes:
    """The empty file of a feed, as csv or xlsx."""
    if kind == "csv":
        return csv_header(contract(feed)).encode("utf-8")
    book = io.BytesIO()
    write_xlsx(contract(feed), book)
    return book.getvalue()
