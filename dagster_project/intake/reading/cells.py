"""Cells of a workbook as text, whole columns at a time: what a person sees, dates and times in ISO form."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.intake.reading.numbers import ONE_ZERO_MORE, ONLY_THREE_DECIMALS
from dagster_project.intake.reading.sheet import SPACE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Days from Excel's first day to 1970-01-01, by whether the workbook counts from 1904.
DAYS_BEFORE_1970 = {False: 25_569, True: 24_107}
# Numbers that are taken for days where a day is expected: 2000 to 2099, whichever way they are counted.
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
LARGEST_WHOLE = 1e18


def as_text(cell: Any) -> str:
    """One cell as text: whole numbers without `.0`."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < LARGEST_WHOLE else repr(cell)
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time.min else cell.isoformat()
        case dt.date() | dt.time():
            return cell.isoformat()
        case None:
            return ""
        case _:
            return str(cell)


def text_column(cells: Sequence[Any], *, is_date: bool = False, from_1904: bool = False, keeps_point: bool = False) -> pa.Array:
    """A column as trimmed text, empty cells null. With `is_date`, numbers that Excel shows as days of this century are days.

    With `keeps_point`, whoever looks for points between thousands finds none in what is a number already.
    """
    kinds = set(map(type, cells))
    if kinds <= {str}:
        return _trimmed(pa.array(cells, pa.string()))
    texts = []
    for kind in kinds:
        # `type` and not `isinstance`: every datetime is also a date, every truth value a number.
        values = [cell if type(cell) is kind else None for cell in cells] if len(kinds) > 1 else list(cells)
        if kind is float and is_date:
            texts.append(_numbers(pa.array(values, pa.float64()), from_1904=from_1904))
        elif kind is float and keeps_point:
            numbers = _numbers(pa.array(values, pa.float64()))
            texts.append(pc.replace_substring_regex(numbers, ONLY_THREE_DECIMALS, ONE_ZERO_MORE))
        else:
            texts.append(CONVERSIONS.get(kind, _others)(values))
    return pc.coalesce(*texts) if len(texts) > 1 else texts[0]


def _trimmed(texts: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim(texts, characters=SPACE)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _numbers(numbers: pa.Array, *, from_1904: bool | None = None) -> pa.Array:
    is_whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), LARGEST_WHOLE))
    whole = pc.if_else(is_whole, numbers, 0.0).cast(pa.int64())
    texts = whole.cast(pa.string())
    if from_1904 is not None:
        days = pc.subtract(whole, DAYS_BEFORE_1970[from_1904])
        first, last = ((day - dt.date(1970, 1, 1)).days for day in (FIRST_DAY, LAST_DAY))
        is_day = pc.and_(pc.greater_equal(days, first), pc.less_equal(days, last))
        iso = pc.if_else(is_day, days, 0).cast(pa.int32()).cast(pa.date32()).cast(pa.string())
        texts = pc.if_else(is_day, iso, texts)
    if pc.all(is_whole).as_py() is False:
        texts = pc.if_else(is_whole, texts, numbers.cast(pa.string()))
    return texts


def _moments(values: list[dt.datetime | None]) -> pa.Array:
    texts = pc.replace_substring(pa.array(values, pa.timestamp("us")).cast(pa.string()), " ", "T")
    texts = pc.replace_substring_regex(texts, r"\.000000$", "")
    return pc.replace_substring_regex(texts, "T00:00:00$", "")


def _others(values: list[Any]) -> pa.Array:
    return pa.array([None if value is None else as_text(value) for value in values], pa.string())


CONVERSIONS: dict[type, Callable[[list[Any]], pa.Array]] = {
    str: lambda values: _trimmed(pa.array(values, pa.string())),
    float: lambda values: _numbers(pa.array(values, pa.float64())),
    dt.datetime: _moments,
    dt.date: lambda values: pa.array(values, pa.date32()).cast(pa.string()),
}
