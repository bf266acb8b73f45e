"""When partners send, and which rows are in each file: schedules, and the cutting of event streams at those moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dagster_project.network.clock import DAY, utc
from dagster_project.network.streams import Array, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.network.world import World

TUESDAY, WEDNESDAY, THURSDAY = 1, 2, 3
LATE_SHARE = 0.04


@dataclass(frozen=True)
class Parcel:
    """One file to be written: who, which feed, when (minute number), which rows; with a `document`, that text as it is (JSON)."""

    partner: int
    feed: str
    as_of: int
    table: pa.Table
    document: str | None = None


def weekly(world: World, partner: int, feed: str, weekday: int) -> list[tuple[int, int]]:
    """(Monday, as-of minute) of every weekly version: before noon of its day, 4 % of them late."""
    mondays = range(world.today - 7 * world.size.version_weeks, world.today, 7)
    rng = stream(world.seed, "punctuality", world.net.partners[partner].partner_id, feed)
    count = len(mondays)
    minutes_early = rng.integers(10, 300, count)
    late = rng.random(count) < LATE_SHARE
    moved = np.where(late, rng.integers(60, 40 * 60, count), -minutes_early)
    due = utc(np.array(mondays, float) + weekday, 12.0, world.net.partners[partner].place.zone)
    return [(monday, int(at)) for monday, at in zip(mondays, due + moved, strict=True)]


def slow(world: World, partner: int, feed: str, weekday: int) -> list[tuple[int, int]]:
    """Like `weekly`, but versions older than `slow_weeks` were kept only every fourth week."""
    versions = weekly(world, partner, feed, weekday)
    recent = len(versions) - world.size.slow_weeks
    return [version for number, version in enumerate(versions) if number >= recent or (recent - number) % 4 == 0]


def event_moments(world: World, partner: int, feed: str, weekday: int) -> Array:
    """As-of minutes of event files: quarterly, then every fourth week, then weekly."""
    versions = weekly(world, partner, feed, weekday)
    recent = len(versions) - world.size.event_weeks
    kept = [at for number, (_, at) in enumerate(versions) if number >= recent or (recent - number) % 4 == 0]
    first = versions[0][1] if versions else (world.today + weekday) * DAY
    weeks_before = world.size.history_weeks - world.size.version_weeks
    old = [first - 7 * DAY * back for back in range(13 * (weeks_before // 13), 0, -13) if back < weeks_before]
    return np.array([*old, *kept] if kept and kept[0] == first else [*old, first, *kept])


def cut_events(  # noqa: PLR0913 - the four arrays run beside the table
    world: World, feed: str, weekday: int, table: pa.Table, *, partner: Array, known: Array, key: Array, chain: Array | None = None
) -> Iterator[Parcel]:
    """Each row goes into its partner's first file at or after `known`; of one key in one file only the newest row.

    Rows of one `chain` are sent again whole when a later file adds to them.
    """
    for sender in np.unique(partner).tolist():
        rows = np.flatnonzero((partner == sender) & np.isfinite(known))
        moments = event_moments(world, sender, feed, weekday)
        place = np.searchsorted(moments, known[rows], side="left")
        rows, place = rows[place < len(moments)], place[place < len(moments)]
        if chain is not None:
            rows, place = _whole_chains(rows, place, chain)
        order = np.lexsort((known[rows], key[rows], place))
        rows, place = rows[order], place[order]
        last = np.append((key[rows][1:] != key[rows][:-1]) | (place[1:] != place[:-1]), True) if len(rows) else np.zeros(0, bool)
        rows, place = rows[last], place[last]
        order = np.lexsort((known[rows], place))
        rows, place = rows[order], place[order]
        edges = np.searchsorted(place, np.arange(len(moments) + 1))
        for number, moment in enumerate(moments.tolist()):
            if edges[number] < edges[number + 1]:
                yield Parcel(sender, feed, moment, table.take(pa.array(rows[edges[number] : edges[number + 1]])))


def _whole_chains(rows: Array, place: Array, chain: Array) -> tuple[Array, Array]:
    last = np.zeros(int(chain.max()) + 1 if len(chain) else 0, dtype=np.int64)
    np.maximum.at(last, chain[rows], place)
    again = place < last[chain[rows]]
    return np.concatenate([rows, rows[again]]), np.concatenate([place, last[chain[rows]][again]])
