"""What a partner says in a meeting becomes a submission like any file: same door, same receipt, same ledger."""

from __future__ import annotations

import csv
import datetime as dt
import io
import secrets
from typing import TYPE_CHECKING, Any

from dagster_project.contracts import contract
from dagster_project.intake import submit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster_project.intake import Receipt

DECISION, APPROVAL = "decision", "approval"


def decide(decision: Mapping[str, Any], *, partner: str, role: str, way_in: str = "web") -> Receipt:
    """Send one decision of the partner: columns of the feed `decision` but its number, time and role. The receipt says what is wrong, if anything."""
    return _send(DECISION, "DEC", {**decision, "decided_at": _now(), "decided_by_role": role}, partner=partner, way_in=way_in)


def approve(approval: Mapping[str, Any], *, partner: str, role: str, way_in: str = "web") -> Receipt:
    """Send what the partner says to a draft: columns of the feed `approval` but its number, time and role."""
    return _send(APPROVAL, "APR", {**approval, "approved_at": _now(), "role": role}, partner=partner, way_in=way_in)


def _send(feed: str, mark: str, said: Mapping[str, Any], *, partner: str, way_in: str) -> Receipt:
    number = f"{mark}-{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2).upper()}"
    return submit(_csv(feed, {f"{feed}_id": number, **said}), partner=partner, feed=feed, file_name=f"{number}.csv", way_in=way_in)


def _csv(feed: str, row: Mapping[str, Any]) -> bytes:
    """One row under the contract's header. ValueError for a column that the contract does not have."""
    columns = [column.name for column in contract(feed).columns]
    if unknown := sorted(row.keys() - set(columns)):
        raise ValueError(f"The feed {feed} has no column {', '.join(unknown)}.")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerow([_cell(row.get(column)) for column in columns])
    return text.getvalue().encode("utf-8")


def _cell(value: Any) -> str:
    # A remark of several lines is one cell of one line.
    return "" if value is None else " ".join(str(value).split())


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
