"""Views as text: the same rows are the same bytes, and no cell becomes a formula."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pyarrow as pa

from dagster_project.editions.export import as_csv, as_json

ROWS = [
    {"name": "b", "ids": ["s2", "s1"], "at": datetime(2026, 11, 16, 7, 30, tzinfo=UTC), "day": date(2026, 11, 16), "x": 0.1, "is_on": True},
    {"name": "=1+1", "ids": [], "at": None, "day": None, "x": None, "is_on": None},
    {"name": 'a, "b"', "ids": None, "at": None, "day": None, "x": -2.0, "is_on": False},
]


def test_csv_is_sorted_and_says_every_value_in_one_way():
    assert as_csv(pa.Table.from_pylist(ROWS)) == (
        'name,ids,at,day,x,is_on\n\'=1+1,,,,,\n"a, ""b""",,,,-2.0,false\nb,s2;s1,2026-11-16T07:30:00Z,2026-11-16,0.1,true\n'
    )


def test_csv_does_not_depend_on_the_order_of_rows():
    schema = pa.Table.from_pylist(ROWS).schema
    assert as_csv(pa.Table.from_pylist(ROWS[::-1], schema=schema)) == as_csv(pa.Table.from_pylist(ROWS))


def test_json_keeps_lists_and_numbers():
    first = json.loads(as_json(pa.Table.from_pylist(ROWS)))[0]
    assert first == {"name": "b", "ids": ["s2", "s1"], "at": "2026-11-16T07:30:00Z", "day": "2026-11-16", "x": 0.1, "is_on": True}
