"""What is overdue: its mark in words, and its place at the top of every list."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from apps.shared_views import words


def mark(days: Any) -> str:
    """`! 3 days overdue`; on the first day, or when the days are not known, `! overdue`."""
    late = 0 if words.is_missing(days) else math.floor(float(days))
    return f"! {words.count(late, 'day')} overdue" if late >= 1 else "! overdue"


def first(frame: pd.DataFrame, due: str) -> pd.DataFrame:
    """Rows with `overdue`, the mark of the overdue ones; those come first, the longest overdue on top, the rest by `due`."""
    is_overdue = frame["is_overdue"].astype("boolean").fillna(value=False)
    days = frame["overdue_days"].where(is_overdue)
    marks = [mark(late) if is_late else None for is_late, late in zip(is_overdue, days, strict=True)]
    marked = frame.assign(is_overdue=is_overdue, overdue=pd.Series(marks, index=frame.index, dtype=object), longest=days)
    ordered = marked.sort_values(["is_overdue", "longest", due], ascending=[False, False, True], na_position="last")
    return ordered.drop(columns="longest").reset_index(drop=True)
