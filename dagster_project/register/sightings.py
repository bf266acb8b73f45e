"""Sightings: which exceptions each published edition held open, so that the next plan knows how long they last and which have come back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from dagster_project.register.store import open_register, reading, writing
from dagster_project.register.tables import EXCEPTION_SIGHTING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.engine import Connection, Engine

OPENED, SEEN, CLEARED = "opened", "seen", "cleared"
TABLE = EXCEPTION_SIGHTING
# What is said of an exception; the rest of a row says when and in which edition it was seen.
FACTS = [c.name for c in TABLE.columns if c.name not in {"planning_date", "edition_id", "recorded_at", "sighted"}]


def record_sightings(
    still_open: Iterable[Mapping[str, Any]],
    *,
    planning_date: dt.date,
    edition_id: str,
    recorded_at: dt.datetime,
    engine: Engine | None = None,
) -> int:
    """Write down what an edition holds open, and what was open before and is gone; returns the rows added: 0 for an edition seen already.

    `still_open` are exceptions with at least the columns FACTS. An exception counts as open before when its last row up to the
    planning date, this one included, is not `cleared`: a second edition of a date corrects the first.
    """
    now = {str(row["exception_key"]): row for row in still_open}
    stamp = {"planning_date": planning_date.isoformat(), "edition_id": edition_id, "recorded_at": recorded_at}
    with writing(engine or open_register()) as connection:
        if connection.execute(select(TABLE.c.edition_id).where(TABLE.c.edition_id == edition_id).limit(1)).first():
            return 0
        before = {key: row for key, row in _last_rows(connection, planning_date).items() if row["sighted"] != CLEARED}
        rows = [stamp | {"sighted": SEEN if key in before else OPENED} | _facts(row) for key, row in now.items()]
        rows += [stamp | {"sighted": CLEARED} | _facts(row) for key, row in before.items() if key not in now]
        if rows:
            connection.execute(insert(TABLE), rows)
    return len(rows)


def sightings(*, engine: Engine | None = None) -> list[dict[str, Any]]:
    """Every sighting, oldest plan first; `planning_date` is a date."""
    query = select(TABLE).order_by(TABLE.c.planning_date, TABLE.c.recorded_at, TABLE.c.exception_key)
    with reading(engine or open_register()) as connection:
        return [dict(row) | {"planning_date": dt.date.fromisoformat(row["planning_date"])} for row in connection.execute(query).mappings()]


def _last_rows(connection: Connection, planning_date: dt.date) -> dict[str, dict[str, Any]]:
    query = select(TABLE).where(TABLE.c.planning_date <= planning_date.isoformat()).order_by(TABLE.c.planning_date, TABLE.c.recorded_at)
    return {row["exception_key"]: dict(row) for row in connection.execute(query).mappings()}


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in FACTS}
