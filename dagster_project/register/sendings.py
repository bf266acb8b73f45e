"""Sendings: every time a file came, also when its bytes had been here before. A submission is what was sent; a sending is that it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, insert, select

from dagster_project.register.ledger import SENT, append_within, sealed_sending
from dagster_project.register.store import open_register, reading, writing
from dagster_project.register.tables import SENDING, SUBMISSION, UtcTime

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from sqlalchemy.engine import Connection, Engine


def record_sending(sending: dict[str, Any], *, engine: Engine | None = None) -> bool:
    """Write down that a known submission came again; False when this very sending is known, as after a retry."""
    with writing(engine or open_register()) as connection:
        return add_within(connection, sending)


def add_within(connection: Connection, sending: dict[str, Any]) -> bool:
    """Add a sending to a `writing` transaction. `sending` has submission_id, sent_at, received_at, file_name and way_in.

    What the receipt's own entry says already (the first sending, at the moment the submission stands for) needs no entry of its own.
    """
    same = and_(SENDING.c.submission_id == sending["submission_id"], SENDING.c.sent_at == sending["sent_at"])
    if connection.execute(select(SENDING.c.submission_id).where(same)).first():
        return False
    as_of: dt.datetime = connection.execute(
        select(SUBMISSION.c.as_of).where(SUBMISSION.c.submission_id == sending["submission_id"])
    ).scalar_one()
    connection.execute(insert(SENDING).values(**sending))
    if sending["sent_at"] != as_of:
        append_within(connection, SENT, sending["submission_id"], sealed_sending(sending), sending["received_at"])
    return True


def statements(submission_ids: Collection[str], *, engine: Engine | None = None) -> dict[str, list[dt.datetime]]:
    """When submissions were stated: at the moment they stand for, and each time their bytes came again after that. Oldest first."""
    first = select(SUBMISSION.c.submission_id, SUBMISSION.c.as_of).where(SUBMISSION.c.submission_id.in_(submission_ids))
    again = select(SENDING.c.submission_id, SENDING.c.sent_at).where(SENDING.c.submission_id.in_(submission_ids))
    with reading(engine or open_register()) as connection:
        found = {submission_id: [as_of] for submission_id, as_of in connection.execute(first).tuples()}
        for submission_id, sent_at in connection.execute(again.order_by(SENDING.c.sent_at)).tuples():
            if sent_at > found[submission_id][0]:
                found[submission_id].append(sent_at)
    return found


def is_replayed(before: dt.datetime, *, engine: Engine | None = None) -> bool:
    """Whether the newest submission before a moment is a replay of history: then nobody's clock is the present one."""
    newest = select(SUBMISSION.c.is_replay).where(SUBMISSION.c.as_of < before).order_by(SUBMISSION.c.as_of.desc()).limit(1)
    with reading(engine or open_register()) as connection:
        return bool(connection.execute(newest).scalar_one_or_none())


def sendings(*, partner: str | None = None, before: dt.datetime | None = None, engine: Engine | None = None) -> list[dict[str, Any]]:
    """Every sending with its submission's partner, feed and status, in the order of `sent_at`. Times are aware, in UTC.

    A submission from before sendings were written down came once, when it stands for.
    """
    sent_at = func.coalesce(SENDING.c.sent_at, SUBMISSION.c.as_of, type_=UtcTime)
    query = select(
        SUBMISSION.c.submission_id,
        SUBMISSION.c.partner_id,
        SUBMISSION.c.feed,
        SUBMISSION.c.status,
        sent_at.label("sent_at"),
        func.coalesce(SENDING.c.received_at, SUBMISSION.c.received_at, type_=UtcTime).label("received_at"),
        func.coalesce(SENDING.c.file_name, SUBMISSION.c.file_name).label("file_name"),
        func.coalesce(SENDING.c.way_in, "").label("way_in"),
    ).select_from(SUBMISSION.outerjoin(SENDING, SENDING.c.submission_id == SUBMISSION.c.submission_id))
    if partner is not None:
        query = query.where(SUBMISSION.c.partner_id == partner)
    if before is not None:
        query = query.where(sent_at < before)
    with reading(engine or open_register()) as connection:
        return [dict(row) for row in connection.execute(query.order_by(sent_at, SUBMISSION.c.submission_id)).mappings()]
