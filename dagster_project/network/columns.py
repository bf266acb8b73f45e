"""Arrow columns from the simulation's numbers: NaN, None and -1 codes become nulls, minutes and days become times and dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.network.streams import Array

MINUTE_US = 60_000_000


def ts(minutes: Array) -> pa.Array:
    """Timestamps in UTC from minute numbers."""
    missing = ~np.isfinite(minutes)
    whole = np.floor(np.where(missing, 0, minutes)).astype("int64") * MINUTE_US
    return pa.array(whole, mask=missing).cast(pa.timestamp("us", "UTC"))


def day(days: Array) -> pa.Array:
    """Dates from day numbers."""
    days = np.asarray(days, float)
    missing = ~np.isfinite(days)
    return pa.array(np.where(missing, 0, days).astype("int32"), mask=missing).cast(pa.date32())


def num(values: Any, digits: int = 2) -> pa.Array:
    """Numbers, rounded as a person would send them."""
    values = np.asarray(values, float)
    return pa.array(np.round(values, digits), mask=~np.isfinite(values), type=pa.float64())


def integer(values: Any) -> pa.Array:
    """Whole numbers."""
    values = np.asarray(values, float)
    missing = ~np.isfinite(values)
    return pa.array(np.where(missing, 0, values).astype("int64"), mask=missing)


def flag(values: Any, missing: Array | None = None) -> pa.Array:
    """Booleans."""
    return pa.array(np.asarray(values, bool), mask=missing)


def text(values: Sequence[Any] | Array) -> pa.Array:
    """Strings; None is null."""
    return pa.array(list(values), type=pa.string())


def pick(names: Sequence[Any] | Array, index: Array) -> pa.Array:
    """`names[index]` as strings; a negative index is null."""
    index = np.asarray(index, dtype="int64")
    return text(names).take(pa.array(np.where(index < 0, 0, index), mask=index < 0))


def same(value: str | None, count: int) -> pa.Array:
    """One string, `count` times."""
    return pa.repeat(pa.scalar(value, pa.string()), count)


def codes(pattern: str, numbers: Array) -> pa.Array:
    """`pattern % number` for every number."""
    return text([pattern % number for number in np.asarray(numbers).tolist()])
