"""How the screens say things: dates, weeks, numbers, states. Every phrase that more than one page uses; no query, no layout."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

DASH = "\u2013"  # written out, because it looks like a hyphen
MINUS = "\u2212"
TEN = 10  # from here on a tenth of a patient says nothing
ROLES = {
    "operator": "Network coordinator",
    "executive": "Executive",
    "hospital": "Hospital",
    "plant": "Plant",
    "supplier": "Vector supplier",
    "courier": "Courier",
}
# constraint -> (one of it, what it is, symbol in the pictures)
CONSTRAINTS = {
    "slot": ("manufacturing slot", "manufacturing slots", "square"),
    "vector": ("usable vector dose", "usable vector doses", "diamond"),
    "courier": ("courier place", "courier places", "triangle-up"),
    "chair": ("apheresis chair", "apheresis chairs", "circle"),
    "bed": ("infusion bed", "infusion beds", "cross"),
    "container": ("container journey", "container journeys", "triangle-down"),
    "material": ("set of raw material", "sets of raw material", "triangle-right"),
}
CAPACITY_COLUMNS = {
    "slot": "slots",
    "vector": "vector_doses",
    "courier": "courier_capacity",
    "chair": "chair_capacity",
    "bed": "bed_capacity",
    "container": "container_capacity",
    "material": "material_starts",
}
# state -> (word, symbol, tone). The word and the symbol carry the meaning; colour only helps.
LEGS = {
    "apheresis_in": "cells to the plant",
    "product_out": "product to the hospital",
    "vector": "vector to the plant",
    "empty": "empty container",
}
FEED_STATES = {
    "missing": ("Missing", "✕", "red"),
    "late": ("Late", "!", "orange"),
    "on_time": ("On time", "✓", "green"),
    "not_due": ("Nothing due", "·", "gray"),
}
VERDICTS = {
    "accepted": ("Accepted", "✓", "green"),
    "partly_accepted": ("Partly accepted", "!", "orange"),
    "refused": ("Refused", "✕", "red"),
}


def is_missing(value: Any) -> bool:
    """True for None, NaN and NaT."""
    return value is None or (not isinstance(value, (list, tuple, dict)) and bool(pd.isna(value)))


def number(value: Any, *, decimals: int | None = None) -> str:
    """A figure with thousands separators; a decimal only below ten, and only when it is not whole."""
    if is_missing(value):
        return DASH
    figure = float(value)
    if decimals is None:
        decimals = 0 if abs(figure) >= TEN or math.isclose(figure, round(figure), abs_tol=0.05) else 1
    return f"{figure:,.{decimals}f}".replace("-", MINUS)


def count(value: Any, noun: str, plural: str | None = None) -> str:
    """`3 weeks`, `1 week`, `no weeks`."""
    many = plural or f"{noun}s"
    said = "0" if is_missing(value) else number(value)
    return f"no {many}" if said == "0" else f"{said} {noun if said == '1' else many}"


def patients(value: Any) -> str:
    """`3.8 patients`, `1 patient`."""
    return count(value, "patient")


def wait(value: Any) -> str:
    """`1 patient waits`, `3.8 patients wait`."""
    return f"{patients(value)} {verb(value, 'waits', 'wait')}"


def verb(value: Any, one: str, many: str) -> str:
    """The form of a verb that agrees with a count."""
    return one if number(value) == "1" else many


def therapy(code: Any, names: Mapping[str, str]) -> str:
    """`Aurocel (CART-101)`, or the code alone when no name is known."""
    name = names.get(str(code), str(code))
    return name if name == code else f"{name} ({code})"


def measure(value: Any, unit: str) -> str:
    """A KPI value with its unit: `27.3 days`, `94.1 %`."""
    if is_missing(value):
        return DASH
    return f"{number(value, decimals=1)} {unit}".strip()


def monday(value: Any) -> dt.date:
    """A plain date from whatever the table gave."""
    return pd.Timestamp(value).date()


def week(value: Any) -> str:
    """A date as its ISO week, `2026-W48`."""
    year, number_of_week, _ = monday(value).isocalendar()
    return f"{year}-W{number_of_week:02d}"


def day(value: Any, *, year: bool = True) -> str:
    """`16 Nov 2026`."""
    if is_missing(value):
        return DASH
    date = pd.Timestamp(value)
    return f"{date.day} {date:%b %Y}" if year else f"{date.day} {date:%b}"


def month(value: Any) -> str:
    """`Nov 2026`."""
    return f"{pd.Timestamp(value):%b %Y}"


def moment(value: Any) -> str:
    """`Tue 10 Nov 2026, 12:04 UTC`."""
    if is_missing(value):
        return DASH
    at = pd.Timestamp(value)
    at = at.tz_localize("UTC") if at.tzinfo is None else at.tz_convert("UTC")
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M} UTC"


def age(then: Any, today: dt.date) -> str:
    """Age of an edition: `of today`, `1 day old`, `4 days old`."""
    days = (today - monday(then)).days
    if days < 0:
        return f"plan starts in {count(-days, 'day')}"
    return "of today" if days == 0 else f"{count(days, 'day')} old"


def binding(code: Any) -> str:
    """`usable vector doses` for `vector`; a dash when nothing binds."""
    return DASH if is_missing(code) else CONSTRAINTS.get(str(code), (str(code),) * 3)[1]


def partner(partner_id: str) -> str:
    """A partner id as a name: `Northgate Hospital` for `northgate-hospital`."""
    return " ".join(part.capitalize() for part in str(partner_id).split("-"))


def case(case_id: str) -> str:
    """The first eight characters of a pseudonym: enough to tell cases of one list apart."""
    return f"{case_id[:8]}…"


def sentence(text: str) -> str:
    """First letter large, one full stop at the end."""
    text = text.strip()
    return text if not text else text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
