"""Who is to start in some weeks of the plan, and how the screens say it: new patients, who waited before, and starts made once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.shared_views import words

if TYPE_CHECKING:
    import pandas as pd

LEAST = 0.05  # patients; half of the finest the screens write


def wanted(weeks: pd.DataFrame) -> float:
    """Patients who are to start in these weeks, in their order: who starts, and who still waits at the end. `weeks`: served, waiting."""
    return float(weeks["served"].sum() + weeks["waiting"].iloc[-1])


def besides(weeks: pd.DataFrame) -> float:
    """Those of them who are not new: who waited before the first week, and who start once more after a failed batch. `weeks`: demand too."""
    return max(wanted(weeks) - float(weeks["demand"].sum()), 0.0)


def made_of(weeks: pd.DataFrame) -> str:
    """`284 new, 19 waiting already or starting again`."""
    new, others = f"{words.number(weeks['demand'].sum())} new", besides(weeks)
    return new if others < LEAST else f"{new}, {words.number(others)} waiting already or starting again"


def finding(weeks: pd.DataFrame) -> str:
    """`303 patients are to start in the next 26 weeks (284 new, 19 waiting already or starting again); all of them can`."""
    total, left = wanted(weeks), float(weeks["waiting"].iloc[-1])
    can = "all of them can" if left < LEAST else f"{words.number(total - left)} can"
    return f"{words.patients(total)} {words.verb(total, 'is', 'are')} to start in the next {words.count(len(weeks), 'week')} ({made_of(weeks)}); {can}"
