"""Receipts and landing files made by hand, so that the loader is tested without the door."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from landing_rows import refuse_rows

from dagster_project.contracts import contract
from dagster_project.contracts.arrow import arrow_schema
from dagster_project.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Receipt = dict[str, Any]


@pytest.fixture
def state(tmp_path: Path) -> Home:
    """An empty state folder."""
    return Home(tmp_path)


@pytest.fixture
def land(state: Home) -> Callable[..., Receipt]:
    """Put rows of a feed where the door would, and return the receipt the register would keep."""

    def put(feed: str, rows: list[dict[str, Any]], *, partner: str = "northgate-hospital", number: int = 1, refused: int = 0) -> Receipt:
        submission_id = hashlib.sha256(f"{partner}\n{feed}\n{number}".encode()).hexdigest()[:20]
        path = state.landing / f"feed={feed}" / f"partner={partner}" / f"submission={submission_id}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        fields = [field.with_nullable(True) for field in arrow_schema(contract(feed))]
        schema = pa.schema([*fields, pa.field("row_number", pa.int64())])
        numbered = [row | {"row_number": place} for place, row in enumerate(rows, start=2)]
        pq.write_table(pa.Table.from_pylist(numbered, schema=schema), path)
        refused_path = refuse_rows(state, feed, partner, submission_id, refused) if refused else None
        return {
            "submission_id": submission_id,
            "partner_id": partner,
            "feed": feed,
            "file_name": f"{feed}-{number}.csv",
            "status": "partly_accepted" if refused else "accepted",
            "rows_sent": len(rows) + refused,
            "rows_accepted": len(rows),
            "rows_refused": refused,
            "as_of": datetime(2026, 11, 10, tzinfo=UTC) + timedelta(minutes=number),
            "received_at": datetime(2026, 11, 20, tzinfo=UTC),
            "is_replay": True,
            "sha256": hashlib.sha256(submission_id.encode()).hexdigest(),
            "contract_version": contract(feed).version,
            "supersedes": None,
            "landing_path": str(path.relative_to(state.root)),
            "landing_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "refused_path": refused_path,
            "receipt_json": "{}",
        }

    return put
