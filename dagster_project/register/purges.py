"""Purges: what was kept of a refused file is removed for good, with who, when and why in the ledger."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from dagster_project.register.ledger import NOTHING_KEPT, PURGE, append_within, canonical
from dagster_project.register.store import open_register, reading, writing
from dagster_project.register.tables import SUBMISSION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection, Engine, RowMapping

REFUSED = "refused"


def purge(submission_id: str, *, reason: str, remove: Callable[[Sequence[dict[str, Any]]], None], engine: Engine | None = None) -> int:
    """Remove what is kept of a refused submission and of every other one of the same bytes; returns how many those are.

    `remove` gets their rows and removes their files; it is called under the lock and may be called again. What the receipts quote of the
    file goes, too. ValueError when there is no such submission, or rows of these bytes were accepted: those are part of plans.
    """
    now = dt.datetime.now(dt.UTC)
    with writing(engine or open_register()) as connection:
        concerned = _of_the_same_bytes(connection, submission_id)
        remove([dict(row) for row in concerned])
        for row in concerned:
            text = canonical(_without_quotes(json.loads(row["receipt_json"])))
            of_this = SUBMISSION.c.submission_id == row["submission_id"]
            connection.execute(update(SUBMISSION).where(of_this).values(receipt_json=text, **NOTHING_KEPT))
            removed = {name: row[name] for name in NOTHING_KEPT}
            body = {"reason": reason, "removed": removed, "receipt_sha256": hashlib.sha256(text.encode()).hexdigest()}
            append_within(connection, PURGE, row["submission_id"], body, now)
    return len(concerned)


def require_purgeable(submission_id: str, *, engine: Engine | None = None) -> None:
    """ValueError when there is no such submission, or rows of these bytes were accepted."""
    with reading(engine or open_register()) as connection:
        _of_the_same_bytes(connection, submission_id)


def _of_the_same_bytes(connection: Connection, submission_id: str) -> Sequence[RowMapping]:
    row = connection.execute(select(SUBMISSION).where(SUBMISSION.c.submission_id == submission_id)).mappings().one_or_none()
    if row is None:
        raise ValueError(f"There is no submission {submission_id}.")
    same = select(SUBMISSION).where(SUBMISSION.c.sha256 == row["sha256"]).order_by(SUBMISSION.c.submission_id)
    rows = connection.execute(same).mappings().all()
    accepted = [other["submission_id"] for other in rows if other["status"] != REFUSED]
    if accepted:
        raise ValueError(
            f"Rows of this file were accepted as {', '.join(accepted)} and are part of plans; only a refused file can be purged."
        )
    return rows


def _without_quotes(receipt: dict[str, Any]) -> dict[str, Any]:
    """The receipt without anything that was in the file: which row, column and rule stays, what was found there goes."""
    lists = {name: [{**item, "found": None} for item in receipt[name]] for name in ("refusals", "warnings") if name in receipt}
    return {**receipt, **lists}
