"""The days on which agreements want a partner's feeds: its own agreements first, then the standard terms. Pure.

The model `int_feeds__due_days` says the same; where neither states a day, the feed's contract does.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster_project.cadence.schedule import WEEKDAYS, Schedule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

STANDARD = "STANDARD"


@dataclass(frozen=True)
class Day:
    """Due once a week, in a zone or, where none is stated, in the partner's own."""

    schedule: Schedule
    zone: str | None


def agreed_days(calendar: Iterable[dict[str, Any]], agreements: Collection[str]) -> dict[str, Day]:
    """The day of each feed for a partner that is named by these agreements.

    One file serves all of them, so the earliest day in the week holds, of those that the agreements themselves state.
    """
    found: dict[str, tuple[tuple[Any, ...], Day]] = {}
    for row in calendar:
        if row["agreement_id"] not in agreements and row["agreement_id"] != STANDARD:
            continue
        weekday, clock = WEEKDAYS.index(row["due_weekday"]), dt.time.fromisoformat(row["due_time"])
        place = (row["agreement_id"] == STANDARD, weekday, clock, row["zone"] or "")
        if row["feed"] not in found or place < found[row["feed"]][0]:
            found[row["feed"]] = (place, Day(Schedule(weekday, clock), row["zone"]))
    return {feed: day for feed, (_, day) in found.items()}
