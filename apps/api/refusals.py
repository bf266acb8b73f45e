"""All refusals of a submission as a stream, however many: from the refused rows that were kept, else from the receipt."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from dagster_project.contracts.spreadsheet import guarded
from dagster_project.home import home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# As a receipt calls them, in the order of the file that people open.
COLUMNS = ("row", "column", "found", "expected", "hint", "rule", "source_column", "source_place")
KEPT_AS = {"row": "row_number", "column": "column_name"}
BATCH_ROWS = 2_000
Reasons = dict[str, Any]


def batches(submission: Mapping[str, Any]) -> Iterator[list[Reasons]]:
    """The reasons of a row of the register, some thousand at a time."""
    if submission["refused_path"] is None:
        yield json.loads(submission["receipt_json"])["refusals"]
        return
    with pq.ParquetFile(home().root / submission["refused_path"]) as file:
        names = {name: KEPT_AS.get(name, name) for name in COLUMNS}
        there = {name: kept for name, kept in names.items() if kept in file.schema_arrow.names}
        for batch in file.iter_batches(BATCH_ROWS, columns=list(there.values())):
            yield [{name: row[kept] if (kept := there.get(name)) else None for name in COLUMNS} for row in batch.to_pylist()]


def as_json(submission: Mapping[str, Any]) -> Iterator[str]:
    """One JSON document, piece by piece."""
    yield f'{{"submission_id": {json.dumps(submission["submission_id"])}, "refusals": ['
    is_first = True
    for batch in batches(submission):
        texts = [json.dumps(reason, ensure_ascii=False) for reason in batch]
        if texts:
            yield ("" if is_first else ",") + "\n" + ",\n".join(texts)
            is_first = False
    yield "]}\n"


def as_csv(submission: Mapping[str, Any]) -> Iterator[str]:
    """CSV that a spreadsheet opens as it is: UTF-8 with its mark, and no cell a formula."""
    yield "\ufeff" + _lines([COLUMNS])
    for batch in batches(submission):
        yield _lines([_cell(reason.get(name)) for name in COLUMNS] for reason in batch)


def _lines(rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    return guarded(value) if isinstance(value, str) else value
