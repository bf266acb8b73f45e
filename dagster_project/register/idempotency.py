"""A sender's own key for a request: the same key gives the same answer, and never stands for two different requests."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, insert, select, update

from dagster_project.register.store import open_register, reading, writing
from dagster_project.register.tables import IDEMPOTENCY_KEY

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Engine

TABLE = IDEMPOTENCY_KEY.c


class KeyReusedError(Exception):
    """The key stands for another request of the same partner."""


@dataclass(frozen=True)
class Claim:
    """A key that stands for this request. `submission_id` and `answer_code` are there once it was answered."""

    submission_id: str | None
    answer_code: int | None


def claim(partner: str, key: str, request_sha256: str, *, engine: Engine | None = None) -> Claim:
    """Let the key stand for this request from now on, before anything is kept for it. KeyReusedError when it stands for another one.

    A claim without an answer is no obstacle: the same file twice is one submission anyway, so whoever lost the answer may go on.
    """
    engine = engine or open_register()
    query = select(TABLE.request_sha256, TABLE.submission_id, TABLE.answer_code).where(_is(partner, key))
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        with writing(engine) as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                values = {"partner_id": partner, "key_sha256": _hash(key), "request_sha256": request_sha256}
                connection.execute(insert(IDEMPOTENCY_KEY).values(**values, claimed_at=dt.datetime.now(dt.UTC)))
                return Claim(None, None)
    if row.request_sha256 != request_sha256:
        raise KeyReusedError
    return Claim(row.submission_id, row.answer_code)


def answer(partner: str, key: str, *, submission_id: str, code: int, engine: Engine | None = None) -> None:
    """Remember what was answered under a key that was claimed; the first answer stays."""
    with writing(engine or open_register()) as connection:
        query = update(IDEMPOTENCY_KEY).where(_is(partner, key), TABLE.submission_id.is_(None))
        connection.execute(query.values(submission_id=submission_id, answer_code=code))


def _is(partner: str, key: str) -> ColumnElement[bool]:
    return and_(TABLE.partner_id == partner, TABLE.key_sha256 == _hash(key))


def _hash(key: str) -> str:
    # What a sender chooses as a key may say more than it should; its hash does not.
    return hashlib.sha256(key.encode()).hexdigest()
