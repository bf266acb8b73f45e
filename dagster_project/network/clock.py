"""Days and minutes as numbers: days since 1970-01-01 (local dates) and minutes since 1970-01-01T00:00Z; NaN means "not yet"."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from dagster_project.network.streams import Array

EPOCH = date(1970, 1, 1)
DAY = 1440
FIRST_YEAR, LAST_YEAR = 2022, 2030


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: float) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(number))


def moment(minutes: float) -> datetime:
    """The UTC time of a minute number."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=int(minutes))


def monday_of(days: Array | float) -> Array:
    """Monday of the ISO week of a day number. Day 0 was a Thursday."""
    return np.asarray(np.asarray(days) - (np.asarray(days) + 3) % 7)


@cache
def _offsets(zone: str) -> tuple[Array, Array]:
    """Minutes at which the zone's offset changes, and the offset from then on."""
    info = ZoneInfo(zone)
    hours = np.arange(day_number(date(FIRST_YEAR, 1, 1)) * 24, day_number(date(LAST_YEAR, 1, 1)) * 24, 24)

    def at(hour: int) -> int:
        offset = moment(hour * 60).astimezone(info).utcoffset()
        return int(offset.total_seconds() // 60) if offset is not None else 0

    starts, offsets = [int(hours[0]) * 60], [at(int(hours[0]))]
    for before, after in itertools.pairwise(hours):
        if at(int(after)) != offsets[-1]:
            change = next(hour for hour in range(int(before), int(after) + 1) if at(hour) != offsets[-1])
            starts.append(change * 60)
            offsets.append(at(change))
    return np.array(starts), np.array(offsets)


def offset_at(minutes: Array, zone: str) -> Array:
    """Minutes that local time is ahead of UTC."""
    starts, offsets = _offsets(zone)
    place = np.searchsorted(starts, np.nan_to_num(minutes), side="right") - 1
    return np.asarray(offsets[np.clip(place, 0, None)])


def utc(days: Array | float, hour: Array | float, zone: str) -> Array:
    """Minute number of a local day and hour of day."""
    local = np.asarray(days, float) * DAY + np.asarray(hour, float) * 60
    return np.asarray(local - offset_at(local, zone))


def utc_by(days: Array, hour: Array | float, zones: list[str], zone_index: Array) -> Array:
    """Like `utc`, each row in its own zone: `zones[zone_index[row]]`."""
    local: Array = np.asarray(days, float) * DAY + np.asarray(hour, float) * 60
    result: Array = np.empty_like(local)
    for index in np.unique(zone_index):
        rows = zone_index == index
        result[rows] = local[rows] - offset_at(local[rows], zones[index])
    return result


def local_text(minutes: Array, zone: str) -> Array:
    """ISO 8601 text with offset, in the zone; minutes must not be NaN."""
    offsets = offset_at(minutes, zone)
    text = np.datetime_as_string((minutes.astype("int64") + offsets).astype("datetime64[m]"), unit="s").astype("U25")
    result = np.empty(len(text), dtype="U25")
    for offset in np.unique(offsets):
        rows = offsets == offset
        sign = "+" if offset >= 0 else "-"
        result[rows] = np.char.add(text[rows], f"{sign}{abs(int(offset)) // 60:02d}:{abs(int(offset)) % 60:02d}")
    return result
