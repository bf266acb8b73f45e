"""A partner's own submissions, newest first, page by page: what each page reads does not grow with the register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from dagster_project.register.store import open_register, reading
from dagster_project.register.tables import SUBMISSION

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.engine import Engine

TABLE = SUBMISSION.c


def own_page(
    partner: str,
    *,
    limit: int,
    after: str | None = None,
    feeds: Collection[str] | None = None,
    status: str | None = None,
    engine: Engine | None = None,
) -> list[dict[str, Any]]:
    """Up to `limit` submissions of the partner, received before the one called `after`. LookupError when that is none of its own."""
    columns = [column for column in TABLE if column.name != "receipt_json"]
    query = select(*columns).where(TABLE.partner_id == partner)
    if feeds is not None:
        query = query.where(TABLE.feed.in_(list(feeds)))
    if status is not None:
        query = query.where(TABLE.status == status)
    with reading(engine or open_register()) as connection:
        if after is not None:
            moment = select(TABLE.received_at).where(TABLE.partner_id == partner, TABLE.submission_id == after)
            last = connection.execute(moment).scalar_one_or_none()
            if last is None:
                raise LookupError(f"There is no submission {after}.")
            query = query.where(or_(TABLE.received_at < last, and_(TABLE.received_at == last, TABLE.submission_id < after)))
        query = query.order_by(TABLE.received_at.desc(), TABLE.submission_id.desc()).limit(limit)
        return [dict(row) for row in connection.execute(query).mappings()]


def own_submission(partner: str, submission_id: str, *, engine: Engine | None = None) -> dict[str, Any] | None:
    """The whole row of a partner's own submission; None for anything else, so that nobody learns what others have sent."""
    query = select(SUBMISSION).where(TABLE.partner_id == partner, TABLE.submission_id == submission_id)
    with reading(engine or open_register()) as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)
