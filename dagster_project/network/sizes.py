"""How big a reference network is, and how often its partners' files were kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PLANNING_DATE = date(2026, 11, 16)
"""The Monday on which every size of the network is planned."""


@dataclass(frozen=True)
class Size:
    """The scale of one network. Weeks count back from the planning date.

    `event_weeks` of the newest events are sent weekly, the `version_weeks` before them every fourth week, older ones by quarter.
    """

    name: str
    history_weeks: int
    version_weeks: int
    event_weeks: int
    slow_weeks: int
    horizon_weeks: int
    xlsx_pct: int
    parquet_pct: int
    cases_per_year: int
    hospitals: int


SIZES = {
    "tiny": Size("tiny", 26, 8, 8, 8, 28, 10, 30, 120, 3),
    "demo": Size("demo", 78, 26, 13, 12, 28, 14, 22, 600, 12),
    "world": Size("world", 78, 26, 4, 4, 28, 0, 70, 15_000, 400),
}
