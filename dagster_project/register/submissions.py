"""Submissions and editions in the register: recorded together with their ledger entry, read back as plain rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, insert, or_, select, union_all

from dagster_project.register.ledger import RECEIPT, append_within, canonical, seal
from dagster_project.register.sendings import add_within
from dagster_project.register.store import open_register, reading, writing
from dagster_project.register.tables import EDITION, SENDING, SUBMISSION, UtcTime

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable

    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.sql import Select

REFUSED = "refused"


@dataclass(frozen=True)
class Entry:
    """What a transaction left in the register: the receipt, and whether it was this call that wrote it."""

    receipt: dict[str, Any]
    is_new: bool


def record(
    submission: dict[str, Any],
    make_receipt: Callable[[str | None], dict[str, Any]],
    *,
    place_files: Callable[[], None],
    is_plan: bool,
    sending: dict[str, Any] | None = None,
    engine: Engine | None = None,
) -> Entry:
    """Write a submission and its ledger entry in one transaction; a known submission gives its first receipt again.

    `submission` holds the columns of the table but `supersedes` and `receipt_json`. `make_receipt` gets the
    superseded submission. `place_files` is called under the lock, so of two equal submissions only one places files.
    `is_plan`: a submission restates a plan and so supersedes the version before it. `sending` is that it came, see `sendings.py`.
    """
    with writing(engine or open_register()) as connection:
        known = _receipt(connection, submission["submission_id"])
        if known is not None:
            if sending is not None:
                add_within(connection, sending)
            return Entry(known, is_new=False)
        supersedes = _superseded(connection, submission) if is_plan and submission["status"] != REFUSED else None
        receipt = make_receipt(supersedes)
        row = {**submission, "supersedes": supersedes, "receipt_json": canonical(receipt)}
        place_files()
        connection.execute(insert(SUBMISSION).values(**row))
        append_within(connection, RECEIPT, row["submission_id"], seal(row), row["received_at"])
        if sending is not None:
            add_within(connection, sending)
        return Entry(receipt, is_new=True)


def receipt(submission_id: str, *, engine: Engine | None = None) -> dict[str, Any] | None:
    """The receipt of a submission, or None."""
    with reading(engine or open_register()) as connection:
        return _receipt(connection, submission_id)


def submissions(
    *, partner: str | None = None, feed: str | None = None, statuses: Iterable[str] | None = None, engine: Engine | None = None
) -> list[dict[str, Any]]:
    """Rows of the submission table, in the order of as_of (then id). Times are aware, in UTC."""
    query = select(SUBMISSION).order_by(SUBMISSION.c.as_of, SUBMISSION.c.submission_id)
    if partner is not None:
        query = query.where(SUBMISSION.c.partner_id == partner)
    if feed is not None:
        query = query.where(SUBMISSION.c.feed == feed)
    if statuses is not None:
        query = query.where(SUBMISSION.c.status.in_(list(statuses)))
    with reading(engine or open_register()) as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def submission(submission_id: str, *, engine: Engine | None = None) -> dict[str, Any] | None:
    """One row of the submission table, or None."""
    with reading(engine or open_register()) as connection:
        row = connection.execute(select(SUBMISSION).where(SUBMISSION.c.submission_id == submission_id)).mappings().one_or_none()
    return None if row is None else dict(row)


def versions(
    *, partner: str, feed: str, as_of: dt.datetime, before: str | None = None, limit: int = 200, engine: Engine | None = None
) -> list[dict[str, Any]]:
    """What of a feed the partner had stated as of a moment, the newest first: number, period, where the rows lie, when it was stated last.

    A file that came again was stated again. With `before`, a submission, what it stated at that very moment is left out: what it changed then.
    """
    with reading(engine or open_register()) as connection:
        query = _versions(partner, feed, as_of, before=before).limit(limit)
        return [dict(row) for row in connection.execute(query).mappings()]


def record_edition(
    edition_id: str, manifest: dict[str, Any], *, planning_date: str, published_at: dt.datetime, engine: Engine | None = None
) -> None:
    """Write an edition and its ledger entry in one transaction; a known edition stays as it is."""
    with writing(engine or open_register()) as connection:
        if connection.execute(select(EDITION.c.edition_id).where(EDITION.c.edition_id == edition_id)).first():
            return
        text = canonical(manifest)
        values = {"edition_id": edition_id, "planning_date": planning_date, "published_at": published_at, "manifest_json": text}
        connection.execute(insert(EDITION).values(**values))
        append_within(connection, "edition", edition_id, manifest, published_at)


def editions(*, engine: Engine | None = None) -> list[dict[str, Any]]:
    """Rows of the edition table, oldest first."""
    with reading(engine or open_register()) as connection:
        return [dict(row) for row in connection.execute(select(EDITION).order_by(EDITION.c.published_at)).mappings()]


def _receipt(connection: Connection, submission_id: str) -> dict[str, Any] | None:
    text = connection.execute(select(SUBMISSION.c.receipt_json).where(SUBMISSION.c.submission_id == submission_id)).scalar_one_or_none()
    return None if text is None else json.loads(text)


def _superseded(connection: Connection, submission: dict[str, Any]) -> str | None:
    """The newest earlier version of the same partner, feed and (when the feed has one) overlapping period."""
    query = _versions(submission["partner_id"], submission["feed"], submission["as_of"])
    if submission["period_from"] is not None:
        table = SUBMISSION.c
        overlaps = and_(table.period_from <= submission["period_to"], table.period_to >= submission["period_from"])
        query = query.where(or_(table.period_from.is_(None), overlaps))
    newest = connection.execute(query.limit(1)).mappings().first()
    return None if newest is None else str(newest["submission_id"])


def _versions(partner: str, feed: str, as_of: dt.datetime, *, before: str | None = None) -> Select[Any]:
    """The accepted submissions in the order in which they were stated last up to a moment, the newest first."""
    table = SUBMISSION.c
    own = and_(table.partner_id == partner, table.feed == feed, table.status != REFUSED)
    first = select(table.submission_id, table.as_of.label("stated_at")).where(own)
    again = (
        select(table.submission_id, SENDING.c.sent_at.label("stated_at"))
        .join_from(SUBMISSION, SENDING, SENDING.c.submission_id == table.submission_id)
        .where(own, SENDING.c.sent_at > table.as_of)
    )
    stated = union_all(first, again).subquery()
    is_earlier = stated.c.stated_at <= as_of
    if before is not None:
        is_earlier = and_(is_earlier, or_(stated.c.submission_id != before, stated.c.stated_at < as_of))
    last = (
        select(stated.c.submission_id, func.max(stated.c.stated_at, type_=UtcTime).label("stated_at"))
        .where(is_earlier)
        .group_by(stated.c.submission_id)
        .subquery()
    )
    names = (table.submission_id, table.file_name, table.rows_refused, table.period_from, table.period_to, table.landing_path)
    return (
        select(*names, last.c.stated_at)
        .join_from(SUBMISSION, last, last.c.submission_id == table.submission_id)
        .order_by(last.c.stated_at.desc(), table.received_at.desc(), table.submission_id.desc())
    )
