"""Small files to send: forecasts for weeks far enough ahead that no test run makes them past."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from httpx import Response as Answer

HEADER = "hospital_id,therapy_code,week_start_date,category,patients,patients_p10,patients_p90,basis,comment"
FEED = {"feed": "demand_forecast"}
MONDAY = dt.date.today() + dt.timedelta(days=7 - dt.date.today().weekday())  # noqa: DTZ011 - the sender's own calendar


def forecast(*patients: object, start: int = 0) -> bytes:
    """A forecast with one week per figure. What is no figure refuses its row."""
    weeks = ((MONDAY + dt.timedelta(weeks=start + place), figure) for place, figure in enumerate(patients))
    return "\n".join([HEADER, *(f"9501101530003,CART-101,{week},commercial,{figure},,,pipeline," for week, figure in weeks), ""]).encode()


def hospital(number: int) -> str:
    """A GLN, with its check digit."""
    digits = f"{950110153000 + number:012d}"
    return digits + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10)


def large_forecast(rows: int, patients: object = 3) -> bytes:
    """A good forecast of many rows, no two for the same hospital and week; `patients` stands in its first row."""
    weeks = [MONDAY + dt.timedelta(weeks=week) for week in range(100)]
    lines = (
        f"{hospital(row // 100)},CART-101,{weeks[row % 100]},commercial,{patients if not row else 3},1,9,pipeline," for row in range(rows)
    )
    return "\n".join([HEADER, *lines, ""]).encode()


def receipt_of(answer: Answer) -> dict[str, Any]:
    """The receipt in an answer, without the word on bytes that were here before."""
    return {name: value for name, value in answer.json().items() if name != "sent_again"}
