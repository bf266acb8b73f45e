"""A feed's weekly schedule as moments: which deadline was the last and which is the next, in a partner's own zone. Pure."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
WEEKLY = re.compile(r"(?P<minute>\d{1,2}) (?P<hour>\d{1,2}) \* \* (?P<weekday>" + "|".join(WEEKDAYS) + ")")
WEEK = dt.timedelta(weeks=1)
# A file that comes up to this many days after a deadline is late for it, or corrects what came for it; a later one is for the next.
LATE_DAYS = 2


@dataclass(frozen=True)
class Schedule:
    """Due once a week. `weekday` counts from Monday = 0."""

    weekday: int
    clock: dt.time


@dataclass(frozen=True)
class Window:
    """One deadline: its date on the partner's calendar, the moment it is due, and since when a file counts for it. Moments are in UTC."""

    date: dt.date
    opens_at: dt.datetime
    due_at: dt.datetime


def weekly(cadence: str) -> Schedule:
    """The schedule of a contract's cron line. ValueError for anything but one time of day on one weekday."""
    found = WEEKLY.fullmatch(cadence)
    if found is None:
        raise ValueError(f"The schedule {cadence!r} is not understood; write one time of day on one weekday, such as '0 12 * * TUE'.")
    return Schedule(WEEKDAYS.index(found["weekday"]), dt.time(int(found["hour"]), int(found["minute"])))


def around(schedule: Schedule, now: dt.datetime, zone: str) -> tuple[Window, Window]:
    """The last deadline at or before a moment, and the one after it."""
    today = now.astimezone(ZoneInfo(zone)).date()
    coming = _window(schedule, today + dt.timedelta(days=(schedule.weekday - today.weekday()) % 7), zone)
    if coming.due_at <= now:
        return coming, _window(schedule, coming.date + WEEK, zone)
    return _window(schedule, coming.date - WEEK, zone), coming


def moment(day: dt.date, clock: dt.time, zone: str) -> dt.datetime:
    """A clock time on a day at a place, in UTC; where the clock is put forward or back, the later of the two readings: nobody is late by that."""
    place = ZoneInfo(zone)
    return max(dt.datetime.combine(day, clock.replace(fold=fold), place).astimezone(dt.UTC) for fold in (0, 1))


def _window(schedule: Schedule, day: dt.date, zone: str) -> Window:
    opens_on = day - WEEK + dt.timedelta(days=LATE_DAYS)
    return Window(day, moment(opens_on, schedule.clock, zone), moment(day, schedule.clock, zone))
