"""Small files to send, good and bad."""

from __future__ import annotations

import datetime as dt

AS_OF = dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC)
HEADER = "hospital_id,therapy_code,week_start_date,category,patients,patients_p10,patients_p90,basis,comment"


def forecast(*rows: str, header: str = HEADER) -> bytes:
    """A demand forecast with these rows."""
    return "\n".join([header, *rows, ""]).encode()


def week(number: int, *, patients: str = "3", comment: str = "") -> str:
    """One good row of a forecast for a week of 2026."""
    return f"9501101530003,CART-101,2026-W{number},commercial,{patients},1,9,pipeline,{comment}"
